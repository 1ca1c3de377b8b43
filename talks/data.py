"""Every page as data: the two views that serve every noun in every format."""

from __future__ import annotations

from datetime import date
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from talks import codebook as described
from talks import drawing, filters, openapi, reported
from talks.context import edition_of
from talks.formats import FORMATS, NAMES, Format, Listing, json, jsonld, of_list
from talks.models import Meeting, Release
from talks.paging import LATEST, NEWEST_CORRECTED, NEWEST_MET, NEWEST_SAID, NEWEST_SENT, Order, Page, paginate
from talks.querysets import Found
from talks.querysets.tallied import of_list as tallied
from talks.records import BY_MODEL, CORRECTIONS, LISTS, RECORDS, Record
from talks.search import COUNTED
from talks.views import missing

# The same orders as the pages have.
ORDERS = {
    "parties": Order("name"),
    "people": Order("sort_name"),
    "sources": Order("publisher"),
    "meetings": NEWEST_MET,
    "delegations": NEWEST_SENT,
    "statements": NEWEST_SAID,
    "corrections": NEWEST_CORRECTED,
}
SIZE = 100  # rows of a page of data: programs read more at once than people
# The rows that belong to a noun: whose, and by which of their columns.
PARTS = {"meetings": ("meeting_states", "meeting"), "delegations": ("delegation_members", "delegation")}
PARTS["statements"] = ("passages", "statement")


@require_safe
def listing_data(request: HttpRequest, record: Record, format: Format) -> HttpResponseBase:
    """A list: a page of it by key, or whole and streamed where the format is never paged."""
    if record.name not in format.lists:
        raise Http404(f"There is no list of {record.name} in this format.")
    try:
        nouns = filters.narrowed(record.name, request.GET)
        make = streamed if format.whole else page_of_list
        made = make(request, nouns, record, format)
    except ValueError as error:
        raise Http404(str(error)) from None
    return answer(made, format)


def streamed(request: HttpRequest, nouns: Any, record: Record, format: Format) -> HttpResponseBase:
    """All rows, written as they come."""
    stretches = nouns.in_stretches() if isinstance(nouns, Found) else [nouns.in_order()]
    rows = chain.from_iterable(map(record.rows, stretches))
    return StreamingHttpResponse(format.listing(rows, about(request, record)))


def page_of_list(request: HttpRequest, nouns: Any, record: Record, format: Format) -> HttpResponseBase:
    """A page of rows, and in the header Link (RFC 8288) where the next one is. Raises ValueError for a bad key."""
    page = paged(nouns, record, format, request)
    total = total_of(nouns, record, request) if format.counted else None
    told = about(request, record)._replace(
        total=total,
        more_than=COUNTED if format.counted and total is None else None,
        address=here(request),
        next=following(request, record, page.next),
    )
    link = {"Link": f'<{told.next}>; rel="next"', "Access-Control-Expose-Headers": "Link"} if told.next else {}
    return HttpResponse("".join(format.listing(page.rows, told)), headers=link)


def total_of(nouns: Any, record: Record, request: HttpRequest) -> int | None:
    """How many rows a list has in all; None if that is more than are counted."""
    if isinstance(nouns, Found):
        return nouns.total()
    return int(nouns.count()) if filters.kept(record.name, request.GET) else tallied(record.name)


def paged(nouns: Any, record: Record, format: Format, request: HttpRequest) -> Page:
    """A page of rows. Raises ValueError for a key that is none."""
    usual = LATEST if format.latest and record.name != "corrections" else ORDERS[record.name]
    order = usual if format.latest else filters.order_of(record.name, request.GET, nouns, usual)
    captions = format.captions or record.name == "delegations"  # which are sorted by their meetings' days
    page = paginate(nouns, order, request.GET, SIZE, lambda some: record.listed(some, captions))
    if format.captions:
        return page
    return page._replace(rows=[{name: row[name] for name in record.names()} for row in page.rows])


def here(request: HttpRequest) -> str:
    """The address that was asked for, in full."""
    return f"{settings.SITE_URL}{request.get_full_path()}"


def following(request: HttpRequest, record: Record, key: str) -> str | None:
    """The address of the next page; None if there is none."""
    further = {**filters.kept(record.name, request.GET), "after": key}
    return f"{settings.SITE_URL}{request.path}?{urlencode(further)}" if key else None


