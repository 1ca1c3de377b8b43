"""The part of schema.org that we use, by hand: what is what, which property belongs to what, and what it may say.

Domains and ranges as in schema.org's own definitions, read in their typed form (the npm package schema-dts 2.1.0);
that each term exists is checked against rdflib's list of all terms as well.
"""

from __future__ import annotations

import re
from typing import Any

from rdflib.namespace import SDO

VOCABULARY = "https://schema.org/"
# What schema.org's own JSON-LD context does with the terms that we use: names of its own, addresses that are names.
CONTEXT = {
    "@context": {
        "@vocab": VOCABULARY,
        **{
            name: {"@type": "@id"}
            for name in ("url", "sameAs", "license", "contentUrl", "archivedAt", "eventStatus", "item")
        },
    }
}

PARENTS = {
    "CreativeWork": "Thing",
    "Quotation": "CreativeWork",
    "Claim": "CreativeWork",
    "NewsArticle": "CreativeWork",  # by way of Article
    "CorrectionComment": "CreativeWork",  # by way of Comment
    "Dataset": "CreativeWork",
    "MediaObject": "CreativeWork",
    "DataDownload": "MediaObject",
    "Event": "Thing",
    "Person": "Thing",
    "Organization": "Thing",
    "Place": "Thing",
    "PostalAddress": "Thing",  # by way of ContactPoint, StructuredValue, Intangible
    "ItemList": "Thing",
    "BreadcrumbList": "ItemList",
    "ListItem": "Thing",
}
STATUSES = {"EventScheduled", "EventPostponed", "EventCancelled"}

# property: the classes that have it, and what it may be: classes, or one of the kinds of values below.
PROPERTIES: dict[str, tuple[set[str], set[str]]] = {
    "identifier": ({"Thing"}, {"text"}),
    "name": ({"Thing"}, {"text"}),
    "alternateName": ({"Thing"}, {"text"}),
    "description": ({"Thing"}, {"text"}),
    "url": ({"Thing"}, {"url"}),
    "sameAs": ({"Thing"}, {"url"}),
    "affiliation": ({"Person"}, {"Organization"}),
    "parentOrganization": ({"Organization"}, {"Organization"}),
    "startDate": ({"Event"}, {"date"}),
    "endDate": ({"Event"}, {"date"}),
    "location": ({"Event"}, {"Place"}),
    "eventStatus": ({"Event"}, {"status"}),
    "address": ({"Place"}, {"PostalAddress"}),
    "addressLocality": ({"PostalAddress"}, {"text"}),
    "addressCountry": ({"PostalAddress"}, {"text"}),
    "headline": ({"CreativeWork"}, {"text"}),
    "text": ({"CreativeWork"}, {"text"}),
    "inLanguage": ({"CreativeWork", "Event"}, {"text"}),
    "publisher": ({"CreativeWork"}, {"Organization", "Person"}),
    "creator": ({"CreativeWork"}, {"Organization", "Person"}),
    "spokenByCharacter": ({"Quotation"}, {"Organization", "Person"}),
    "about": ({"CreativeWork", "Event"}, {"Thing"}),
    "mentions": ({"CreativeWork"}, {"Thing"}),
    "isBasedOn": ({"CreativeWork"}, {"CreativeWork"}),
    "archivedAt": ({"CreativeWork"}, {"url"}),
    "dateCreated": ({"CreativeWork"}, {"date"}),
    "datePublished": ({"CreativeWork"}, {"date"}),
    "dateModified": ({"CreativeWork"}, {"date"}),
    "correction": ({"CreativeWork"}, {"CorrectionComment"}),
    "parentItem": ({"CorrectionComment"}, {"CreativeWork"}),
    "license": ({"CreativeWork"}, {"url"}),
    "isAccessibleForFree": ({"CreativeWork", "Event", "Place"}, {"truth"}),
    "temporalCoverage": ({"CreativeWork"}, {"text"}),
    "version": ({"CreativeWork"}, {"text"}),
    "distribution": ({"Dataset"}, {"DataDownload"}),
    "contentUrl": ({"MediaObject"}, {"url"}),
    "contentSize": ({"MediaObject"}, {"text"}),
    "sha256": ({"MediaObject"}, {"text"}),
    "encodingFormat": ({"CreativeWork"}, {"text"}),
    "itemListElement": ({"ItemList"}, {"ListItem"}),
    "position": ({"ListItem", "CreativeWork"}, {"number"}),
    "item": ({"ListItem"}, {"Thing"}),
}
# Classes of things that are only named, by the folder of their address.
NAMED = {
    "parties": "Organization",
    "delegations": "Organization",
    "people": "Person",
    "meetings": "Event",
    "sources": "NewsArticle",
    "statements": "CreativeWork",
}
DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\dZ)?)?)?", re.ASCII)


def is_known(term: str) -> bool:
    """Whether schema.org has a term of this name."""
    return term in SDO.__annotations__


def lineage(kind: str) -> set[str]:
    """A class and all that it is a kind of."""
    return {kind} | (lineage(PARENTS[kind]) if kind in PARENTS else set())


def faults(node: dict[str, Any], site: str) -> list[str]:
    """What is wrong with a node of expanded JSON-LD, and with the nodes in it."""
    found, types = [], kinds_of(node, site)
    if any(not name.startswith(VOCABULARY) for name in node if not name.startswith("@")):
        return [f"{sorted(node)}: not all of it is of schema.org"]
    for name, values in ((name.removeprefix(VOCABULARY), node[name]) for name in node if not name.startswith("@")):
        domain, range_ = PROPERTIES.get(name, (set(), set()))
        if not types & domain:
            found.append(f"{name}: {sorted(types)} has no such property")
        for value in values:
            found += [f"{name}: {fault}" for fault in unfit(value, range_, site)]
    return found


def kinds_of(node: dict[str, Any], site: str) -> set[str]:
    """The classes of a node, by what it says or by its address."""
    said = [kind.removeprefix(VOCABULARY) for kind in node.get("@type", [])]
    unknown = [kind for kind in said if kind not in PARENTS]
    assert not unknown, f"no class of ours: {unknown}"
    if not said:
        said = [NAMED[node["@id"].removeprefix(f"{site}/").partition("/")[0]]]
    return set().union(*map(lineage, said))


def unfit(value: dict[str, Any], range_: set[str], site: str) -> list[str]:
    """Why a value does not fit what a property may say; nothing if it does."""
    if "@list" in value or "@language" in value:
        return [f"{value}: more than a value"]
    if "@value" in value:
        plain = value["@value"]
        fits = {
            "text": isinstance(plain, str) and plain != "",
            "date": isinstance(plain, str) and DATE.fullmatch(plain) is not None,
            "number": type(plain) is int,
            "truth": type(plain) is bool,
        }
        return [] if any(fits.get(kind) for kind in range_) else [f"{plain!r} is none of {sorted(range_)}"]
    address = value.get("@id", "")
    if value.keys() == {"@id"} and range_ & {"url", "status"}:
        known = address.startswith(("http://", "https://"))
        is_status = address.removeprefix(VOCABULARY) in STATUSES and address.startswith(VOCABULARY)
        return [] if (is_status if "status" in range_ else known) else [f"{address} is none of {sorted(range_)}"]
    if value.keys() == {"@id"} and range_ == {"Thing"}:
        return [] if address.startswith(f"{site}/") else [f"{address} is not of this site"]
    kinds = kinds_of(value, site)
    wrong = [] if kinds & range_ else [f"{sorted(kinds)} is none of {sorted(range_)}"]
    return [*wrong, *faults(value, site)]
