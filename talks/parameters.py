"""Which parameters an address knows. Others are taken off or refused: a page depends on its address, so each spelling
of one would be a page of its own to make and to keep.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, ResolverMatch, resolve

from talks.filters import FILTERS

# What other sites hang on to addresses to count where their readers go.
TRACKING = re.compile(r"utm_\w+|(fb|g|dc|ms|tw|y|tt)clid|(wb|gb)raid|gclsrc|igshid|mc_[ce]id|_hs\w+|mkt_tok|ref(_src)?")
PLACES = ("after", "before")
OTHERS = {"meeting-detail": ("as_of",), "oembed": ("url", "maxwidth", "maxheight", "format")}


def known(match: ResolverMatch | None) -> tuple[str, ...]:
    """The parameters of an address, in the order in which it is written."""
    if match is None:
        return ()
    name = match.url_name or ""
    if name == "listing-data":
        whole = match.kwargs["format"].whole
        return (*_filters(match.kwargs["record"].name), *(() if whole else PLACES))
    if name == "meetings-drawing":
        return _filters("meetings")
    if name == "detail-data":
        return ("as_of",) if match.kwargs["record"].name == "meetings" else ()
    if name.endswith("-list"):
        return (*_filters(match.route.rstrip("/")), *PLACES)
    return OTHERS.get(name, ())


def _filters(record: str) -> tuple[str, ...]:
    return tuple(FILTERS[record].base_fields) if record in FILTERS else ()


def unknown(match: ResolverMatch | None, query: QueryDict) -> list[str]:
    """The names in a query that its address does not know."""
    return [name for name in query if name not in known(match)]


def without(request: HttpRequest, names: list[str]) -> str:
    """The address that was asked for without these parameters; the others as they are."""
    left = request.GET.copy()
    for name in names:
        del left[name]
    return quote(request.path) + (f"?{left.urlencode()}" if left else "")


def plain(path: str, query: str) -> str | None:
    """A query (its bytes as characters, as in PEP 3333) with its parameters in order and each once, as the site would
    read it; None if it has others, or is the query of no page.
    """
    if not query:
        return ""
    try:
        match, given = resolve(path), QueryDict(query.encode("latin-1"))
    except (Resolver404, BadRequest, SuspiciousOperation):
        return None
    if unknown(match, given):
        return None
    keeps_empty = match.url_name in OTHERS or match.url_name == "detail-data"  # where that is an error
    return urlencode({name: given[name] for name in known(match) if given.get(name) or (keeps_empty and name in given)})
