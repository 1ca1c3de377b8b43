"""What several formats say about a row in words: its title, its summary, its address."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import takewhile
from typing import Any

from talks import dates

Row = dict[str, Any]
LENGTH = 60
# What XML 1.0 cannot say, escaped or not, and no line of RIS or iCalendar may have.
UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
TYPES = {
    "direct": "Direct quotation",
    "mixed": "Our sentence around quoted words",
    "indirect": "Reported speech, in our words",
    "narration": "The source’s own account, in our words",
}


def address(site: str, record: str, row: Row) -> str:
    """The address of a row's page; of a correction, its place on the list of corrections."""
    return f"{site}/corrections/#{row['slug']}" if record == "corrections" else f"{site}/{record}/{row['slug']}/"


def sayable(text: str) -> str:
    """A text with a replacement character (U+FFFD) for each sign that cannot be written down."""
    return UNSAYABLE.sub("�", text)


def opening(text: str) -> str:
    """The first words of a text on one line, at most sixty code points, whole words."""
    line = " ".join(text.split())
    return line if len(line) <= LENGTH else line[:LENGTH].rsplit(" ", 1)[0] + " …"


def speaker(row: Row) -> str:
    """Who says a statement: the person, the name as printed, or the source itself."""
    return row["speaker.name"] or row["speaker_as_printed"] or row["source.publisher"]


def title(record: str, row: Row) -> str:
    """How a row is called in a list of titles."""
    made: dict[str, Callable[[], str]] = {
        "statements": lambda: f"{speaker(row)}: {opening(row['text'])}",
        "sources": lambda: f"{row['publisher']}: {row['title'] or row['described_as']}",
        "delegations": lambda: f"{row['party.name']}, {row['meeting.title']}",
        "meetings": lambda: row["title"],
        "corrections": lambda: f"{row['kind'].capitalize()}: {row['noun']}",
    }
    return made[record]() if record in made else str(row["name"])


def summary(record: str, row: Row) -> str:
    """What a list says below the title."""
    made: dict[str, Callable[[], str]] = {
        "statements": lambda: f"{evidence(row)} About the meeting: {row['meeting.title']}. Source: {source(row)}.",
        "sources": lambda: f"Published: {day(row['published_on'])}.",
        "meetings": lambda: state(row),
        "people": lambda: row["description"],
        "corrections": lambda: row["reason"],
    }
    return made[record]() if record in made else ""


def day(date: str) -> str:
    """A date (EDTF) as a reader says it."""
    return dates.words(date) if date else "on a day not known"


def in_common(first: str, last: str) -> str:
    """Year, month and day that the two ends of an interval (EDTF) share, as ISO 8601 has them; of one date itself."""
    one, other = (side.rstrip("~?%").split("-") for side in (first, last or first))
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return "-".join(part for part, _ in shared)


def source(row: Row) -> str:
    """A statement's source: publisher, title, day."""
    named = row["source.title"] or row["source.described_as"]
    published = row["source.published_on"]
    return ", ".join(filter(None, [row["source.publisher"], named, dates.words(published) if published else ""]))


def state(row: Row) -> str:
    """A meeting's date as it is known, its latest state and who told it."""
    told = f" State: {row['state']}, as reported on {row['state_reported_on']}." if row["state"] else ""
    return " ".join(filter(None, [f"{dates.words(row['date'])}.{told}", row["summary"]]))


def evidence(row: Row) -> str:
    """What kind of words a statement has, and whether they were found in the source."""
    found = {
        "verified": f"found in the source’s text on {row['verified_on']}",
        "lost": f"not checked against the source’s present text (found in an earlier one on {row['verified_on']})",
        "unchecked": "not checked against the source’s text",
        "anchored": "",
    }[row["evidence_state"]]
    return "; ".join(filter(None, [TYPES[row["quotation_type"]], found])) + "."
