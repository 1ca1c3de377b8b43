"""Dates as sources know them: a part of EDTF, turned into first and last day. Pure strings.

Follows ISO 8601-2 / EDTF: of level 0 the date (year, month or day) and the interval, of level 1 the
marks ~ (approximate), ? (uncertain) and % (both). Open ends, seasons and unspecified digits are refused,
because every date here must have a first and a last day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

_ONE = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?(?P<mark>[~?%])?")
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_MARKS = {"~": "about ", "?": "perhaps ", "%": "perhaps about ", None: ""}


class Edtf(NamedTuple):
    """An EDTF text with the first and the last day that it can mean (both included)."""

    text: str
    first: date
    last: date


def parse(text: str) -> Edtf:
    """Read an EDTF text such as `2025-06-02`, `2022-03`, `2025~` or `2025-05-28/2025-06-02`.

    Raises ValueError with a sentence for people if the text is none of these, names a day that does not
    exist, or is an interval that ends before it begins.
    """
    sides = text.split("/")
    if len(sides) > 2:
        raise ValueError(f"“{text}” is not a date: an interval has one “/”.")
    first, last = _one(sides[0], text)[0], _one(sides[-1], text)[1]
    if first > _one(sides[-1], text)[0]:
        raise ValueError(f"“{text}” is not a date: the interval ends before it begins.")
    return Edtf(text, first, last)


def _one(side: str, text: str) -> tuple[date, date]:
    match = _ONE.fullmatch(side)
    if not match:
        raise ValueError(
            f"“{text}” is not a date: write 2025, 2025-06, 2025-06-02 or an interval such as "
            "2025-05-28/2025-06-02, each with ~ or ? after it if it is approximate or uncertain."
        )
    year, month, day = (int(match[part] or 0) for part in ("year", "month", "day"))
    try:
        first = date(year, month or 1, day or 1)
        last = date(year, month or 12, day or monthrange(year, month or 12)[1])
    except ValueError:
        raise ValueError(f"“{text}” is not a date: there is no such day in the calendar.") from None
    return first, last


def words(text: str) -> str:
    """The date as a reader says it: `2 June 2025`, `March 2022`, `28 May to 2 June 2025`, `about 2025`."""
    if "/" not in text:
        return _side_words(text)
    start, end = text.split("/")
    return f"{_side_words(start)} to {_side_words(end)}"


def _side_words(side: str) -> str:
    match = _ONE.fullmatch(side)
    if not match:
        return side
    parts = [
        str(int(match["day"])) if match["day"] else "",
        MONTHS[int(match["month"]) - 1] if match["month"] else "",
        str(int(match["year"])),
    ]
    return _MARKS[match["mark"]] + " ".join(part for part in parts if part)


def machine(text: str) -> str:
    """The value for `<time datetime>`, or nothing where HTML has none (an interval, a marked date)."""
    return text if _ONE.fullmatch(text) and text[-1] not in "~?%" else ""


def day(text: str) -> date:
    """A day written as in `2025-06-02`, and in no other way. Raises ValueError for anything else."""
    found = date.fromisoformat(text)
    if found.isoformat() != text:
        raise ValueError(f"“{text}” is not a day as in 2025-06-02")
    return found


def days_between(earlier: date, later: date) -> int:
    """Whole days from one day to a later one; negative if it is not later."""
    return (later - earlier) // timedelta(days=1)
