"""Does this text contain this quotation, and where? Pure strings; knows no model and no Django.

Offsets are Unicode code points, start inclusive, end exclusive, as W3C's TextPositionSelector has them; prefix
and suffix are those of its TextQuoteSelector. Nothing here is ever loose in silence: words count as *verified*
only where the text has exactly them at exactly their place.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from talks import likeness

CONTEXT = 32  # code points of prefix and suffix
LARGEST = 20 * 1024 * 1024  # bytes of a document
MOST_PLACES = 20  # how many places of repeated words are listed


class Outcome(StrEnum):
    """What was found, from the best to the worst."""

    AT_PLACE = "found"  # exactly, at the given place: the only verified one
    ELSEWHERE = "found elsewhere"  # exactly, at one other place, or at one that prefix and suffix single out
    AMBIGUOUS = "ambiguous"  # exactly, several times, and nothing singles one out
    NORMALISED = "found with differences"  # only if marks, dashes, spaces or composition are taken as equal
    MISSING = "not found"


class Difference(NamedTuple):
    """A stretch in which two texts differ. `kind` names it: changed, added, left out, or what was normalised."""

    kind: str
    ours: str
    theirs: str


class Location(NamedTuple):
    """Where the words stand. For MISSING, start and end are those of the nearest passage, if there is one."""

    outcome: Outcome
    start: int | None = None
    end: int | None = None
    places: tuple[int, ...] = ()
    differences: tuple[Difference, ...] = ()
    nearest: str = ""

    @property
    def verified(self) -> bool:
        """Whether the text has exactly these words at exactly this place."""
        return self.outcome is Outcome.AT_PLACE

    @property
    def exact(self) -> bool:
        """Whether the text has exactly these words at one known place."""
        return self.outcome in (Outcome.AT_PLACE, Outcome.ELSEWHERE)


class Selector(NamedTuple):
    """What is known of a passage: the words, what stands around them, and their place."""

    exact: str
    prefix: str = ""
    suffix: str = ""
    start: int | None = None
    end: int | None = None


def locate(
    document: str,
    exact: str,
    prefix: str = "",
    suffix: str = "",
    start: int | None = None,
    end: int | None = None,
) -> Location:
    """Look for words in a text. Raises ValueError if there are no words to look for."""
    if not exact:
        raise ValueError("there are no words to look for")
    if start is not None and end == start + len(exact) and document.startswith(exact, start):
        return Location(Outcome.AT_PLACE, start, end)
    places = _places(document, exact)
    if places:
        return _choose(document, exact, prefix, suffix, places)
    return _normalised(document, exact) or _nearest(document, exact)


def locate_all(document: str, selectors: Sequence[Selector]) -> tuple[list[Location], str]:
    """Look for the passages of one statement. Gives their locations, and what is wrong with them together.

    All must be found, in order, within one paragraph; the second value is empty if they are.
    """
    found = [locate(document, *selector) for selector in selectors]
    if not all(location.exact for location in found):
        return found, ""
    for before, after in pairwise(found):
        if after.start < before.end:  # type: ignore[operator]
            return found, "the passages do not stand in this order"
    if len(found) > 1 and _parted(document[found[0].start : found[-1].end]):
        return found, "the passages do not stand in one paragraph"
    return found, ""


def digest(document: bytes) -> str:
    """SHA-256 of a document's bytes, as 64 hexadecimal signs."""
    return hashlib.sha256(document).hexdigest()


def read(document: bytes) -> str:
    """The text of a document. Raises ValueError with a sentence if it is empty, over 20 MB or not UTF-8."""
    if not document:
        raise ValueError("The document is empty.")
    if len(document) > LARGEST:
        raise ValueError(f"The document has {len(document):,} bytes; the most is {LARGEST:,} (20 MB).")
    try:
        text = document.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"The document is not UTF-8: byte {error.start:,} does not belong there.") from None
    if "\0" in text:
        raise ValueError(f"The document is no text: there is a NUL at character {text.index(chr(0)):,}.")
    return text


def anchored(document: str, start: int, end: int) -> bool:
    """Whether a place lies inside the text."""
    return 0 <= start < end <= len(document)


def context(document: str, start: int, end: int) -> tuple[str, str]:
    """The prefix and suffix of a place: up to 32 code points each."""
    return document[max(0, start - CONTEXT) : start], document[end : end + CONTEXT]


def differences(ours: str, theirs: str) -> tuple[Difference, ...]:
    """Where two texts differ, word by word; equal stretches are left out."""
    return tuple(piece for piece in alignment(ours, theirs) if piece.kind != "same")


