"""PostgreSQL plans a question once for each connection, not once for each time that it is asked.

To plan a join of twelve tables takes it ten times as long as to answer it. Django sends values within the SQL, so that
each question is a new one to the server; here they go beside it, and psycopg has the server keep what it has planned.
Only for questions of the same few rows by their keys: how a search is best answered depends on its words.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

# More than there are questions: of each connection, for as long as it lasts.
MOST = 400


@contextmanager
def prepared(connection: Any) -> Iterator[None]:
    """Have what is asked meanwhile planned once. SQLite's library does so by itself."""
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    server = connection.connection
    usual = server.cursor_factory
    server.cursor_factory, server.prepare_threshold, server.prepared_max = _cursor(), 1, MOST
    try:
        yield
    finally:
        server.cursor_factory, server.prepare_threshold = usual, None


@cache
def _cursor() -> type:
    """Django's cursor that sends values beside the SQL. It can say what it asked, which psycopg forgets of what the
    server has planned, and Django looks for in its log.
    """
    from django.db.backends.postgresql.base import ServerBindingCursor

    class Cursor(ServerBindingCursor):
        def _send_query_prepared(self, name: bytes, pgq: Any, **options: Any) -> None:
            self._query = pgq
            super()._send_query_prepared(name, pgq, **options)  # type: ignore[misc]

    return Cursor
