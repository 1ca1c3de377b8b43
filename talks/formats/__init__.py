"""How rows are written down. Knows dicts and texts; no models, no requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from talks.formats import atom, bibtex, csl, csv, json, jsonld, ndjson, ris

Row = dict[str, Any]


class Listing(NamedTuple):
    """What a format may say besides the rows: the site, the edition, the list and its neighbours."""

    site: str
    edition: int
    record: str
    columns: list[str]
    address: str = ""  # this list's own
    total: int | None = None
    more_than: int | None = None  # where the total is not counted to its end
    next: str | None = None
    as_of: str = ""  # the day by which all of it had been reported, where the address asks for one


class Format(NamedTuple):
    """One way of writing rows down: its type, of which records it is offered, and how it writes a list and one row.

    `whole`: its lists are never paged. `captions`: it says more than the columns. `latest`: its lists begin with what
    changed last. `counted`: they say how many rows there are in all.
    """

    content_type: str
    lists: frozenset[str] = frozenset()
    details: frozenset[str] = frozenset()
    listing: Callable[[Iterable[Row], Listing], Iterator[str]] = json.listing
    detail: Callable[[Row, dict[str, list[Row]], Listing], str] = json.detail
    whole: bool = False
    captions: bool = False
    latest: bool = False
    counted: bool = False

    @property
    def media_type(self) -> str:
        """The type without its parameters."""
        return self.content_type.partition(";")[0]


def _events(rows: Iterable[Row], about: Listing) -> Iterator[str]:
    """Its library is loaded when somebody wants a calendar: it takes 4 MB of every process, and most are asked for none."""
    from talks.formats import calendar

    return calendar.listing(rows, about)


def _event(row: Row, parts: dict[str, list[Row]], about: Listing) -> str:
    return "".join(_events([row], about))


PAGES = frozenset(["parties", "people", "sources", "meetings", "delegations", "statements"])
LISTS = PAGES | {"corrections"}
CITED = frozenset(["statements", "sources"])
MEETINGS = frozenset(["meetings"])

FORMATS = {
    "json": Format("application/json", LISTS, PAGES, json.listing, json.detail, counted=True),
    "csv": Format("text/csv; charset=utf-8", LISTS, PAGES, csv.listing, csv.detail, whole=True),
    "ndjson": Format("application/x-ndjson", LISTS, listing=ndjson.listing, whole=True),
    "jsonld": Format("application/ld+json", LISTS, PAGES, jsonld.listing, jsonld.detail, captions=True),
    "atom": Format("application/atom+xml", LISTS, listing=atom.listing, captions=True, latest=True),
    "ics": Format("text/calendar; charset=utf-8", MEETINGS, MEETINGS, _events, _event, whole=True),
    "bib": Format("application/x-bibtex; charset=utf-8", details=CITED, detail=bibtex.detail, captions=True),
    "ris": Format("application/x-research-info-systems", details=CITED, detail=ris.detail, captions=True),
    "csl.json": Format("application/vnd.citationstyles.csl+json", details=CITED, detail=csl.detail, captions=True),
}
NAMES = {
    "json": "JSON",
    "csv": "CSV",
    "ndjson": "NDJSON",
    "jsonld": "JSON-LD",
    "atom": "Atom",
    "ics": "iCalendar",
    "bib": "BibTeX",
    "ris": "RIS",
    "csl.json": "CSL-JSON",
}


def of_list(record: str) -> list[str]:
    """The formats that a list of this record is offered in."""
    return [name for name, format in FORMATS.items() if record in format.lists]


def of_page(record: str) -> list[str]:
    """The formats that a page of this record is offered in."""
    return [name for name, format in FORMATS.items() if record in format.details]
