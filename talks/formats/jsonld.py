"""Rows as JSON-LD in the terms of schema.org."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from talks.formats.json import written

Row = dict[str, Any]
CONTEXT = "https://schema.org"
EVENT_STATUS = {"postponed": "EventPostponed", "cancelled": "EventCancelled"}


def listing(rows: Iterable[Row], about: Any) -> Iterator[str]:
    """A page of a list, as a graph."""
    yield written({"@context": CONTEXT, "@graph": [thing(row, about.record, about.site) for row in rows]})


def detail(row: Row, parts: dict[str, list[Row]], about: Any) -> str:
    """One record, as a thing."""
    return written({"@context": CONTEXT, **thing(row, about.record, about.site)})


def thing(row: Row, record: str, site: str) -> Row:
    """A row as a thing of schema.org, without what is empty."""
    link = _linker(site)
    described = {"@id": link(record, row["slug"])["@id"], **THINGS[record](row, link), "identifier": row["slug"]}
    described.update(dateModified=row["changed_at"]) if record in ("statements", "sources") else None
    return {name: value for name, value in described.items() if value not in (None, "", [])}


def _linker(site: str) -> Callable[[str, str | None], Any]:
    return lambda record, slug: {"@id": f"{site}/{record}/{slug}/"} if slug else None


def _party(row: Row, link: Any) -> Row:
    return {"@type": "Organization", "name": row["name"]}


def _person(row: Row, link: Any) -> Row:
    wikidata = f"https://www.wikidata.org/entity/{row['wikidata_id']}" if row["wikidata_id"] else None
    names = [name for name in (row["native_name"], *row["also_written"]) if name]
    return {
        "@type": "Person",
        "name": row["name"],
        "alternateName": names,
        "description": row["description"],
        "affiliation": link("parties", row["party"]),
        "sameAs": wikidata,
    }


def _meeting(row: Row, link: Any) -> Row:
    first, _, last = row["date"].partition("/")
    address = {"@type": "PostalAddress", "addressLocality": row["city"], "addressCountry": row["country"]}
    place = {"@type": "Place", "name": row["venue"] or row["city"], "address": {k: v for k, v in address.items() if v}}
    return {
        "@type": "Event",
        "name": row["title"],
        "startDate": first.rstrip("~?%"),
        "endDate": last.rstrip("~?%"),
        "location": place if row["city"] or row["venue"] else None,
        "eventStatus": f"https://schema.org/{EVENT_STATUS.get(row['state'] or '', 'EventScheduled')}",
        "description": row["summary"],
    }


def _delegation(row: Row, link: Any) -> Row:
    party = link("parties", row["party"])
    return {"@type": "Organization", "name": row["slug"], "parentOrganization": party}


def _source(row: Row, link: Any) -> Row:
    return {
        "@type": "NewsArticle",
        "headline": row["title"],
        "name": row["title"] or row["described_as"],
        "publisher": {"@type": "Organization", "name": row["publisher"]},
        "datePublished": row["published_on"].rstrip("~?%"),
        "url": row["url"],
        "inLanguage": row["language"],
        "isBasedOn": link("sources", row["derived_from"]),
        "archivedAt": row["archive_url"],
    }


def _statement(row: Row, link: Any) -> Row:
    quoted = row["quotation_type"] in ("direct", "mixed")
    speaker = link("people", row["speaker"])
    return {
        "@type": "Quotation" if quoted else "Claim",
        "text": row["text"],
        "inLanguage": row["language"],
        "creator": speaker,
        "spokenByCharacter": speaker if quoted else None,
        "dateCreated": row["said_on"].rstrip("~?%"),
        "about": link("meetings", row["meeting"]),
        "isBasedOn": link("sources", row["source"]),
        "mentions": [link("people", slug) for slug in row["mentions"]],
    }


THINGS: dict[str, Callable[[Row, Any], Row]] = {
    "parties": _party,
    "people": _person,
    "meetings": _meeting,
    "delegations": _delegation,
    "sources": _source,
    "statements": _statement,
}
