"""Triggers by which the database itself raises the edition and refuses what no constraint can say.

Installed anew after every migration (Django rebuilds a SQLite table to alter it, and the table's triggers go
with the old one) and checked when a process starts. What they do, on SQLite and on PostgreSQL alike:

- every write to a public table raises the edition in the writer's own transaction;
- an EDTF text is one, and the days derived from it fit;
- the chains `follows`, `derived_from`, `variant_of` have no cycle;
- an address is used once: a noun that was public leaves its slug to a tombstone, and old addresses make no chains;
- at commit, a direct or mixed statement has words in every passage, any other has none of the source's;
- the index of the search follows every write, and so does the tally of what each noun has.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from talks.guards import postgresql, readers_postgresql, sqlite, tally, tally_postgresql, tally_sqlite
from talks.models.fields import DerivedDayField

CHAINS = (
    ("talks_meeting", "follows_id"),
    ("talks_source", "derived_from_id"),
    ("talks_statement", "variant_of_id"),
)


def public_tables() -> list[str]:
    """The tables whose rows can be seen on a page: all of this app's but the edition's own."""
    models = apps.get_app_config("talks").get_models(include_auto_created=True)
    return sorted(model._meta.db_table for model in models if model._meta.model_name != "edition")


def edtf_columns() -> list[tuple[str, str, str, str]]:
    """(table, EDTF column, column of its first day, column of its last day), one for each EDTF field."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for model in apps.get_app_config("talks").get_models():
        for field in model._meta.get_fields():
            if isinstance(field, DerivedDayField):
                found.setdefault((model._meta.db_table, field.of), {})[field.side] = field.column
    return sorted((table, text, days["first"], days["last"]) for (table, text), days in found.items())


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Make all guards of this database, and what they keep. On PostgreSQL others read and write meanwhile: what is as this
    build makes it is left alone, since a trigger cannot be made while somebody has a page of its table in hand, and
    nobody can read that table until the transaction ends.
    """
    connection = connections[using]
    made = list(_dialect(connection).statements(public_tables(), edtf_columns(), CHAINS))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # First what the triggers of this build write to.
            _begin_tally(connection, cursor)
            install_search(connection, cursor)
            if missing(using) or any(_otherwise(cursor, made)):
                with transaction.atomic(using=using):
                    _execute(cursor, made)
            with transaction.atomic(using=using):
                _correct_tally(cursor)
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        _execute(cursor, made)
        install_search(connection, cursor)
        _install_tally(cursor)


def _otherwise(cursor: Any, made: list[str]) -> Iterator[str]:
    from talks.guards import held_postgresql  # it knows the guards

    return held_postgresql.triggers(cursor, made)


def _execute(cursor: Any, statements: Iterable[str]) -> None:
    for statement in statements:
        cursor.execute(statement)


def _install_tally(cursor: Any) -> None:
    """Count all anew, whatever was written while there were no triggers: seconds for a million. SQLite only."""
    _execute(cursor, (tally.DROPPED, tally.MADE, *tally.fill(tally_sqlite.day)))


def _begin_tally(connection: Any, cursor: Any) -> None:
    if tally.TABLE not in connection.introspection.table_names(cursor):
        _execute(cursor, [tally.MADE])
        readers_postgresql.grant(cursor, tally.TABLE)


def _correct_tally(cursor: Any) -> None:
    """Take off each number what it was wrong by while all was counted. Others write meanwhile, and what they add or take away
    is right beside it. The edition is raised, since pages say these numbers, and first, as whoever writes does.
    """
    from talks.guards import held  # it knows the guards

    if wrong := held.miscounted():
        cursor.execute(postgresql.RAISED)
        columns = zip(*((kind, noun, part, counted - kept) for kind, noun, part, kept, counted in wrong), strict=True)
        cursor.execute(tally_postgresql.CORRECTED, [list(column) for column in columns])


def install_search(connection: Any, cursor: Any) -> None:
    """Make and fill the index of the search, unless it is there, made as this build makes it, and whole."""
    index = _dialect(connection).search
    made = [*index.tables(), *index.fill(), *index.functions(), *index.triggers()]
    described = hashlib.sha256("\n".join(map(str, made)).encode())
    if _is_whole(connection, cursor, described.hexdigest()):
        return
    _dialect(connection).remake(cursor, described.hexdigest())


def tidy(using: str = DEFAULT_DB_ALIAS) -> None:
    """After much was written: leave the words of the search in one piece. SQLite only; PostgreSQL does it on its own."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            _execute(cursor, _dialect(connection).search.TIDIED)


def _is_whole(connection: Any, cursor: Any, described: str) -> bool:
    if "talks_search_made" not in connection.introspection.table_names(cursor):
        return False
    counted = "(SELECT count(*) FROM talks_search) = (SELECT count(*) FROM talks_statement WHERE status = 'published')"
    cursor.execute(f"SELECT 1 FROM talks_search_made WHERE digest = %s AND {counted}", [described])
    return cursor.fetchone() is not None


def remove(using: str = DEFAULT_DB_ALIAS) -> None:
    """Drop all guards of a SQLite database: it cannot rename a table that a trigger of another one speaks of.

    PostgreSQL alters tables in place and keeps its guards all through a migration.
    """
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(sqlite.INSTALLED)
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
            # What is written while there are no triggers would not stand in the index. It stays, for those who read.
            if "talks_search_made" in connection.introspection.table_names(cursor):
                cursor.execute("DELETE FROM talks_search_made")


def missing(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The names of guards that the database lacks; empty if all are there."""
    connection = connections[using]
    dialect = _dialect(connection)
    with connection.cursor() as cursor:
        cursor.execute(dialect.INSTALLED)
        there = {name for (name,) in cursor.fetchall()}
    return sorted(set(dialect.names(public_tables(), edtf_columns(), CHAINS)) - there)


def require_guards() -> None:
    """Refuse to start, in one clear line, on a database without its guards."""
    lacking = missing()
    if lacking:
        sys.exit(f"The database lacks {len(lacking)} of its triggers (such as {lacking[0]}): run “manage.py migrate”.")


def _dialect(connection: Any) -> Any:
    return postgresql if connection.vendor == "postgresql" else sqlite
