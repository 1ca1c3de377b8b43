"""Copies of the live database, and the way back from one. Knows tables by name; no nouns but for whether there are any."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from talks.fixtures import store

EDITION = "SELECT number FROM talks_edition WHERE id = 1"
MIGRATIONS = "SELECT app, name FROM django_migrations"
Migration = tuple[str, str]


class Refused(Exception):
    """Why there is no copy, or why one was not restored, in a sentence."""


class Held(NamedTuple):
    """What stands in a copy: the number of its edition, and the migrations that made its tables."""

    edition: int
    migrations: frozenset[Migration]


def keeper() -> Any:
    """How the database of this process is copied: `copy`, `check`, `look` and `put`."""
    from talks.keeping import postgresql, sqlite

    return postgresql if connection.vendor == "postgresql" else sqlite


def name() -> str:
    """The name of the live database: of a SQLite file without its folders."""
    return Path(str(connection.settings_dict["NAME"])).name


def is_empty() -> bool:
    """Whether nothing would be lost with the live database: no record and no account. One that cannot be read is not."""
    try:
        if not connection.introspection.table_names():
            return True
        return store.is_empty(DEFAULT_DB_ALIAS) and not get_user_model()._default_manager.exists()
    except DatabaseError:
        return False


def unknown(held: Held) -> list[str]:
    """The migrations of a copy that this code does not have: a newer build made it."""
    return sorted(f"{app} {migration}" for app, migration in held.migrations - _known())


def missing(held: Held) -> list[str]:
    """The migrations of this code that a copy lacks."""
    return sorted(f"{app} {migration}" for app, migration in _ours() - held.migrations)


def _ours() -> set[Migration]:
    return set(MigrationLoader(None).disk_migrations)


def _known() -> set[Migration]:
    """Those of this code, and those that they replace."""
    migrations = MigrationLoader(None).disk_migrations.values()
    return _ours() | {replaced for migration in migrations for replaced in migration.replaces}
