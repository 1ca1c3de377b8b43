"""Words for the editor's desk: what waits for somebody, what a form shows, what is said twice.

They take the nouns to ask among, so that the public pages' vocabulary stays as short as it is. The day is given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import RawSQL

from talks.querysets.base import PUBLISHED, WITHDRAWN, looked_at, related
from talks.querysets.tallied import Tallied
from talks.search import states

WAITING = ("draft", "review")
NOT_PUBLIC = (*WAITING, WITHDRAWN)
# What the index of the search calls the states of evidence.
FOUND = {"verified": "yes", "lost": "lost", "unchecked": "unchecked", "anchored": "none"}
SETTLED = ("held", "postponed", "cancelled")
# What the text of a row in a list or in a field of a form is made of.
CAPTIONS = {"Statement": ("speaker", "source"), "Delegation": ("party", "meeting")}
NEAR = 14  # days
LONGEST = 366  # days: what a date of a day, a month or a year can mean at most
MOST_LIKE = 500
MOST_FOUND = 5_000
MOST_COUNTED = 10_000


def in_review(rows: Any) -> QuerySet:
    """Those that wait for a second person, the one that has waited longest first, with what their captions need."""
    # The first condition says nothing new; it is that of the index of what waits.
    return with_caption(not_public(rows).filter(status="review").order_by("updated_at", "pk"))


def counted(rows: Any) -> int:
    """How many there are, counted up to MOST_COUNTED and one more."""
    return int(rows.order_by()[: MOST_COUNTED + 1].count())


def with_caption(rows: Any) -> QuerySet:
    """With what the text of each is made of."""
    others = CAPTIONS.get(rows.model.__name__)
    return rows.select_related(*others) if others else rows


def last_entries(history: Any, keys: Collection[int], kinds: Iterable[str]) -> QuerySet:
    """The last entry of one of these kinds in the history of each of these rows."""
    entries = history.filter(id__in=keys, history_kind__in=kinds).order_by()
    last = entries.values("id").annotate(last=Max("history_id")).values("last")
    return history.filter(history_id__in=last)


def lost(statements: Any) -> QuerySet:
    """Public quotations that were found in another document than the one that their source has now."""
    return statements.filter(pk__in=_of_evidence("lost"))


def never_looked_for(statements: Any) -> QuerySet:
    """Public quotations that nobody has found in their source's text yet."""
    return statements.filter(pk__in=_of_evidence("unchecked", MOST_COUNTED + 1))


def number_lost(_: Any) -> int:
    """How many of the lost there are, as far as `counted` counts; no statement is read for it."""
    return states.number("lost", MOST_COUNTED + 1)


def number_never_looked_for(_: Any) -> int:
    """The same of those that nobody has looked for."""
    return states.number("unchecked", MOST_COUNTED + 1)


def _of_evidence(found: str, most: int | None = None) -> RawSQL:
    """The public quotations of one state of evidence, as the index of the search keeps it by every write; only the
    first so many entered, where they may be most of all.
    """
    bound = f" ORDER BY statement_id LIMIT {most:d}" if most else ""
    return RawSQL(f"SELECT statement_id FROM talks_search WHERE found = %s{bound}", [found])  # noqa: S608, S611


def with_statements_counted(rows: Any) -> QuerySet:
    """With `statements_here`: how many statements lead to each, public or not."""
    return rows.annotate(statements_here=Tallied(f"all of {rows.model._meta.model_name}"))


def with_last_state(meetings: Any) -> QuerySet:
    """With `last_state`: what was reported of it last; None if nothing."""
    states = related("MeetingState").latest_first().filter(meeting=OuterRef("pk"))
    return meetings.annotate(last_state=Subquery(states.values("state")[:1]))


def with_last_check(sources: Any) -> QuerySet:
    """With `last_status` and `last_missing`: what their address answered last, and how many quotations it lacked."""
    checks = related("LinkCheck").latest_first().filter(source=OuterRef("pk"))
    return sources.annotate(
        last_status=Subquery(checks.values("status")[:1]), last_missing=Subquery(checks.values("missing")[:1])
    )


def first_entered(rows: Any) -> Any:
    """In the order in which they were entered, which every table is in."""
    return rows.order_by("pk")


def by_evidence(statements: Any, state: str) -> tuple[QuerySet, bool]:
    """Those of one state of evidence, as `Statement.evidence_state` names it; and whether each is looked at for it. Where they
    are few, the public ones are found by the index of the search, and the few that are not public one by one.
    """
    others = not_public(related("Statement")).filter(EVIDENCE[state], status__in=NOT_PUBLIC).order_by()
    keys = states.of_evidence(FOUND[state], MOST_FOUND + 1)
    keys += others.values_list("pk", flat=True)[: MOST_FOUND + 1]
    is_many = len(keys) > MOST_FOUND
    return (statements.filter(looked_at(EVIDENCE[state])) if is_many else statements.among(keys)), is_many


def not_public(rows: Any) -> QuerySet:
    """Those that readers do not see; in the words of their indexes."""
    return rows.exclude(status=PUBLISHED)


