"""Tombstones as rows: those of nouns that were withdrawn here, and those that came with a release."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from talks.models.correction import KINDS_OF_RECORD
from talks.records.record import Record, Row


class Tombstones(Record):
    """The one record whose rows come from several tables."""

    def rows(self, nouns: Any, captions: bool = False) -> Iterator[Row]:
        """The rows of the table, and those of every noun that is withdrawn in this database, by record and slug."""
        from talks.records import RECORDS

        found = {self.key_of(row): row for row in super().rows(nouns)}
        for record in KINDS_OF_RECORD:
            model: Any = RECORDS[record].model
            for slug, day, why in model.objects.withdrawn().values_list("slug", "withdrawn_on", "withdrawn_because"):
                row = {"record": record, "slug": slug, "withdrawn_on": day.isoformat(), "withdrawn_because": why}
                found[self.key_of(row)] = row
        yield from (found[key] for key in sorted(found))
