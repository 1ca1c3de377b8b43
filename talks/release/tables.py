"""Rows as files of a release: CSV, NDJSON and fixtures, a batch at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from talks.formats.csv import cell
from talks.formats.ndjson import ENCODE, lines
from talks.records import Record, Row


class CsvFile:
    """A table with a header, as `talks.formats.csv` writes it."""

    def __init__(self, path: Path, record: Record) -> None:
        self.file = path.open("w", encoding="utf-8", newline="")
        self.writer = csv.writer(self.file, lineterminator="\r\n")
        self.writer.writerow(record.names())

    def write(self, rows: list[Row]) -> None:
        self.writer.writerows([cell(value) for value in row.values()] for row in rows)

    def close(self) -> None:
        self.file.close()


class NdjsonFile:
    """A JSON object on each line."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("w", encoding="utf-8", newline="\n")

    def write(self, rows: list[Row]) -> None:
        self.file.write(lines(rows))

    def close(self) -> None:
        self.file.close()


class FixtureFile:
    """A JSON list with an object on each line."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("w", encoding="utf-8", newline="\n")
        self.separator = "[\n"

    def write(self, entries: Iterable[dict[str, Any]]) -> None:
        for entry in entries:
            self.file.write(self.separator + ENCODE(entry))
            self.separator = ",\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        self.file.write("[\n]\n" if self.separator == "[\n" else "\n]\n")
        self.file.close()
