"""mlcroissant reads the Croissant of a release without a complaint, and every record set of it."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import mlcroissant
import pytest

from talks.records import RECORDS

pytestmark = pytest.mark.django_db


def lines(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def check(folder: Path) -> None:
    dataset = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    issues = dataset.metadata.ctx.issues
    assert (sorted(issues.errors), sorted(issues.warnings)) == ([], [])
    assert [one.name for one in dataset.metadata.record_sets] == list(RECORDS)
    for name, record in RECORDS.items():
        wanted = lines(folder, name)
        found = list(dataset.records(record_set=name))
        assert len(found) == len(wanted), name
        for row, line in zip(found, wanted, strict=True):
            assert list(row) == [f"{name}/{column}" for column in record.names()]
            for key in record.key:
                assert said(row[f"{name}/{key}"]) == line[key]
            for column in ("text", "reason", "exact"):
                if column in line:
                    assert said(row[f"{name}/{column}"]) == line[column]


def said(value) -> str:
    """A value that was read, as it stood in the file."""
    if isinstance(value, datetime):  # a day, as pandas has it
        return value.date().isoformat()
    return value.decode() if isinstance(value, bytes) else str("" if value is None else value)


def test_the_croissant_of_a_release_has_no_fault_and_loads(release):
    check(release)
    assert lines(release, "corrections") == []  # an empty table too


def test_so_it_is_with_strange_texts(strange_release):
    check(strange_release)


def test_a_wrong_type_is_a_fault(release):
    path = release / "croissant.json"
    told = json.loads(path.read_text("utf-8"))
    told["recordSet"][0]["field"][0]["source"]["extract"]["column"] = "nothing"
    del told["recordSet"][0]["field"][1]["dataType"]
    path.write_text(json.dumps(told), "utf-8")
    with pytest.raises(mlcroissant.ValidationError, match="dataType"):
        mlcroissant.Dataset(jsonld=path)
