"""flush as this project needs it: an emptied database has no tombstones of what stood in it."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush

from talks.models import Tombstone


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        super().handle(**options)
        # On SQLite, Django deletes row by row, tables in any order, and each noun leaves a tombstone.
        Tombstone.objects.using(options["database"]).all().delete()
