"""Quotation marks in a text: which words stand between them. Pure strings; knows nobody's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

CLOSING = {"“": "”", "„": "“”", "«": "»", "»": "«", '"': '"'}
BLANKS = " \t\u00a0\u202f"
ANY_MARK = '“”„«»"'


class Span(NamedTuple):
    """Quoted words in code points: `start` and `end` without marks, `left` and `right` with them."""

    start: int
    end: int
    left: int
    right: int


class Paragraph(NamedTuple):
    """A line of text with its quotations, each one span or, over several paragraphs, more."""

    start: int
    end: int
    quotations: list[list[Span]]


def paragraphs(text: str) -> list[Paragraph]:
    """The paragraphs of a text. A mark that is never closed gives nothing, and swallows nothing after it.

    A quotation over several paragraphs opens each with a mark and closes only the last; it belongs to the first.
    """
    found: list[Paragraph] = []
    waiting: tuple[Paragraph, str, list[Span]] | None = None
    for match in re.finditer(r"[^\r\n\u2029]+", text):
        spans, opened = _scan(text, match.start(), match.end(), waiting[1] if waiting else "")
        paragraph = Paragraph(match.start(), match.end(), [])
        found.append(paragraph)
        if waiting and text[match.start()] == waiting[1]:
            first, mark, pieces = waiting
            if opened and not spans:
                waiting = (first, mark, [*pieces, opened])
                continue
            first.quotations.append([*pieces, *spans[:1]])
            spans = spans[1:]
        paragraph.quotations.extend([span] for span in spans)
        waiting = (paragraph, text[opened.left], [opened]) if opened else None
    return found


def _scan(text: str, start: int, end: int, waiting: str) -> tuple[list[Span], Span | None]:
    """The closed quotations of a paragraph, and the last one if it is still open at the end."""
    spans: list[Span] = []
    left, mark = -1, ""
    for at in range(start, end):
        sign = text[at]
        if mark and sign in CLOSING[mark] and not (sign == mark and _opens(text, at, start)):
            spans.append(trimmed(text, left + 1, at, left, at + 1))
            left, mark = -1, ""
        elif not mark and sign in CLOSING and (_opens(text, at, start) or (at == start and sign == waiting)):
            left, mark = at, sign
    return spans, trimmed(text, left + 1, end, left, end) if mark else None


def _opens(text: str, at: int, start: int) -> bool:
    before, after = text[at - 1 : at] if at > start else " ", text[at + 1 : at + 2]
    if text[at] in "«»" and after in BLANKS:
        return before in BLANKS
    return (before.isspace() or before in "(—–-:") and bool(after) and not after.isspace()


def trimmed(text: str, start: int, end: int, left: int = -1, right: int = -1) -> Span:
    """The words without blanks at their ends and without the comma or full stop of the report's sentence."""
    while start < end and text[start] in BLANKS:
        start += 1
    while end > start and text[end - 1] in BLANKS + ",.":
        end -= 1
    return Span(start, end, left if left >= 0 else start, right if right >= 0 else end)


def sentences(text: str, paragraph: Paragraph, spans: list[Span]) -> Iterator[tuple[int, int]]:
    """The sentences of a paragraph, quotations and all: a quotation never ends one but by its own full stop."""
    plain = list(text[paragraph.start : paragraph.end])
    for span in spans:
        place = slice(span.left - paragraph.start, span.right - paragraph.start)
        plain[place] = ["\ufffc"] * (span.right - span.left - 1) + ["." if _closes(text, span, paragraph) else "\ufffc"]
    begin, masked = 0, "".join(plain)
    for match in re.finditer(r"(?<!\b\w)(?<!\bMr)(?<!\bMrs)(?<!\bDr)[.!?…]+(?=\s|$)", masked):
        if not re.match(r"\s+[a-zа-яіїєґ—–-]", masked[match.end() :]):
            yield paragraph.start + begin, paragraph.start + match.end()
            begin = match.end()
    if masked[begin:].strip():
        yield paragraph.start + begin, paragraph.end


def _closes(text: str, span: Span, paragraph: Paragraph) -> bool:
    """Whether the sentence ends with the quotation: by a full stop inside, or by ! or ? and a new sentence."""
    inner = text[span.start : span.right].rstrip(ANY_MARK + BLANKS + "’'")
    after = text[span.right : paragraph.end]
    if inner.endswith("."):
        return True
    # “That is enough!” Mrs Teskey said: the sentence goes on to its verb, which stands near.
    return inner.endswith(("!", "?")) and re.match(r"\s+[A-ZА-Я][^,.;:“„«\"]{0,40}\b\w+(?:ed|id)\b", after) is None
