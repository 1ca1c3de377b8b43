"""The index of the search made anew in PostgreSQL while the site reads and the desk writes.

It is filled in a table beside the one that is there. What is written meanwhile is indexed where it always was, and noted
in `talks_search_waiting`; before the new table takes the place of the old one, what is noted there is indexed in it, too.
At the beginning and at the end others have to wait for what is done at once; it waits for them a fifth of a second, and
otherwise tries again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from django.db import OperationalError, transaction

from talks.guards import search
from talks.guards import search_postgresql as index
from talks.guards.readers_postgresql import grant

FRESH, WAITING = "talks_search_fresh", "talks_search_waiting"
WRITTEN = tuple(f"talks_{name}" for name in ("statement", "editorsnote", "editorsnote_statements", *search.NAMED))
TRIES = 60  # and as long between them
BATCH = 1_000  # statements that are indexed at once
# The function keeps its row in the catalogue, which sessions that have written before go on asking for.
_NOTING = f"""
DO $$
DECLARE present regprocedure := to_regprocedure('talks_index(bigint[])');
BEGIN
  IF present IS NULL THEN  -- somebody dropped it
    CREATE OR REPLACE FUNCTION talks_index_before(ids bigint[]) RETURNS void LANGUAGE sql AS '';
  ELSIF pg_get_functiondef(present) NOT LIKE '%{WAITING}%' THEN  -- as it does after a try that was broken off
    EXECUTE replace(pg_get_functiondef(present), 'talks_index(', 'talks_index_before(');
  END IF;
END $$;
CREATE OR REPLACE FUNCTION talks_index(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM talks_index_before(ids);
  INSERT INTO {WAITING} SELECT unnest(ids);
END $$;
"""
_TAKEN = f"""
DELETE FROM {WAITING} WHERE ctid = ANY (ARRAY (SELECT ctid FROM {WAITING} LIMIT %s)) RETURNING statement_id"""


def remake(cursor: Any, digest: str) -> None:
    """Make the index as this build makes it. Raises OperationalError where somebody has the old one, or what it is made
    of, in hand for half a minute; the old one is then in use and in step as before.
    """
    cursor.execute("SELECT to_regclass('talks_search')")
    if cursor.fetchone() == (None,):
        with transaction.atomic(using=cursor.db.alias):
            for sql in (*index.functions(), *index.tables(), *index.fill(), *search.made_by(digest)):
                cursor.execute(sql)
            grant(cursor, *index.DROPPED)
        return
    _in_turns(cursor, _begin)
    with transaction.atomic(using=cursor.db.alias):
        for sql in index.fill():
            cursor.execute(_beside(sql))
    while _catch_up(cursor) == BATCH:
        pass
    _in_turns(cursor, lambda cursor: _take_place(cursor, digest))


def _in_turns(cursor: Any, step: Callable[[Any], None]) -> None:
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic(using=cursor.db.alias):
                # Whoever has written has committed, and whoever writes next finds all of this step.
                _soon(cursor, f"LOCK TABLE {', '.join(WRITTEN)} IN SHARE MODE")
                step(cursor)
            return
        except OperationalError:
            if not left:
                raise
            time.sleep(0.2)


def _soon(cursor: Any, sql: str) -> None:
    """Raises OperationalError unless it is done in a fifth of a second, whoever has to be waited for."""
    cursor.execute("SET LOCAL statement_timeout = '200ms'")
    cursor.execute(sql)
    cursor.execute("SET LOCAL statement_timeout = 0")


def _begin(cursor: Any) -> None:
    """An empty table beside, whatever an earlier try has left; from now on it is noted what is written."""
    cursor.execute(f"DROP TABLE IF EXISTS {FRESH}, {WAITING}")
    cursor.execute(f"CREATE TABLE {WAITING} (statement_id bigint NOT NULL)")
    for sql in (index.WORDS, _NOTING, *map(_beside, index.tables())):
        cursor.execute(sql)


def _beside(sql: str) -> str:
    return re.sub(rf"\b{index.TABLE}(?=\b|_)", FRESH, sql)


def _catch_up(cursor: Any) -> int:
    """Index some of what was written meanwhile; gives how many were noted."""
    with transaction.atomic(using=cursor.db.alias):
        cursor.execute(_TAKEN, [BATCH])
        noted = [key for (key,) in cursor.fetchall()]
        cursor.execute(f"DELETE FROM {FRESH} WHERE statement_id = ANY (%s)", [noted])
        cursor.execute(index.written("s.id = ANY (%s)", FRESH), [noted])
    return len(noted)


def _take_place(cursor: Any, digest: str) -> None:
    while _catch_up(cursor):
        pass
    _soon(cursor, f"DROP TABLE IF EXISTS {', '.join((*index.DROPPED, WAITING))}")
    cursor.execute(f"ALTER TABLE {FRESH} RENAME TO {index.TABLE}")
    for name in index.INDEXES:
        cursor.execute(f"ALTER INDEX {FRESH}_{name} RENAME TO {index.TABLE}_{name}")
    cursor.execute("DROP FUNCTION talks_index_before(bigint[])")
    for sql in (index.INDEX, *search.made_by(digest)):
        cursor.execute(sql)
    grant(cursor, *index.DROPPED)
