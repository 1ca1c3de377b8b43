"""The public process's own way into a database: what it may not even read, and how PostgreSQL is to answer it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import psycopg
import pytest
from django.apps import apps
from django.db import connection

from config.databases import deny_writes, read_only
from talks.guards import public_tables

# The edition, and the names of the models, which are no secret.
NO_SECRET = {"talks_edition", "django_content_type"}


def others() -> list[str]:
    """Every table of the editor's process that is none of the public ones."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    return sorted(tables - set(public_tables()) - NO_SECRET)


def test_there_are_accounts_second_factors_sessions_and_histories_to_be_kept_from_it():
    assert {"auth_user", "django_session", "otp_totp_totpdevice", "editing_historicalstatement"} <= set(others())


@pytest.mark.sqlite
@pytest.mark.django_db
@pytest.mark.parametrize("table", others())
def test_what_belongs_to_editors_cannot_be_read(tmp_path, table):
    file = tmp_path / "talks.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name IN (%s, %s)",
                       [table, "talks_party"])  # fmt: skip
        made = dict(cursor.fetchall())
    with closing(sqlite3.connect(file)) as writer:
        for sql in made.values():
            writer.execute(sql)
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as reader:
        deny_writes(reader)
        assert reader.execute("SELECT count(*) FROM talks_party").fetchone() == (0,)
        for asked in (f"SELECT * FROM {table}", f"SELECT 1 FROM talks_party WHERE EXISTS (SELECT 1 FROM {table})"):
            with pytest.raises(sqlite3.DatabaseError):
                reader.execute(asked).fetchall()


@pytest.mark.postgresql
@pytest.mark.django_db
def test_no_question_is_compiled_or_shared_out_before_its_first_row():
    options = read_only({**connection.settings_dict, "OPTIONS": {}})["OPTIONS"]["options"]
    with closing(psycopg.connect(**{**connection.get_connection_params(), "options": options})) as reader:
        told = {name: reader.execute(f"SHOW {name}").fetchone() for name in ("jit", "max_parallel_workers_per_gather")}
    assert told == {"jit": ("off",), "max_parallel_workers_per_gather": ("0",)}
