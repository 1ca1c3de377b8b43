"""The pages: each finds a noun, asks for what belongs to it, and renders one template."""

from __future__ import annotations

from functools import partial
from typing import Any, NoReturn

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from talks import arrangement, drawing, facets, questions, reported
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
    Statement,
    Tombstone,
)
from talks.paging import NEWEST_CORRECTED, NEWEST_MET, NEWEST_SAID, NEWEST_SENT, Order, Page, paginate
from talks.querysets.asked import Question
from talks.records import BY_MODEL
from talks.widening import widening

# How many statements a cell of a meeting's page shows before it links to the rest.
IN_A_CELL = 5


class Withdrawn(Exception):
    """Raised for an address whose noun was public and was withdrawn; answered with 410."""

    def __init__(self, noun: Any) -> None:
        super().__init__(noun.slug)
        self.noun = noun


class Moved(Exception):
    """Raised for an address whose noun has another slug now; answered with a redirect for ever."""


def find(question: Question, slug: str) -> Any:
    """The public noun of this slug. Raises what `missing` raises."""
    noun = question.first(slug)
    return noun if noun is not None else missing(question.queryset(slug).model, slug)


def missing(model: Any, slug: str) -> NoReturn:
    """Raises Moved or Withdrawn if there was a noun of this slug, else Http404."""
    record = BY_MODEL[model].name
    withdrawn = model.objects.withdrawn().named(slug).first() or Tombstone.objects.at(record, slug).first()
    if withdrawn:
        raise Withdrawn(withdrawn)
    moved = Redirect.objects.at(record, slug).first()
    raise Moved(moved.slug) if moved else Http404(slug)


def corrections(noun: Any) -> list[Correction]:
    """What was corrected of a noun, newest first: the latest hundred."""
    return questions.corrections(BY_MODEL[type(noun)].name, noun.slug)


def paged(nouns: Any, order: Order, request: HttpRequest, fetch: Any = list) -> Page:
    """The page that the address asks for; a key that is none is an unknown address."""
    try:
        return paginate(nouns.published(), order, request.GET, fetch=fetch)
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
    meeting = questions.featured.first() or questions.last_held.first()
    led = questions.leading(meeting.pk) if meeting else []
    leading, latest = questions.in_context(led, questions.latest())
    page = {
        "meeting": meeting,
        "sides": arrangement.sides(meeting.delegations.all(), leading) if meeting else [],
        "drawing": drawing.of_meetings(Meeting.objects.published(), {}),
        "latest": latest,
    }
    return render(request, "talks/front.html", page)


@require_safe
def meeting_list(request: HttpRequest) -> HttpResponse:
    narrowing = filter_of_list("meetings", request.GET)
    meetings = narrowed(narrowing, Meeting.objects.all())
    page = paged(meetings, NEWEST_MET, request, partial(questions.listed, "meetings"))
    steps = arrangement.pauses(page.rows[::-1])[::-1]
    drawn = drawing.of_meetings(narrowing.narrow(Meeting.objects.published()), kept("meetings", request.GET))
    found = {"page": page, "steps": steps, "filter": narrowing, "drawing": drawn}
    return render(request, "talks/meeting_list.html", found)


@require_safe
def meeting_detail(request: HttpRequest, slug: str) -> HttpResponse:
    day = reported.asked(request.GET.get("as_of"))
    meeting = questions.meeting(slug, day) or missing(Meeting, slug)
    known = reported.known(meeting, day)
    spread = said_about(meeting, known)
    page = {
        "meeting": meeting,
        "known": known,
        "later": known.later(meeting.states.all(), spread.count),
        "delegations": [sent for sent in meeting.delegations.all() if sent.is_reported],
        "corrections": [] if day else corrections(meeting),
        "spread": spread,
        "sources": questions.sources_behind(meeting.pk, day),
    }
    return render(request, "talks/meeting_detail.html", page)


def said_about(meeting: Any, known: reported.Known) -> arrangement.Spread:
    """What is known to have been said about a meeting, as its page has it; the editor's notes are given too."""
    delegations = meeting.delegations.all()
    parties = [sent.party_id for sent in arrangement.parties_to(delegations)]
    statements = questions.placed(known, meeting, parties, IN_A_CELL)
    reported.give_notes(meeting, statements, known.day)
    return arrangement.spread(delegations, statements)


