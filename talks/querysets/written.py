"""Writes of many rows at once, for which Django sends no signal: whoever stands by is told all the same."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from talks import witness

# Rows that are looked at and written together, so that a million take no more memory than these.
BATCH = 2000


class WrittenQuerySet(QuerySet):
    """A queryset whose writes have a witness."""

    def update(self, **values: Any) -> int:
        """As Django's; a large one is written batch by batch, in one transaction with what is noted of each."""
        if not witness.is_watched() or self.query.is_sliced:  # the latter is refused by Django
            return super().update(**values)
        keys = list(self.order_by().values_list("pk", flat=True))
        if len(keys) <= BATCH:
            with witness.writing() as watch:
                watch.before(self.model, keys)
                return super().update(**values)
        with transaction.atomic(using=self.db):
            batches = (keys[first : first + BATCH] for first in range(0, len(keys), BATCH))
            return sum(self.filter(pk__in=batch).update(**values) for batch in batches)

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> Any:
        with witness.writing():  # signals tell of each row
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Any, *args: Any, **options: Any) -> Any:
        objs = list(objs)
        with witness.writing() as watch:
            watch.before(self.model, [one.pk for one in objs])
            watch.joining(objs)
            made = super().bulk_create(objs, *args, **options)
            watch.made(self.model, [one.pk for one in made])
        return made
