"""How rows are written down. Knows dicts and texts; no models, no requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from talks.formats import csv, json, jsonld

Row = dict[str, Any]


class Listing(NamedTuple):
    """What a format may say about a list besides its rows: the site, the edition, the list and its neighbours."""

    site: str
    edition: int
    record: str
    columns: list[str]
    total: int | None = None
    next: str | None = None


class Format(NamedTuple):
    """One way of writing rows down: its type, whether its lists are whole, and how a list and one row are written."""

    content_type: str
    whole: bool
    listing: Callable[[Iterable[Row], Listing], Iterator[str]]
    detail: Callable[[Row, dict[str, list[Row]], Listing], str]


FORMATS = {
    "json": Format("application/json", False, json.listing, json.detail),
    "csv": Format("text/csv; charset=utf-8", True, csv.listing, csv.detail),
    "jsonld": Format("application/ld+json", False, jsonld.listing, jsonld.detail),
}
