"""What the guards keep in PostgreSQL, held against what it would be if it were made anew.

Made anew it is in temporary tables, which this connection alone sees and which nothing is left of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from talks.guards import search_postgresql
from talks.guards.search import COLUMNS

BATCH = 2000
_TRIGGERS = """
SELECT t.tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = %s::regnamespace AND NOT t.tgisinternal AND t.tgname LIKE 'talks\\_%%'"""
_ASLEEP = """
SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = %s::regnamespace
AND NOT t.tgisinternal AND t.tgname LIKE 'talks\\_%%' AND t.tgenabled NOT IN ('O', 'A') ORDER BY 1"""
_FUNCTIONS = """
SELECT proname, prosrc || ' ' || provolatile::text || ' ' || pg_get_function_arguments(oid) FROM pg_proc
WHERE pronamespace = %s::regnamespace AND proname LIKE 'talks\\_%%'"""
_NEXT = """
SELECT max(id) FROM (
  (SELECT id FROM {live}.talks_statement WHERE id > %s ORDER BY id LIMIT %s) UNION
  (SELECT statement_id FROM {live}.talks_search WHERE statement_id > %s ORDER BY statement_id LIMIT %s)
  ORDER BY 1 LIMIT %s) following"""


def triggers(cursor: Any, statements: Iterable[str]) -> Iterator[str]:
    """What is missing, asleep, is not as these statements make it, or is made by none of them."""
    with _aside(cursor) as (live, temporary):
        made = list(statements)
        for table in sorted({found[1] for sql in made if (found := re.search(r"\bTRIGGER .*? ON (\w+)", sql))}):
            cursor.execute(f"CREATE TEMPORARY TABLE {table} (LIKE {live}.{table})")
        for sql in made:
            if not sql.startswith("INSERT"):
                cursor.execute(sql)
        anew, there = (_written(cursor, schema) for schema in (temporary, live))
        cursor.execute(_ASLEEP, [live])
        asleep = [name for (name,) in cursor.fetchall()]
    for name in sorted(anew.keys() | there.keys()):
        if name not in there:
            yield f"{name}: is missing"
        elif anew.get(name) != there[name]:
            yield f"{name}: {'is not as this build makes it' if name in anew else 'is nothing of this build'}"
    yield from (f"{name}: is switched off, or fires for replicas only" for name in asleep)


def _written(cursor: Any, schema: str) -> dict[str, str]:
    """Every trigger and function of ours in a schema, as the server writes it, without the schema's name."""
    found: dict[str, str] = {}
    for question in (_TRIGGERS, _FUNCTIONS):
        cursor.execute(question, [schema])
        found |= {name: sql.replace(f" {schema}.", " ").replace(" pg_temp.", " ") for name, sql in cursor.fetchall()}
    return found


def search(cursor: Any, most: int) -> Iterator[str]:
    """Where the index is not what the tables would make it."""
    told = 0
    with _aside(cursor) as (live, _):
        cursor.execute(next(search_postgresql.tables()).replace("CREATE TABLE", "CREATE TEMPORARY TABLE", 1))
        for first, last in _stretches(cursor, live):
            cursor.execute("TRUNCATE pg_temp.talks_search")
            cursor.execute(
                f"SELECT {live}.talks_index(array(SELECT id FROM {live}.talks_statement WHERE id > %s AND id <= %s))",
                [first, last],
            )
            cursor.execute(_differences(live), [first, last, most])
            for slug, number, wrong in cursor.fetchall():
                told += 1
                yield f"{slug or f'row {number}'}: {wrong}"
            if told >= most:
                return


def _stretches(cursor: Any, live: str) -> Iterator[tuple[int, int]]:
    """Numbers of statements, from after the first to the last of each stretch."""
    first = -1
    while True:
        cursor.execute(_NEXT.format(live=live), [first, BATCH, first, BATCH, BATCH])
        (last,) = cursor.fetchone()
        if last is None:
            return
        yield first, last
        first = last


def _differences(live: str) -> str:
    columns = [*COLUMNS, "document", "pairs"]
    ours, theirs = (", ".join(f"{table}.{column}" for column in columns) for table in ("w", "a"))
    return (
        "SELECT s.slug, statement_id, CASE WHEN a.place IS NULL THEN 'stands in the index, and is not public' "
        "ELSE 'stands otherwise in the index, or not at all' END FROM pg_temp.talks_search a FULL JOIN "
        f"(SELECT * FROM {live}.talks_search WHERE statement_id > %s AND statement_id <= %s) w USING (statement_id) "
        f"LEFT JOIN {live}.talks_statement s ON s.id = statement_id "
        f"WHERE ({ours}) IS DISTINCT FROM ({theirs}) ORDER BY statement_id LIMIT %s"
    )


@contextmanager
def _aside(cursor: Any) -> Iterator[tuple[str, str]]:
    """A transaction in which whatever is made is temporary, and which is rolled back: the schemas of what is live and of
    what is temporary.
    """
    within = connection.in_atomic_block
    with transaction.atomic():
        if not within:  # what is compared belongs to one state; within a transaction, to that one's
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT quote_ident(current_schema())")
        (live,) = cursor.fetchone()
        cursor.execute("SET LOCAL client_min_messages = error")
        cursor.execute(f"SET LOCAL search_path = pg_temp, {live}")
        cursor.execute("CREATE TEMPORARY TABLE talks_aside ()")
        cursor.execute("SELECT pg_my_temp_schema()::regnamespace::text")
        (temporary,) = cursor.fetchone()
        try:
            yield live, temporary
        finally:
            transaction.set_rollback(True)
