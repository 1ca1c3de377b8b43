"""Finds quoted words in a text and who seems to say them. Pure strings: proposes, and decides nothing.

Works on the marks, the reporting verbs and the names in a sentence; it knows no grammar. Where a sentence leaves a
doubt who speaks, it proposes nobody: an editor can add a name, but may overlook a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from talks import marks
from talks.marks import Paragraph, Span
from talks.naming import Known, Mention, mentions
from talks.reporting import ACCORDING, ACCORDING_TO_ONE, CUES, FINITE, NAMING, PRONOUNS, SMALL_WORDS


class Proposal(NamedTuple):
    """What an editor may enter as a statement. Passages are (start, end) in code points."""

    quotation_type: str
    passages: tuple[tuple[int, int], ...]
    speaker: str | None = None
    speaker_as_printed: str = ""
    cue: str = ""


class Attribution(NamedTuple):
    """Who says it (nobody, if the sentence leaves a doubt), by which verb, and where the attribution ends."""

    who: Mention | None
    cue: str
    end: int


_WORD = re.compile(r"[^\W\d_][\w’'-]*")


def find(text: str, people: Sequence[Known]) -> list[Proposal]:
    """The quotations that a text seems to have, in its order."""
    reading = _Reading(text, people)
    return [proposal for paragraph in reading.paragraphs for proposal in reading.paragraph(paragraph)]


class _Reading:
    """One text being read."""

    def __init__(self, text: str, people: Sequence[Known]) -> None:
        self.text, self.paragraphs = text, marks.paragraphs(text)
        pieces = [piece for paragraph in self.paragraphs for pieces in paragraph.quotations for piece in pieces]
        quoted = [place for piece in pieces for place in self.places(piece)]
        # A name within somebody's words does not speak them.
        self.mentions = [
            mention
            for mention in mentions(text, people)
            if not any(start <= mention.start < end for start, end in quoted)
        ]

    def paragraph(self, paragraph: Paragraph) -> Iterator[Proposal]:
        spans = [pieces[0] for pieces in paragraph.quotations]
        pieces_of = {pieces[0]: pieces for pieces in paragraph.quotations}
        previous: Proposal | None = None
        for start, end in marks.sentences(self.text, paragraph, spans):
            here = [span for span in spans if start <= span.left < end]
            for proposal in self.sentence(start, end, here, pieces_of):
                alone = not (proposal.cue or proposal.speaker or proposal.speaker_as_printed)
                if alone and previous and not self.text[start : here[0].left].strip():
                    proposal = proposal._replace(
                        speaker=previous.speaker, speaker_as_printed=previous.speaker_as_printed
                    )
                    alone = False
                if not alone:
                    previous = proposal
                    yield proposal

    def sentence(
        self, start: int, end: int, spans: list[Span], pieces_of: dict[Span, list[Span]]
    ) -> Iterator[Proposal]:
        words = [span for span in spans if not self.is_name(span)]
        pending: Proposal | None = None
        begin = start
        for number, span in enumerate(words):
            limit = words[number + 1].left if number + 1 < len(words) else max(end, span.right)
            told = self.told_within(span) or self.told_after(span, limit) or self.told_before(begin, span.left)
            goes_on = number > 0 and pending is not None and pending.cue and not self.told_before(begin, span.left)
            passages = tuple(place for piece in pieces_of[span] for place in self.places(piece))
            if goes_on and pending is not None and not self.told_within(span):
                pending = pending._replace(passages=(*pending.passages, *passages))
            else:
                if pending:
                    yield self.typed(pending)
                pending = self.proposal(passages, told)
            after = self.told_after(span, limit)
            begin = after.end if after else span.right
        if pending:
            yield self.typed(pending)

    def proposal(self, passages: tuple[tuple[int, int], ...], told: Attribution | None) -> Proposal:
        who = told.who if told else None
        printed = who.printed if who and not who.slug else ""
        return Proposal("", passages, who.slug if who else None, printed, told.cue if told else "")

    def typed(self, proposal: Proposal) -> Proposal:
        """direct if the words could stand alone: they begin with a capital, or have a verb and its subject."""
        words = " ".join(self.text[start:end] for start, end in proposal.passages)
        small = {word.lower() for word in _WORD.findall(words)}
        clause = bool(small & FINITE) and words.split()[0].lower() in SMALL_WORDS
        alone = words[:1].isupper() and len(words.split()) > 1
        return proposal._replace(quotation_type="direct" if clause or alone else "mixed")

    def is_name(self, span: Span) -> bool:
        """A title, a term or a name in quotation marks, which nobody says."""
        words = [word for word in self.text[span.start : span.end].split() if word.lower() not in SMALL_WORDS]
        titled = len(words) > 1 and all(word[:1].isupper() for word in words)
        return titled or re.search(NAMING, self.text[max(0, span.left - 40) : span.left]) is not None

    def places(self, span: Span) -> tuple[tuple[int, int], ...]:
        """The passages of a quotation: one, or two where its attribution stands between dashes inside the marks."""
        inserted = self.inserted(span)
        if inserted is None:
            return ((span.start, span.end),)
        halves = marks.trimmed(self.text, span.start, inserted[0]), marks.trimmed(self.text, inserted[1], span.end)
        return tuple((half.start, half.end) for half in halves)

    def inserted(self, span: Span) -> tuple[int, int] | None:
        """Where `, — said the envoy, —` stands within the marks."""
        match = re.search(r"[,!?…]?\s[—–]\s(\w+)[^—–]{0,60}?[,.]?\s[—–]\s", self.text[span.start : span.end])
        if match is None or match[1].lower() not in CUES:
            return None
        return span.start + match.start(), span.start + match.end()

    def told_within(self, span: Span) -> Attribution | None:
        inserted = self.inserted(span)
        return self.told_after(Span(span.start, inserted[0], span.left, inserted[0]), inserted[1]) if inserted else None

    def told_after(self, span: Span, limit: int) -> Attribution | None:
        """`” said Umerov`, `,” Umerov said`, `”, according to Umerov` right after the words."""
        lead = re.match(r"[\s,—–-]*", self.text[span.right : limit])[0]  # type: ignore[index]
        at = span.right + len(lead)
        according = re.match(ACCORDING_TO_ONE, self.text[at:limit])
        if according:
            who = self.named_from(at + according.end(), limit)
            return Attribution(who, "", who.end) if who else None
        inside = self.text[span.end : span.right].strip(marks.ANY_MARK + marks.BLANKS + "’'")
        marked = bool(lead.strip()) or inside.startswith(",") or self.text[span.end - 1] in "!?…"
        if not marked or re.match(r"(?:and|but|while|а|але)\s", self.text[at:limit]):
            return None
        clause = at + len(re.split(r"[;:.]|,\s(?:but|and|while|а|але)\s", self.text[at:limit], maxsplit=1)[0])
        cue = next(iter(self.cues(at, clause)), None)
        if cue is None:
            return None
        if cue.start() == at:
            who = self.pronoun_at(cue.end(), clause) or self.named_from(cue.end(), clause)
            return Attribution(who, cue[0], who.end if who and who.start > at else cue.end())
        if "," in self.text[at : cue.start()] and self.subject(at, cue.start()) is None:
            return None
        return Attribution(self.subject(at, cue.start()), cue[0], cue.end())

    def told_before(self, begin: int, end: int) -> Attribution | None:
        """`Umerov said that “`, `Umerov, who leads …, said: “`, `Umerov’s answer was brief: “` ahead of the words."""
        text = self.text[begin:end]
        if according := re.search(ACCORDING, text):
            who = self.named_from(begin + according.end(), end)
            return Attribution(who or self.pronoun(begin), "", end)
        cues = self.cues(begin, end)
        for cue in cues:
            who = self.subject(begin, cue.start())
            if who is not None:
                return Attribution(who, cue[0], end)
        named = [mention for mention in self.mentions if begin <= mention.start and mention.end <= end]
        if text.rstrip(marks.BLANKS).endswith(":") and len(named) == 1 and not cues:
            return Attribution(named[0], "", end)
        # Somebody speaks, but it is not clear who.
        return Attribution(None, cues[-1][0], end) if cues and not text.lstrip().startswith(",") else None

    def cues(self, start: int, end: int) -> list[re.Match[str]]:
        return [word for word in _WORD.finditer(self.text, start, end) if word[0].lower() in CUES]

    def named_from(self, start: int, end: int) -> Mention | None:
        return next((m for m in self.mentions if start <= m.start <= start + 60 and m.end <= end), None)

    def pronoun_at(self, start: int, end: int) -> Mention | None:
        word = _WORD.search(self.text, start, end)
        return self.pronoun(start) if word and word[0].lower() in PRONOUNS else None

    def subject(self, begin: int, cue: int) -> Mention | None:
        """The name or pronoun that a verb goes with: close before it, or with a clause in commas between."""
        before = _WORD.findall(self.text[begin:cue])[-2:]
        if any(word.lower() in PRONOUNS for word in before):
            return self.pronoun(cue)
        named = [mention for mention in self.mentions if begin <= mention.start and mention.end <= cue]
        if not named:
            return None
        gap = self.text[named[-1].end : cue].strip()
        near = len(gap.split()) <= 2 and not re.search(r"[,;:’']", gap)
        return named[-1] if near or (gap.startswith(",") and gap.endswith(",")) else None

    def pronoun(self, at: int) -> Mention | None:
        """Whoever alone was named in the sentence before, or alone in the paragraph so far; else nobody."""
        paragraph = next(part for part in self.paragraphs if part.start <= at <= part.end)
        spans = [pieces[0] for pieces in paragraph.quotations]
        starts = [start for start, _ in marks.sentences(self.text, paragraph, spans) if start < at]
        for start in [*starts[:-3:-1], paragraph.start]:
            named = {m.slug or m.printed: m for m in self.mentions if start <= m.start and m.end <= at}
            if named:
                return next(iter(named.values())) if len(named) == 1 else None
        return None