def alignment(ours: str, theirs: str) -> tuple[Difference, ...]:
    """Two texts beside each other, word by word, equal stretches included; joined, each side is its text."""
    left, right = _words(ours), _words(theirs)
    names = {"equal": "same", "replace": "changed", "delete": "left out", "insert": "added"}
    pieces: list[Difference] = []
    for code in likeness.steps(left, right):
        piece = Difference(
            names[code.tag],
            "".join(left[code.src_start : code.src_end]),
            "".join(right[code.dest_start : code.dest_end]),
        )
        if pieces and pieces[-1].kind != "same" and piece.kind != "same":
            before = pieces.pop()
            piece = Difference("changed", before.ours + piece.ours, before.theirs + piece.theirs)
        pieces.append(piece)
    return tuple(pieces)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+(?:[’'\-]\w+)*|\s+|[^\w\s]", text)


def _parted(text: str) -> bool:
    return re.search(r"\n|\r|\u2029", text) is not None


def _places(document: str, exact: str) -> list[int]:
    places: list[int] = []
    at = document.find(exact)
    while at >= 0 and len(places) <= MOST_PLACES:
        places.append(at)
        at = document.find(exact, at + 1)
    return places


def _choose(document: str, exact: str, prefix: str, suffix: str, places: list[int]) -> Location:
    if len(places) > 1 and (prefix or suffix):
        around = re.compile(f"(?<={re.escape(prefix)}){re.escape(exact)}(?={re.escape(suffix)})")
        fitting = [match.start() for match, _ in zip(around.finditer(document), range(2), strict=False)]
        places = fitting if len(fitting) == 1 else places
    if len(places) > 1:
        return Location(Outcome.AMBIGUOUS, places=tuple(places[:MOST_PLACES]))
    return Location(Outcome.ELSEWHERE, places[0], places[0] + len(exact))


# What is taken as equal in the third step, by the name under which a difference is told.
_CLASSES = {
    "quotation marks": "\"'“”„‟‘’‚‛«»‹›`´′″",
    "dashes": "-‐‑‒–—―−",
}
_INVISIBLE = "\u00ad\u200b\u2060\ufeff"
_IN_BETWEEN = f"[{_INVISIBLE}]*"


def _normalised(document: str, exact: str) -> Location | None:
    match = re.search(_pattern(exact), document)
    if match is None:
        return None
    theirs = match[0]
    return Location(Outcome.NORMALISED, match.start(), match.end(), (), tuple(_named(exact, theirs)), theirs)


def _pattern(exact: str) -> str:
    clusters = _clusters(unicodedata.normalize("NFD", _visible(exact)))
    return _IN_BETWEEN.join(_alternatives(cluster) for cluster in clusters)


def _clusters(text: str) -> Iterable[str]:
    """Base characters with their combining marks, and runs of white space."""
    cluster = ""
    for character in text:
        joins = unicodedata.combining(character) or (character.isspace() and cluster.isspace())
        if cluster and not joins:
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _alternatives(cluster: str) -> str:
    if cluster.isspace():
        return rf"[\s{_INVISIBLE}]+"
    for members in _CLASSES.values():
        if cluster in members:
            return f"[{re.escape(members)}]"
    forms = {unicodedata.normalize(form, cluster) for form in ("NFC", "NFD")} | {cluster}
    return "(?:" + "|".join(sorted(map(re.escape, forms))) + ")" if len(forms) > 1 else re.escape(cluster)


def canonical(text: str) -> str:
    """A text to compare by: its marks, dashes, spaces, case and composition are taken as equal."""
    for signs in _CLASSES.values():
        text = re.sub(f"[{re.escape(signs)}]", signs[0], text)
    return " ".join(unicodedata.normalize("NFC", _visible(text)).casefold().split())


def _visible(text: str) -> str:
    return "".join(character for character in text if character not in _INVISIBLE)


def _named(ours: str, theirs: str) -> Iterable[Difference]:
    left, right = list(_clusters(ours)), list(_clusters(theirs))
    pending, end = ("", ""), (0, 0)
    for code in likeness.steps(left, right):
        if code.tag == "equal":
            continue
        piece = "".join(left[code.src_start : code.src_end]), "".join(right[code.dest_start : code.dest_end])
        # An insertion beside a deletion is one replacement.
        if end == (code.src_start, code.dest_start):
            piece = pending[0] + piece[0], pending[1] + piece[1]
        elif any(pending):
            yield Difference(_kind("".join(pending)), *pending)
        pending, end = piece, (code.src_end, code.dest_end)
    if any(pending):
        yield Difference(_kind("".join(pending)), *pending)


def _kind(characters: str) -> str:
    for name, members in _CLASSES.items():
        if all(character in members for character in characters):
            return name
    if any(character in _INVISIBLE for character in characters):
        return "invisible characters"
    if any(character in "\r\n" for character in characters):
        return "line breaks"
    if characters.isspace():
        return "spaces"
    return "composition of characters"


def _nearest(document: str, exact: str) -> Location:
    window = likeness.window(exact, document, 40) if document else None
    if window is None:
        return Location(Outcome.MISSING)
    start, end = _whole_words(document, window.dest_start, window.dest_end)
    # The window is as long as the words looked for; what only surrounds them at its ends is not part of it.
    pieces = alignment(exact, document[start:end])
    before = len(pieces[0].theirs) if pieces[0].kind == "added" else 0
    after = len(pieces[-1].theirs) if len(pieces) > 1 and pieces[-1].kind == "added" else 0
    start, end = start + before, end - after
    passage = document[start:end]
    return Location(Outcome.MISSING, start, end, (), differences(exact, passage), passage)


def _whole_words(document: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and document[start - 1].isalnum() and document[start].isalnum():
        start -= 1
    while 0 < end < len(document) and document[end - 1].isalnum() and document[end].isalnum():
        end += 1
    while start < end and document[start].isspace():
        start += 1
    while end > start and document[end - 1].isspace():
        end -= 1
    return start, end
