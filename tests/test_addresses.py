"""An address is used once, whoever writes: by SQL, through models, from files. Old addresses make no chains."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from talks.fixtures import FILES
from talks.guards import addresses
from talks.models import Party, Person, Redirect, Source, Statement, Tombstone
from talks.models.base import Noun
from talks.records import RECORDS
from tests.conftest import load_built_in_data
from tests.test_fixtures import BUILT_IN, add
from tests.test_import import counts, lined, named, refusal, take
from tests.test_release import STANDING, cut, empty

pytestmark = pytest.mark.django_db

QUOTATION = "umerov-awaits-memorandum"
WITHDRAWN = {"status": "withdrawn", "withdrawn_on": "2026-01-01", "withdrawn_because": "A double."}
NOUNS = {name: record.model for name, record in RECORDS.items() if issubclass(record.model, Noun)}


def run(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def refused(sql: str, *values: object) -> str:
    """What the database says in refusing this SQL; empty if it does not."""
    try:
        with transaction.atomic():
            run(sql, *values)
    except DatabaseError as error:
        return str(error)
    return ""


def bury(record: str, slug: str) -> Tombstone:
    return Tombstone.objects.create(record=record, slug=slug, withdrawn_on="2026-01-01", withdrawn_because="A double.")


def move(record: str, old: str, new: str) -> Redirect:
    return Redirect.objects.create(record=record, old_slug=old, slug=new)


REMEMBERED = {"a tombstone": bury, "a redirect": lambda record, slug: move(record, slug, "elsewhere")}


def test_the_guards_know_the_table_of_every_noun():
    assert {name: model._meta.db_table for name, model in NOUNS.items()} == addresses.NOUNS


# Used once.


@pytest.mark.parametrize("how", REMEMBERED)
@pytest.mark.parametrize("record", NOUNS)
def test_a_slug_that_was_used_is_given_to_no_noun_again(record, how):
    model = NOUNS[record]
    table, first = model._meta.db_table, model.objects.first()
    REMEMBERED[how](record, "gone")
    assert f"{table}.slug was used before: " in refused(f"UPDATE {table} SET slug = 'gone' WHERE id = %s", first.pk)
    first.slug = "gone"
    with pytest.raises(DatabaseError, match=rf"{table}\.slug was used before"), transaction.atomic():
        first.save()
    assert refused(f"UPDATE {table} SET slug = 'free' WHERE id = %s", first.pk) == ""


@pytest.mark.parametrize("how", REMEMBERED)
def test_a_slug_that_was_used_is_refused_for_a_new_noun_of_its_record_alone(how):
    REMEMBERED[how]("parties", "gone")
    with pytest.raises(DatabaseError, match=r"talks_party\.slug was used before"), transaction.atomic():
        Party.objects.create(slug="gone", name="A draft")
    with pytest.raises(DatabaseError, match="was used before"), transaction.atomic():
        Party.objects.bulk_create([Party(slug="new", name="New"), Party(slug="gone", name="Gone")])
    assert not Party.objects.filter(slug="new").exists()
    Person.objects.create(slug="gone", name="Of another record", sort_name="Another")


@pytest.mark.parametrize("how", REMEMBERED)
def test_the_address_of_a_noun_that_stands_is_no_old_one(how):
    Party.objects.create(slug="a-draft", name="A draft")
    for slug in ("ukraine", "a-draft"):
        with pytest.raises(DatabaseError, match="is the address of a record that stands"), transaction.atomic():
            REMEMBERED[how]("parties", slug)
    made = REMEMBERED[how]("parties", "gone")
    column = addresses.MEMORY[made._meta.db_table]
    sql = f"UPDATE {made._meta.db_table} SET {column} = 'ukraine' WHERE id = %s"
    assert f"{made._meta.db_table}.{column} is the address of a record that stands" in refused(sql, made.pk)
    REMEMBERED[how]("people", "ukraine")


def test_the_tombstone_of_a_withdrawn_noun_may_stand_beside_it():
    Party.objects.create(slug="a-double", name="A double", **{**STANDING, **WITHDRAWN})
    bury("parties", "a-double")
    assert refused("UPDATE talks_party SET name = 'Another name' WHERE slug = 'a-double'") == ""


@pytest.mark.parametrize("how", REMEMBERED)
def test_a_form_says_beside_the_slug_that_it_was_used(how):
    REMEMBERED[how]("editors_notes", "gone")
    note = NOUNS["editors_notes"].objects.first()
    note.full_clean()
    note.slug = "gone"
    with pytest.raises(ValidationError) as caught:
        note.full_clean()
    whose = "“elsewhere”" if how == "a redirect" else "a editor’s note that was withdrawn"
    assert caught.value.message_dict == {"slug": [f"“gone” was used before by {whose} and is never used again."]}


def test_looking_for_former_users_costs_two_questions(django_assert_num_queries):
    person = Person(slug="new", name="New", sort_name="New")
    with django_assert_num_queries(3):  # with the one for nouns that have it now
        person.validate_unique()


# Withdrawn for good.


@pytest.fixture
def double():
    return Party.objects.create(slug="a-double", name="A double", **{**STANDING, **WITHDRAWN})


FREE = "withdrawn_on = NULL, withdrawn_because = ''"


@pytest.mark.parametrize(
    "change",
    ["slug = 'other'", f"status = 'published', {FREE}", f"status = 'draft', {FREE}", f"status = 'review', {FREE}",
     f"status = 'draft', {FREE}, imported_sha256 = ''"],
)  # fmt: skip
def test_what_is_withdrawn_stays_so_and_keeps_its_slug(double, change):
    told = refused(f"UPDATE talks_party SET {change} WHERE id = %s", double.pk)
    assert "talks_party.status: what is withdrawn stays withdrawn, and keeps its slug" in told
    Party.objects.filter(pk=double.pk).update(imported_sha256="a" * 64)
    assert refused(f"UPDATE talks_party SET {change} WHERE id = %s", double.pk)


def test_the_reason_of_a_withdrawal_may_be_put_better(double):
    assert refused("UPDATE talks_party SET withdrawn_because = 'Told better.' WHERE id = %s", double.pk) == ""
    double.refresh_from_db()
    double.name = "A better name"
    double.save()


# Deleted.


def test_what_was_public_leaves_a_tombstone_however_it_is_deleted(client):
    Party.objects.create(slug="by-sql", name="One", **STANDING)
    Party.objects.create(slug="through-django", name="Two", **STANDING)
    Party.objects.create(slug="taken-back", name="Three", **{**STANDING, "status": "draft"})
    run("DELETE FROM talks_party WHERE slug IN ('by-sql', 'taken-back')")
    Party.objects.get(slug="through-django").delete()
    found = dict(Tombstone.objects.values_list("slug", "withdrawn_because"))
    assert found == dict.fromkeys(["by-sql", "taken-back", "through-django"], "No reason was recorded.")
    assert client.get("/parties/by-sql/").status_code == 410
    with pytest.raises(DatabaseError, match="was used before"), transaction.atomic():
        Party.objects.create(slug="by-sql", name="Another")


def test_a_withdrawn_noun_that_is_deleted_keeps_its_day_and_reason(double):
    run("DELETE FROM talks_party WHERE id = %s", double.pk)
    [stone] = Tombstone.objects.all()
    assert (str(stone), str(stone.withdrawn_on), stone.withdrawn_because) == (
        "parties/a-double", "2026-01-01", "A double.",
    )  # fmt: skip


def test_a_tombstone_that_stands_already_is_kept(double):
    Tombstone.objects.create(record="parties", slug="a-double", withdrawn_on="2025-05-05", withdrawn_because="Known.")
    run("DELETE FROM talks_party WHERE id = %s", double.pk)
    assert Tombstone.objects.get().withdrawn_because == "Known."


def test_what_was_never_public_leaves_nothing():
    for status in ("draft", "review"):
        Party.objects.create(slug=status, name=status, status=status)
        run("DELETE FROM talks_party WHERE slug = %s", status)
        Party.objects.create(slug=status, name="Another", status=status)
    assert not Tombstone.objects.exists()


@pytest.mark.parametrize("record", NOUNS)
def test_every_kind_of_record_leaves_one(record):
    model = NOUNS[record]
    run("DELETE FROM talks_meetingstate")
    run("DELETE FROM talks_delegationmember")
    empty_but(record)
    slugs = set(model.objects.values_list("slug", flat=True))
    Tombstone.objects.all().delete()
    run(f"DELETE FROM {model._meta.db_table}")
    assert set(Tombstone.objects.values_list("record", "slug")) == {(record, slug) for slug in slugs}
    assert slugs


def empty_but(record: str) -> None:
    """Delete all that could need this record."""
    tables = ("statements", "delegations", "editors_notes", "meetings", "people", "sources", "parties")
    for model in (model for name in tables for model in [NOUNS[name]] if name != record):
        for field in model._meta.many_to_many:
            run(f"DELETE FROM {field.m2m_db_table()}")
    for field in NOUNS[record]._meta.many_to_many:
        run(f"DELETE FROM {field.m2m_db_table()}")
    run("DELETE FROM talks_passage")
    for name in tables:
        if name == record:
            return
        run(f"DELETE FROM {NOUNS[name]._meta.db_table}")


# No chains.


def test_a_redirect_leads_to_no_other_and_no_other_leads_to_it():
    move("people", "b", "c")
    for old, new in (("a", "b"), ("c", "d"), ("c", "b")):
        sql = "INSERT INTO talks_redirect (record, old_slug, slug) VALUES ('people', %s, %s)"
        assert addresses.CHAIN in refused(sql, old, new), (old, new)
        with pytest.raises(DatabaseError, match="by no other old address"), transaction.atomic():
            move("people", old, new)
    first = move("people", "a", "c")
    assert addresses.CHAIN in refused("UPDATE talks_redirect SET slug = 'b' WHERE id = %s", first.pk)
    assert addresses.CHAIN in refused("UPDATE talks_redirect SET old_slug = 'c', slug = 'x' WHERE id = %s", first.pk)
    move("parties", "c", "b")


def test_a_chain_is_shortened_and_then_made_longer():
    party = Party.objects.create(slug="a", name="A party", **STANDING)
    for old, new in (("a", "b"), ("b", "c")):
        run("UPDATE talks_party SET slug = %s WHERE id = %s", new, party.pk)
        Redirect.objects.filter(slug=old).update(slug=new)
        move("parties", old, new)
    assert set(Redirect.objects.values_list("old_slug", "slug")) == {("a", "c"), ("b", "c")}
    assert refused("UPDATE talks_party SET slug = 'a' WHERE id = %s", party.pk)


# Files and releases.


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(BUILT_IN, tmp_path / "fixtures"))


def load(folder: Path) -> None:
    call_command("loaddata", *(str(folder / f"{name}.json") for name in FILES), force=True, verbosity=0)


def redirects() -> set[tuple[str, str]]:
    return set(Redirect.objects.values_list("old_slug", "slug"))


def leads(folder: Path, **moves: str) -> Path:
    for old, new in moves.items():
        add(folder, "redirects", Redirect, record="people", old_slug=old, slug=new)
    return folder


def test_files_bring_redirects_over_those_that_were_shorter(folder):
    move("people", "a", "b")
    load(leads(folder, a="c", b="c"))
    assert redirects() == {("a", "c"), ("b", "c")}
    load(folder)
    assert redirects() == {("a", "c"), ("b", "c")}


def test_redirects_that_stay_are_led_on_by_those_that_come(folder):
    move("people", "a", "b")
    load(leads(folder, b="c"))
    assert redirects() == {("a", "c"), ("b", "c")}


def test_redirects_that_come_are_led_on_by_those_that_stay(folder):
    move("people", "b", "c")
    load(leads(folder, a="b"))
    assert redirects() == {("a", "c"), ("b", "c")}


def test_a_redirect_that_stays_gives_way_to_its_reverse(folder):
    move("people", "a", "b")
    load(leads(folder, b="a"))
    assert redirects() == {("b", "a")}


@pytest.mark.parametrize(
    ("moves", "told"),
    [({"a": "b", "b": "c"}, 'redirects.json: people / a: slug: "b": is an old address itself'),
     ({"rustem-umerov": "a"}, 'redirects.json: people / rustem-umerov: old_slug: "rustem-umerov": is the address of')],
    ids=["a chain", "of a record that stands"],
)  # fmt: skip
def test_redirects_of_files_that_cannot_be_are_told_by_name(folder, moves, told):
    with pytest.raises(CommandError) as caught:
        load(leads(folder, **moves))
    assert told in str(caught.value)
    assert not Redirect.objects.exists()


def test_a_tombstone_of_files_beside_its_record_is_told_by_name(folder):
    stone = {"record": "people", "slug": "rustem-umerov", "withdrawn_on": "2026-01-01", "withdrawn_because": "So."}
    add(folder, "tombstones", Tombstone, **stone)
    with pytest.raises(CommandError, match=r"tombstones\.json: people / rustem-umerov: slug: "):
        load(folder)


@pytest.mark.parametrize("gone", ["withdrawn", "deleted"])
def test_forcing_brings_back_what_is_gone_here(folder, gone):
    if gone == "deleted":
        run(
            "DELETE FROM talks_passage WHERE statement_id = (SELECT id FROM talks_statement WHERE slug = %s)", QUOTATION
        )
        for field in ("statement_mentions", "editorsnote_statements"):
            run(
                f"DELETE FROM talks_{field} WHERE statement_id = (SELECT id FROM talks_statement WHERE slug = %s)",
                QUOTATION,
            )
        run("UPDATE talks_statement SET variant_of_id = NULL")
        run("DELETE FROM talks_statement WHERE slug = %s", QUOTATION)
        assert Tombstone.objects.exists()
    else:
        Statement.objects.filter(slug=QUOTATION).update(**WITHDRAWN)
    load(folder)
    assert Statement.objects.get(slug=QUOTATION).is_public
    assert not Tombstone.objects.exists()


@pytest.fixture
def first(tmp_path):
    """A release of the built-in data, imported into an empty database."""
    cut(tmp_path / "first", 1)
    empty()
    take(tmp_path / "first", "--apply")
    return tmp_path / "first"


def rename(old: str, new: str) -> None:
    run("UPDATE talks_person SET slug = %s WHERE slug = %s", new, old)


def test_a_package_with_a_record_and_a_redirect_of_its_address_is_refused(tmp_path, folder):
    lined(leads(folder, **{"rustem-umerov": "a"}))
    assert "redirects.json: people/rustem-umerov: is also published in this package" in refusal(folder)


def test_a_redirect_of_what_is_public_here_is_a_conflict_that_no_flag_decides(first, tmp_path):
    with transaction.atomic():
        rename("rustem-umerov", "umerov")
        move("people", "rustem-umerov", "umerov")
        cut(tmp_path / "second", 2)
        transaction.set_rollback(True)
    told = named(take(tmp_path / "second"), "conflict")
    assert told["redirects/people/rustem-umerov"] == "is published here; give it its new address in the admin first"
    take(tmp_path / "second", "--apply", "--take-theirs")
    assert set(Person.objects.filter(slug__contains="umerov").values_list("slug", flat=True)) == {
        "rustem-umerov", "umerov",
    }  # fmt: skip
    assert not Redirect.objects.exists()


def test_a_record_whose_address_has_moved_here_is_a_conflict(first):
    rename("rustem-umerov", "umerov")
    move("people", "rustem-umerov", "umerov")
    assert named(take(first), "conflict")["people/rustem-umerov"] == "is an old address here"
    with transaction.atomic():
        take(first, "--apply", "--keep-ours")
        assert redirects() == {("rustem-umerov", "umerov")}
        transaction.set_rollback(True)
    take(first, "--apply", "--take-theirs")
    assert not Redirect.objects.exists()
    assert Person.objects.filter(slug="rustem-umerov").exists()
    assert counts(take(first))[3] == 0


def test_a_release_brings_its_redirects_over_ours(first, tmp_path):
    with transaction.atomic():
        for old in ("a", "b"):
            move("people", old, "rustem-umerov")
        cut(tmp_path / "second", 2)
        transaction.set_rollback(True)
    move("people", "a", "b")
    told = named(take(tmp_path / "second"), "conflict")
    assert told == {"redirects/people/a": "differs from the one of this name here"}
    for flag in ("--keep-ours", "--take-theirs"):
        with transaction.atomic():
            take(tmp_path / "second", "--apply", flag)
            assert redirects() == {("a", "rustem-umerov"), ("b", "rustem-umerov")}
            transaction.set_rollback(True)


# Emptied.


@pytest.mark.django_db(transaction=True)
def test_an_emptied_database_has_no_tombstones(monkeypatch):
    if not Source.objects.exists():  # other tests of this kind leave nothing
        load_built_in_data()
    tables = sorted(connection.introspection.django_table_names(), key=lambda name: name != "talks_tombstone")
    monkeypatch.setattr(connection.introspection, "django_table_names", lambda **_: tables)
    call_command("flush", interactive=False, verbosity=0)
    assert not Source.objects.exists()
    assert not Tombstone.objects.exists()
