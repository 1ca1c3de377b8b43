"""Counts that the database keeps as it is written (`talks/guards/tally.py`), read instead of counted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, F, Func

_SAID = (
    "SELECT CASE is_wording WHEN 0 THEN 'statements' ELSE 'wordings' END, reported, count(*) FROM talks_search "
    "WHERE meeting_id = %s GROUP BY is_wording, reported UNION ALL "
    "SELECT 'cell ' || part, NULL, number FROM talks_tally WHERE kind = 'cells' AND noun = %s AND number > 0"
)


class Tallied(Func):
    """How many public statements the noun of a row has, by the kind of the noun."""

    template = (
        "coalesce((SELECT y.number FROM talks_tally y WHERE y.kind = '%(kind)s' AND y.noun = %(expressions)s "
        "AND y.part = ''), 0)"
    )
    output_field: Any = BigIntegerField()

    def __init__(self, kind: str) -> None:
        super().__init__(F("pk"), kind=kind)

    def _constructor_args(self) -> Any:
        return (self.extra["kind"],), {}


def of_list(record: str) -> int:
    """How many rows the list of this record has when nothing narrows it."""
    return _kept(record)


def of_noun(name: str, pk: int) -> int:
    """How many public statements this noun has, but for other wordings of which the first one is told."""
    return _kept({"speaker": "person"}.get(name, name), pk)


def _kept(kind: str, noun: int = 0) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM talks_tally WHERE kind = %s AND noun = %s AND part = ''", [kind, noun])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def of_meeting(meeting: int, sql: str, values: Iterable[Any]) -> list[tuple[str, date | None, int]]:
    """What is counted of a meeting: (kind, day, how many) of what this SQL asks for with these values; of its statements and
    of their other wordings by the day on which they were reported; and of its cells, whose kind is `cell` with the
    party (0 for none, -1 for the sources' own accounts), the first and the last day. One question.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"{_SAID} UNION ALL {sql}", [meeting, meeting, *values])
        found = cursor.fetchall()
    return [
        (kind, date.fromisoformat(day) if isinstance(day, str) else day, int(number)) for kind, day, number in found
    ]
