"""Migrations: the guards outlive a changed table, and the schema can be taken down and put up again."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection, models

from talks import edition, guards
from talks.apps import install_guards
from talks.models import Party

pytestmark = pytest.mark.django_db(transaction=True)


def alter(old: models.Field, new: models.Field) -> None:
    """What a migration does: tell the apps, alter the table, tell the apps that it is done."""
    new.set_attributes_from_name(old.name)
    new.model = Party
    guards.remove(using=connection.alias)
    with connection.schema_editor() as editor:
        editor.alter_field(Party, old, new)
    install_guards(using=connection.alias)


@pytest.mark.usefixtures("unnoted")
def test_after_a_field_is_altered_a_write_still_makes_a_new_edition():
    field = Party._meta.get_field("code")
    wider = models.CharField(max_length=9, blank=True)
    try:
        alter(field, wider)
        assert guards.missing() == []
        before = edition.present().number
        Party.objects.create(slug="a", name="A")
        assert edition.present().number == before + 1
    finally:
        alter(wider, field)


def test_a_rebuilt_table_of_sqlite_loses_its_guards_until_they_are_put_back():
    field = Party._meta.get_field("code")
    wider = models.CharField(max_length=9, blank=True)
    wider.set_attributes_from_name("code")
    wider.model = Party
    guards.remove(using=connection.alias)
    try:
        with connection.schema_editor() as editor:
            editor.alter_field(Party, field, wider)
        # PostgreSQL alters in place; SQLite makes a new table, and that is why the guards are made anew.
        assert bool(guards.missing()) == (connection.vendor == "sqlite")
    finally:
        alter(wider, field)
    assert guards.missing() == []


def test_the_schema_can_be_taken_down_and_put_up_again():
    call_command("migrate", "talks", "zero", verbosity=0)
    assert not [name for name in connection.introspection.table_names() if name == "talks_statement"]
    call_command("migrate", verbosity=0)  # the histories too, which rest on these tables and went with them
    assert guards.missing() == []
