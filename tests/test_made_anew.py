"""What PostgreSQL's triggers keep, made anew while editors write: the index of the search, of other columns than those of
the build before, and the tally. Nobody waits, no write fails, and all that was written is found and counted afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from unittest.mock import patch

import psycopg
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from talks import guards
from talks.doctor import examinations
from talks.guards import remade_postgresql, search_postgresql
from tests.conftest import load_built_in_data

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

WRITES = (
    "UPDATE talks_statement SET text = text || ' gewgaw' WHERE slug = 'umerov-awaits-memorandum'",
    "UPDATE talks_person SET name = name || ' Gewgaw' WHERE slug = 'sergey-lavrov'",
    "UPDATE talks_statement SET status = 'review' WHERE slug = 'lavrov-proposes-2-june'",
    "UPDATE talks_editorsnote SET text = text || ' gewgaw' WHERE slug = 'e07-four-days'",
)
# After these a connection has plans at hand that name functions as they were.
WRITTEN_BEFORE = (
    "UPDATE talks_statement SET text = text || ' before' WHERE slug = 'umerov-awaits-memorandum'",
    "UPDATE talks_person SET name = name || ' before' WHERE slug = 'sergey-lavrov'",
    "UPDATE talks_editorsnote SET text = text || ' before' WHERE slug = 'e07-four-days'",
)


def rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def left_over() -> list[tuple]:
    return rows(
        "SELECT relname FROM pg_class WHERE relname ~ 'talks_search_(fresh|waiting)' "
        "UNION ALL SELECT proname FROM pg_proc WHERE proname = 'talks_index_before'"
    )


@pytest.fixture(autouse=True)
def of_the_build_before(transactional_db) -> None:
    """A database whose index lacks a column that this build asks for."""
    call_command("flush", interactive=False, verbosity=0)
    load_built_in_data()
    rows("ALTER TABLE talks_search RENAME COLUMN counted TO formerly")
    rows(search_postgresql.INDEX.replace("is_wording, early, counted", "is_wording, early, formerly"))
    rows("UPDATE talks_search_made SET digest = 'of the build before'")


@contextmanager
def an_editor() -> Iterator[psycopg.Connection]:
    """Another connection, which would rather fail than wait."""
    given = connection.get_connection_params()
    address = {name: given[name] for name in ("host", "port", "user", "password", "dbname") if given.get(name)}
    with closing(psycopg.connect(**address, autocommit=True, options="-c lock_timeout=20ms")) as editor:
        for sql in WRITTEN_BEFORE:
            editor.execute(sql)
        yield editor


@contextmanager
def meanwhile(when: str, act: Callable[[], None]) -> Iterator[list[str]]:
    """Act once, after the first statement of ours that has these words."""
    seen: list[str] = []

    def executed(execute, sql, *arguments):
        result = execute(sql, *arguments)
        if when in str(sql) and not seen:
            seen.append(str(sql))
            act()
        return result

    with connection.execute_wrapper(executed):
        yield seen


def is_in_step() -> bool:
    """Whether the index is as it would be if it were made of what there is now."""
    return [*examinations()["search"]()] == []


@pytest.mark.parametrize(
    "when",
    ["SET LOCAL maintenance_work_mem", "INSERT INTO talks_search_fresh", "CREATE INDEX talks_search_fresh_document"],
)
def test_who_writes_while_an_index_is_filled_waits_for_nothing_and_is_found_in_it(when):
    with an_editor() as editor, meanwhile(when, lambda: [editor.execute(sql) for sql in WRITES]) as seen:
        call_command("migrate", verbosity=0)
    assert seen
    assert rows("SELECT count(*) FROM talks_search WHERE document @@ 'gewgaw'")[0][0] > 1
    assert is_in_step()
    assert left_over() == []
    assert guards.missing() == []


def test_who_writes_between_two_steps_is_found_too():
    with an_editor() as editor:
        caught_up = remade_postgresql._catch_up

        def late(cursor):
            number = caught_up(cursor)
            for sql in WRITES if not done else ():
                editor.execute(sql)
            done.append(number)
            return number

        done: list[int] = []
        with patch.object(remade_postgresql, "_catch_up", late):
            call_command("migrate", verbosity=0)
    assert is_in_step()
    assert left_over() == []


def test_an_index_whose_making_was_broken_off_is_in_use_and_in_step_until_the_next_try():
    def fault() -> None:
        raise OperationalError("as if the server had gone")

    with meanwhile("CREATE INDEX talks_search_fresh_document", fault), pytest.raises(OperationalError):
        call_command("migrate", verbosity=0)
    assert left_over()
    before = rows("SELECT count(*) FROM talks_search WHERE document @@ 'gewgaw'")
    for sql in WRITES:
        rows(sql)
    assert rows("SELECT count(*) FROM talks_search WHERE document @@ 'gewgaw'") > before
    call_command("migrate", verbosity=0)
    assert left_over() == []
    assert is_in_step()


def test_an_index_whose_function_somebody_dropped_is_made_anew_all_the_same():
    rows("DROP FUNCTION talks_index(bigint[])")
    call_command("migrate", verbosity=0)
    assert is_in_step()
    assert left_over() == []


@pytest.mark.parametrize("wrong", ["UPDATE talks_tally SET number = number + 7", "DROP TABLE talks_tally"])
def test_what_is_written_while_all_is_counted_anew_is_in_the_tally_too(wrong):
    with an_editor() as editor:
        rows(wrong)
        ((before,),) = rows("SELECT number FROM talks_edition")
        with meanwhile("HAVING sum(kept)", lambda: [editor.execute(sql) for sql in WRITES]) as seen:
            call_command("migrate", verbosity=0)
    assert seen
    assert [*examinations()["tally"]()] == []
    assert rows("SELECT number FROM talks_edition")[0][0] == before + len(WRITES) + 1


def test_who_may_read_the_index_may_read_the_one_that_takes_its_place():
    rows("CREATE ROLE talks_one_who_reads")
    try:
        rows("GRANT SELECT ON talks_statement, talks_search TO talks_one_who_reads")
        call_command("migrate", verbosity=0)
        assert rows("SELECT has_table_privilege('talks_one_who_reads', 'talks_search', 'SELECT')") == [(True,)]
    finally:
        rows("DROP OWNED BY talks_one_who_reads")
        rows("DROP ROLE talks_one_who_reads")
