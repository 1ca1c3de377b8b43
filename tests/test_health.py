"""`/healthz` says whether a process lives, `/readyz` whether it can serve, and neither is kept by anybody."""

from __future__ import annotations

from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from talks.models import Edition
from tests.prepared import a_prepared_place
from tests.servers import POSTGRES, ask


@pytest.fixture(params=["public", "desk"])
def process(request):
    if request.param == "desk":
        request.getfixturevalue("editor_site")


def test_a_process_that_lives_says_so_without_asking_anybody(client, process, django_assert_num_queries):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_a_process_with_its_database_is_ready(client, process):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_a_missing_migration_is_named(client, process):
    MigrationRecorder(connection).record_unapplied("talks", "0003_what_waits_at_the_desk")
    answer = client.get("/readyz")
    told = b"A migration is missing: talks 0003_what_waits_at_the_desk.\n"
    assert (answer.status_code, answer.content) == (503, told)


@pytest.mark.django_db
def test_the_migrations_of_a_newer_build_are_no_fault(client, process):
    MigrationRecorder(connection).record_applied("talks", "0999_of_the_next_build")
    MigrationRecorder(connection).record_applied("something", "0001_initial")
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_an_empty_database_is_not_ready(client, process):
    Edition.objects.all().delete()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"The database is empty.\n")


@contextmanager
def without_database(place):
    """SQLite's file is elsewhere; PostgreSQL refuses every connection to the database, and ends those that there are."""
    file = place.var / "talks.sqlite3"
    if not POSTGRES:
        file.rename(file.with_suffix(".away"))
        yield
        file.with_suffix(".away").rename(file)
        return
    server, _, name = place.database.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as postgres:
        postgres.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
        postgres.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


@pytest.mark.live
def test_without_its_database_it_lives_and_is_not_ready_until_it_is_back():
    with a_prepared_place() as place, place.served(WORKERS="1") as (port, _):
        assert ask(port, "/readyz").status == 200
        with without_database(place):
            assert ask(port, "/healthz").status == 200
            answer = ask(port, "/readyz")
            assert (answer.status, answer.body) == (503, b"The database does not answer.\n")
        assert ask(port, "/readyz").status == 200
