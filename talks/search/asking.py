"""What is searched for, as FROM and WHERE over the index of the search in the language of the database."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from talks.search import postgresql, sqlite
from talks.search.marks import by_values, days, is_dated
from talks.search.words import Query

EPOCH = date(1970, 1, 1)
DAY = 2**32  # the keys of a day: one for each row number
FAR = 4_000_000  # days before and after which nothing was said: the calendar ends after 2,932,896


class Wanted(NamedTuple):
    """What is searched for: words, marks (values to narrow by), the first and last day it was said, the day by which
    it had been reported, and the last key of what had been, if it was looked up."""

    query: Query | None = None
    marks: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    reported: date | None = None
    until: int | None = None

    @property
    def is_vain(self) -> bool:
        """Whether a word is wanted that nothing begins with: then nothing fits."""
        return self.query is not None and any(term.spelled == () for term in self.query.wanted)


class Asked(NamedTuple):
    """FROM and WHERE of what fits, with `e` as a row of the index; the values in them; the column that is in order; and the
    bounds of the keys that fit: from these on, and before those.
    """

    bare: str
    values: list[Any]
    column: str
    lows: tuple[str, ...] = ()
    highs: tuple[str, ...] = ()

    @property
    def is_mirrored(self) -> bool:
        """Whether the column has the keys with the other sign, so that the newest stands first."""
        return self.column == sqlite.MIRRORED

    @property
    def place(self) -> str:
        """The key, to be told."""
        return f"-{self.column}" if self.is_mirrored else self.column

    @property
    def newest_first(self) -> str:
        return f"ORDER BY {self.column} {'ASC' if self.is_mirrored else 'DESC'}"

    @property
    def oldest_first(self) -> str:
        return f"ORDER BY {self.column} {'DESC' if self.is_mirrored else 'ASC'}"

    def is_at(self, key: str) -> str:
        """The condition that it is this one."""
        return f"{self.column} = {f'-({key})' if self.is_mirrored else key}"

    def sql(self, low: str = "", high: str = "") -> str:
        """All of it, for keys from this one on and before that one. Of several bounds on one side SQLite begins with the one
        that stands first, and reads all up to there: so there is but one.
        """
        lows, highs = [one for one in (*self.lows, low) if one], [one for one in (*self.highs, high) if one]
        low, high = _one(spoken().GREATEST, lows), _one(spoken().LEAST, highs)
        if self.is_mirrored:
            bounds = f" AND {self.column} <= -({low})" * bool(lows) + f" AND {self.column} > -({high})" * bool(highs)
        else:
            bounds = f" AND {self.column} >= {low}" * bool(lows) + f" AND {self.column} < {high}" * bool(highs)
        return f"{self.bare}{bounds}"

    def alone(self, low: str = "", high: str = "") -> str:
        """The same for who asks for no row of the index: SQLite's words have the key, too."""
        others = self.bare.replace(sqlite.WITH_ROWS, "")
        return (self if " e." in others else self._replace(bare=others)).sql(low, high)


def _one(chosen: str, bounds: list[str]) -> str:
    """One bound of several, by a function of the database."""
    return f"{chosen}({', '.join(bounds)})" if len(bounds) > 1 else "".join(bounds)


def ask(wanted: Wanted) -> Asked:
    """All that fits."""
    dialect = spoken()
    marks = [one for one in wanted.marks if not is_dated(one)]  # which are told by their days
    apart = tuple(one for one in marks if one[1] in dialect.APART)
    sql, values, column = dialect.found(wanted.query, tuple(one for one in marks if one not in apart))
    sql, more, _ = by_values(sql, apart)
    return dated(wanted, sql, [*values, *more], column)


def dated(wanted: Wanted, sql: str, values: list[Any], column: str) -> Asked:
    """What of this was said on the days that are wanted, and reported by the day that is."""
    # What is of one year stands together: without its days all that came later would be looked at first.
    periods = [*(days(one) for one in wanted.marks if is_dated(one)), (wanted.first, wanted.last)]
    firsts = [lowest(first) for first, _ in periods if first]
    ends = [lowest(last, 1) for _, last in periods if last]
    lows, highs = [str(max(firsts))] if firsts else [], [str(min(ends))] if ends else []
    if wanted.reported:
        sql, values = f"{sql} AND {spoken().REPORTED}", [*values, wanted.reported.isoformat()]
        highs.append(f"{last_by(wanted.reported) if wanted.until is None else wanted.until} + 1")
    return Asked(sql, values, column, tuple(lows), tuple(highs))


def last_by(reported: date) -> str:
    """The last key that can have been reported by a day: one of that day, but for what was reported before it was said.
    Without it, all that was said since would be looked at first.
    """
    later = lowest(reported, 1)
    early = f"SELECT max(place) FROM talks_search WHERE early = 1 AND place >= {later} AND reported <= '{reported}'"
    return f"coalesce(({early}), {later - 1})"


def rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    """What the database answers."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def spoken() -> Any:
    """How this database is asked: one of the two modules."""
    return postgresql if connection.vendor == "postgresql" else sqlite


def lowest(day: date, later: int = 0) -> int:
    """The lowest key of a day, or of one so many days later."""
    return ((day - EPOCH).days + later) * DAY
