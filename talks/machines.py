"""What machines ask for besides pages: how to search this site, what to crawl, where to report a hole."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

TEXT = "text/plain; charset=utf-8"


@require_safe
def opensearch(request: HttpRequest) -> HttpResponse:
    """An OpenSearch 1.1 description of the search for statements."""
    return render(request, "opensearch.xml", content_type="application/opensearchdescription+xml")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may fetch (RFC 9309): all but the search, whose facets make more addresses than anybody needs.

    Its data twins stay open: a program that keeps to the rules reads them page by page. The rule ends with a `*`, since
    crawlers that know none of those take a bare `?` off, and would leave out the list itself.
    """
    return render(request, "robots.txt", content_type=TEXT)


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Where to report a hole (RFC 9116), if this site says so. When it expires is a setting and no clock."""
    if not settings.SECURITY_CONTACT:
        raise Http404("This site names nobody to report a hole to.")
    told = {"contact": settings.SECURITY_CONTACT, "expires": settings.SECURITY_EXPIRES}
    return render(request, "security.txt", told, content_type=TEXT)
