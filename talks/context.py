"""What every template may show of the site itself."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

from talks import edition, filters, formats


class Alternate(NamedTuple):
    """The present page in another format: what it is called, its type and its address."""

    name: str
    content_type: str
    address: str


def site(request: HttpRequest) -> dict[str, Any]:
    """The present edition, the site's own public address, and this page in other formats."""
    present = getattr(request, "edition", None) or edition.present()
    return {"edition": present, "site_url": settings.SITE_URL, "alternates": alternates(request)}


def alternates(request: HttpRequest) -> list[Alternate]:
    """This page in other formats, with the filters in force; none where it is no page of data."""
    match = request.resolver_match
    name = (match.url_name or "") if match else ""
    record = request.path.split("/")[1]
    if not name.endswith(("-list", "-detail")):
        return []
    offered = formats.of_list(record) if name.endswith("-list") else formats.of_page(record)
    kept = filters.kept(record, request.GET) if name.endswith("-list") else {}
    query = f"?{urlencode(kept)}" if kept else ""
    stem = request.path.rstrip("/")
    return [
        Alternate(formats.NAMES[ending], formats.FORMATS[ending].media_type, f"{stem}.{ending}{query}")
        for ending in offered
    ]
