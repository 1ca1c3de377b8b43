"""The pages: each finds a noun, asks for what belongs to it, and renders one template."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from talks import arrangement, drawing, facets, reported
from talks.filters import kept, order_of
from talks.filters import of_list as filter_of_list
from talks.models import (
    Correction,
    Delegation,
    Meeting,
    Party,
    Person,
    Redirect,
    Source,
    SourceText,
    Statement,
    Tombstone,
)
from talks.paging import NEWEST_CORRECTED, NEWEST_MET, NEWEST_SAID, NEWEST_SENT, Order, Page, paginate
from talks.querysets.base import together
from talks.records import BY_MODEL
from talks.widening import widening

# How many statements a cell of a meeting's page, or a section of another page, shows before it links to the rest.
IN_A_CELL = 5
IN_A_SECTION = 20


class Withdrawn(Exception):
    """Raised for an address whose noun was public and was withdrawn; answered with 410."""

    def __init__(self, noun: Any) -> None:
        super().__init__(noun.slug)
        self.noun = noun


class Moved(Exception):
    """Raised for an address whose noun has another slug now; answered with a redirect for ever."""


def find(nouns: Any, slug: str) -> Any:
    """The public noun of this slug. Raises Moved or Withdrawn if it was one here, else Http404."""
    noun = nouns.published().named(slug).first()
    if noun is not None:
        return noun
    record = BY_MODEL[nouns.model].name
    withdrawn = nouns.model.objects.withdrawn().named(slug).first() or Tombstone.objects.at(record, slug).first()
    if withdrawn:
        raise Withdrawn(withdrawn)
    moved = Redirect.objects.at(record, slug).first()
    raise Moved(moved.slug) if moved else Http404(slug)


def corrections(noun: Any) -> list[Correction]:
    """What was corrected of a noun, newest first: the latest hundred."""
    return list(Correction.objects.of(BY_MODEL[type(noun)].name, noun.slug)[:100])


def paged(nouns: Any, order: Order, request: HttpRequest) -> Page:
    """The page that the address asks for; a key that is none is an unknown address."""
    try:
        return paginate(nouns.published(), order, request.GET)
    except ValueError as error:
        raise Http404(str(error)) from None


def narrowed(narrowing: Any, nouns: Any) -> Any:
    """The nouns that the filters of an address leave; an unknown value is an unknown address."""
    try:
        return narrowing.narrow(nouns)
    except ValueError as error:
        raise Http404(str(error)) from None


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    meetings = Meeting.objects.published()
    context = meetings.with_states().with_delegations()
    meeting = context.featured().first() or context.held().newest_first().first()
    statements = Statement.objects.published().with_context()
    led = statements.about(meeting).leading()[:6] if meeting else statements.none()
    leading, latest = together(led, statements.principal().spoken().newest_first()[:4])
    page = {
        "meeting": meeting,
        "sides": arrangement.sides(meeting.delegations.all(), leading) if meeting else [],
        "drawing": drawing.of_meetings(meetings, {}),
        "latest": latest,
    }
    return render(request, "talks/front.html", page)


@require_safe
def meeting_list(request: HttpRequest) -> HttpResponse:
    narrowing = filter_of_list("meetings", request.GET)
    meetings = narrowed(narrowing, Meeting.objects.with_states().with_delegations().with_counts())
    page = paged(meetings, NEWEST_MET, request)
    steps = arrangement.pauses(page.rows[::-1])[::-1]
    drawn = drawing.of_meetings(narrowing.narrow(Meeting.objects.published()), kept("meetings", request.GET))
    found = {"page": page, "steps": steps, "filter": narrowing, "drawing": drawn}
    return render(request, "talks/meeting_list.html", found)


@require_safe
def meeting_detail(request: HttpRequest, slug: str) -> HttpResponse:
    day = reported.asked(request.GET.get("as_of"))
    meeting = find(Meeting.objects.with_states(day).with_delegations(day).with_neighbours(day), slug)
    known = reported.known(meeting, day)
    spread = said_about(meeting, known)
    page = {
        "meeting": meeting,
        "known": known,
        "later": known.later(meeting.states.all(), spread.count),
        "delegations": [sent for sent in meeting.delegations.all() if sent.is_reported],
        "corrections": [] if day else corrections(meeting),
        "spread": spread,
        "sources": Source.objects.behind(meeting, day)[:100],
    }
    return render(request, "talks/meeting_detail.html", page)


def said_about(meeting: Any, known: reported.Known) -> arrangement.Spread:
    """What is known to have been said about a meeting, as its page has it; the editor's notes are given too."""
    delegations = meeting.delegations.all()
    parties = [sent.party_id for sent in arrangement.parties_to(delegations)]
    said = Statement.objects.with_links().with_wordings_counted(known.day)
    statements = said.placed(known, meeting, parties, IN_A_CELL)
    reported.give_notes(meeting, statements, known.day)
    return arrangement.spread(delegations, statements)


