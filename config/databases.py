"""How each process opens the database: the public one so that it cannot write, the editor's so that it waits."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

BUSY_SECONDS = 10
# Within these a machine that is there has answered; PostgreSQL's library knows no fewer.
CONNECT_SECONDS = 2

# A reader needs these; everything else that a pragma can set is the editor's.
_READABLE_PRAGMAS = {"data_version", "table_info", "table_xinfo", "foreign_key_list", "index_list", "index_info"}


# Tables whose names begin so are the editors': accounts, sessions, second factors, histories. On PostgreSQL the public
# process has a role that cannot read them; in a SQLite file they stand beside what is public.
_EDITORS = ("auth_", "django_session", "django_admin_log", "otp_", "axes_", "editing_")


def is_sqlite(database: dict[str, Any]) -> bool:
    return database["ENGINE"].endswith("sqlite3")


def nearest(own: dict[str, Any], replicas: list[dict[str, Any]], number: int) -> dict[str, Any]:
    """The database that a public process reads: its own one, or that replica whose turn it is by this number.

    One address with all hosts, beginning at that one: PostgreSQL's library tries them in this order, so that every
    connection of the process, whoever opens it, leads to the same replica while that one can be reached.
    """
    if not replicas:
        return own
    first = number % len(replicas)
    order = [*replicas[first:], *replicas[:first]]
    return {
        **order[0],
        "HOST": ",".join(str(one["HOST"]) for one in order),
        "PORT": ",".join(str(one["PORT"] or 5432) for one in order),
        "OPTIONS": {"connect_timeout": CONNECT_SECONDS, **order[0].get("OPTIONS", {})},
    }


def read_only(database: dict[str, Any]) -> dict[str, Any]:
    """The database as the public process opens it.

    SQLite: the file is opened `mode=ro` with `query_only`, and an authorizer refuses ATTACH and the pragmas
    (`talks.apps` sets it on each connection). PostgreSQL: every transaction is read-only and REPEATABLE READ;
    the role should have SELECT only (`manage.py make_reader`).
    """
    options = dict(database.get("OPTIONS", {}))
    if is_sqlite(database):
        name = f"file:{quote(str(database['NAME']))}?mode=ro"
        options.update(uri=True, timeout=BUSY_SECONDS, init_command="PRAGMA query_only = 1;")
        return {**database, "NAME": name, "OPTIONS": options}
    flags = "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read"
    flags += " -c random_page_cost=1.1"  # of memory or a disk without moving parts; its default of 4 is that of others
    # Helpers of one question take as long to start as they save, and the cores are those of other readers.
    flags += " -c max_parallel_workers_per_gather=0"
    # The question of a long list was compiled for 0.4 s before its first row, and gave the others no sooner.
    flags += " -c jit=off"
    options["options"] = f"{options.get('options', '')} {flags}".strip()
    # A question of 50 microseconds before a page; without it a database that was started anew costs every thread one.
    return {**database, "OPTIONS": options, "CONN_HEALTH_CHECKS": True}


def writable(database: dict[str, Any]) -> dict[str, Any]:
    """The database as the editor's process opens it: SQLite in WAL mode, so that readers never wait for it."""
    options = dict(database.get("OPTIONS", {}))
    if is_sqlite(database):
        options.update(
            timeout=BUSY_SECONDS,
            transaction_mode="IMMEDIATE",
            init_command="PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;",
        )
    return {**database, "OPTIONS": options}


def deny_writes(connection: sqlite3.Connection) -> None:
    """Refuse what could lift `query_only`: ATTACH, DETACH and every pragma that is not only read; and refuse to read
    what belongs to the editors.
    """

    def authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH):
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() not in _READABLE_PRAGMAS:
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_READ and (first or "").lower().startswith(_EDITORS):
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    connection.set_authorizer(authorize)


def keep_companions(database: dict[str, Any]) -> None:
    """Leave empty `-wal` and `-shm` files beside a SQLite database that nobody has open.

    SQLite deletes both when the last writer closes, and then a reader who may not write in the folder (the
    public process as another Unix user) cannot open the database. With both there, even empty, it can.
    """
    path = Path(str(database["NAME"]))
    if not is_sqlite(database) or not path.exists():
        return
    mode = path.stat().st_mode & 0o777
    for companion in (Path(f"{path}-wal"), Path(f"{path}-shm")):
        # A user who may not write here cannot have deleted them either.
        with suppress(PermissionError):
            if not companion.exists():
                companion.touch(mode=mode)


def leave_after_a_stream(**_: Any) -> None:
    """What a thread of streams had open is closed with its request; it may have nothing to do for days.

    Threads of pages keep theirs (docs/decisions/0021).
    """
    from django.db import connections

    if threading.current_thread().name.startswith("stream"):
        connections.close_all()


def note_the_file(connection: Any, **_: Any) -> None:
    """Remember which file a public connection has opened."""
    connection.file = _file_of(connection)


def leave_a_replaced_file(**_: Any) -> None:
    """Close a connection to a SQLite file that another one took the place of: nothing in it ever changes again."""
    from django.db import connection

    if connection.connection is not None and getattr(connection, "file", None) != _file_of(connection):
        connection.close()


def _file_of(connection: Any) -> int | None:
    """The inode of a public SQLite database; None of any other."""
    address = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or "mode=ro" not in address:
        return None
    try:
        return os.stat(unquote(address.removeprefix("file:").partition("?")[0])).st_ino
    except OSError:
        return None
