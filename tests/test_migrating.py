"""Migrations with data in the tables: each can be taken back and put back, and none locks a large table or takes away
what the last build needs. `test_next_build.py` does it under a process that serves.
"""

from __future__ import annotations

import io
import sys
from datetime import date

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, migrations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from talks import edition, guards
from talks.doctor import Remark, examinations
from talks.models import Correction, LinkCheck, Redirect, Source, SourceText, Tombstone
from tests.conftest import load_built_in_data
from tests.harmless import LEFT_OUT, READ, Reader

OURS = ("talks", "editing")
# The last migration of each app in the last build that was published: what that one asks for must not be taken away.
# Move it up with each build that is published.
PUBLISHED = {"talks": "0011_the_index_has_a_sample", "editing": "0001_initial"}
BEFORE_THE_FIRST = "it was made before the first build was published, when no site had rows in its tables"
# Migrations that do what the reader of their SQL refuses, with all that it says, and why they may.
KNOWN = {
    "talks.0002_corrections_and_releases": ({LEFT_OUT}, BEFORE_THE_FIRST),
    "talks.0005_wordings_by_their_own_index": ({READ}, BEFORE_THE_FIRST),
}
# Migrations that cannot be taken back, and why; each says so itself, too.
ONE_WAY: dict[str, str] = {}
ONE_WAY_WORDS = "cannot be taken back"


def in_order() -> list[migrations.Migration]:
    """Our migrations, each after all that it rests on."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    return [migration for migration, _ in plan if migration.app_label in OURS]


def before(migration: migrations.Migration) -> str:
    """What to migrate its app to, so that it is taken back."""
    names = [other.name for other in in_order() if other.app_label == migration.app_label]
    return ["zero", *names][names.index(migration.name)]


# What can be said without a database.


def one_way(migration: migrations.Migration) -> bool:
    return not all(operation.reversible for operation in migration.operations)


def admits(migration: migrations.Migration) -> bool:
    """Whether its docstring says that there is no way back."""
    told = (sys.modules[type(migration).__module__].__doc__ or "") + (type(migration).__doc__ or "")
    return ONE_WAY_WORDS in " ".join(told.split())


def test_a_migration_that_cannot_be_taken_back_says_so_and_is_listed_with_the_reason():
    ours = [migration for migration in MigrationLoader(None).disk_migrations.values() if migration.app_label in OURS]
    assert {str(migration) for migration in ours if one_way(migration)} == ONE_WAY.keys()
    assert [str(migration) for migration in ours if one_way(migration) != admits(migration)] == []


def test_that_test_can_tell_a_migration_that_cannot_be_taken_back():
    class Silent(migrations.Migration):
        operations = [migrations.RunSQL("SELECT 1")]

    class Open(Silent):
        """It cannot be
        taken back: what it throws away is nowhere else.
        """

    class Reversible(migrations.Migration):
        operations = [migrations.RunSQL("SELECT 1", "SELECT 1")]

    made = [kind("0009", "talks") for kind in (Silent, Open, Reversible)]
    assert [(one_way(migration), admits(migration)) for migration in made] == [
        (True, False),
        (True, True),
        (False, False),
    ]


# What PostgreSQL is told.


def columns(app: str, name: str, at_end: bool) -> set[tuple[str, str]]:
    """(table, column) of all that an app's models ask for before or after a migration."""
    state = MigrationLoader(connection).project_state((app, name), at_end).apps
    models = [model for model in state.get_models(include_auto_created=True) if model._meta.app_label == app]
    return {(model._meta.db_table, field.column) for model in models for field in model._meta.concrete_fields}


def asked_by_the_last_build(migration: migrations.Migration) -> frozenset[tuple[str, str]]:
    """What is there before the migration, and what the build that was published last asks for: it may lag by several."""
    app = migration.app_label
    return frozenset(columns(app, migration.name, at_end=False) | columns(app, PUBLISHED[app], at_end=True))


