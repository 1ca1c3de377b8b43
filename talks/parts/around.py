"""Parts around the words: states, delegations, time, lists and how to narrow them, releases."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from talks import arrangement, drawing, facets, filters
from talks.models import Meeting, MeetingState, Release, Statement
from talks.paging import Page
from talks.parts.stock import Samples, Stock, changed, shows
from talks.reported import Known
from talks.search.words import parse
from talks.timeline import Side, Tallied, condense
from talks.widening import widening


@shows("state")
def states(stock: Stock) -> Samples:
    latest = stock.meeting.states.all()[0]
    for state in MeetingState.State.values:
        yield state, {"state": changed(latest, state=state)}
    yield "none told", {"state": None}


@shows("as_of")
def days_as_known(stock: Stock) -> Samples:
    days = [date(2025, 5, number) for number in range(1, 31)]
    for state, day, shown in (("now", None, days[:4]), ("on one of many days", days[0], days)):
        yield state, {"meeting": stock.meeting, "known": Known(day, shown, 0, 0, 0)}


@shows("banner")
def banners(stock: Stock) -> Samples:
    known = Known(date(2025, 5, 29), [], 0, 0, 0)
    yield "later", {"meeting": stock.meeting, "known": known, "later": {"states": 2, "statements": 5}}


@shows("preview")
def previews(stock: Stock) -> Samples:
    for status in ("draft", "in review", "published"):
        yield status, {"preview": {"status": status, "may_release": "anna, bohdan"}}


@shows("delegation")
def delegations(stock: Stock) -> Samples:
    for place, delegation in zip(arrangement.PLACES, stock.delegations, strict=False):
        yield place, {"delegation": delegation, "place": place}
    sent = stock.delegations[0]
    nobody = changed(sent, capacity="observer", _prefetched_objects_cache={"members": []})
    yield "nobody named", {"delegation": nobody, "place": "third"}


@shows("filters")
def filters_in_force(stock: Stock) -> Samples:
    asked = QueryDict(mutable=True)
    asked.update({"meeting": stock.meeting.slug, "type": "direct"})
    narrowing = filters.of_list("statements", asked)
    narrowing.is_valid()
    yield "two in force", {"filter": narrowing}


@shows("pager")
def pagers(stock: Stock) -> Samples:
    yield "in the middle", {"page": Page([], "2025-06-02~a", "2025-05-28~b"), "query": "type=direct&"}
    yield "first page", {"page": Page([], "", "2025-05-28~b")}
    yield "last page", {"page": Page([], "2025-06-02~a", "")}


@shows("crumbs")
def crumbs(stock: Stock) -> Samples:
    yield "below a list", {"list_url": reverse("meeting-list"), "list_name": "Meetings", "here": stock.meeting.title}
    yield "below the front page", {"here": "About"}


@shows("date")
def days(stock: Stock) -> Samples:
    yield "a day", {"machine": "2025-06-02", "words": "2 June 2025"}
    yield "not one for machines", {"machine": "", "words": "about March 2022"}


@shows("release")
def releases(stock: Stock) -> Samples:
    newest = Release.objects.newest_first()[0]
    yield "the latest", {"release": newest, "latest": True}
    yield "an earlier one", {"release": newest, "latest": False}


@shows("release_facts")
def release_facts(stock: Stock) -> Samples:
    yield "the first", {"release": changed(Release.objects.newest_first()[0], changes={})}


def _drawings(stock: Stock) -> Samples:
    meetings = Meeting.objects.published()
    yield "all meetings", {"drawing": drawing.of_meetings(meetings, {})}
    yield "none", {"drawing": drawing.of_meetings(meetings.none(), {})}


@shows("timeline_years.svg")
def many_meetings(stock: Stock) -> Samples:
    sides = [Side(number, sent.party.name, sent.party.slug) for number, sent in enumerate(stock.delegations[:2], 1)]
    counts = [Tallied(lane, str(year), str(year), year % 7 + lane) for lane in (0, 1, 2) for year in range(2014, 2026)]
    yield "700 meetings", {"drawing": condense(sides, counts, "/statements/?", "")}


for _part in ("timeline", "timeline_list", "timeline.svg"):
    shows(_part)(_drawings)


def _asked(**asked: str) -> Any:
    """The filters of the list of statements as an address has them."""
    query = QueryDict(mutable=True)
    query.update(asked)
    return filters.of_list("statements", query)


@shows("search_form")
def search_forms(stock: Stock) -> Samples:
    narrowing = _asked(q="memorandum", type="direct")
    narrowing.is_valid()
    yield "with words and a filter", {"filter": narrowing}


@shows("facets")
def facets_of_all(stock: Stock) -> Samples:
    narrowing = _asked()
    found = narrowing.narrow(Statement.objects.published().with_context())
    results = facets.results(found, narrowing)
    yield "of all statements", {"results": results}
    yield "of more than are counted", {"results": results._replace(is_more=True)}


@shows("nothing_found")
def nothing_found(stock: Stock) -> Samples:
    for words in ("memorandun", "“”"):
        narrowing = _asked(q=words, type="direct")
        narrowing.is_valid()
        yield words, {"widening": widening(narrowing), "query": parse(words)}
