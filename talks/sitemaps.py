"""Every public page, for crawlers: an index, and parts that cost the same however many there are."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from talks.formats import sitemap
from talks.records import NOUNS, Record

# Row numbers of one part. Of the protocol's 50,000 a page in the making would hold its thread for a third of a second;
# and 50,000 parts, which an index may name, are 250 million.
PART = 5_000
PAGES = ("front", *(f"{record.model._meta.model_name}-list" for record in NOUNS.values()))
PAGES += ("correction-list", "about", "data", "codebook", "api")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Names the parts; asks for one row number of each noun, drafts too, since that is one look into an index."""
    addresses = [reverse("sitemap-pages")]
    for record in NOUNS.values():
        addresses += [f"/sitemap-{record.name}-{number + 1}.xml" for number in range(parts(record))]
    made = sitemap.index(f"{settings.SITE_URL}{address}" for address in addresses)
    return HttpResponse(made, content_type=sitemap.TYPE)


@require_safe
def pages(request: HttpRequest) -> HttpResponse:
    """The pages that are always there."""
    made = sitemap.pages((f"{settings.SITE_URL}{reverse(name)}", None) for name in PAGES)
    return HttpResponse(made, content_type=sitemap.TYPE)


@require_safe
def part(request: HttpRequest, record: Record, number: int) -> HttpResponse:
    """What is public among PART row numbers of one noun; the list itself where nothing is, as no part may be empty."""
    if number > parts(record):
        raise Http404(f"The sitemap has no part {number} of {record.name}.")
    last = number * PART
    base = f"{settings.SITE_URL}/{record.name}/"
    nouns: Any = record.model._default_manager.all()
    rows = nouns.published().numbered(last - PART + 1, last)
    addresses = [(f"{base}{slug}/", changed_at) for slug, changed_at in rows] or [(base, None)]
    return HttpResponse(sitemap.pages(addresses), content_type=sitemap.TYPE)


def parts(record: Record) -> int:
    """How many parts a noun has."""
    nouns: Any = record.model._default_manager.all()
    return -(-nouns.last_number() // PART)
