"""How templates put a value: dates as readers say them and as machines read them, numbers, languages, words found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.utils.translation import get_language_info

from talks import dates
from talks.search import marking
from talks.search.words import Query


def machine(value: Any) -> str:
    """A date (EDTF text, day or instant) as EDTF text; empty if there is none."""
    if isinstance(value, datetime):
        value = value.date()
    return value.isoformat() if isinstance(value, date) else str(value or "")


def in_words(value: Any) -> str:
    """A date (EDTF text, day or instant) as a reader says it."""
    return dates.words(machine(value))


def days_until(earlier: date, later: date) -> int:
    """Whole days from the first day to the second."""
    return dates.days_between(earlier, later)


def kind_alone(label: str) -> str:
    """The first word of a label that explains itself: Correction, of `correction: something was wrong`."""
    return label.partition(":")[0].capitalize()


def thousands(number: int) -> str:
    """A number with commas between thousands: 1,144."""
    return f"{number:,}"


def language_name(tag: str) -> str:
    """The English name of a language (BCP 47 tag), or the tag itself where Django knows none."""
    try:
        return str(get_language_info(tag)["name"])
    except KeyError:
        return tag


def in_groups(rows: Iterable[Any], name: str) -> Iterator[tuple[Any, list[Any]]]:
    """Neighbours that have the same, with what it is; the order stays."""
    return ((same, list(group)) for same, group in groupby(rows, attrgetter(name)))


def marked(statement: Any, query: Query) -> Any:
    """A statement's words in pieces, those that were searched for apart; each character stays as it is."""
    return marking.cut(statement.pieces, marking.found_in(statement.text, query))
