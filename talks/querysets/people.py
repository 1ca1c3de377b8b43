"""Words for those who talk and for what was published: parties, persons, sources, editor's notes."""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import or_
from typing import Any, Self

from django.db.models import BigIntegerField, Count, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, Substr

from talks.querysets.base import PUBLISHED, NounQuerySet, published_notes, published_sources, related
from talks.querysets.reported import ReportedNotes, ReportedSources
from talks.querysets.tallied import Tallied


class PartyQuerySet(NounQuerySet):
    def in_order(self) -> Self:
        return self.order_by("name", "slug")

    def with_counts(self) -> Self:
        """With `statement_count`: published statements on this party's side, other wordings left out."""
        return self.annotate(statement_count=Tallied("party"))


class PersonQuerySet(NounQuerySet):
    caption = F("sort_name")

    def spellings(self) -> list[str]:
        """Every spelling of every name."""
        found = self.values_list("name", "native_name", "also_written")
        return [name for own, native, others in found for name in (own, native, *others)]

    def in_order(self) -> Self:
        return self.order_by("sort_name", "slug")

    def with_party(self) -> Self:
        return self.select_related("party")

    def with_counts(self) -> Self:
        """With `statement_count`: published statements of this speaker, other wordings left out."""
        return self.annotate(statement_count=Tallied("person"))

    def with_notes(self) -> Self:
        return self.prefetch_related(published_notes(), published_sources())


class SourceQuerySet(ReportedSources):
    caption = Concat("publisher", Value(", "), "published_on", output_field=TextField())

    def publishers(self) -> list[str]:
        """Their names, each once."""
        return list(self.order_by("publisher").values_list("publisher", flat=True).distinct())

    def in_order(self) -> Self:
        return self.order_by("publisher", "slug")

    def of_publisher(self, name: str) -> Self:
        return self.filter(publisher=name)

    def with_chain(self) -> Self:
        return self.select_related("derived_from__derived_from__derived_from")

    def with_counts(self) -> Self:
        """With `statement_count`: published statements from this source."""
        return self.annotate(statement_count=Tallied("source"))

    def with_notes(self) -> Self:
        return self.prefetch_related(published_notes())

    def with_address(self, slugs: list[str] | None = None) -> Self:
        """Those that have a web address of their own, or only these of them."""
        addressed = self.exclude(url="").exclude(kind="bare_reference").in_order()
        return addressed.filter(slug__in=slugs) if slugs else addressed

    def behind(self, meeting: int, day: date | None = None) -> Self:
        """Every public source that a meeting's page rests on, with its counts there; of a day, as of then."""
        # Each question has an index of its own; joined, they would walk through all statements of every source.
        statements = related("Statement").published().about(meeting).reported_by(day)
        states = related("MeetingState").filter(meeting=meeting).reported_by(day)
        sent = related("Delegation").filter(meeting=meeting)
        members = related("DelegationMember").filter(delegation__meeting=meeting).reported_by(day)
        asked = [rows.order_by().values("source") for rows in (statements, states, members)]
        asked += [
            sent.order_by().values("rests_on"),
            related("Source").filter(meetings=meeting).order_by().values("pk"),
        ]
        found = reduce(or_, (Q(pk__in=rows) for rows in asked))
        return (
            self.published()
            .published_by(day)
            .filter(found)
            .annotate(statements_here=_counted(statements), states_here=_counted(states))
            .with_chain()
            .order_by("publisher", "published_from", "slug")
        )


def _counted(rows: Any) -> Coalesce:
    """How many of these rows each source has."""
    of_one = rows.filter(source=OuterRef("pk")).order_by().values("source").annotate(number=Count("pk"))
    return Coalesce(Subquery(of_one.values("number")), 0)


class SourceTextQuerySet(QuerySet):
    def in_public(self) -> Self:
        """Those that may be shown, of public sources, in order."""
        return self.filter(is_public=True, source__status=PUBLISHED).order_by("source__slug")

    def in_private(self) -> Self:
        """Those that may not be shown."""
        return self.filter(is_public=False)

    def between(self, source: int, start: int, end: int, further: int, reach: int = 400) -> Self:
        """A source's text if it is public: `before`, from the code point `start` to `end`, and `after`, so many from the
        code point `further` on.
        """
        # Substr counts from 1.
        before = Substr("text", Value(start) + 1, Value(end) - Value(start))
        after = Substr("text", Value(further) + 1, reach)
        return self.filter(source=source, is_public=True).annotate(before=before, after=after).only("pk")


class LinkCheckQuerySet(QuerySet):
    def of_source(self, source: int) -> Self:
        return self.filter(source=source)

    def latest_first(self) -> Self:
        return self.order_by("-checked_at", "-pk")

    def working(self) -> Self:
        """Those that led to a page."""
        return self.filter(status__gte=200, status__lt=300)


class EditorsNoteQuerySet(ReportedNotes):
    def in_order(self) -> Self:
        return self.order_by("reported_on", "slug")

    def around(self, meeting: int, numbers: list[int], day: date | None = None) -> QuerySet:
        """Those on a meeting and those on the statements of these row numbers, with `of`: the statement's number, none
        for the meeting; and with the public sources that they rest on, of a day those published by then. One question.
        """
        here = self.filter(meetings=meeting).annotate(of=Cast(Value(None), BigIntegerField()))
        here = here.prefetch_related(published_sources(day))
        said = self.annotate(of=F("statements__pk")).filter(of__in=numbers)
        return here.union(said, all=True).order_by("reported_on", "slug")
