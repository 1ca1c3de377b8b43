"""For what a migration makes others wait on PostgreSQL, beside its own SQL: the guards that are put back after each one,
and whoever reads for long. Nothing is timed: what is held is asked of the server while it is held.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from unittest.mock import patch

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, transaction

from talks.guards import remade_postgresql
from tests.conftest import load_built_in_data

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

# Locks under which nobody else can write, or read, or both.
_HELD = """
SELECT min(mode) FROM pg_locks WHERE pid = pg_backend_pid() AND relation = 'talks_statement'::regclass
AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"""
_KEPT_OUT = """
SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
WHERE l.pid = pg_backend_pid() AND l.mode = 'AccessExclusiveLock' AND c.relname = 'talks_search'"""
_READ = "SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_xact_user_tables WHERE relname = 'talks_statement'"


@pytest.fixture(autouse=True)
def _data(transactional_db):
    call_command("flush", interactive=False, verbosity=0)
    load_built_in_data()


@contextmanager
def looking_on(look):
    """Call it with a question of its own to the server, before and after each statement of ours; gives what it told."""
    told: list[str] = []

    def answer(question: str):
        with connection.connection.cursor() as cursor:  # past Django, or it would look at itself
            return cursor.execute(question).fetchone()[0]

    def executed(execute, sql, *arguments):
        before = look(answer, sql)
        result = execute(sql, *arguments)
        if fault := look(answer, sql, before):
            told.append(f"{fault}: {' '.join(str(sql).split())[:100]}")
        return result

    with connection.execute_wrapper(executed):
        yield told


def reading_under_a_lock(answer, sql, before=None):
    """First how often the table of statements was read; then, if it was read since under a lock, which one."""
    if "talks_" not in str(sql):
        return None
    read = answer(_READ)
    if before is None:
        return read
    return answer(_HELD) if read > before else None


def test_who_watches_sees_a_table_that_is_read_under_a_lock():
    with looking_on(reading_under_a_lock) as told, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM talks_statement")
        cursor.execute("CREATE INDEX talks_one ON talks_statement (cue)")
        cursor.execute("LOCK TABLE talks_statement IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SELECT count(*) FROM talks_statement")
        transaction.set_rollback(True)
    assert [line.partition(":")[0] for line in told] == ["ShareLock", "AccessExclusiveLock"]


def test_guards_that_are_put_back_as_they_were_keep_nobody_waiting_while_statements_are_counted():
    with looking_on(reading_under_a_lock) as told:
        call_command("migrate", verbosity=0)
    assert told == []


def test_a_migration_that_has_to_wait_for_a_reader_gives_up_before_the_others_who_wait_behind_it_notice():
    def unbounded(answer, sql, before=None):
        locks = (
            str(sql).lstrip().startswith(("DROP TRIGGER", "CREATE TRIGGER", "ALTER TABLE", "LOCK TABLE", "DROP TABLE"))
        )
        return "waits for ever" if locks and answer("SELECT current_setting('lock_timeout')") == "0" else None

    call_command("migrate", "talks", "0006", verbosity=0)
    try:
        with looking_on(unbounded) as told:
            call_command("migrate", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)
    assert told == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        assert cursor.fetchone() == ("0",), "only for a migration: an editor may have to wait for a release"


def reading_while_nobody_can_search(answer, sql, before=None):
    """First how often statements were read, and how many locks keep searches waiting; then whether they were since."""
    if "talks_" not in str(sql):
        return None
    read = answer(_READ)
    if before is None:
        return read, answer(_KEPT_OUT)
    return "nobody could search" if read > before[0] and before[1] else None


def test_readers_search_while_the_index_is_filled_anew():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE talks_search_made SET digest = 'of another build'")
        with looking_on(reading_while_nobody_can_search) as told:
            call_command("migrate", verbosity=0)
        assert told == []
        cursor.execute("SELECT digest FROM talks_search_made")
        assert cursor.fetchone() != ("of another build",)


def test_who_watches_sees_that_an_index_is_filled_while_nobody_can_search():
    with looking_on(reading_while_nobody_can_search) as told, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE talks_search")
        cursor.execute("SELECT talks_index(array(SELECT id FROM talks_statement))")
        transaction.set_rollback(True)
    assert len(told) == 1


def test_an_index_that_somebody_reads_for_long_is_waited_for_in_short_turns():
    given = connection.get_connection_params()
    address = {name: given[name] for name in ("host", "port", "user", "password", "dbname") if given.get(name)}
    with connection.cursor() as cursor, closing(psycopg.connect(**address)) as reader:
        cursor.execute("UPDATE talks_search_made SET digest = 'of another build'")
        reader.execute("SELECT count(*) FROM talks_search").fetchone()
        with patch.object(remade_postgresql.time, "sleep", side_effect=lambda _: reader.rollback()) as turns:
            call_command("migrate", verbosity=0)
        assert turns.call_count == 1
        cursor.execute("SELECT count(*) FROM talks_search")
        assert cursor.fetchone()[0] > 0


def test_a_page_that_was_begun_before_a_migration_ended_has_its_numbers_and_finds_its_words():
    given = connection.get_connection_params()
    address = {name: given[name] for name in ("host", "port", "user", "password", "dbname") if given.get(name)}
    kept = "SELECT (SELECT count(*) FROM talks_tally), (SELECT count(*) FROM talks_search)"
    with closing(psycopg.connect(**address)) as reader:
        before = reader.execute(kept).fetchone()
        reader.rollback()
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("SELECT number FROM talks_edition").fetchone()  # as the middleware asks first
        call_command("migrate", verbosity=0)
        assert reader.execute(kept).fetchone() == before
    assert min(before) > 0


def test_an_index_whose_making_was_broken_off_is_made_when_the_migration_is_repeated():
    call_command("migrate", "talks", "0006", verbosity=0)
    with connection.cursor() as cursor:  # as a process leaves it that was killed: there, and of no use
        cursor.execute("CREATE INDEX statement_not_public ON talks_statement (id)")
        call_command("migrate", verbosity=0)
        cursor.execute("SELECT pg_get_indexdef('statement_not_public'::regclass)")
        assert "(status, said_from DESC, slug DESC)" in cursor.fetchone()[0]
        cursor.execute("SELECT current_setting('lock_timeout')")
        assert cursor.fetchone() == ("0",)


def test_no_index_of_a_migration_is_made_or_dropped_while_others_wait():
    told: list[str] = []

    def indexed(execute, sql, *arguments):
        told.extend([str(sql)] if "INDEX" in str(sql) and "talks_search" not in str(sql) else [])
        return execute(sql, *arguments)

    with connection.execute_wrapper(indexed):
        call_command("migrate", "talks", "0005", verbosity=0)
        call_command("migrate", verbosity=0)
    assert len(told) > 10
    assert [sql for sql in told if "CONCURRENTLY" not in sql] == []
