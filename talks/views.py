"""The pages: each finds a noun, asks for what belongs to it, and renders one template."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from talks import arrangement
from talks.filters import StatementFilter
from talks.formats import FORMATS
from talks.models import Delegation, Meeting, Party, Person, Source, SourceText, Statement
from talks.paging import NEWEST_MET, NEWEST_SAID, NEWEST_SENT, Order, Page, paginate

# How many statements a cell of a meeting's page, or a section of another page, shows before it links to the rest.
IN_A_CELL = 20
IN_A_SECTION = 30
NOUNS = {
    "meetings": Meeting,
    "delegations": Delegation,
    "parties": Party,
    "people": Person,
    "statements": Statement,
    "sources": Source,
}


DATA = tuple(f".{name}" for name in FORMATS)


class Withdrawn(Exception):
    """Raised for an address whose noun was public and was withdrawn; answered with 410."""

    def __init__(self, noun: Any) -> None:
        super().__init__(noun.slug)
        self.noun = noun


def find(nouns: Any, slug: str) -> Any:
    """The public noun of this slug. Raises Withdrawn if it was one, else Http404."""
    noun = nouns.published().named(slug).first()
    if noun is None:
        withdrawn = nouns.model.objects.withdrawn().named(slug).first()
        raise Withdrawn(withdrawn) if withdrawn else Http404(slug)
    return noun


def paged(nouns: Any, order: Order, request: HttpRequest) -> Page:
    """The page that the address asks for; a key that is none is an unknown address."""
    try:
        return paginate(nouns.published(), order, request.GET)
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
    page = paged(Meeting.objects.with_states().with_delegations().with_counts(), NEWEST_MET, request)
    steps = arrangement.pauses(page.rows[::-1])[::-1]
    return render(request, "talks/meeting_list.html", {"page": page, "steps": steps})


@require_safe
def meeting_detail(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = find(Meeting.objects.with_states().with_delegations().with_neighbours().with_notes(), slug)
    delegations = list(meeting.delegations.all())
    parties = [delegation.party_id for delegation in arrangement.parties_to(delegations)]
    said = Statement.objects.published().principal().placed(meeting, parties, IN_A_CELL)
    page = {
        "meeting": meeting,
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
        "members": members,
        "roles": arrangement.roles(members, person.statements.published().roles()[:200]),
        "statements": said.by([person]).principal().newest_first()[:IN_A_SECTION],
        "mentioned": said.mentioning(person).principal().newest_first()[:IN_A_SECTION],
    }
    return render(request, "talks/person_detail.html", page)


@require_safe
def statement_list(request: HttpRequest) -> HttpResponse:
    narrowing = StatementFilter(request.GET)
    try:
        statements = narrowing.narrow(Statement.objects.with_context())
    except ValueError as error:
        raise Http404(str(error)) from None
    page = {"page": paged(statements, NEWEST_SAID, request), "filter": narrowing}
    return render(request, "talks/statement_list.html", page)


@require_safe
def statement_detail(request: HttpRequest, slug: str) -> HttpResponse:
    statement = find(Statement.objects.with_evidence(), slug)
    wordings = list(Statement.objects.published().wordings_of(statement).with_context()[:IN_A_SECTION])
    page = {
        "statement": statement,
        "delegation": Delegation.objects.published().sent_by(statement).first(),
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
        "link_checks": source.link_checks.latest_first()[:5],
        "derivatives": source.derivatives.published().in_order()[:100],
        "statements": source.statements.published().in_order().with_context()[:IN_A_SECTION],
        "states": source.states.with_meeting().in_order()[:IN_A_SECTION],
    }
    return render(request, "talks/source_detail.html", page)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "talks/about.html")


def problem(request: HttpRequest, status: int, title: str) -> HttpResponse:
    """An error for programs (RFC 9457)."""
    told = {"type": "about:blank", "title": title, "status": status, "instance": request.path[:200]}
    return JsonResponse(told, status=status, content_type="application/problem+json")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A 404 that helps: the nearest slugs of the same kind; for programs a problem (RFC 9457)."""
    if request.path.endswith(DATA):
        return problem(request, 404, "Not found")
    kind, _, typed = request.path.strip("/").partition("/")
    model: Any = NOUNS.get(kind)
    beginning = re.match(r"[a-z0-9]*", typed.lower())[0]  # type: ignore[index]
    near = model.objects.near(beginning)[:5] if model and beginning else []
    page = {"typed": request.path[:200], "near": near, "data_address": ""}
    return render(request, "404.html", page, status=404)


def gone(request: HttpRequest, noun: Any) -> HttpResponse:
    """What was at an address whose noun was withdrawn, since when, and why."""
    if request.path.endswith(DATA):
        return problem(request, 410, f"Withdrawn on {noun.withdrawn_on}: {noun.withdrawn_because}")
    page = {"noun": noun, "kind": noun._meta.verbose_name, "data_address": ""}
    return render(request, "410.html", page, status=410)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that cannot be answered, such as one for another host."""
    return HttpResponseBadRequest("This request cannot be answered.\n", content_type="text/plain; charset=utf-8")


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours: nothing is asked of the database any more."""
    return render(request, "500.html", status=500)
