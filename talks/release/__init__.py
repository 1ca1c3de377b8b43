"""The release: the published state as files that describe themselves. Same state, same number, same bytes.

Dates inside are those of the data, never of the run; nothing depends on the machine but the site's own address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from django.db import models

from talks.fixtures import FILES, writer
from talks.models import SourceText
from talks.records import BY_MODEL, RECORDS, Record, Row
from talks.release import archive, changes, describe
from talks.release.sqlite import SqliteFile
from talks.release.tables import CsvFile, FixtureFile, NdjsonFile
from talks.snapshot import snapshot

BATCH = 2000
Watch = Callable[[Iterable[Row], int, str], Iterable[Row]]


class Cut(NamedTuple):
    """What a folder of a release has in it."""

    number: int
    as_of: str  # the instant of the last change of the data (RFC 3339)
    counts: dict[str, int]
    changes: dict[str, dict[str, int]]
    files: list[dict[str, Any]]


class NothingPublished(Exception):
    """There is no published record at all."""


def unwatched(rows: Iterable[Row], total: int, label: str) -> Iterable[Row]:
    return rows


def cut(number: int, folder: Path, previous: Path | None, site: str, watch: Watch = unwatched) -> Cut:
    """Write the release into an empty folder; `previous` is the folder of the one before. In constant memory."""
    with snapshot():
        counts, as_of = _write_rows(folder, watch)
    if not as_of:
        raise NothingPublished
    told = describe.Told(number, as_of, site, counts)
    changed = changes.write(folder, previous, RECORDS.values())
    describe.write(folder, told)
    archive.seal(folder, told)
    return Cut(number, as_of, counts, changed, archive.listed(folder))


def _write_rows(folder: Path, watch: Watch) -> tuple[dict[str, int], str]:
    counts: dict[str, int] = {}
    latest = ""
    with SqliteFile(folder / "talks.sqlite3") as database:
        for file, models_ in FILES.items():
            with FixtureFile(folder / f"{file}.json") as fixture:
                for model in models_:
                    if model is SourceText:
                        fixture.write(writer.texts())
                        continue
                    record = BY_MODEL[model]
                    sinks = _Sinks(folder, record, model, fixture, database)
                    with sinks:
                        counts[record.name], last = sinks.fill(watch)
                    latest = max(latest, last)
    return {name: counts[name] for name in RECORDS}, latest


class _Sinks:
    """Everything that the rows of one record are written to, in one pass."""

    def __init__(
        self, folder: Path, record: Record, model: type[models.Model], fixture: FixtureFile, database: SqliteFile
    ) -> None:
        self.record, self.fixture, self.database = record, fixture, database
        self.entry = writer.entry_maker(model)
        self.tables = (CsvFile(folder / f"{record.name}.csv", record), NdjsonFile(folder / f"{record.name}.ndjson"))

    def __enter__(self) -> None:
        self.database.begin(self.record)

    def __exit__(self, *_: Any) -> None:
        for table in self.tables:
            table.close()

    def fill(self, watch: Watch) -> tuple[int, str]:
        """Write all rows; returns how many, and the instant of the last change among them."""
        count, latest = 0, ""
        public = self.record.public()
        for batch in _batches(watch(self.record.rows(public), public.count(), self.record.name)):
            for table in self.tables:
                table.write(batch)
            self.fixture.write(map(self.entry, batch))
            self.database.write(self.record, batch)
            count += len(batch)
            latest = max([latest, *(row.get("changed_at") or row.get("corrected_at") or "" for row in batch)])
        return count, latest


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    found = iter(rows)
    while batch := list(islice(found, BATCH)):
        yield batch
