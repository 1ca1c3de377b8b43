"""What browsers ask for besides pages: how to search this site from their own search field."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def opensearch(request: HttpRequest) -> HttpResponse:
    """An OpenSearch 1.1 description of the search for statements."""
    return render(request, "opensearch.xml", content_type="application/opensearchdescription+xml")
