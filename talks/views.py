"""The pages: each finds a noun, asks for what belongs to it, and renders one template."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from talks import arrangement
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
from talks.records import BY_MODEL

# How many statements a cell of a meeting's page, or a section of another page, shows before it links to the rest.
IN_A_CELL = 20
IN_A_SECTION = 30


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
    leading = list(statements.about(meeting).leading()[:6]) if meeting else []
    page = {
        "meeting": meeting,
        "sides": arrangement.sides(meeting.delegations.all(), leading) if meeting else [],
        "steps": arrangement.pauses(list(meetings.with_counts().newest_first()[:IN_A_SECTION])[::-1]),
        "latest": statements.principal().spoken().newest_first()[:4],
    }
    return render(request, "talks/front.html", page)


@require_safe
def meeting_list(request: HttpRequest) -> HttpResponse:
    narrowing = filter_of_list("meetings", request.GET)
    meetings = narrowed(narrowing, Meeting.objects.with_states().with_delegations().with_counts())
    page = paged(meetings, NEWEST_MET, request)
    steps = arrangement.pauses(page.rows[::-1])[::-1]
    return render(request, "talks/meeting_list.html", {"page": page, "steps": steps, "filter": narrowing})


@require_safe
def meeting_detail(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = find(Meeting.objects.with_states().with_delegations().with_neighbours().with_notes(), slug)
    delegations = list(meeting.delegations.all())
    parties = [delegation.party_id for delegation in arrangement.parties_to(delegations)]
    said = Statement.objects.published().principal().placed(meeting, parties, IN_A_CELL)
    page = {
        "meeting": meeting,
        "corrections": corrections(meeting),
        "spread": arrangement.spread(delegations, said.with_context().with_wordings_counted()),
        "sources": Source.objects.behind(meeting)[:100],
    }
    return render(request, "talks/meeting_detail.html", page)


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
    }
    return render(request, "talks/party_detail.html", page)


@require_safe
def person_list(request: HttpRequest) -> HttpResponse:
    page = paged(Person.objects.with_party().with_counts(), Order("sort_name"), request)
    return render(request, "talks/person_list.html", {"page": page})


@require_safe
def person_detail(request: HttpRequest, slug: str) -> HttpResponse:
    person = find(Person.objects.with_party().with_notes(), slug)
    said = Statement.objects.published().with_context()
    members = list(person.memberships.with_delegation().by_meeting())
    page = {
        "person": person,
        "corrections": corrections(person),
        "members": members,
        "roles": arrangement.roles(members, person.statements.published().roles()[:200]),
        "statements": said.by([person]).principal().newest_first()[:IN_A_SECTION],
        "mentioned": said.mentioning(person).principal().newest_first()[:IN_A_SECTION],
    }
    return render(request, "talks/person_detail.html", page)


@require_safe
def statement_list(request: HttpRequest) -> HttpResponse:
    narrowing = filter_of_list("statements", request.GET)
    statements = narrowed(narrowing, Statement.objects.with_context())
    page = {"page": paged(statements, NEWEST_SAID, request), "filter": narrowing}
    return render(request, "talks/statement_list.html", page)


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
