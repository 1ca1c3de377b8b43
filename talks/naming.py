"""Names in a text: of people known in any spelling, and of strangers. Pure strings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from talks.reporting import SMALL_WORDS, TITLES


class Known(NamedTuple):
    """Somebody who may speak: a slug, and the spellings of the name."""

    slug: str
    names: tuple[str, ...]


class Mention(NamedTuple):
    """A name in a text: of somebody known (slug), or of a stranger or several together (no slug)."""

    start: int
    end: int
    slug: str | None
    printed: str


_CAPITALISED = r"[^\W\d_a-zа-яіїєґäöüßéèêáíóúñç][\w’'-]+"


def mentions(text: str, people: Sequence[Known]) -> list[Mention]:
    """All names in the order of the text. A surname alone counts once the full name stands in the text."""
    found: list[Mention] = []
    for name, slug in sorted(_spellings(text, people).items(), key=lambda pair: (-len(pair[0]), pair[0])):
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text):
            if not _overlaps(found, match.start(), match.end()):
                stranger = _other_first_name(text, match.start()) if " " not in name else None
                start = match.start() if stranger is None else stranger
                known = slug if stranger is None else None
                found.append(Mention(start, match.end(), known, text[start : match.end()]))
    found += list(_strangers(text, found))
    return list(_together(text, sorted(found)))


def _spellings(text: str, people: Sequence[Known]) -> dict[str, str | None]:
    """Each spelling that may occur, with whose it is; nobody's if it is two people's."""
    spellings: dict[str, str | None] = {}
    for person in people:
        for name in person.names:
            for form in {name, name.split()[-1]} if " " in name and name in text else {name}:
                spellings[form] = person.slug if spellings.get(form, person.slug) == person.slug else None
    return spellings


def _overlaps(found: list[Mention], start: int, end: int) -> bool:
    return any(mention.start < end and start < mention.end for mention in found)


def _other_first_name(text: str, at: int) -> int | None:
    """Where somebody else's first name stands directly before a surname, as in “Tomas Brell”."""
    match = re.search(rf"({_CAPITALISED})\s$", text[:at])
    if match is None or match[1] in TITLES or match[1].lower() in SMALL_WORDS:
        return None
    return match.start()


def _strangers(text: str, found: list[Mention]) -> Iterator[Mention]:
    """Two or more capitalised words in a row that are nobody known and no office."""
    for match in re.finditer(rf"{_CAPITALISED}(?: {_CAPITALISED})+", text):
        words, start = match[0].split(" "), match.start()
        while words and (words[0] in TITLES or words[0].lower() in SMALL_WORDS):
            start += len(words.pop(0)) + 1
        end = match.end() - (2 if match[0].endswith(("’s", "'s")) else 0)
        if len(words) > 1 and not set(words) & TITLES and not _overlaps(found, start, end):
            yield Mention(start, end, None, text[start:end])


def _together(text: str, found: list[Mention]) -> Iterator[Mention]:
    """`Merrin and Sorrel` are one subject, and nobody in particular."""
    rest = iter(found)
    one = next(rest, None)
    for other in rest:
        if one and re.fullmatch(r"\s(?:and|та|і|й|и)\s", text[one.end : other.start]):
            one = Mention(one.start, other.end, None, text[one.start : other.end])
            continue
        if one:
            yield one
        one = other
    if one:
        yield one
