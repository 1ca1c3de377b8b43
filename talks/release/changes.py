"""CHANGES.csv: what was added, changed and removed since the release before, by column, from the two NDJSON files.

Both are sorted by key, so they are read side by side, a row of each at a time.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from talks.formats.csv import cell, shown
from talks.records import Record, Row

NAME = "CHANGES.csv"
HEADER = ["record", "key", "change", "column", "before", "after"]
KINDS = ("added", "changed", "removed")


def write(folder: Path, previous: Path | None, records: Iterable[Record]) -> dict[str, dict[str, int]]:
    """Write the file; returns how many rows of each record were added, changed and removed. Without a release before
    there is nothing to compare with: the file has a header only, and every count is 0.
    """
    counted: dict[str, dict[str, int]] = {}
    with (folder / NAME).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(HEADER)
        for record in records:
            found: Counter[str] = Counter()
            for change, lines in _changes(record, folder, previous) if previous else ():
                found[change] += 1
                writer.writerows([cell(value) for value in line] for line in lines)
            counted[record.name] = {kind: found[kind] for kind in KINDS}
    return counted


def _changes(record: Record, folder: Path, previous: Path) -> Iterator[tuple[str, list[list[str]]]]:
    key_of = record.key_of
    for before, after in _side_by_side(_rows(previous, record), _rows(folder, record), key_of):
        key = "/".join(str(part) for part in key_of(after or before))  # type: ignore[arg-type]
        if before is None:
            yield "added", [[record.name, key, "added", "", "", ""]]
        elif after is None:
            yield "removed", [[record.name, key, "removed", "", "", ""]]
        elif before != after:
            yield "changed", list(_columns(record.name, key, before, after))


def _columns(name: str, key: str, before: Row, after: Row) -> Iterator[list[str]]:
    for column in [*after, *(column for column in before if column not in after)]:
        old, new = before.get(column), after.get(column)
        if old != new:
            yield [name, key, "changed", column, shown(old), shown(new)]


def _rows(folder: Path, record: Record) -> Iterator[Row]:
    path = folder / f"{record.name}.ndjson"
    if path.exists():  # a record that the release before did not have yet
        with path.open(encoding="utf-8", newline="\n") as file:
            yield from map(json.loads, file)


def _side_by_side(
    before: Iterator[Row], after: Iterator[Row], key_of: Callable[[Row], tuple[Any, ...]]
) -> Iterator[tuple[Row | None, Row | None]]:
    old, new = next(before, None), next(after, None)
    while old is not None or new is not None:
        if new is None or (old is not None and key_of(old) < key_of(new)):
            yield old, None
            old = next(before, None)
        elif old is None or key_of(new) < key_of(old):
            yield None, new
            new = next(after, None)
        else:
            yield old, new
            old, new = next(before, None), next(after, None)
