"""The whole of what editors and the public have in a database, to be compared with what a broken run left behind."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from typing import Any, NamedTuple

import psycopg
from django.apps import apps

from tests.servers import PATIENCE, POSTGRES, Place, until

# What a second try writes anew although it says the same: numbers of rows, and when they were written.
ANEW = ("_at", "history_date")


class State(NamedTuple):
    """Digests by table: of the rows as they are, and of what they say; the edition."""

    rows: dict[str, str]
    told: dict[str, str]
    edition: int

    def differs(self, other: State) -> list[str]:
        """The tables whose rows are not the same."""
        return [table for table in self.rows if self.rows[table] != other.rows[table]]

    def differs_in_words(self, other: State) -> list[str]:
        """The tables that do not say the same."""
        return [table for table in self.told if self.told[table] != other.told[table]]


def opened(place: Place) -> Any:
    """A connection past Django."""
    if POSTGRES or place.database.startswith("postgres"):
        return psycopg.connect(place.database, autocommit=True)
    return sqlite3.connect(place.var / "talks.sqlite3", timeout=PATIENCE, isolation_level=None)


def state(place: Place) -> State:
    """The present state of the database, which is opened for it."""
    rows: dict[str, str] = {}
    told: dict[str, str] = {}
    with closing(opened(place)) as connection:
        for table, columns, lasting in _tables():
            found = connection.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
            rows[table] = digest(found)
            told[table] = digest([[row[number] for number in lasting] for row in found])
        ((edition,),) = connection.execute("SELECT number FROM talks_edition").fetchall()
    return State(rows, told, edition)


def _tables() -> list[tuple[str, list[str], list[int]]]:
    """Every table of ours but the edition's: its columns, and which of them a second try leaves as they were."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        ours = model._meta.app_label in ("talks", "editing") and model._meta.managed
        if not ours or model._meta.db_table == "talks_edition":
            continue
        fields = model._meta.concrete_fields
        lasting = [n for n, field in enumerate(fields) if not field.primary_key and not field.name.endswith(ANEW)]
        found.append((model._meta.db_table, [f'"{field.column}"' for field in fields], lasting))
    return found


def digest(rows: list[Any]) -> str:
    return hashlib.sha256("\n".join(sorted(repr(tuple(row)) for row in rows)).encode()).hexdigest()


def is_sound(place: Place) -> bool:
    """What SQLite itself says of its file; PostgreSQL has opened, or nobody could have asked for the state."""
    if place.database:
        return True
    return place.sql("PRAGMA integrity_check") == [("ok",)] and place.sql("PRAGMA foreign_key_check") == []


def settled(place: Place) -> None:
    """Wait until PostgreSQL has noticed that somebody was killed: until then what was begun is not undone."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
    if place.database:
        asked = f"SELECT count(*) {others} AND pid <> pg_backend_pid() AND state <> 'idle'"
        until(lambda: place.sql(asked) == [(0,)], "nobody is in the middle of anything")