# The same in SQL as `talks.models.statement.evidence_state`; a test holds the two together.
_QUOTED = Q(quotation_type__in=["direct", "mixed"])
_FOUND = Q(verified_sha256=F("source__document_sha256")) & ~Q(verified_sha256="")
EVIDENCE = {
    "verified": _QUOTED & _FOUND,
    "lost": _QUOTED & ~Q(verified_sha256="") & ~Q(verified_sha256=F("source__document_sha256")),
    "unchecked": _QUOTED & Q(verified_sha256=""),
    "anchored": ~_QUOTED,
}


def years_of(rows: Any, field: str) -> range:
    """The years from the first to the last day in this column; each end is found in its index."""
    ends = [rows.order_by(sign + field).values_list(field, flat=True).first() for sign in ("", "-")]
    return range(ends[0].year, ends[1].year + 1) if all(ends) else range(0)


def in_year(rows: Any, field: str, year: int) -> QuerySet:
    return rows.filter(**{f"{field}__year": year})


def broken(sources: Any) -> QuerySet:
    """Those whose address led to no page when it was last asked for."""
    asked = with_last_check(sources.exclude(status=WITHDRAWN)).filter(last_status__isnull=False)
    return asked.exclude(last_status__gte=200, last_status__lt=300)


def changed(sources: Any) -> QuerySet:
    """Those of which another document is known than the one in which their public quotations were found."""
    elsewhere = lost(related("Statement")).order_by().values("source")
    return with_last_check(sources.exclude(status=WITHDRAWN)).filter(Q(pk__in=elsewhere) | Q(last_missing__gt=0))


def unsettled(meetings: Any, day: date) -> QuerySet:
    """Those whose last possible day lies before this one, and of which no source says what became of them."""
    settled = related("MeetingState").filter(meeting=OuterRef("pk"), state__in=SETTLED)
    return meetings.filter(~Exists(settled), date_to__lt=day).exclude(status=WITHDRAWN)


def with_choices(statements: Any) -> QuerySet:
    """With all that a form of theirs shows."""
    others = ("speaker", "party", "source", "dated_by", "variant_of__speaker", "variant_of__source")
    return statements.select_related(*others).prefetch_related("mentions").with_passages()


def to_work_on(statements: Any, most: int) -> QuerySet:
    """At most so many: first those that are not published yet, then the newest."""
    rank = Case(When(status__in=WAITING, then=Value(0)), default=Value(1), output_field=IntegerField())
    return statements.order_by(rank, "-said_from", "-slug")[:most]


def latest_of_source(source: Any) -> QuerySet:
    """The statement that was entered last from this source."""
    return related("Statement").filter(source=source).exclude(status=WITHDRAWN).order_by("-pk")[:1]


def near_in_time(statements: Any, speakers: Collection[int], first: date, last: date) -> QuerySet:
    """What these persons said within fourteen days before or after, newest first, with what tells it: few, however
    much they said.
    """
    days: Any = {"said_from__range": (_shifted(first, -NEAR - LONGEST), _shifted(last, NEAR))}
    days["said_to__gte"] = _shifted(first, -NEAR)
    found = statements.filter(speaker__in=speakers, **days).exclude(status=WITHDRAWN)
    told = found.select_related("speaker", "source", "meeting").with_passages()
    return told.order_by("-said_from", "-slug")[:MOST_LIKE]


def _shifted(day: date, days: int) -> date:
    """A day so many days later, as far as the calendar goes."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def earlier_delegations(meeting: Any, parties: Collection[int] | None = None) -> QuerySet:
    """Delegations whose members may come to this meeting: those to the meeting that it follows; or, of parties that
    were chosen, each one's latest before it. A party that has one here already is left out.
    """
    here = related("Delegation").filter(meeting=meeting).values("party")
    sent = related("Delegation").exclude(status=WITHDRAWN).exclude(party__in=here).exclude(party__status=WITHDRAWN)
    if parties:
        before = sent.filter(party=OuterRef("party"), meeting__date_from__lt=meeting.date_from)
        latest = before.order_by("-meeting__date_from", "-meeting__slug").values("pk")[:1]
        sent = sent.filter(party__in=parties, pk=Subquery(latest))
    else:
        sent = sent.filter(meeting=meeting.follows_id)
    members = (
        related("DelegationMember").in_order().exclude(person__status=WITHDRAWN).select_related("person", "source")
    )
    return sent.select_related("party", "meeting").in_order().prefetch_related(Prefetch("members", members))


def absent_parties(parties: Any, meeting: Any) -> QuerySet:
    """Parties that have been at a meeting before this one, and have no delegation here."""
    here = related("Delegation").filter(meeting=meeting, party=OuterRef("pk"))
    sent = related("Delegation").filter(meeting__date_from__lt=meeting.date_from, party=OuterRef("pk"))
    return parties.filter(Exists(sent.exclude(status=WITHDRAWN)), ~Exists(here)).exclude(status=WITHDRAWN).in_order()
