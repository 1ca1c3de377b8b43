"""“Which edition?”, asked before every answer, so that no page is older than what was committed before it was asked for.

Asked past Django: its ORM would take longer than all the rest of a kept page. An edition is told as a tuple that can
be compared, its number first; None means that the database does not answer.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from typing import Any, Protocol

ROW = "SELECT number, raised_at FROM talks_edition WHERE id = 1"
NONE = (0, None)  # before the first write of all

log = logging.getLogger(__name__)


class Question(Protocol):
    """How one kind of database is asked, within the event loop."""

    def at_once(self) -> Any:
        """The present edition if it can be told without waiting, else None."""

    async def present(self) -> Any:
        """The present edition, as of some moment after the call; None if there is no answer."""


class OnSQLite:
    """A connection of its own, opened after the fork, asks whether anything was committed; then it reads the row.

    `PRAGMA data_version` (sqlite.org/pragma.html) costs three microseconds. A file that another one took the place
    of would never tell of it, so its inode is looked at too.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.connection: sqlite3.Connection | None = None
        self.inode = self.version = -1
        self.edition: Any = None

    def at_once(self) -> Any:
        try:
            inode = os.stat(self.path).st_ino
            if self.connection is None or inode != self.inode:
                self.connection = self.opened(inode)
            (version,) = self.connection.execute("PRAGMA data_version").fetchone()
            if version != self.version:
                # The row may be a newer one than this version: then it is read once more, and is no other.
                self.edition = (*(self.connection.execute(ROW).fetchone() or NONE), inode)
                self.version = version
        except (OSError, sqlite3.Error) as error:
            log.warning("The edition cannot be read: %s", error)
            self.close()
        return self.edition

    async def present(self) -> Any:
        return self.at_once()

    def opened(self, inode: int) -> sqlite3.Connection:
        self.close()
        self.inode = inode
        return sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, isolation_level=None, timeout=0)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection, self.version, self.edition = None, -1, None
