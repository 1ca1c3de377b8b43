"""The database itself keeps the tally in step, whoever writes: after each write it says what a count would say."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from talks import guards
from talks.models import Correction, Delegation, Meeting, Party, Person, Source, Statement
from talks.querysets import found
from talks.querysets.tallied import of_list
from tests.test_search_index import a_statement, rows

pytestmark = pytest.mark.django_db

NOUNS = {"party": ("party", Party), "person": ("speaker", Person), "meeting": ("meeting", Meeting)}
LISTS = {
    "parties": Party, "people": Person, "sources": Source, "meetings": Meeting, "delegations": Delegation,
    "statements": Statement, "corrections": Correction,
}  # fmt: skip
FIRST = "fidan-opens-talks"


def kept() -> dict[tuple[str, int, str], int]:
    """What the tally says; a noun of which it says none is as one of which it says nothing."""
    told = rows("SELECT kind, noun, part, number FROM talks_tally")
    return {(kind, noun, part): number for kind, noun, part, number in told if number}


def counted() -> dict[tuple[str, int, str], int]:
    """The same, counted in Python from all rows."""
    found: dict[tuple[str, int, str], int] = {}

    def add(kind: str, noun: int | None, part: str = "") -> None:
        if noun is not None:
            found[kind, noun, part] = found.get((kind, noun, part), 0) + 1

    for name, model in LISTS.items():
        for _ in model.objects.published():
            add(name, 0)
    for statement in Statement.objects.all():
        add("all of person", statement.speaker_id)
        add("all of meeting", statement.meeting_id)
        add("all of source", statement.source_id)
    for statement in Statement.objects.published():
        add("source", statement.source_id)
        if statement.variant_of_id is None:
            side = -1 if statement.quotation_type == "narration" else statement.party_id or 0
            add("cells", statement.meeting_id, f"{side} {statement.said_from} {statement.said_to}")
            for kind, (column, _) in NOUNS.items():
                add(kind, getattr(statement, f"{column}_id"))
    return found


def in_step() -> None:
    assert kept() == counted()


def test_the_tally_is_that_of_the_built_in_data():
    in_step()
    assert of_list("statements") == Statement.objects.published().count() > 0


@pytest.mark.parametrize("model", [Party, Person, Meeting])
def test_lists_say_how_many_utterances_each_noun_has(model):
    for noun in model.objects.published().with_counts():
        assert noun.statement_count == noun.statements.published().principal().count()


def test_the_list_of_sources_counts_every_wording():
    for source in Source.objects.published().with_counts():
        assert source.statement_count == source.statements.published().count()


def test_statements_that_are_made_one_by_one_and_at_once():
    a_statement("new", "Gewgaws were seen.").save()
    in_step()
    a_statement("draft", "Gewgaws were seen.", status="draft").save()
    in_step()
    Statement.objects.bulk_create([a_statement(f"new-{n}", "Gewgaws were seen.") for n in range(5)])
    in_step()


@pytest.mark.parametrize("status", ["draft", "review", "withdrawn"])
def test_a_statement_that_is_no_longer_public(status):
    withdrawn = {"withdrawn_on": "2026-12-01", "withdrawn_because": "x"} if status == "withdrawn" else {}
    before = of_list("statements")
    Statement.objects.filter(slug=FIRST).update(status=status, **withdrawn)
    assert of_list("statements") == before - 1
    in_step()
    if not withdrawn:  # which is for good
        Statement.objects.filter(slug=FIRST).update(status="published")
        in_step()


def test_statements_of_another_speaker_party_meeting_and_source():
    statements = Statement.objects.filter(slug__in=[FIRST, "lavrov-proposes-2-june"])
    for change in (
        {"speaker": Person.objects.get(slug="sergei-lavrov")},
        {"party": Party.objects.get(slug="russia")},
        {"party": None},
        {"meeting": Meeting.objects.get(slug="istanbul-2022-03-29")},
        {"source": Source.objects.get(slug="myglobalnews-2025-05-29")},
        {"said_on": "2025-06", "said_from": "2025-06-01", "said_to": "2025-06-30"},
    ):
        statements.update(**change)
        in_step()


def test_a_statement_that_becomes_a_wording_of_another_and_its_own_again():
    statement, first = Statement.objects.get(slug=FIRST), Statement.objects.get(slug="lavrov-proposes-2-june")
    for other in (first, None):
        statement.variant_of = other
        statement.save()
        in_step()


def test_many_rows_changed_at_once():
    made = [a_statement(f"new-{n}", "Gewgaws were seen.") for n in range(5)]
    Statement.objects.bulk_create(made)
    for n, one in enumerate(made):
        one.meeting = Meeting.objects.all()[n % 3]
    Statement.objects.bulk_update(made, ["meeting"])
    in_step()
    Statement.objects.filter(slug__startswith="new-").delete()
    in_step()


def test_a_row_that_is_put_in_the_place_of_the_one_that_is_there():
    columns = [column.column for column in Statement._meta.concrete_fields]
    chosen = ", ".join("'draft'" if column == "status" else column for column in columns)
    rows(f"INSERT INTO talks_statement ({', '.join(columns)}) SELECT {chosen} FROM talks_statement "
         f"WHERE slug = '{FIRST}' ON CONFLICT (slug) DO UPDATE SET status = excluded.status")  # fmt: skip
    assert not Statement.objects.published().filter(slug=FIRST).exists()
    in_step()


@pytest.mark.sqlite
def test_a_row_that_is_left_alone_because_it_is_there_already_counts_once():
    columns = ", ".join(column.column for column in Statement._meta.concrete_fields)
    rows(f"INSERT OR IGNORE INTO talks_statement ({columns}) SELECT {columns} FROM talks_statement")
    in_step()


def test_sql_by_hand():
    other = Meeting.objects.get(slug="istanbul-2022-03-29")
    rows("UPDATE talks_statement SET meeting_id = %s WHERE meeting_id <> %s", other.pk, other.pk)
    in_step()
    rows("UPDATE talks_statement SET status = 'draft' WHERE variant_of_id IS NOT NULL")
    in_step()
    statement = Statement.objects.get(slug=FIRST)
    rows("DELETE FROM talks_passage WHERE statement_id = %s", statement.pk)
    rows("DELETE FROM talks_editorsnote_statements WHERE statement_id = %s", statement.pk)
    rows("DELETE FROM talks_statement_mentions WHERE statement_id = %s", statement.pk)
    rows("UPDATE talks_statement SET variant_of_id = NULL WHERE variant_of_id = %s", statement.pk)
    rows("DELETE FROM talks_statement WHERE id = %s", statement.pk)
    in_step()


def test_a_write_that_is_taken_back_was_never_counted():
    before = kept()
    with transaction.atomic():
        a_statement("new", "Gewgaws were seen.").save()
        assert kept() != before
        transaction.set_rollback(True)
    assert kept() == before


@pytest.mark.parametrize("name", [name for name in LISTS if name not in ("corrections", "statements")])
def test_nouns_that_are_made_made_public_and_deleted(name):
    model = LISTS[name]
    first = model.objects.published().first()
    made = model.objects.get(pk=first.pk)
    made.pk, made.slug, made.status = None, "new", "draft"
    made.first_published_at = made.changed_at = None
    if name == "meetings":
        made.featured = False
    if name == "delegations":
        made.party = Party.objects.create(slug="new-party", name="New")
    made.save()
    in_step()
    model.objects.filter(slug="new").update(
        status="published", first_published_at=first.changed_at, changed_at=first.changed_at
    )
    assert of_list(name) == model.objects.published().count()
    in_step()
    model.objects.filter(slug="new").delete()
    in_step()


def test_corrections():
    statement = Statement.objects.get(slug=FIRST)
    Correction.objects.create(
        slug="x-1", record="statements", noun=FIRST, kind="correction", column="text", before="a", after="b",
        reason="x", corrected_at=statement.changed_at,
    )  # fmt: skip
    assert of_list("corrections") == Correction.objects.count() > 0
    in_step()


@pytest.mark.postgresql
def test_a_table_that_is_emptied_at_once():
    rows("SET CONSTRAINTS ALL IMMEDIATE")
    rows("TRUNCATE talks_statement CASCADE")
    assert of_list("statements") == 0
    assert of_list("people") > 0
    in_step()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_flushed():
    call_command("flush", interactive=False, verbosity=0)
    assert kept() == counted() == {}
    from tests.conftest import load_built_in_data

    load_built_in_data()
    in_step()


def test_what_was_written_past_the_triggers_is_counted_when_they_are_put_in_again():
    rows("UPDATE talks_tally SET number = number + 7")
    rows("DELETE FROM talks_tally WHERE kind = 'source'")
    assert kept() != counted()
    guards.install()
    in_step()


def test_a_missing_trigger_of_the_tally_is_noticed():
    where = "" if connection.vendor == "sqlite" else " ON talks_statement"
    rows(f"DROP TRIGGER talks_tally_talks_statement_insert{where}")
    assert guards.missing() == ["talks_tally_talks_statement_insert"]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_as_json_says_how_many_rows_it_has_without_counting_them(client, name):
    expected = LISTS[name].objects.published().count()
    with CaptureQueriesContext(connection) as asked:
        told = client.get(f"/{name}.json").json()
    assert told["total"] == expected
    assert "more_than" not in told
    assert not any("COUNT(" in query["sql"] for query in asked)


def test_the_whole_list_of_statements_has_an_exact_total_however_many_there_are(client, monkeypatch):
    monkeypatch.setattr(found, "COUNTED", 5)
    whole = client.get("/statements.json").json()
    assert whole["total"] == Statement.objects.published().count() > 5
    assert "more_than" not in whole
    narrowed = client.get("/statements.json?party=russia").json()
    assert narrowed["total"] is None
