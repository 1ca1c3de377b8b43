"""The row that names the present state of the published data. Raised by the database itself."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Edition(models.Model):
    """One row. Triggers raise its number in the transaction of every write to a public table."""

    number = models.BigIntegerField(default=1, help_text="The number of the present edition.")
    raised_at = models.DateTimeField(help_text="When the last write was made (UTC).")

    class Meta:
        constraints = [models.CheckConstraint(name="edition_is_one_row", condition=Q(id=1))]

    def __str__(self) -> str:
        return str(self.number)
