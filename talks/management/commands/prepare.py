"""Everything between a checkout and a running site that needs Django: safe to repeat at every start."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor

from config.databases import keep_companions
from talks import edition, guards
from talks.fixtures import FILES, store


class Command(BaseCommand):
    help = "Migrate, load the built-in data into an empty database (never again after that), collect static files."

    def handle(self, *args: Any, **options: Any) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0)
        elif guards.missing():
            guards.install()
        if self._is_new():
            call_command("loaddata", *(f"{name}.json" for name in FILES), verbosity=1)
            self._cut_first_release()
        self._collect_static()
        connection.close()
        keep_companions(settings.DATABASES[DEFAULT_DB_ALIAS])

    def _is_new(self) -> bool:
        """Whether nothing was ever written: an editor who emptied the database meant it."""
        return store.is_empty(DEFAULT_DB_ALIAS) and edition.present().number <= 1

    def _cut_first_release(self) -> None:
        try:
            call_command("release")
        except CommandError as error:
            # Such as files of an earlier database, which are somebody's. The site works without.
            self.stderr.write(f"The built-in data was not cut into a release. {error}")

    def _collect_static(self) -> None:
        mark = settings.STATIC_ROOT / ".build"
        if not mark.exists() or mark.read_text() != edition.build():
            call_command("collectstatic", interactive=False, verbosity=0)
            mark.write_text(edition.build())
