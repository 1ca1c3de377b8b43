"""Rows as JSON-LD in the terms of schema.org; rows come with their captions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from talks.formats import words
from talks.formats.json import written

Row = dict[str, Any]
CONTEXT = "https://schema.org"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
# Where nothing is told of a meeting, or only that somebody proposed it, nothing is said of its status.
EVENT_STATUS = {
    **dict.fromkeys(("scheduled", "confirmed", "held"), "https://schema.org/EventScheduled"),
    "postponed": "https://schema.org/EventPostponed",
    "cancelled": "https://schema.org/EventCancelled",
}
# Those that are CreativeWorks of schema.org: they alone can have corrections, and comments on them.
WORKS = ("statements", "sources")
SITE = "Talks in Context"


def listing(rows: Iterable[Row], about: Any) -> Iterator[str]:
    """A page of a list, as a graph."""
    yield written({"@context": CONTEXT, "@graph": [thing(row, about.record, about.site) for row in rows]})


def detail(row: Row, parts: dict[str, list[Row]], about: Any) -> str:
    """One record, as a thing, with its corrections."""
    return written({"@context": CONTEXT, **whole(row, parts, about.record, about.site)})


def whole(row: Row, parts: dict[str, list[Row]], record: str, site: str) -> Row:
    """A row as a thing, with the corrections that were made of it where the thing can have any."""
    made = thing(row, record, site)
    corrections = [thing(part, "corrections", site) for part in parts.get("corrections", ())]
    return {**made, "correction": corrections} if corrections and record in WORKS else made


def thing(row: Row, record: str, site: str) -> Row:
    """A row as a thing of schema.org, without what is empty."""
    link = _linker(site)
    name = f"{site}/corrections/#{row['slug']}" if record == "corrections" else link(record, row["slug"])["@id"]
    described = {"@id": name, **THINGS[record](row, link), "identifier": row["slug"]}
    if record in WORKS:
        described.update(datePublished=described.get("datePublished"), dateModified=row["changed_at"])
    return _filled(described)


def breadcrumbs(steps: Iterable[tuple[str, str]], site: str) -> Row:
    """The way to a page (name and address of each step) as a BreadcrumbList."""
    items = [
        {"@type": "ListItem", "position": place, "name": name, **({"item": site + address} if address else {})}
        for place, (name, address) in enumerate(steps, 1)
    ]
    return {"@context": CONTEXT, "@type": "BreadcrumbList", "itemListElement": items}


def dataset(site: str, release: Row | None, files: Iterable[Row], covered: str) -> Row:
    """All data as a Dataset, with the files of the latest release as its downloads."""
    downloads = [
        {
            "@type": "DataDownload",
            "name": file["name"],
            "contentUrl": f"{site}/data/releases/{release['number']}/{file['name']}" if release else "",
            "contentSize": f"{file['bytes']} B",
            "encodingFormat": file["type"],
            "sha256": file["sha256"],
        }
        for file in files
    ]
    described = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": f"{site}/data/",
        "name": SITE,
        "description": "Quotations from diplomatic talks, each with its meeting and the words of its source.",
        "url": f"{site}/data/",
        "license": LICENCE,
        "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": SITE, "url": f"{site}/"},
        "temporalCoverage": covered,
        "version": str(release["number"]) if release else None,
        "dateModified": release["as_of"] if release else None,
        "distribution": downloads,
    }
    return _filled(described)


def _filled(described: Row) -> Row:
    return {name: value for name, value in described.items() if value not in (None, "", [])}


def _linker(site: str) -> Callable[..., Any]:
    def link(record: str, slug: str | None, kind: str = "", **named: Any) -> Any:
        if not slug:
            return None
        known = {"@type": kind, **named} if kind else {}
        return _filled({"@id": f"{site}/{record}/{slug}/", **known})

    return link


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
        "affiliation": link("parties", row["party"], "Organization", name=row["party.name"]),
        "sameAs": wikidata,
    }


def _meeting(row: Row, link: Any) -> Row:
    first, _, last = row["date"].partition("/")
    address = {"@type": "PostalAddress", "addressLocality": row["city"], "addressCountry": row["country"]}
    place = {"@type": "Place", "name": row["venue"] or row["city"], "address": _filled(address)}
    return {
        "@type": "Event",
        "name": row["title"],
        "startDate": first.rstrip("~?%"),
        "endDate": last.rstrip("~?%"),
        "location": place if row["city"] or row["venue"] else None,
        "eventStatus": EVENT_STATUS.get(row["state"] or ""),
        "description": row["summary"],
    }


def _delegation(row: Row, link: Any) -> Row:
    party = link("parties", row["party"], "Organization", name=row["party.name"])
    name = f"{row['party.name']}, {row['meeting.title']}"
    return {"@type": "Organization", "name": name, "parentOrganization": party}


def _source(row: Row, link: Any) -> Row:
    return {
        "@type": "NewsArticle",
        "headline": row["title"],
        "name": row["title"] or row["described_as"],
        "publisher": {"@type": "Organization", "name": row["publisher"]},
        "datePublished": _day(row["published_on"]),
        "url": row["url"],
        "inLanguage": row["language"],
        "isBasedOn": link("sources", row["derived_from"]),
        "archivedAt": row["archive_url"],
    }


def _statement(row: Row, link: Any) -> Row:
    quoted = row["quotation_type"] in ("direct", "mixed")
    speaker = link("people", row["speaker"], "Person", name=row["speaker.name"])
    publisher = {"@type": "Organization", "name": row["source.publisher"]}
    named = row["source.title"] or row["source.described_as"]
    return {
        "@type": "Quotation" if quoted else "Claim",
        "text": row["text"],
        "inLanguage": row["language"],
        "creator": speaker,
        "spokenByCharacter": speaker if quoted else None,
        "dateCreated": _day(row["said_on"]),
        "about": link("meetings", row["meeting"], "Event", name=row["meeting.title"], startDate=_start(row)),
        "isBasedOn": link(
            "sources", row["source"], "NewsArticle", name=named, publisher=publisher, url=row["source.url"]
        ),
        "mentions": [link("people", slug) for slug in row["mentions"]],
    }


def _day(date: str) -> str:
    """A date (EDTF) as one of ISO 8601, no more precise than it is known."""
    first, _, last = date.partition("/")
    return words.in_common(first, last)


def _start(row: Row) -> str:
    return str(row["meeting.date"].partition("/")[0].rstrip("~?%"))


def _correction(row: Row, link: Any) -> Row:
    """Corrected things have addresses of their own, editor's notes none."""
    corrected = None if row["record"] == "editors_notes" else link(row["record"], row["noun"])
    return {
        "@type": "CorrectionComment",
        "text": row["reason"],
        "datePublished": row["corrected_at"],
        ("parentItem" if row["record"] in WORKS else "about"): corrected,
    }


THINGS: dict[str, Callable[[Row, Any], Row]] = {
    "parties": _party,
    "people": _person,
    "meetings": _meeting,
    "delegations": _delegation,
    "sources": _source,
    "statements": _statement,
    "corrections": _correction,
}
