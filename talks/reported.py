"""A meeting as it was known at the end of a day: which days there are, and what is not told of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from talks import dates, questions
from talks.models import EditorsNote, Meeting
from talks.querysets.reported import reports

# Of our own making or of no day that is known: left out of a meeting as it was known earlier.
UNDATED = ("summary", "round_label", "venue")
# How many days the page lists in sight, the newest ones.
IN_SIGHT = 12
# How many of the days before those: of more, only the last of each month or of each year.
EARLIER = 60


class NotADay(ValueError):
    """Raised for a day that is none."""


class OtherDay(Exception):
    """Raised for a day on which nothing was reported; `day` is the last before it on which something was."""

    def __init__(self, day: date) -> None:
        super().__init__(day.isoformat())
        self.day = day


class NothingReported(LookupError):
    """Raised for a day by which nothing had been reported; `first` is the first on which something was, if any."""

    def __init__(self, meeting: Meeting, first: date | None) -> None:
        known = f"the first day is {dates.words(str(first))}" if first else "nor on any other day that is known"
        super().__init__(f"Nothing had been reported of this meeting by then; {known}.")
        self.meeting, self.first = meeting, first


@dataclass
class Known:
    """What is known of a meeting, and what was by the end of `day`; with no day, it is the same."""

    day: date | None
    days: list[date]
    states: int = 0
    statements: int = 0
    undated: int = 0  # how many of the statements and states no day is known of
    cells: list[tuple[str, int]] = field(default_factory=list)  # how many statements, as `placed` reads them

    @property
    def in_sight(self) -> list[date]:
        """The newest of its days."""
        return self.days[-IN_SIGHT:]

    @property
    def earlier(self) -> list[date]:
        """The days before those in sight; of many, the last of each month, of very many the last of each year."""
        days = self.days[:-IN_SIGHT]
        for letters in (7, 4):
            if len(days) > EARLIER:
                last = {str(day)[:letters]: day for day in days}
                days = sorted({*last.values(), *(day for day in days if day == self.day)})
        return days

    @property
    def number_of_earlier(self) -> int:
        """How many days there are before those in sight."""
        return len(self.days[:-IN_SIGHT])

    @property
    def further(self) -> str:
        """What an address of a list asks for besides, so that it lists what was known on the same day."""
        return f"&as_of={self.day}" if self.day else ""

    def later(self, states: Iterable[Any], statements: int) -> dict[str, int]:
        """How many states and statements there are besides those that are shown."""
        return {"states": self.states - len(list(states)), "statements": self.statements - statements}


def asked(text: str | None) -> date | None:
    """The day that an address asks for; None if it asks for none. Raises NotADay with a sentence for people."""
    if text is None:
        return None
    try:
        return dates.day(text)
    except ValueError:
        shown = text.replace("\0", "�")[:40]
        raise NotADay(f"“{shown}” is not a day. A day is written as in as_of=2025-06-02.") from None


def known(meeting: Meeting, day: date | None) -> Known:
    """The meeting is made what could be told of it by the end of the day; without one it is left as it is.

    Its lists must have been fetched for the same day. Raises OtherDay or NothingReported.
    """
    rows = reports(meeting.pk)
    days = sorted({on for _, on, _ in rows if on})
    if day is not None and day not in days:
        before = [on for on in days if on < day]
        raise OtherDay(before[-1]) if before else NothingReported(meeting, days[0] if days else None)
    if day is not None:
        for name in UNDATED:
            setattr(meeting, name, "")
    counts = {kind: sum(number for one, _, number in rows if one == kind) for kind in ("states", "statements")}
    undated = sum(number for kind, on, number in rows if on is None and kind in counts)
    cells = [(kind, number) for kind, _, number in rows if kind.startswith("cell ")]
    return Known(day, days, **counts, undated=undated, cells=cells)


def give_notes(meeting: Meeting, statements: list[Any], day: date | None) -> None:
    """The editor's notes on a meeting and on these statements of it, as if they had been fetched with them."""
    of: dict[int | None, list[EditorsNote]] = defaultdict(list)
    for note in questions.notes_around(meeting.pk, [statement.pk for statement in statements], day):
        of[note.of].append(note)
    for noun in (meeting, *statements):
        fetched = getattr(noun, "_prefetched_objects_cache", {})
        noun._prefetched_objects_cache = {**fetched, "notes": of[None if noun is meeting else noun.pk]}