@require_safe
def delegation_list(request: HttpRequest) -> HttpResponse:
    page = paged(Delegation.objects.with_meeting().with_members(), NEWEST_SENT, request)
    return render(request, "talks/delegation_list.html", {"page": page})


@require_safe
def delegation_detail(request: HttpRequest, slug: str) -> HttpResponse:
    delegation = find(Delegation.objects.with_meeting().with_members().with_sources(), slug)
    people = [member.person_id for member in delegation.members.all()]
    said = Statement.objects.published().about(delegation.meeting).by(people).principal().with_context()
    page = {
        "delegation": delegation,
        "corrections": corrections(delegation),
        "others": Delegation.objects.published().others_of(delegation).with_meeting().newest_first()[:IN_A_SECTION],
        "statements": said.in_order()[:IN_A_SECTION],
    }
    return render(request, "talks/delegation_detail.html", page)


@require_safe
def party_list(request: HttpRequest) -> HttpResponse:
    page = paged(Party.objects.with_counts(), Order("name"), request)
    return render(request, "talks/party_list.html", {"page": page})


@require_safe
def party_detail(request: HttpRequest, slug: str) -> HttpResponse:
    party = find(Party.objects.all(), slug)
    said = party.statements.published().principal().with_context()
    page = {
        "party": party,
        "corrections": corrections(party),
        "people": party.people.published().in_order()[:100],
        "delegations": party.delegations.published().with_meeting().newest_first()[:IN_A_SECTION],
        "statements": said.newest_first()[:IN_A_SECTION],
        "drawing": drawing.of_meetings(Meeting.objects.published().narrowed(party), {"party": party.slug}),
    }
    return render(request, "talks/party_detail.html", page)


@require_safe
def person_list(request: HttpRequest) -> HttpResponse:
    page = paged(Person.objects.with_party().with_counts(), Order("sort_name"), request)
    return render(request, "talks/person_list.html", {"page": page})


@require_safe
def person_detail(request: HttpRequest, slug: str) -> HttpResponse:
    person = find(Person.objects.with_party().with_notes(), slug)
    said = Statement.objects.published().principal().newest_first().with_context()
    members = list(person.memberships.with_delegation().with_heads().by_meeting())
    statements, mentioned = together(said.by([person])[:IN_A_SECTION], said.mentioning(person)[:IN_A_SECTION])
    page = {
        "person": person,
        "corrections": corrections(person),
        "members": members,
        "roles": arrangement.roles(members, person.statements.published().roles()[:200]),
        "statements": statements,
        "mentioned": mentioned,
        "drawing": drawing.of_person(person, members),
    }
    return render(request, "talks/person_detail.html", page)


@require_safe
def statement_list(request: HttpRequest) -> HttpResponse:
    narrowing: Any = filter_of_list("statements", request.GET)
    found = narrowed(narrowing, Statement.objects.all()).with_context()
    results = facets.results(found, narrowing)
    page = paged(found, order_of("statements", request.GET, found, NEWEST_SAID), request)
    shown = {"page": page, "filter": narrowing, "results": results, "marks": found.wanted.query}
    if not results.number:
        shown["widening"] = widening(narrowing)
    return render(request, "talks/statement_list.html", shown)


@require_safe
def statement_detail(request: HttpRequest, slug: str) -> HttpResponse:
    statement = find(Statement.objects.with_evidence(), slug)
    wordings = list(Statement.objects.published().wordings_of(statement).with_context()[:IN_A_SECTION])
    page = {
        "statement": statement,
        "corrections": corrections(statement),
        "around": SourceText.objects.around(statement).first(),
        "readings": arrangement.readings(statement, wordings),
        "wordings": wordings,
    }
    return render(request, "talks/statement_detail.html", page)


@require_safe
def source_list(request: HttpRequest) -> HttpResponse:
    page = paged(Source.objects.with_chain().with_counts(), Order("publisher"), request)
    return render(request, "talks/source_list.html", {"page": page})


@require_safe
def source_detail(request: HttpRequest, slug: str) -> HttpResponse:
    source = find(Source.objects.with_chain().with_notes(), slug)
    page = {
        "source": source,
        "corrections": corrections(source),
        "link_checks": source.link_checks.latest_first()[:5],
        "derivatives": source.derivatives.published().in_order()[:100],
        "statements": source.statements.published().in_order().with_context()[:IN_A_SECTION],
        "states": source.states.with_meeting().in_order()[:IN_A_SECTION],
    }
    return render(request, "talks/source_detail.html", page)


@require_safe
def correction_list(request: HttpRequest) -> HttpResponse:
    page = paged(Correction.objects.all(), NEWEST_CORRECTED, request)
    return render(request, "talks/correction_list.html", {"page": page})


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "talks/about.html")
