"""The release as MLCommons Croissant 1.0: the CSV files, and a record set of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from talks.formats.jsonld import LICENCE
from talks.records import RECORDS, Record
from talks.records.record import Column
from talks.release.archive import digest

Descriptor = dict[str, Any]
CONTEXT: Descriptor = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataBiases": "cr:dataBiases",
    "dataCollection": "cr:dataCollection",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "personalSensitiveInformation": "cr:personalSensitiveInformation",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
# A number that may be missing is none to pandas, and a date that may be is no date: those are texts here.
TYPES = {"number": "sc:Integer", "truth value": "sc:Boolean", "day": "sc:Date", "instant (UTC)": "sc:DateTime"}


def document(folder: Path, told: Any) -> Descriptor:
    """The descriptor of all CSV tables of the folder."""
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": "talks-in-context",
        "description": "Quotations from diplomatic talks, each with its meeting and the words of its source.",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": LICENCE,
        "url": f"{told.site}/data/releases/{told.number}/",
        "version": f"{told.number}.0.0",
        "datePublished": told.day,
        "citeAs": told.citation,
        "creator": {"@type": "sc:Organization", "name": "Talks in Context", "url": f"{told.site}/"},
        "distribution": [_file(folder / f"{name}.csv") for name in RECORDS],
        "recordSet": [_record_set(record) for record in RECORDS.values()],
    }


def _file(path: Path) -> Descriptor:
    return {
        "@type": "cr:FileObject",
        "@id": path.name,
        "name": path.name,
        "contentUrl": path.name,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": "text/csv",
        "sha256": digest(path),
    }


def _record_set(record: Record) -> Descriptor:
    return {
        "@type": "cr:RecordSet",
        "@id": record.name,
        "name": record.name,
        "key": [{"@id": f"{record.name}/{name}"} for name in record.key],
        "field": [_field(record, column) for column in record.columns()],
    }


def _field(record: Record, column: Column) -> Descriptor:
    """A column. What it refers to is not said here but in the Data Package: mlcroissant takes a reference for a join,
    and a join with a table that has references itself, or of a table with itself, for an error.
    """
    return {
        "@type": "cr:Field",
        "@id": f"{record.name}/{column.name}",
        "name": column.name,
        "description": column.meaning,
        "dataType": TYPES.get(column.kind, "sc:Text") if not column.may_be_empty else "sc:Text",
        "source": {"fileObject": {"@id": f"{record.name}.csv"}, "extract": {"column": column.name}},
    }
