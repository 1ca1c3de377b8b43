"""Words for statements and their passages."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db.models import (
    BooleanField,
    Case,
    Count,
    F,
    IntegerField,
    Max,
    Min,
    Model,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.expressions import OrderBy, RawSQL
from django.db.models.functions import RowNumber

from talks import search
from talks.querysets.base import PartQuerySet, published_notes, related
from talks.querysets.reported import ReportedStatements

# A chain of references is rarely longer than three; a longer one costs a query for each further link.
CHAIN = ("source__derived_from__derived_from__derived_from",)


class StatementQuerySet(ReportedStatements):
    def in_order(self) -> Self:
        """Oldest first."""
        return self.order_by("said_from", "slug")

    def newest_first(self) -> Self:
        """The order of the long list; `before` pages through it."""
        return self.order_by("-said_from", "-slug")

    def principal(self) -> Self:
        """One for each utterance: other wordings left out."""
        return self.filter(variant_of=None)

    def spoken(self) -> Self:
        """What somebody said; the sources' own accounts left out."""
        return self.exclude(quotation_type="narration")

    def about(self, meeting: Any) -> Self:
        return self.filter(meeting=meeting)

    def texts(self) -> Any:
        """Their texts alone."""
        return self.values_list("text", flat=True)

    def matching(self, wanted: search.Wanted) -> Self:
        """All that a search finds, in any order; `Found` reads the beginning of a list without finding all."""
        return self.filter(pk__in=RawSQL(*search.matching(wanted)))

    def of_numbers(self, numbers: list[int]) -> Self:
        """Those with these row numbers, however many."""
        return self.filter(pk__in=RawSQL(*search.of_numbers(numbers)))

    def fitting(self, wanted: search.Wanted) -> Self:
        """The same, looked at one by one: for a list in another order of which only the beginning is read."""
        return self.filter(RawSQL(*search.fits(wanted), output_field=BooleanField()))

    def by(self, people: Any) -> Self:
        """Said by one of these persons."""
        return self.filter(speaker__in=people)

    def leading(self) -> Self:
        """Those chosen for the front page, in their order."""
        return self.filter(lead_order__isnull=False).order_by("lead_order", "slug")

    def mentioning(self, person: Any) -> Self:
        """Those that name this person."""
        return self.filter(mentions=person)

    def wordings_of(self, first: int, own: int) -> Self:
        """The utterance of which this is the first wording, as other sources than this one word it."""
        return self.filter(Q(variant_of=first) | Q(pk=first)).exclude(pk=own).order_by("slug")

    def with_context(self) -> Self:
        """With all that a statement shows wherever it stands: nothing is fetched later."""
        notes = related("EditorsNote").published().in_order()
        return self.with_links().prefetch_related(Prefetch("notes", notes))

    def with_evidence(self) -> Self:
        """With what its own page shows besides; `delegation_slug` is the delegation of its party to its meeting."""
        people = Prefetch("mentions", related("Person").published().in_order())
        states = Prefetch("meeting__states", related("MeetingState").latest_first().with_source())
        sent = related("Delegation").published().filter(party=OuterRef("party"), meeting=OuterRef("meeting"))
        linked = (
            self.with_links().select_related("dated_by").annotate(delegation_slug=Subquery(sent.values("slug")[:1]))
        )
        return linked.prefetch_related(people, states, published_notes())

    def quoted(self) -> Self:
        """Those that carry the source's own words."""
        return self.filter(quotation_type__in=["direct", "mixed"])

    def lost(self) -> Self:
        """Quotations that were found in another document than the one that their source has now."""
        return self.exclude(verified_sha256="").exclude(verified_sha256=F("source__document_sha256"))

    def with_passages(self) -> Self:
        """With the passages that carry them, in order."""
        return self.prefetch_related(Prefetch("passages", related("Passage").in_order()))

    def with_links(self) -> Self:
        """With all that a statement shows but the notes on it. `link_status` is what the source's address answered
        last, `link_worked_at` when it last led to a page; both None if it was never asked for.
        """
        checks = related("LinkCheck").latest_first().filter(source=OuterRef("source"))
        return (
            self.with_passages()
            .select_related("speaker", "party", "meeting", *CHAIN)
            .annotate(link_status=Subquery(checks.values("status")[:1]))
            .annotate(link_worked_at=Subquery(checks.working().values("checked_at")[:1]))
        )

    def placed_of_day(self, meeting: int, first: date, last: date, parties: list[int], most: int) -> Self:
        """At most so many for each cell of the meeting's page, as `talks.querysets.placed` gives them, of what was known
        on an earlier day, which no tally has: every statement about the meeting, which lasts from the first to the last
        day, is read.
        """
        row = Case(
            When(said_to__lt=first, then=Value("before")),
            When(said_from__gt=last, then=Value("after")),
            default=Value("at"),
        )
        column = Case(
            When(quotation_type="narration", then=Value(-1)),
            When(party__in=parties, then="party_id"),
            default=Value(0),
            output_field=IntegerField(),
        )
        cell: Any = {"partition_by": [column, row]}
        order = [OrderBy(F("said_from")), OrderBy(F("slug"))]
        return (
            self.about(meeting)
            .annotate(row=row, column=column, in_cell=Window(Count("pk"), **cell))
            .annotate(cell_from=Window(Min("said_from"), **cell), cell_to=Window(Max("said_to"), **cell))
            .annotate(place=Window(RowNumber(), order_by=order, **cell))
            .filter(place__lte=most)
            .in_order()
        )

    def roles(self) -> Self:
        """One for each role as printed and source, oldest first."""
        printed = self.exclude(role_as_printed="").order_by("said_from", "slug")
        return printed.select_related("source", "meeting")


class PassageQuerySet(PartQuerySet):
    def get_by_natural_key(self, statement: str, number: int) -> Model:
        """A passage by statement and number; the natural key of fixtures."""
        return self.get(statement__slug=statement, number=number)

    def in_order(self) -> Self:
        return self.order_by("statement_id", "number")
