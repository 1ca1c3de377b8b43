"""Indexes of a migration that nobody waits for: PostgreSQL makes and drops them while others read and write.

A migration that has one is not one transaction there (`atomic = ATOMIC`), and can be repeated when it was broken off. On
SQLite, which has one writer, it is as any other.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, migrations

LONGEST = 900  # milliseconds that any other step of a migration waits for a lock
ATOMIC = connection.vendor != "postgresql"


class AddIndex(migrations.AddIndex):
    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        _make(schema_editor, to_state.apps.get_model(app_label, self.model_name), self.index)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        _drop(schema_editor, self.index)


class RemoveIndex(migrations.RemoveIndex):
    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        before = from_state.models[app_label, self.model_name_lower]
        _drop(schema_editor, before.get_index_by_name(self.name))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        before = to_state.models[app_label, self.model_name_lower]
        _make(schema_editor, to_state.apps.get_model(app_label, self.model_name), before.get_index_by_name(self.name))


def _make(schema_editor: Any, model: Any, index: Any) -> None:
    _drop(schema_editor, index)  # what a try that was broken off has left cannot be used
    if schema_editor.connection.vendor == "postgresql":
        _without_hurry(schema_editor, index.create_sql(model, schema_editor, concurrently=True))
    else:
        schema_editor.add_index(model, index)


def _drop(schema_editor: Any, index: Any) -> None:
    name = schema_editor.quote_name(index.name)
    if schema_editor.connection.vendor == "postgresql":
        _without_hurry(schema_editor, f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    else:
        schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


def _without_hurry(schema_editor: Any, sql: Any) -> None:
    """It waits for whoever reads or writes, and nobody waits for it: no other step of a migration may wait so long."""
    schema_editor.execute("SET lock_timeout = 0")
    schema_editor.execute(sql)
    schema_editor.execute(f"SET lock_timeout = {LONGEST}")
