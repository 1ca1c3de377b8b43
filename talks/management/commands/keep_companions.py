"""Lets a reader without rights to the folder open a SQLite database that nobody has open."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS

from config.databases import keep_companions


class Command(BaseCommand):
    help = "Leave empty -wal and -shm files beside the SQLite database, so that another Unix user can read it."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        keep_companions(settings.DATABASES[DEFAULT_DB_ALIAS])
