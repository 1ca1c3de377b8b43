"""The pages of a list at the desk: counted as far as anybody turns them, however long the list is."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet

from talks.querysets.tallied import of_list

COUNTED = 10_000


class BoundedPaginator(Paginator):
    """Counts up to COUNTED rows, or to `most`; `is_more` says that there are more, which may be known before."""

    most: int | None = None
    is_known_more = False

    @property
    def bound(self) -> int:
        return self.most or COUNTED

    @cached_property
    def _counted(self) -> int:
        rows = self.object_list
        if self.is_known_more:
            return self.bound + 1
        if not isinstance(rows, QuerySet) or rows.query.is_sliced:
            return len(rows)
        # Without the order: the database then counts what it finds first.
        return rows.order_by()[: self.bound + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.bound)

    @property
    def is_more(self) -> bool:
        return self._counted > self.bound


class StatementList(ChangeList):
    """Statements in the order of days, then of slugs, either way: that of an index. Django would sort by day and number."""

    def get_ordering(self, request: Any, queryset: Any) -> Any:
        found: list[Any] = list(super().get_ordering(request, queryset))
        day = str(found[0]) if found else ""
        return [day, day.replace("said_from", "slug")] if day.lstrip("-") == "said_from" else found

    def get_results(self, request: Any) -> None:
        """Besides, no counts beside the filters where there are more than COUNTED: each would be read for them."""
        super().get_results(request)
        is_narrowed = self.has_active_filters or self.add_facets
        if self.paginator.is_more or (is_narrowed and of_list("statements") > COUNTED):
            self.add_facets = self.is_facets_optional = False
