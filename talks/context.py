"""What every template may show of the site itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from talks import edition


def site(request: HttpRequest) -> dict[str, Any]:
    """The present edition and the site's own public address."""
    present = getattr(request, "edition", None) or edition.present()
    return {"edition": present, "site_url": settings.SITE_URL, "data_address": data_address(request)}


def data_address(request: HttpRequest) -> str:
    """The address of this page as data, without its ending; empty where there is none."""
    match = request.resolver_match
    is_noun = match is not None and (match.url_name or "").endswith(("-list", "-detail"))
    return request.path.rstrip("/") if is_noun else ""
