"""Counts that the database keeps as it is written (`talks/guards/tally.py`), read instead of counted."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, F, Func


class Tallied(Func):
    """How many public statements the noun of a row has, by the kind of the noun."""

    template = (
        "coalesce((SELECT y.number FROM talks_tally y WHERE y.kind = '%(kind)s' AND y.noun = %(expressions)s), 0)"
    )
    output_field: Any = BigIntegerField()

    def __init__(self, kind: str) -> None:
        super().__init__(F("pk"), kind=kind)

    def _constructor_args(self) -> Any:
        return (self.extra["kind"],), {}


def of_list(record: str) -> int:
    """How many rows the list of this record has when nothing narrows it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM talks_tally WHERE kind = %s AND noun = 0", [record])
        row = cursor.fetchone()
    return int(row[0]) if row else 0