@require_safe
def detail_data(request: HttpRequest, record: Record, slug: str, format: Format) -> HttpResponseBase:
    """One noun, with the rows that belong to it."""
    if record.name not in format.details:
        raise Http404(f"There is no page of {record.name} in this format.")
    day = reported.asked(request.GET.get("as_of")) if record.model is Meeting else None
    if day:
        row, belonging = meeting_as_of(slug, day)
    else:
        row, belonging = row_of(record, slug, format.captions), parts(record, slug)
    told = about(request, record)._replace(as_of=str(day or ""))
    return answer(HttpResponse(format.detail(row, belonging, told)), format)


def meeting_as_of(slug: str, day: date) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """A meeting as it was known at the end of a day, with its states; corrections were made later."""
    known = Meeting.objects.published().with_states(day).with_neighbours(day).with_sources(day)
    meeting = known.named(slug).first() or missing(Meeting, slug)
    reported.known(meeting, day)
    part = RECORDS["meeting_states"]
    states: Any = part.public()
    belonging = list(part.rows(states.reported_by(day).belonging_to(meeting=meeting)))
    return BY_MODEL[Meeting].row_in_hand(meeting), {part.name: belonging, "corrections": []}


def row_of(record: Record, slug: str, captions: bool) -> dict[str, Any]:
    """A public noun as a row. Raises what `missing` raises."""
    return record.named(slug, captions) or missing(record.model, slug)


def parts(record: Record, slug: str) -> dict[str, list[dict[str, Any]]]:
    """The rows that belong to a noun, under the name of their own record."""
    found = {}
    if record.name in PARTS:
        name, owner = PARTS[record.name]
        found[name] = RECORDS[name].belonging(**{f"{owner}__slug": slug})
    return {**found, "corrections": CORRECTIONS.belonging(record=record.name, noun=slug)}


def about(request: HttpRequest, record: Record) -> Listing:
    return Listing(settings.SITE_URL, edition_of(request).number, record.name, record.names())


def answer(response: HttpResponseBase, format: Format) -> HttpResponseBase:
    """With the format's type; data may be read by pages of other sites."""
    response.headers["Content-Type"] = format.content_type
    return open_to_all(response)


def open_to_all(response: HttpResponseBase) -> HttpResponseBase:
    """An answer that pages of other sites may read."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def meetings_drawing(request: HttpRequest) -> HttpResponseBase:
    """The timeline of the meetings that the filters of their list leave, as a drawing of its own."""
    try:
        meetings = filters.narrowed("meetings", request.GET)
    except ValueError as error:
        raise Http404(str(error)) from None
    drawn = drawing.of_meetings(meetings, filters.kept("meetings", request.GET), settings.SITE_URL)
    return open_to_all(HttpResponse(drawing.as_file(drawn), content_type="image/svg+xml; charset=utf-8"))


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What data there is, in which formats, under which licence; every release."""
    releases = list(Release.objects.newest_first())
    lists = [(name, [(format, NAMES[format]) for format in of_list(name)]) for name in LISTS]
    page = {"lists": lists, "releases": releases, "dataset": described_dataset(releases)}
    return render(request, "talks/data.html", page)


@require_safe
def dataset(request: HttpRequest) -> HttpResponseBase:
    """All data as a Dataset of schema.org, with the latest release's files."""
    made = json.written(described_dataset(list(Release.objects.newest_first()[:1])))
    return answer(HttpResponse(made), FORMATS["jsonld"])


def described_dataset(releases: list[Release]) -> dict[str, Any]:
    """The Dataset with the files of the first of these releases, if there is one."""
    days = Meeting.objects.published().span()
    covered = "/".join(day.isoformat() for day in days if day)
    release = releases[0] if releases else None
    told = {"number": release.number, "as_of": release.as_of.strftime("%Y-%m-%dT%H:%M:%SZ")} if release else None
    return jsonld.dataset(settings.SITE_URL, told, release.files if release else [], covered)


@require_safe
def codebook(request: HttpRequest) -> HttpResponse:
    """Every column of every record with its meaning."""
    records = [(record.name, described.entries(record)) for record in RECORDS.values()]
    return render(request, "talks/codebook.html", {"records": records})


@require_safe
def openapi_document(request: HttpRequest) -> HttpResponseBase:
    """The addresses for programs (OpenAPI 3.1)."""
    return answer(HttpResponse(json.written(openapi.document(settings.SITE_URL, "1"))), FORMATS["json"])


@require_safe
def api(request: HttpRequest) -> HttpResponse:
    """The same for people."""
    return render(request, "talks/api.html", {"addresses": openapi.addresses()})
