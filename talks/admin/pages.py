"""The pages of a list at the desk: counted as far as anybody turns them, however long the list is."""

from __future__ import annotations

from functools import cached_property

from django.core.paginator import Paginator
from django.db.models import QuerySet

COUNTED = 10_000


class BoundedPaginator(Paginator):
    """Counts up to COUNTED rows; `is_more` says that there are more."""

    @cached_property
    def _counted(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet) or rows.query.is_sliced:
            return len(rows)
        # Without the order: the database then counts what it finds first.
        return rows.order_by()[: COUNTED + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._counted, COUNTED)

    @property
    def is_more(self) -> bool:
        return self._counted > COUNTED
