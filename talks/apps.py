"""The app: guards after each migration, and a public connection that cannot be talked into writing."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.signals import request_finished, request_started
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate

from config.databases import leave_a_replaced_file, leave_after_a_stream, note_the_file


class TalksConfig(AppConfig):
    name = "talks"
    verbose_name = "Talks in Context"

    def ready(self) -> None:
        import config.checks  # noqa: F401  (registers them)

        pre_migrate.connect(wait_no_longer, sender=self)
        pre_migrate.connect(remove_guards, sender=self)
        post_migrate.connect(install_guards, sender=self)
        connection_created.connect(close_the_door)
        connection_created.connect(note_the_file)
        request_started.connect(leave_a_replaced_file)
        request_finished.connect(leave_after_a_stream)


def wait_no_longer(using: str, **_: Any) -> None:
    """Let a migration give up that waits for a reader: whoever asks after it would wait behind it. PostgreSQL only."""
    from talks.beside import LONGEST

    _tell(using, f"SET lock_timeout = {LONGEST}")


def _tell(using: str, setting: str) -> None:
    from django.db import connections

    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute(setting)


def remove_guards(using: str, plan: Any = None, **_: Any) -> None:
    """Take the triggers off before tables of this app are rebuilt."""
    from talks import guards

    if any(migration.app_label == "talks" for migration, _ in plan or ()):
        guards.remove(using)


def install_guards(using: str, plan: Any = None, **_: Any) -> None:
    """Put the triggers back after migrations; a database migrated part of the way gets them at the end."""
    from django.apps import apps
    from django.db import connections

    from talks import guards

    tables = set(connections[using].introspection.table_names())
    needed = {model._meta.db_table for model in apps.get_app_config("talks").get_models()}
    if needed <= tables:
        guards.install(using)
    _tell(using, "RESET lock_timeout")


def close_the_door(connection: Any, **_: Any) -> None:
    """On a read-only SQLite connection, refuse what could make it writable again."""
    from config.databases import deny_writes

    if connection.vendor == "sqlite" and "mode=ro" in str(connection.settings_dict["NAME"]):
        deny_writes(connection.connection)
