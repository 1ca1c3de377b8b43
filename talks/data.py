"""Every page as data: the two views that serve every noun in every format."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from talks import edition, filters
from talks.formats import FORMATS, Format, Listing
from talks.models import DelegationMember, MeetingState, Passage
from talks.paging import NEWEST_MET, NEWEST_SAID, NEWEST_SENT, Order, paginate
from talks.records import BY_MODEL, RECORDS, Record
from talks.views import find

# The same orders as the pages have, and pages twice as long.
ORDERS = {
    "parties": Order("name"),
    "people": Order("sort_name"),
    "sources": Order("publisher"),
    "meetings": NEWEST_MET,
    "delegations": NEWEST_SENT,
    "statements": NEWEST_SAID,
}
SIZE = 100
PARTS: dict[str, tuple[type[Any], str]] = {
    "meetings": (MeetingState, "meeting"),
    "delegations": (DelegationMember, "delegation"),
    "statements": (Passage, "statement"),
}


@require_safe
def listing_data(request: HttpRequest, record: Record, format: Format) -> HttpResponseBase:
    """A list: a page of it by key, or whole and streamed where the format is never paged."""
    try:
        nouns = filters.narrowed(record.name, request.GET)
        page = None if format.whole else paginate(record.fetch(nouns), ORDERS[record.name], request.GET, SIZE)
    except ValueError as error:
        raise Http404(str(error)) from None
    if page is None:
        return answer(StreamingHttpResponse(format.listing(record.rows(nouns.in_order()), about(record))), format)
    further = {**filters.kept(record.name, request.GET), "after": page.next}
    following = f"{settings.SITE_URL}{request.path}?{urlencode(further)}" if page.next else None
    told = about(record)._replace(total=nouns.count(), next=following)
    return answer(HttpResponse("".join(format.listing(map(record.row, page.rows), told))), format)


@require_safe
def detail_data(request: HttpRequest, record: Record, slug: str, format: Format) -> HttpResponseBase:
    """One noun, with the rows that belong to it."""
    noun = find(record.fetch(record.model._default_manager.all()), slug)
    return answer(HttpResponse(format.detail(record.row(noun), parts(record, noun), about(record))), format)


def parts(record: Record, noun: Any) -> dict[str, list[dict[str, Any]]]:
    """The rows that belong to a noun, under the name of their own record."""
    if record.name not in PARTS:
        return {}
    model, owner = PARTS[record.name]
    part = BY_MODEL[model]
    rows = model.objects.belonging_to(**{owner: noun})
    return {part.name: [part.row(item) for item in part.fetch(rows)]}


def about(record: Record) -> Listing:
    return Listing(settings.SITE_URL, edition.present().number, record.name, record.names())


def answer(response: HttpResponseBase, format: Format) -> HttpResponseBase:
    """With the format's type; data may be read by pages of other sites."""
    response.headers["Content-Type"] = format.content_type
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What data there is, in which formats, under which licence."""
    return render(request, "talks/data.html", {"records": ORDERS, "formats": FORMATS})


@require_safe
def codebook(request: HttpRequest) -> HttpResponse:
    """Every column of every record with its meaning."""
    return render(request, "talks/codebook.html", {"records": RECORDS.values()})
