"""Frictionless finds no fault in the Data Package of a release."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from frictionless import Package, validate

from talks.models import Release
from talks.records import RECORDS

pytestmark = pytest.mark.django_db


def check(folder: Path) -> None:
    report = validate(str(folder / "datapackage.json"))
    assert report.valid, report.to_summary()
    assert (report.errors, report.warnings) == ([], [])
    assert [task.name for task in report.tasks] == list(RECORDS)
    counts = Release.objects.get().counts
    for task in report.tasks:
        assert (task.errors, task.warnings) == ([], []), task.name
        assert task.stats.get("rows", 0) == counts[task.name]  # an empty table has none
        assert task.labels == RECORDS[task.name].names()


def test_the_data_package_of_a_release_is_valid_without_a_warning(release):
    check(release)


def test_so_it_is_with_strange_texts(strange_release):
    check(strange_release)


def test_what_frictionless_reads_is_what_the_files_say(strange_release):
    package = Package(str(strange_release / "datapackage.json"))
    for resource in package.resources:
        with (strange_release / resource.path).open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
        rows = resource.read_rows()
        texts = [field.name for field in resource.schema.fields if field.type == "string"]
        assert [[row[name] or "" for name in texts] for row in rows] == [
            [line[name] for name in texts] for line in lines
        ]


def test_a_broken_table_is_found(release):
    path = release / "statements.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("umerov-awaits-memorandum,direct", "x,poem", 1), "utf-8")
    kinds = {error.type for task in validate(str(release / "datapackage.json")).tasks for error in task.errors}
    assert {"hash-count", "constraint-error", "foreign-key"} <= kinds
