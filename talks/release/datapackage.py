"""The release as a Frictionless Data Package (version 1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from talks.formats.jsonld import LICENCE
from talks.records import RECORDS, Record
from talks.records.record import Column
from talks.release.archive import digest

Descriptor = dict[str, Any]
TYPES: dict[str, Descriptor] = {
    "number": {"type": "integer"},
    "truth value": {"type": "boolean"},
    "day": {"type": "date"},
    "instant (UTC)": {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%SZ"},
}


def document(folder: Path, told: Any) -> Descriptor:
    """The descriptor of all CSV tables of the folder."""
    return {
        "profile": "tabular-data-package",
        "name": "talks-in-context",
        "id": f"{told.site}/data/releases/{told.number}/",
        "title": f"Talks in Context, release {told.number}",
        "description": "Quotations from diplomatic talks, each with its meeting and the words of its source.",
        "homepage": f"{told.site}/data/",
        "version": str(told.number),
        "created": told.as_of,
        "licenses": [{"name": "CC-BY-4.0", "path": LICENCE, "title": "Creative Commons Attribution 4.0"}],
        "resources": [_resource(folder, record, told.counts[record.name]) for record in RECORDS.values()],
    }


def _resource(folder: Path, record: Record, rows: int) -> Descriptor:
    path = folder / f"{record.name}.csv"
    return {
        "profile": "tabular-data-resource",
        "name": record.name,
        "path": path.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{digest(path)}",
        "description": f"{rows} rows. A text that begins with one of = + - @ ', a tab or a carriage return has one ' in front.",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": _schema(record),
    }


def _schema(record: Record) -> Descriptor:
    columns = record.columns()
    references = [
        {
            "fields": [column.name],
            "reference": {"resource": "" if target == record.name else target, "fields": ["slug"]},
        }
        for column in columns
        if (target := column.kind.removeprefix("slug of ")) in RECORDS and column.kind.startswith("slug of ")
    ]
    return {
        "fields": [_field(column) for column in columns],
        "missingValues": [""],
        "primaryKey": list(record.key),
        **({"foreignKeys": references} if references else {}),
    }


def _field(column: Column) -> Descriptor:
    constraints: Descriptor = {} if column.may_be_empty else {"required": True}
    if column.values:
        constraints["enum"] = [value for value, _ in column.values]
    described = {
        "name": column.name,
        "description": column.meaning,
        **TYPES.get(column.kind, {"type": "string"}),
        **({"unit": column.unit} if column.unit else {}),
    }
    return {**described, **({"constraints": constraints} if constraints else {})}
