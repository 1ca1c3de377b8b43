"""What every template may show of the site itself."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest

from talks import edition, filters, formats

# Where in a long list a page begins, and the day whose knowledge it shows.
PLACES = {"-list": ("after", "before"), "meeting-detail": ("as_of",)}


class Alternate(NamedTuple):
    """The present page in another format: what it is called, its type and its address."""

    name: str
    content_type: str
    address: str


def edition_of(request: HttpRequest) -> edition.Present:
    """The edition in which a request is answered; where none was asked for yet, the present one."""
    return getattr(request, "edition", None) or edition.present()


def site(request: HttpRequest) -> dict[str, Any]:
    """The present edition, the site's own public address, and this page in other formats."""
    told = {"edition": edition_of(request), "site_url": settings.SITE_URL}
    return {**told, "alternates": alternates(request), "canonical": canonical(request)}


def canonical(request: HttpRequest) -> str:
    """This page's own address: with what it was asked for in one order, without what it does not know."""
    match = request.resolver_match
    name = (match.url_name or "") if match else ""
    kept = filters.kept(request.path.split("/")[1], request.GET) if name.endswith("-list") else {}
    places = PLACES.get(name, PLACES["-list"] if name.endswith("-list") else ())
    place = {one: request.GET[one] for one in places if request.GET.get(one)}
    query = urlencode({**kept, **place}, doseq=True)
    return settings.SITE_URL + quote(request.path) + (f"?{query}" if query else "")


def alternates(request: HttpRequest) -> list[Alternate]:
    """This page in other formats, with the filters and the day in force; none where it is no page of data."""
    match = request.resolver_match
    name = (match.url_name or "") if match else ""
    record = request.path.split("/")[1]
    if not name.endswith(("-list", "-detail")):
        return []
    offered = formats.of_list(record) if name.endswith("-list") else formats.of_page(record)
    kept = filters.kept(record, request.GET) if name.endswith("-list") else {}
    if name == "meeting-detail" and "as_of" in request.GET:
        kept = {"as_of": request.GET["as_of"]}
    query = f"?{urlencode(kept)}" if kept else ""
    stem = request.path.rstrip("/")
    return [
        Alternate(formats.NAMES[ending], formats.FORMATS[ending].media_type, f"{stem}.{ending}{query}")
        for ending in offered
    ]
