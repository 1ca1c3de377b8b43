"""Copies of a SQLite file by its own backup interface (sqlite.org/backup.html), in steps, while others read and write."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from config.databases import BUSY_SECONDS
from talks.keeping import EDITION, MIGRATIONS, Held, Refused

STEP = 1000  # pages that are read at once
HEAD = b"SQLite format 3\0"
_RAISE = "UPDATE talks_edition SET number = ?, raised_at = strftime('%Y-%m-%d %H:%M:%f', 'now')"


def copy(part: Path) -> int:
    """Copy the live database into an empty file; returns the number of the edition that it holds. Raises Refused."""
    with (
        _told("The database cannot be read"),
        closing(_reader(_live())) as source,
        closing(sqlite3.connect(part)) as target,
    ):
        # One view for all steps: else the copy begins anew at every write, and on a busy day never ends.
        source.execute("BEGIN")
        number = _number(source)
        if number is None:
            raise Refused(f"{_live()}: has no edition, so there is nothing to copy.")
        target.execute("PRAGMA journal_mode = OFF")
        target.execute("PRAGMA synchronous = OFF")  # it is brought to the disk when it is whole
        source.backup(target, pages=STEP)
    return number


def check(part: Path) -> None:
    """Read a copy from end to end, and leave it as one file that needs no others beside it. Raises Refused."""
    with _told("The copy cannot be read"), closing(sqlite3.connect(part, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
        found = [line for (line,) in database.execute("PRAGMA integrity_check(1)") if line != "ok"]
        found += [f"row {row[1]} of {row[0]} names no {row[2]}" for row in database.execute("PRAGMA foreign_key_check")]
    if found:
        raise Refused(f"The copy is not sound: {found[0]}. “manage.py doctor” tells what is wrong with the database.")


def look(file: Path, scratch: Path) -> Held:
    """What a copy holds; its bytes are read in `scratch`. Raises Refused."""
    with scratch.open("rb") as begun:
        if begun.read(len(HEAD)) != HEAD:
            raise Refused(f"{file}: is no copy of a SQLite database.")
    check(scratch)
    with _told("It is no copy of this site"), closing(sqlite3.connect(scratch)) as database:
        number, migrations = _number(database), database.execute(MIGRATIONS).fetchall()
    if number is None:
        raise Refused(f"{file}: has no edition, so it is no copy of this site.")
    return Held(number, frozenset(migrations))


def put(scratch: Path) -> int:
    """Write a copy over the live database, in one transaction of it; returns the number of its edition then.

    Whoever has the file open reads what stood there until that transaction is over. Raises Refused; the live database
    is as it was then.
    """
    live, wal = _live(), "PRAGMA journal_mode = WAL"
    connection.close()
    with _told("The database cannot be written"), closing(sqlite3.connect(scratch, isolation_level=None)) as source:
        with closing(sqlite3.connect(live, timeout=0, isolation_level=None)) as target:
            target.execute(wal)
            target.execute("PRAGMA synchronous = FULL")
            raising = _Raising(source, live)
            (pages,) = source.execute("PRAGMA page_count").fetchone()
            # At least two steps, so that there is a moment between them.
            source.backup(target, pages=max(1, min(STEP, pages // 2)), progress=raising, sleep=0.05)
            target.execute("PRAGMA wal_checkpoint(PASSIVE)")
        return raising.number


class _Raising:
    """Raises the edition of a copy while it is being written: after the first step nobody else can write, so the number
    that stands in the live database is the last one that was given out there.

    What is written to a source on its own connection goes into the part that was copied before, too.
    """

    def __init__(self, source: sqlite3.Connection, live: Path) -> None:
        self.source, self.live, self.number = source, live, 0
        self.until = time.monotonic() + BUSY_SECONDS

    def __call__(self, status: int, remaining: int, total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            if time.monotonic() > self.until:
                raise Refused("The database is being written to by somebody else all the time.")
        elif not self.number:
            with closing(_reader(self.live)) as present:
                before = _number(present) or 0
            self.number = max(before, _number(self.source) or 0) + 1
            self.source.execute(_RAISE, [self.number])


def _live() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _reader(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, isolation_level=None, timeout=BUSY_SECONDS)


def _number(database: sqlite3.Connection) -> int | None:
    """The number of the edition; None where there is none, or no such table."""
    there = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'talks_edition'").fetchone()
    row = database.execute(EDITION).fetchone() if there else None
    return row[0] if row else None


@contextmanager
def _told(what: str) -> Iterator[None]:
    """What SQLite says, as a sentence. Raises Refused."""
    try:
        yield
    except sqlite3.Error as error:
        raise Refused(f"{what}: {error}.") from error
