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

    def behind(self, meeting: Any, day: date | None = None) -> Self:
        """Every public source that a meeting's page rests on, with its counts there; of a day, as of then."""
        # Each question has an index of its own; joined, they would walk through all statements of every source.
        statements = related("Statement").published().about(meeting).reported_by(day)
        states = related("MeetingState").filter(meeting=meeting).reported_by(day)
        sent = related("Delegation").filter(meeting=meeting)
        members = related("DelegationMember").filter(delegation__meeting=meeting).reported_by(day)
        asked = [rows.order_by().values("source") for rows in (statements, states, members)]
        asked += [sent.order_by().values("rests_on"), meeting.rests_on.order_by().values("pk")]
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

    def around(self, statement: Any, reach: int = 400) -> Self:
        """The text around a statement's first passage, where the text is public: up to so many code points on each
        side beyond prefix and suffix, as `before` and `after`.
        """
        passage = next((item for item in statement.passages.all() if item.start is not None), None)
        public = self.filter(source=statement.source_id, is_public=True)
        if passage is None or statement.evidence_state in ("lost", "unchecked"):
            return public.none()
        end = passage.start - len(passage.prefix)
        start = max(0, end - reach)
        after = Substr("text", passage.end + len(passage.suffix) + 1, reach)
        # Substr counts from 1; a length of 0 is refused, so an empty stretch is taken as such.
        before = Substr("text", start + 1, end - start) if end > start else Value("")
        return public.annotate(before=before, after=after).only("pk")


class LinkCheckQuerySet(QuerySet):
    def latest_first(self) -> Self:
        return self.order_by("-checked_at", "-pk")

    def working(self) -> Self:
        """Those that led to a page."""
        return self.filter(status__gte=200, status__lt=300)


class EditorsNoteQuerySet(ReportedNotes):
    def in_order(self) -> Self:
        return self.order_by("reported_on", "slug")

    def around(self, meeting: Any, statements: list[Any]) -> QuerySet:
        """Those on a meeting and those on these statements, with `of`: the statement's number, none for the meeting.
        One question for both.
        """
        numbers = [statement.pk for statement in statements]
        here = self.filter(meetings=meeting).annotate(of=Cast(Value(None), BigIntegerField()))
        said = self.annotate(of=F("statements__pk")).filter(of__in=numbers)
        return here.union(said, all=True).order_by("reported_on", "slug")
