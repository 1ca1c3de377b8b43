"""What can be asked of every noun, and what most nouns fetch besides."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.apps import apps
from django.db.models import Case, F, Model, Prefetch, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from talks.querysets.written import WrittenQuerySet

PUBLISHED = "published"
WITHDRAWN = "withdrawn"


class NounQuerySet(WrittenQuerySet):
    """What can be asked of every noun."""

    # What a list of choices calls one.
    caption: ClassVar[Any] = F("name")

    def get_by_natural_key(self, slug: str) -> Model:
        """The noun of this slug; the natural key of fixtures."""
        return self.get(slug=slug)

    def published(self) -> Self:
        """Only what is public."""
        return self.filter(status=PUBLISHED)

    def named(self, slug: str) -> Self:
        """The one of this slug, or none."""
        return self.filter(slug=slug)

    def called(self, kind: str, keys: Any) -> QuerySet:
        """(kind, row number, slug, caption) of those of these row numbers."""
        return self.filter(pk__in=keys).values_list(Value(kind), "pk", "slug", Cast(self.caption, TextField()))

    def having(self, **values: Any) -> Self:
        """Those with these values."""
        return self.filter(**values)

    def withdrawn(self) -> Self:
        """Only what was public and is no longer."""
        return self.filter(status=WITHDRAWN)

    def in_order(self) -> Self:
        """By slug, the order of lists that have no better one."""
        return self.order_by("slug")

    def beyond(self, field: str, value: Any, slug: str, descending: bool) -> Self:
        """Those that come after this place in a list sorted by the field, then by slug."""
        step = "lt" if descending else "gt"
        later = Q(**{f"{field}__{step}": value}) | Q(**{field: value, f"slug__{step}": slug})
        sign = "-" if descending else ""
        # The first condition says nothing new; it lets the database enter its index at the right place.
        return self.filter(Q(**{f"{field}__{step}e": value}) & later).order_by(f"{sign}{field}", f"{sign}slug")

    def stretch(self, field: str, descending: bool, most: int, value: Any = None, slug: str = "") -> Self:
        """The first so many of a list sorted by the field, then by slug; after this place in it, if one is given."""
        if slug:
            return self.beyond(field, value, slug, descending)[:most]
        sign = "-" if descending else ""
        return self.order_by(f"{sign}{field}", f"{sign}slug")[:most]

    def latest_changed(self) -> Self:
        """The latest change first: the order of feeds."""
        return self.order_by("-changed_at", "-slug")

    def among(self, keys: Any) -> Self:
        """Those of these row numbers."""
        return self.filter(pk__in=keys)

    def numbers(self) -> Any:
        """Their row numbers alone."""
        return self.values_list("pk", flat=True)

    def last_number(self) -> int:
        """The highest row number; 0 where there is no row."""
        return self.order_by("-pk").values_list("pk", flat=True).first() or 0

    def numbered(self, first: int, last: int) -> QuerySet:
        """(slug, when changed) of those whose row numbers lie between these two, both included."""
        return self.filter(pk__gte=first, pk__lte=last).order_by("pk").values_list("slug", "changed_at")

    def near(self, slug: str) -> Self:
        """Published ones whose slug is at or after this text in the order of slugs."""
        return self.published().filter(slug__gte=slug).order_by("slug")


class PartQuerySet(WrittenQuerySet):
    """What can be asked of rows that belong to a noun."""

    def having(self, **values: Any) -> Self:
        """Those with these values."""
        return self.filter(**values)

    def belonging_to(self, **owner: Any) -> Self:
        """The rows of one noun, in order."""
        return self.filter(**owner).in_order()

    def in_order(self) -> Self:
        return self.order_by("pk")


class CorrectionQuerySet(NounQuerySet):
    """Corrections are public from the moment they are made."""

    def published(self) -> Self:
        return self.all()

    def in_order(self) -> Self:
        """Newest first."""
        return self.order_by("-corrected_at", "-slug")

    def of(self, record: str, slug: str) -> Self:
        """Those of one noun, newest first."""
        return self.filter(record=record, noun=slug).in_order()

    def withdrawals(self) -> Self:
        """Those that say that a noun is no longer public."""
        return self.filter(kind="withdrawal")

    def latest_of(self, record: str, slugs: list[str]) -> dict[tuple[str, str], datetime]:
        """When each column of these nouns was last corrected."""
        found = self.filter(record=record, noun__in=slugs).order_by("corrected_at")
        return {(noun, column): at for noun, column, at in found.values_list("noun", "column", "corrected_at")}

    def last_numbers(self, record: str, slugs: list[str]) -> dict[str, int]:
        """How many corrections each of these nouns has, by the highest number among their names."""
        found = self.filter(record=record, noun__in=slugs).values_list("noun", "slug")
        numbers: dict[str, int] = {}
        for noun, slug in found:
            number = slug.rpartition("-")[2]
            numbers[noun] = max(numbers.get(noun, 0), int(number) if number.isdecimal() else 0)
        return numbers


class AddressQuerySet(QuerySet):
    """What can be asked of old addresses."""

    def get_by_natural_key(self, record: str, slug: str) -> Model:
        """An old address by record and slug; the natural key of fixtures."""
        name = "old_slug" if hasattr(self.model, "old_slug") else "slug"
        return self.get(record=record, **{name: slug})

    def at(self, record: str, slug: str) -> Self:
        """What is remembered of this address."""
        name = "old_slug" if hasattr(self.model, "old_slug") else "slug"
        return self.filter(record=record, **{name: slug})

    def leading_to(self, record: str, slug: str) -> Self:
        """The old addresses that lead to this one."""
        return self.filter(record=record, slug=slug)


class ReleaseQuerySet(QuerySet):
    def newest_first(self) -> Self:
        return self.order_by("-number")

    def numbered(self, number: int) -> Self:
        return self.filter(number=number)

    def before(self, number: int) -> Self:
        """Earlier releases, newest first."""
        return self.filter(number__lt=number).newest_first()


def published_notes() -> Prefetch:
    """A noun's public editor's notes, with the public sources that they rest on."""
    return Prefetch("notes", related("EditorsNote").published().in_order().prefetch_related(published_sources()))


def published_sources(day: date | None = None) -> Prefetch:
    """The public sources that a noun rests on; of a day, those published by then."""
    return Prefetch("rests_on", related("Source").published().published_by(day).in_order())


def looked_at(condition: Q) -> Case:
    """The same condition as a value, for a list that is walked in its order until enough is found. PostgreSQL's planner takes
    a text to stand in one of thousands, and two of them nowhere: it gathered and sorted half of a million statements, in
    47 seconds, rather than read the first of the list.
    """
    return Case(When(condition, then=Value(True)), default=Value(False))


def related(name: str) -> Any:
    """The rows of another noun; looked up late because models import this module."""
    return apps.get_model("talks", name)._default_manager.all()
