"""Words for those who talk and for what was published: parties, persons, sources, editor's notes."""

from __future__ import annotations

from typing import Any, Self

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Substr

from talks.querysets.base import PUBLISHED, NounQuerySet, published_notes, published_sources


class PartyQuerySet(NounQuerySet):
    def in_order(self) -> Self:
        return self.order_by("name", "slug")

    def with_counts(self) -> Self:
        """With `statement_count`: published statements on this party's side, other wordings left out."""
        principal = Q(statements__status=PUBLISHED, statements__variant_of=None)
        return self.annotate(statement_count=Count("statements", filter=principal))


class PersonQuerySet(NounQuerySet):
    def in_order(self) -> Self:
        return self.order_by("sort_name", "slug")

    def with_party(self) -> Self:
        return self.select_related("party")

    def with_counts(self) -> Self:
        """With `statement_count`: published statements of this speaker, other wordings left out."""
        principal = Q(statements__status=PUBLISHED, statements__variant_of=None)
        return self.annotate(statement_count=Count("statements", filter=principal))

    def with_notes(self) -> Self:
        return self.prefetch_related(published_notes(), published_sources())


class SourceQuerySet(NounQuerySet):
    def in_order(self) -> Self:
        return self.order_by("publisher", "slug")

    def with_chain(self) -> Self:
        return self.select_related("derived_from__derived_from__derived_from")

    def with_counts(self) -> Self:
        return self.annotate(statement_count=Count("statements", filter=Q(statements__status=PUBLISHED), distinct=True))

    def with_notes(self) -> Self:
        return self.prefetch_related(published_notes())

    def with_address(self, slugs: list[str] | None = None) -> Self:
        """Those that have a web address of their own, or only these of them."""
        addressed = self.exclude(url="").exclude(kind="bare_reference").in_order()
        return addressed.filter(slug__in=slugs) if slugs else addressed

    def behind(self, meeting: Any) -> Self:
        """Every public source that a meeting's page rests on, with its counts there."""
        here = Q(statements__meeting=meeting, statements__status=PUBLISHED)
        state = Q(states__meeting=meeting)
        place = Q(meetings=meeting)
        member = Q(members__delegation__meeting=meeting) | Q(delegations__meeting=meeting)
        ids = self.published().filter(here | state | place | member).values("pk")
        return (
            self.filter(pk__in=ids)
            .annotate(
                statements_here=Count("statements", filter=here, distinct=True),
                states_here=Count("states", filter=state, distinct=True),
            )
            .with_chain()
            .order_by("publisher", "published_from", "slug")
        )


class SourceTextQuerySet(QuerySet):
    def in_public(self) -> Self:
        """Those that may be shown, of public sources, in order."""
        return self.filter(is_public=True, source__status=PUBLISHED).order_by("source__slug")

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


class EditorsNoteQuerySet(NounQuerySet):
    def in_order(self) -> Self:
        return self.order_by("reported_on", "slug")
