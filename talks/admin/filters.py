"""Filters of the lists that Django has none of: by evidence, by year, by what has become doubtful."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib.admin import ChoicesFieldListFilter, SimpleListFilter
from django.db.models import Count, Q

from talks.editing.queues import unsettled
from talks.querysets import desk

# What the state of evidence is called at the desk.
EVIDENCE = {
    "verified": "found in the source",
    "lost": "no longer found",
    "unchecked": "not checked",
    "anchored": "words of ours",
}


class StatusFilter(ChoicesFieldListFilter):
    """The status. What is not public has an index of its own, which the second condition names."""

    def queryset(self, request: Any, queryset: Any) -> Any:
        found = super().queryset(request, queryset)
        return desk.not_public(found) if {*(self.lookup_val or ())} & {*desk.NOT_PUBLIC} else found


class EvidenceFilter(SimpleListFilter):
    """Whether the quoted words were found in the document that the source has now."""

    title = "evidence"
    parameter_name = "evidence"

    def lookups(self, request: Any, model_admin: Any) -> Any:
        return EVIDENCE.items()

    def queryset(self, request: Any, queryset: Any) -> Any:
        state = self.value()
        if state not in EVIDENCE:
            return queryset
        found, request.looks_at_each = desk.by_evidence(queryset, state)
        return found

    def get_facet_counts(self, pk_attname: str, filtered_qs: Any) -> dict[str, Count]:
        """In one reading; Django's own way would look for each row in four lists."""
        return counted(pk_attname, [desk.EVIDENCE[state] for state in EVIDENCE])


class YearFilter(SimpleListFilter):
    """The year of a day. Django's own hierarchy of dates reads the day of every row to know the years."""

    column: ClassVar[str]

    def lookups(self, request: Any, model_admin: Any) -> Any:
        self.years = desk.years_of(model_admin.get_queryset(request), self.column)
        return [(str(year), str(year)) for year in reversed(self.years)]

    def queryset(self, request: Any, queryset: Any) -> Any:
        year = self.value()
        known = year and any(year == key for key, _ in self.lookup_choices)
        return desk.in_year(queryset, self.column, int(year)) if known and year else queryset

    def get_facet_counts(self, pk_attname: str, filtered_qs: Any) -> dict[str, Count]:
        return counted(pk_attname, [Q(**{f"{self.column}__year": year}) for year in reversed(self.years)])


class SaidFilter(YearFilter):
    title = "year"
    parameter_name = "year"
    column = "said_from"


class DoubtFilter(SimpleListFilter):
    """What has become doubtful, as the queue “to check” asks for it."""

    title = "to check"
    parameter_name = "doubt"
    ways: ClassVar[dict[str, tuple[str, Callable[[Any], Any]]]]

    def lookups(self, request: Any, model_admin: Any) -> Any:
        return [(key, words) for key, (words, _) in self.ways.items()]

    def queryset(self, request: Any, queryset: Any) -> Any:
        way = self.ways.get(self.value() or "")
        return way[1](queryset) if way else queryset


class SourceDoubtFilter(DoubtFilter):
    ways = {
        "broken": ("link does not work", desk.broken),
        "changed": ("document has changed", desk.changed),
    }


class MeetingDoubtFilter(DoubtFilter):
    ways = {"unsettled": ("past, and nobody says what became of it", unsettled)}


def counted(pk: str, rules: list[Q]) -> dict[str, Count]:
    """The counts of a filter's choices, by the names that Django looks for."""
    return {f"{place}__c": Count(pk, filter=rule) for place, rule in enumerate(rules)}