@require_safe
def delegation_list(request: HttpRequest) -> HttpResponse:
    page = paged(Delegation.objects.all(), NEWEST_SENT, request, partial(questions.listed, "delegations"))
    return render(request, "talks/delegation_list.html", {"page": page})


@require_safe
def delegation_detail(request: HttpRequest, slug: str) -> HttpResponse:
    delegation = find(questions.delegation, slug)
    people = [member.person_id for member in delegation.members.all()]
    (said,) = questions.in_context(questions.said_at(delegation.meeting_id, people))
    page = {
        "delegation": delegation,
        "corrections": corrections(delegation),
        "others": questions.others_sent(delegation.party_id, delegation.pk),
        "statements": said,
    }
    return render(request, "talks/delegation_detail.html", page)


@require_safe
def party_list(request: HttpRequest) -> HttpResponse:
    page = paged(Party.objects.all(), Order("name"), request, partial(questions.listed, "parties"))
    return render(request, "talks/party_list.html", {"page": page})


@require_safe
def party_detail(request: HttpRequest, slug: str) -> HttpResponse:
    party = find(questions.party, slug)
    (said,) = questions.in_context(questions.said_for(party.pk))
    page = {
        "party": party,
        "corrections": corrections(party),
        "people": questions.people_of(party.pk),
        "delegations": questions.sent_by(party.pk),
        "statements": said,
        "drawing": drawing.of_meetings(Meeting.objects.published().narrowed(party), {"party": party.slug}),
    }
    return render(request, "talks/party_detail.html", page)


@require_safe
def person_list(request: HttpRequest) -> HttpResponse:
    page = paged(Person.objects.all(), Order("sort_name"), request, partial(questions.listed, "people"))
    return render(request, "talks/person_list.html", {"page": page})


@require_safe
def person_detail(request: HttpRequest, slug: str) -> HttpResponse:
    person = find(questions.person, slug)
    members = questions.memberships(person.pk)
    said, of = questions.in_context(questions.said_by(person.pk), questions.said_of(person.pk))
    page = {
        "person": person,
        "corrections": corrections(person),
        "members": members,
        "roles": arrangement.roles(members, questions.roles(person.pk)),
        "statements": said,
        "mentioned": of,
        "drawing": drawing.of_person(person, members),
    }
    return render(request, "talks/person_detail.html", page)


@require_safe
def statement_list(request: HttpRequest) -> HttpResponse:
    narrowing: Any = filter_of_list("statements", request.GET)
    found = narrowed(narrowing, Statement.objects.all())
    results = facets.results(found, narrowing)
    order = order_of("statements", request.GET, found, NEWEST_SAID)
    page = paged(found, order, request, lambda some: questions.shown(some, found.wanted.reported))
    shown = {"page": page, "filter": narrowing, "results": results, "marks": found.wanted.query}
    if not results.number:
        shown["widening"] = widening(narrowing)
    return render(request, "talks/statement_list.html", shown)


@require_safe
def statement_detail(request: HttpRequest, slug: str) -> HttpResponse:
    statement = find(questions.statement, slug)
    wordings = questions.wordings(statement.variant_of_id or statement.pk, statement.pk)
    page = {
        "statement": statement,
        "corrections": corrections(statement),
        "around": questions.around(statement),
        "readings": arrangement.readings(statement, wordings),
        "wordings": wordings,
    }
    return render(request, "talks/statement_detail.html", page)


@require_safe
def source_list(request: HttpRequest) -> HttpResponse:
    page = paged(Source.objects.all(), Order("publisher"), request, partial(questions.listed, "sources"))
    return render(request, "talks/source_list.html", {"page": page})


@require_safe
def source_detail(request: HttpRequest, slug: str) -> HttpResponse:
    source = find(questions.source, slug)
    page = {
        "source": source,
        "corrections": corrections(source),
        "link_checks": questions.link_checks(source.pk),
        "derivatives": questions.derivatives(source.pk),
        "statements": questions.in_context(questions.said_in(source.pk))[0],
        "states": questions.told_by(source.pk),
    }
    return render(request, "talks/source_detail.html", page)


@require_safe
def correction_list(request: HttpRequest) -> HttpResponse:
    page = paged(Correction.objects.all(), NEWEST_CORRECTED, request)
    return render(request, "talks/correction_list.html", {"page": page})


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "talks/about.html")
