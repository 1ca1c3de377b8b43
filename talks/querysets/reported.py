"""Words for what had been reported by the end of a day; of no day, that is all that is known now.

A source counts from the last day that its date can mean, and one of which no day is known never does.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db.models import Case, Count, DateField, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest

from talks.querysets import tallied
from talks.querysets.asked import Question
from talks.querysets.base import PUBLISHED, NounQuerySet, PartQuerySet, related


def published_by(day: date, source: str = "source") -> Q:
    """That this source had been published by then."""
    return Q(**{f"{source}__published_to__lte": day})


class ReportedStatements(NounQuerySet):
    def reported_by(self, day: date | None) -> Self:
        """Those whose source had been published by then, and the one that gives their day too, where there is one."""
        dated = Q(dated_by=None) | published_by(day, "dated_by") if day else Q()
        return self.filter(published_by(day), dated) if day else self

    def principal_by(self, day: date | None) -> Self:
        """One for each utterance that had been reported: while nobody had reported its own wording, the first of the
        others by slug.
        """
        if day is None:
            return self.filter(variant_of=None)
        of_same = related("Statement").published().reported_by(day)
        stands_in = (
            Q(variant_of__status=PUBLISHED, variant_of__variant_of=None, variant_of__meeting=F("meeting"))
            & ~Exists(of_same.filter(pk=OuterRef("variant_of")))
            & ~Exists(of_same.filter(variant_of=OuterRef("variant_of"), slug__lt=OuterRef("slug")))
        )
        return self.reported_by(day).filter(Q(variant_of=None) | stands_in)

    def with_wordings_counted(self, day: date | None = None) -> Self:
        """With `wordings`: how many other sources had worded it otherwise by then."""
        others = related("Statement").published().reported_by(day).filter(variant_of=OuterRef("utterance"))
        others = others.exclude(pk=OuterRef("pk")).order_by().values("variant_of").annotate(number=Count("pk"))
        counted = Coalesce(Subquery(others.values("number")), 0)
        return self.annotate(utterance=Coalesce("variant_of", "pk")).annotate(wordings=counted)

    def with_day(self) -> Self:
        """With `day`, on which it was reported; none where no day is known."""
        latest = Greatest("source__published_to", "dated_by__published_to")
        # PostgreSQL takes the greatest of what is there, SQLite has none if one is missing.
        known = Q(dated_by__published_to__isnull=False, source__published_to__isnull=False)
        undated = When(dated_by=None, then=F("source__published_to"))
        return self.annotate(day=Case(undated, When(known, then=latest), output_field=DateField()))


class ReportedMeetings(NounQuerySet):
    def reported_by(self, day: date | None) -> Self:
        """Those of which something had been reported by then."""
        if day is None:
            return self
        here = OuterRef("pk")
        statements = related("Statement").published().reported_by(day).filter(meeting=here)
        states = related("MeetingState").with_source().reported_by(day).filter(meeting=here)
        sent = related("Delegation").published().reported_by(day).filter(meeting=here)
        notes = related("EditorsNote").published().reported_by(day).filter(meetings=here)
        return self.filter(Exists(statements) | Exists(states) | Exists(sent) | Exists(notes))


class ReportedStates(PartQuerySet):
    def reported_by(self, day: date | None) -> Self:
        """Those reported by then, by a source published by then."""
        return self.filter(published_by(day), reported_on__lte=day) if day else self


class ReportedDelegations(NounQuerySet):
    def reported_by(self, day: date | None) -> Self:
        """Those of which a member, or that they take part, had been reported by then."""
        return self.with_reported(day).filter(is_reported=True)

    def with_reported(self, day: date | None) -> Self:
        """With `is_reported`: whether a member, or that it takes part, had been reported by then."""
        if day is None:
            return self.annotate(is_reported=Value(True))
        members = related("DelegationMember").with_person().reported_by(day).filter(delegation=OuterRef("pk"))
        resting = related("Source").published().published_by(day).filter(delegations=OuterRef("pk"))
        return self.annotate(is_reported=Exists(members) | Exists(resting))


class ReportedMembers(PartQuerySet):
    def reported_by(self, day: date | None) -> Self:
        """Those whose source had been published by then."""
        return self.filter(published_by(day)) if day else self


class ReportedNotes(NounQuerySet):
    def reported_by(self, day: date | None) -> Self:
        """Those that could have been written by then."""
        return self.filter(reported_on__lte=day) if day else self


class ReportedSources(NounQuerySet):
    def published_by(self, day: date | None) -> Self:
        """Those published by then."""
        return self.filter(published_to__lte=day) if day else self


def reports(meeting: int) -> list[tuple[str, date | None, int]]:
    """What was reported of a meeting on which day: (kind, day, how many) of statements, other wordings of those,
    states, and all else that has a day; and the cells of its page (`talks.querysets.placed`), whose kind begins so.
    One question, however much there is.
    """
    return tallied.of_meeting(meeting, *_reports.sql(meeting))


@Question
def _reports(meeting: int) -> Any:
    said = related("Statement").published().filter(meeting=meeting).with_day()
    states = related("MeetingState").with_source().filter(meeting=meeting)
    sent = related("Delegation").published().filter(meeting=meeting)
    members = related("DelegationMember").with_person().filter(delegation__in=sent)
    notes = related("EditorsNote").published().filter(meetings=meeting)
    disagreeing = said.filter(notes__status=PUBLISHED, notes__disagreement=True, day__isnull=False)
    reported = Case(When(source__published_to__isnull=False, then=Greatest("source__published_to", "reported_on")))
    counted = [
        _by_day("states", states, reported),
        _by_day("members", members, F("source__published_to")),
        _seen_first(sent),
        _by_day("notes", notes, F("reported_on")),
        _by_day("notes", disagreeing, Greatest("day", "notes__reported_on")),
    ]
    return counted[0].union(*counted[1:], all=True)


def _seen_first(sent: Any) -> QuerySet:
    """The first day on which a source told of each delegation; the later ones only say so again."""
    first = Min("rests_on__published_to", filter=Q(rests_on__status=PUBLISHED))
    dated = sent.order_by().annotate(kind=Value("delegations"), on=first, number=Value(1))
    return dated.values_list("kind", "on", "number")


def _by_day(kind: str, rows: Any, day: Any) -> QuerySet:
    """How many of these rows each day has."""
    dated = rows.order_by().annotate(kind=Value(kind), on=day).values_list("kind", "on")
    return dated.annotate(number=Count("pk"))
