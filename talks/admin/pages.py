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
    """Counts up to `most` rows; `is_more` says that there are more, which may be known before."""

    most, is_known_more = COUNTED, False

    @cached_property
    def _counted(self) -> int:
        rows = self.object_list
        if self.is_known_more:
            return self.most + 1
        if not isinstance(rows, QuerySet) or rows.query.is_sliced:
            return len(rows)
        # Without the order: the database then counts what it finds first.
        return rows.order_by()[: self.most + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.most)

    @property
    def is_more(self) -> bool:
        return self._counted > self.most


class StatementList(ChangeList):
    """Statements in the order of days, then of slugs, either way: that of an index. Django would sort by day and number."""

    def get_ordering(self, request: Any, queryset: Any) -> Any:
        found: list[Any] = list(super().get_ordering(request, queryset))
        day = str(found[0]) if found else ""
        return [day, day.replace("said_from", "slug")] if day.lstrip("-") == "said_from" else found

    def get_results(self, request: Any) -> None:
        """Besides, no counts beside the filters where there are more than COUNTED: each would be read for them."""
        super().get_results(request)
        if of_list("statements") > COUNTED:
            self.add_facets = self.is_facets_optional = False