@pytest.mark.postgresql
@pytest.mark.django_db
def test_no_migration_locks_a_large_table_or_takes_away_what_the_last_build_asks_for():
    reader, found = Reader(), {}
    for migration in in_order():
        told = io.StringIO()
        call_command("sqlmigrate", migration.app_label, migration.name, stdout=told, no_color=True)
        asked = asked_by_the_last_build(migration) if "DROP" in told.getvalue() else frozenset()
        found[str(migration)] = list(reader.complaints(told.getvalue(), asked))
    new = {name: complaints for name, complaints in found.items() if complaints and name not in KNOWN}
    assert new == {}
    assert {name: {why for why, _ in found[name]} for name in KNOWN} == {
        name: whys for name, (whys, _) in KNOWN.items()
    }


def test_what_is_excused_was_published_already():
    for name in KNOWN:
        app, _, migration = name.partition(".")
        assert migration <= PUBLISHED[app], "only what nobody's site had rows for is excused"


# There and back.


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def contents() -> dict[tuple[str, str], list]:
    """Every value of every column of our tables, in the order of keys; (table, column) to its values."""
    found: dict[tuple[str, str], list] = {}
    there = set(connection.introspection.table_names())
    models = [model for label in OURS for model in apps.get_app_config(label).get_models(include_auto_created=True)]
    tables = {model._meta.db_table: model._meta.pk.column for model in models if model._meta.managed}
    with connection.cursor() as cursor:
        for table in sorted(there & tables.keys() - {"talks_edition"}):
            cursor.execute(f"SELECT * FROM {table} ORDER BY {tables[table]}")
            names, rows = [column[0] for column in cursor.description], cursor.fetchall()
            found |= {(table, name): [row[number] for row in rows] for number, name in enumerate(names)}
    return found


def ailments() -> dict[str, list[str]]:
    """What the doctor finds wrong, the guards that are missing among it."""
    told = {name: [line for line in look() if not isinstance(line, Remark)] for name, look in examinations().items()}
    return {name: lines for name, lines in {**told, "guards": guards.missing()}.items() if lines}


def with_rows_everywhere() -> None:
    """The built-in data, and a row in each table that it leaves empty."""
    call_command("flush", interactive=False, verbosity=0)
    load_built_in_data()
    Redirect.objects.create(record="parties", old_slug="old-name", slug="ukraine")
    Tombstone.objects.create(record="people", slug="gone", withdrawn_on="2025-06-03", withdrawn_because="Not a person.")
    fact = {"record": "parties", "noun": "ukraine", "kind": "addition", "reason": "It was missing."}
    Correction.objects.create(slug="ukraine-1", corrected_at=timezone.now(), **fact)
    LinkCheck.objects.create(source=Source.objects.first(), checked_at=timezone.now(), status=200)
    held = SourceText(source=Source.objects.first())
    held.hold("Words that nobody quotes.", date(2025, 6, 3))
    held.source.save()
    held.save()
    call_command("release", stdout=io.StringIO())


def kept(there: dict, then: dict) -> dict:
    """What both have, as the first has it."""
    return {column: values for column, values in there.items() if column in then}


def step(target: tuple[str, str], now: dict) -> dict:
    """Migrate one step: what is there before and after it is the same, and sound as soon as all tables are there."""
    number = edition.present().number
    call_command("migrate", *target, verbosity=0)
    then = contents()
    assert kept(now, then) == kept(then, now), f"{target} changes rows"
    assert edition.present().number >= number, f"{target} takes the edition back"
    if guarded():
        assert ailments() == {}, target
    return then


def guarded() -> bool:
    """Whether the database has all tables that guards stand on."""
    return set(guards.public_tables()) <= set(connection.introspection.table_names())


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("releases")
def test_each_migration_can_be_taken_back_and_put_back_with_its_data_in_place():
    with_rows_everywhere()
    first = now = lowest = contents()
    assert [column for column, values in now.items() if not values] == [], "no table is empty"
    assert ailments() == {}
    # The first one made the tables: without it there are no rows to compare (test_migrations.py takes it back, too).
    steps = in_order()[1:]
    try:
        for migration in reversed(steps):
            now = step((migration.app_label, before(migration)), now)
            lowest = kept(lowest, now)
        for migration in steps:
            now = step((migration.app_label, migration.name), now)
    finally:
        call_command("migrate", verbosity=0)
    assert now.keys() == first.keys()
    assert kept(first, lowest) == kept(now, lowest)
    assert {table for table, _ in lowest} >= {"talks_statement", "talks_passage", "talks_source", "talks_meeting"}
