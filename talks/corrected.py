"""How pages tell corrections: what was corrected at once together, columns in words, old values beside new ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import NamedTuple

from talks import dates
from talks.models import Correction
from talks.records import RECORDS

DONE = {
    Correction.Kind.CORRECTION: "Corrected",
    Correction.Kind.CLARIFICATION: "Clarified",
    Correction.Kind.ADDITION: "Supplemented",
    Correction.Kind.WITHDRAWAL: "Withdrawn",
}
# What a statement says, by whom, when and where from: its corrections stand directly under its words.
TOLD_WITH_WORDS = ("text", "speaker", "speaker_as_printed", "role_as_printed", "said_on", "meeting", "source")
# Columns whose name does not say it; all others are called as they are.
NAMES = {
    "text": "Words",
    "said_on": "Date",
    "dated_by": "Source of the date",
    "published_on": "Date of publication",
    "reported_on": "Date of the report",
    "slug": "Address",
    "cue": "Reporting verb",
    "mentions": "Persons named in it",
    "variant_of": "Another wording of",
    "quotation_type": "Kind of quotation",
    "follows": "Meeting before it",
    "derived_from": "Its own reference",
    "rests_on": "Sources",
    "url": "Link",
    "passages": "Passages of the source",
    "states": "States as reported",
}
IN_ITS_LANGUAGE = ("text", "speaker_as_printed", "role_as_printed", "passages", "title")
PRINTED = ("speaker_as_printed", "role_as_printed", "passages")  # a source's own words whatever the statement is
SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", re.ASCII)


class Piece(NamedTuple):
    """A stretch of a value: a text, with an address if it leads somewhere, or a date."""

    text: str
    url: str = ""
    is_date: bool = False


class Told(NamedTuple):
    """One column that was corrected, as readers see it."""

    column: str
    was: list[Piece]
    now: list[Piece]
    in_its_language: bool
    is_printed: bool


class Note(NamedTuple):
    """What was corrected at once, for one reason."""

    done: str
    first: Correction
    columns: list[Told]


def at_once(corrections: Iterable[Correction]) -> list[Note]:
    """Corrections put together that were made together; in the order of the first of each."""
    groups = (list(group) for _, group in groupby(corrections, lambda one: (one.corrected_at, one.kind, one.reason)))
    return [Note(DONE[Correction.Kind(group[0].kind)], group[0], _columns(group)) for group in groups]


def _columns(group: list[Correction]) -> list[Told]:
    # Of those made at once, the last number comes first.
    return [told for one in reversed(group) if (told := as_told(one))]


def with_words(corrections: Iterable[Correction]) -> list[Correction]:
    """Those of a statement that stand under its words: also those of all of it."""
    return [one for one in corrections if not one.column or one.column in TOLD_WITH_WORDS]


def besides_words(corrections: Iterable[Correction]) -> list[Correction]:
    """The others."""
    return [one for one in corrections if one.column and one.column not in TOLD_WITH_WORDS]


def as_told(correction: Correction) -> Told | None:
    """The column of a correction with what it was and is; None if the whole record was corrected."""
    name = correction.column
    if not name:
        return None
    was, now = (list(_pieces(correction.record, name, text)) for text in (correction.before, correction.after))
    words = "Text" if (correction.record, name) == ("editors_notes", "text") else NAMES.get(name)
    return Told(words or name.replace("_", " ").capitalize(), was, now, name in IN_ITS_LANGUAGE, name in PRINTED)


@cache
def _kinds(record: str) -> dict[str, str]:
    """What kind of value each column of a record has."""
    return {column.name: column.kind for column in RECORDS[record].columns()}


def _pieces(record: str, name: str, text: str) -> Iterator[Piece]:
    """A value cut where something in it leads somewhere."""
    kind = _kinds(record).get(name, "")
    other = record if name == "slug" else kind.partition(" of ")[2] if kind.startswith("slug") else ""
    if not text:
        return
    slugs = text.split(", ")
    if other and other != "editors_notes" and all(map(SLUG.fullmatch, slugs)):
        for place, slug in enumerate(slugs):
            yield from [Piece(", ")] if place else []
            yield Piece(slug, f"/{other}/{slug}/")
    elif kind == "day" or kind.startswith("date"):
        yield Piece(text, is_date=_is_date(text))
    else:
        yield Piece(text)


def _is_date(text: str) -> bool:
    """Releases of others bring corrections too, in which anything may stand."""
    try:
        dates.parse(text)
    except ValueError:
        return False
    return True
