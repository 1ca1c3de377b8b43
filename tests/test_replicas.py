"""Which of several databases a public process reads, and what its threads leave open; the servers are elsewhere."""

from __future__ import annotations

import psycopg
import pytest
from django.core.signals import request_finished
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from config.databases import CONNECT_SECONDS, nearest, read_only
from config.environment import Settings
from config.front import Front

ONE, TWO = "postgresql://reader:p%2Cq@one/talks", "postgresql://reader:p%2Cq@two:5433/talks"


def told(monkeypatch, **environment) -> Settings:
    """What the process would know of such an environment."""
    for name in ("DATABASE_URL", "PUBLIC_DATABASE_URL", "DATABASE_REPLICA_URLS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_without_replicas_a_process_reads_its_own_database(monkeypatch):
    settings = told(monkeypatch, PUBLIC_DATABASE_URL=ONE, DATABASE_REPLICA_URLS="")
    assert (settings.problems, settings.replicas) == ([], [])
    assert nearest(settings.public_database, settings.replicas, 7)["HOST"] == "one"


@pytest.mark.parametrize(("number", "hosts", "ports"), [(6, "one,two", "5432,5433"), (7, "two,one", "5433,5432")])
def test_processes_take_turns_and_each_has_the_others_to_fall_back_to(monkeypatch, number, hosts, ports):
    settings = told(monkeypatch, DATABASE_REPLICA_URLS=f"{ONE}, {TWO}")
    assert settings.problems == []
    chosen = read_only(nearest(settings.public_database, settings.replicas, number))
    assert (chosen["HOST"], chosen["PORT"]) == (hosts, ports)
    assert (chosen["USER"], chosen["PASSWORD"], chosen["NAME"]) == ("reader", "p,q", "talks")
    assert chosen["OPTIONS"]["connect_timeout"] == CONNECT_SECONDS
    assert "default_transaction_read_only=on" in chosen["OPTIONS"]["options"]
    assert chosen["CONN_HEALTH_CHECKS"]


@pytest.mark.parametrize(
    ("urls", "why"),
    [
        ("sqlite:///talks.sqlite3", "only PostgreSQL has replicas"),
        (f"{ONE},sqlite:///talks.sqlite3", "only PostgreSQL has replicas"),
        ("postgresql:///talks", "USER:PASSWORD@HOST"),
        (f"{ONE},", "with commas between"),
        (f"{ONE},nonsense", "with commas between"),
        (f"{ONE},{TWO.replace('/talks', '/other')}", "only host and port may differ"),
        (f"{ONE},{TWO.replace('reader', 'writer')}", "only host and port may differ"),
        (f"{ONE},{TWO}?sslmode=require", "only host and port may differ"),
    ],
)
def test_replicas_that_cannot_be_are_told_in_one_line_beside_other_faults(monkeypatch, urls, why):
    problems = told(monkeypatch, DATABASE_REPLICA_URLS=urls, SITE_URL="ftp://x", DATABASE_URL="mysql://u@h/n").problems
    assert [line.partition(":")[0] for line in problems] == ["SITE_URL", "DATABASE_URL", "DATABASE_REPLICA_URLS"]
    assert why in problems[-1]
    assert "p%2Cq" not in problems[-1], "a password is for no log"


@pytest.mark.postgresql
@pytest.mark.django_db
def test_a_replica_that_is_not_there_is_passed_over():
    here = connections["default"].settings_dict
    gone = {**here, "HOST": "127.0.0.1", "PORT": "1"}
    chosen = nearest(here, [gone, here], 0)
    assert chosen["PORT"].startswith("1,")
    wrapper = connections["default"].__class__(chosen)
    wrapper.ensure_connection()
    assert wrapper.connection.info.port == int(here["PORT"] or 5432)
    wrapper.close()
    alone = connections["default"].__class__(nearest(here, [gone], 0))
    with pytest.raises(Exception, match="refused") as caught:
        alone.ensure_connection()
    assert isinstance(caught.value.__cause__, psycopg.OperationalError)


@pytest.mark.django_db
@pytest.mark.parametrize(("pool", "stays"), [("pages", True), ("streams", False)])
def test_a_thread_of_streams_leaves_no_connection_open_and_one_of_pages_keeps_its_own(pool, stays, tmp_path):
    front = Front(None, {})

    def one_request():
        """In a thread of the front: it reads, its request ends. Gives whether the connection is still there."""
        usual = connections["default"].settings_dict
        wrapper = DatabaseWrapper({**usual, "NAME": str(tmp_path / "file"), "OPTIONS": {}, "CONN_MAX_AGE": 60})
        connections["default"] = wrapper
        wrapper.ensure_connection()
        try:
            request_finished.send(sender=None)
            return wrapper.connection is not None
        finally:
            wrapper.close()

    try:
        threads = {"pages": front.pages, "streams": front.streams.pool}[pool]
        assert threads.submit(one_request).result() is stays
    finally:
        front.pages.shutdown()
        front.streams.shutdown()
