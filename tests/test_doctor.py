"""`manage.py doctor`: each kind of corruption is planted by hand, is named with its place, and nothing is written."""

from __future__ import annotations

import hashlib
import io
import sys

import pytest
from django.core.management import call_command
from django.db import connection

from talks.models import Edition, SourceText, Statement
from tests.prepared import a_prepared_place
from tests.searched import many
from tests.servers import POSTGRES

pytestmark = pytest.mark.django_db

QUOTATION = "umerov-awaits-memorandum"
ON_POSTGRESQL = connection.vendor == "postgresql"
SOUND = ["edition", "foreign keys", "integrity", "quotations", "releases", "search", "tally", "triggers"]


def told() -> tuple[dict[str, list[str]], int]:
    """What the doctor says by the name of the examination, and its exit status."""
    output, status = io.StringIO(), 0
    try:
        call_command("doctor", stdout=output)
    except SystemExit as end:
        status = int(end.code or 0)
    found: dict[str, list[str]] = {}
    for line in output.getvalue().splitlines():
        name, _, what = line.partition(": ")
        found.setdefault(name, []).append(what)
    return found, status


def ailing() -> dict[str, list[str]]:
    """What is wrong; the exit status says so, too."""
    found, status = told()
    wrong = {name: lines for name, lines in found.items() if not lines[0].startswith("ok")}
    assert status == (1 if wrong else 0)
    return wrong


def sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def rows(question: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchall()


def past_the_triggers(*statements: str) -> None:
    """Written as nobody should: no trigger of ours stands by."""
    with connection.cursor() as cursor:
        if ON_POSTGRESQL:
            sql(
                "SET LOCAL session_replication_role = replica",
                *statements,
                "SET LOCAL session_replication_role = origin",
            )
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        sql(*(f"DROP TRIGGER {name}" for name, _ in triggers), *statements, *(made for _, made in triggers))


@pytest.fixture
def statement(db, releases):
    return Statement.objects.get(slug=QUOTATION)


def test_a_sound_database_is_told_so_line_by_line(release):
    found, status = told()
    assert (sorted(found), status) == (SOUND, 0)
    assert all(lines[0].startswith("ok") and len(lines) == 1 for lines in found.values())


def test_a_text_that_was_written_past_the_index_of_the_search_is_named(statement):
    past_the_triggers(f"UPDATE talks_statement SET text = text || ' Gewgaws.' WHERE id = {statement.pk}")
    wrong = ailing()
    assert list(wrong) == ["search"]
    assert [line.startswith(QUOTATION) for line in wrong["search"]] == [True]


def test_an_index_that_lacks_a_statement_or_has_one_too_many_is_named(statement):
    Statement.objects.filter(slug="fidan-opens-talks").update(status="draft")
    place = f"(SELECT place FROM talks_search WHERE statement_id = {statement.pk})"
    if not ON_POSTGRESQL:
        sql(f"DELETE FROM talks_search_words WHERE rowid = -{place}")
    sql(f"DELETE FROM talks_search WHERE statement_id = {statement.pk}")
    past_the_triggers("UPDATE talks_statement SET status = 'review' WHERE slug = 'lavrov-proposes-2-june'")
    named = {line.partition(":")[0] for line in ailing()["search"]}
    assert named == {QUOTATION, "lavrov-proposes-2-june"}


@pytest.mark.parametrize("column", ["party_id", "found", "reported", "place"])
def test_a_value_in_the_index_that_is_another_is_named(statement, column):
    other = {"party_id": "0", "found": "'lost'", "reported": "'1999-01-01'", "place": "place + 4294967296"}[column]
    sql(f"UPDATE talks_search SET {column} = {other} WHERE statement_id = {statement.pk}")
    assert any(line.startswith(QUOTATION) for line in ailing()["search"])


@pytest.mark.postgresql
def test_words_of_the_index_that_are_others_are_named(statement):
    sql(f"UPDATE talks_search SET document = 'gewgaw:1A' WHERE statement_id = {statement.pk}")
    assert ailing() == {"search": [f"{QUOTATION}: stands otherwise in the index, or not at all"]}


@pytest.mark.sqlite
@pytest.mark.parametrize("column", ["c0", "c1", "c2", "c3"])
def test_words_of_the_index_that_are_others_are_named_too(statement, column):
    place = f"(SELECT place FROM talks_search WHERE statement_id = {statement.pk})"
    sql(f"UPDATE talks_search_words_content SET {column} = {column} || ' gewgaw' WHERE id = -{place}")
    wrong = ailing()["search"]
    assert wrong[0] == f"{QUOTATION}: its words stand otherwise in talks_search_words, or not at all"
    assert "talks_search_words" in wrong[1], "the words that are looked up are still those of before"


@pytest.mark.sqlite
def test_an_index_that_was_spoiled_inside_is_told(statement):
    sql("DELETE FROM talks_search_words_data WHERE id = (SELECT max(id) FROM talks_search_words_data)")
    assert ["talks_search_words" in line for line in ailing()["search"]] == [True]


def many_in_the_sample() -> None:
    while len(rows("SELECT rowid FROM talks_search_sample")) < 2:
        many(100, prefix=f"many-{Statement.objects.count()}")


@pytest.mark.sqlite
def test_a_sample_that_lacks_a_statement_or_has_one_too_many_is_named(statement):
    many_in_the_sample()
    ((lacking,), (other,)) = rows("SELECT rowid FROM talks_search_sample ORDER BY 1 LIMIT 2")
    sql(
        f"DELETE FROM talks_search_sample WHERE rowid = {lacking}",
        "INSERT INTO talks_search_sample (rowid, text) SELECT rowid + 1, '' FROM talks_search_words "
        f"WHERE rowid IN (SELECT -place FROM talks_search WHERE statement_id = {statement.pk})",
        f"UPDATE talks_search_sample SET text = text || ' gewgaw' WHERE rowid = {other}",
    )
    lines = ailing()["search"]
    slugs = [
        slug for row in (lacking, other) for (slug,) in rows(f"SELECT slug FROM talks_search WHERE place = -({row})")
    ]
    wrong = "its words stand otherwise in talks_search_sample, or not at all"
    assert sorted(lines[:2]) == sorted(f"{slug}: {wrong}" for slug in slugs)
    assert [line.partition(": ")[2] for line in lines[2:]] == [
        "has words in talks_search_sample at a place where no such statement stands"
    ]


@pytest.mark.sqlite
def test_a_sample_that_was_spoiled_inside_is_told(statement):
    many_in_the_sample()
    sql("DELETE FROM talks_search_sample_data WHERE id = (SELECT max(id) FROM talks_search_sample_data)")
    assert ["talks_search_sample" in line for line in ailing()["search"]] == [True]


@pytest.mark.sqlite
def test_the_order_of_notes_in_the_index_is_no_fault(statement):
    place = f"(SELECT place FROM talks_search WHERE statement_id = {statement.pk})"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT text, names, context, marks, rowid FROM talks_search_words WHERE rowid = -{place}")
        text, names, context, marks, row = cursor.fetchone()
        turned = " ".join(reversed(context.split()))
        assert turned != context
        change = "UPDATE talks_search_words SET text = %s, names = %s, context = %s, marks = %s WHERE rowid = %s"
        cursor.execute(change, [text, names, turned, marks, row])
    assert ailing() == {}


def test_a_number_of_the_tally_that_is_another_is_named(statement):
    party = statement.party
    sql(f"UPDATE talks_tally SET number = number + 1 WHERE kind = 'party' AND noun = {party.pk}")
    (line,) = ailing()["tally"]
    assert line.startswith(f"“party” of {party.slug}: is ")


def test_a_number_of_the_tally_that_is_missing_is_named(statement):
    person = statement.speaker
    sql(f"DELETE FROM talks_tally WHERE kind = 'all of person' AND noun = {person.pk}")
    (line,) = ailing()["tally"]
    assert line.startswith(f"“all of person” of {person.slug}: is 0, and counted anew ")


def test_of_many_faults_some_are_told_and_that_there_are_more(statement):
    sql("UPDATE talks_search SET publisher = 'nobody'")
    lines = ailing()["search"]
    assert (len(lines), lines[-1]) == (21, "and more")


def test_a_trigger_that_is_missing_is_named_and_so_is_what_it_no_longer_does(statement):
    name = "talks_edition_talks_party" + ("" if ON_POSTGRESQL else "_update")
    sql(f"DROP TRIGGER {name}" + (" ON talks_party" if ON_POSTGRESQL else ""))
    wrong = ailing()
    assert wrong["triggers"] == [f"{name}: is missing"]
    (line,) = wrong["edition"]
    assert line.startswith("talks_party: a write leaves the edition at ")


def test_a_trigger_that_does_nothing_is_named(statement):
    name = "talks_edition_talks_person"
    if ON_POSTGRESQL:
        sql(f"DROP TRIGGER {name} ON talks_person")
        sql(
            f"CREATE TRIGGER {name} AFTER INSERT ON talks_person FOR EACH STATEMENT EXECUTE FUNCTION talks_raise_edition()"
        )
    else:
        name += "_update"
        sql(f"DROP TRIGGER {name}", f"CREATE TRIGGER {name} AFTER UPDATE ON talks_person BEGIN SELECT 1; END")
    wrong = ailing()
    assert wrong["triggers"] == [f"{name}: is not as this build makes it"]
    assert wrong["edition"][0].startswith("talks_person: ")


def test_a_trigger_of_nobody_is_named(statement):
    if ON_POSTGRESQL:
        sql("CREATE TRIGGER talks_odd AFTER DELETE ON talks_party EXECUTE FUNCTION talks_raise_edition()")
        assert ailing()["triggers"] == ["talks_odd: is nothing of this build"]
    else:
        sql("CREATE TRIGGER talks_odd AFTER DELETE ON talks_party BEGIN SELECT 1; END")
        assert ailing()["triggers"] == ["talks_odd: is no trigger of this build"]


@pytest.mark.postgresql
def test_a_trigger_that_is_switched_off_and_a_function_that_is_another_are_named(statement):
    sql("ALTER TABLE talks_meeting DISABLE TRIGGER talks_edition_talks_meeting")
    sql("CREATE OR REPLACE FUNCTION talks_bury() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
    wrong = ailing()
    assert wrong["triggers"] == [
        "talks_bury: is not as this build makes it",
        "talks_edition_talks_meeting: is switched off, or fires for replicas only",
    ]
    assert wrong["edition"][0].startswith("talks_meeting: ")


def test_a_missing_edition_is_told(statement):
    Edition.objects.all().delete()
    assert ailing() == {"edition": ["talks_edition: has no row"]}


def test_a_row_that_names_another_that_is_not_there_is_named(statement):
    meeting = statement.meeting_id
    past_the_triggers(f"UPDATE talks_statement SET meeting_id = 999999 WHERE id = {statement.pk}")
    try:
        lines = ailing()["foreign keys"]
    finally:  # the test's own end looks at them, too
        past_the_triggers(f"UPDATE talks_statement SET meeting_id = {meeting} WHERE id = {statement.pk}")
    assert lines == [f"{QUOTATION}, talks_statement.meeting_id: names no talks_meeting"]


@pytest.mark.parametrize("harm", ["changed", "missing", "odd", "gone"])
def test_a_file_of_a_release_that_is_not_as_it_was_cut_is_named(release, releases, harm):
    folder = releases / str(release.number)
    file = folder / "statements.csv"
    if harm == "changed":
        content = bytearray(file.read_bytes())
        content[-2] ^= 1
        file.write_bytes(content)
    elif harm == "missing":
        file.unlink()
    elif harm == "odd":
        (folder / "odd").touch()
    else:
        folder.rename(releases / "elsewhere")
    assert ailing()["releases"] == [
        {
            "changed": "release 1, statements.csv: is not as it was cut",
            "missing": "release 1, statements.csv: is missing",
            "odd": "release 1, odd: was not cut with it",
            "gone": "release 1: its folder is missing",
        }[harm]
    ]


@pytest.fixture
def held(statement, unnoted):
    """The text of a source is held, and a quotation was found in it."""
    source, (passage,) = statement.source, statement.passages.all()
    text = SourceText(source=source)
    words = "x" * passage.start + passage.exact
    text.hold(words, statement.verified_on)
    source.save()
    text.save()
    Statement.objects.filter(source=source).update(verified_on=None, verified_sha256="")
    Statement.objects.filter(pk=statement.pk).update(
        verified_on=statement.verified_on, verified_sha256=source.document_sha256
    )
    statement.passages.update(prefix="", suffix="", end=len(words))
    return text


def test_a_quotation_that_stands_in_its_source_is_well(held):
    assert "quotations" not in ailing()


def test_a_quotation_that_does_not_stand_at_its_place_is_named(held, statement):
    statement.passages.update(start=statement.passages.get().start - 1, end=statement.passages.get().end - 1)
    (line,) = ailing()["quotations"]
    assert line.startswith(f"{QUOTATION}: moved in {statement.source.slug} ")


def test_a_text_that_is_not_the_document_recorded_is_named(held, statement):
    past_the_triggers("UPDATE talks_sourcetext SET text = text || '.'")
    (line,) = ailing()["quotations"]
    assert line.startswith(f"{statement.source.slug}: the text held has the SHA-256 ")


@pytest.mark.live
def test_what_the_database_itself_finds_is_told_and_nothing_is_written():
    with a_prepared_place() as place:
        if POSTGRES:
            place.sql("CREATE EXTENSION amcheck")
        before = state(place)
        assert sorted(place.manage("doctor").splitlines()) == [f"{name}: ok" for name in SOUND]
        assert state(place) == before
        spoil_an_index(place)
        lines = place.run(sys.executable, "manage.py", "doctor", code=1).splitlines()
        assert {line for line in lines if not line.startswith("integrity: ")} == {
            f"{name}: ok" for name in SOUND if name != "integrity"
        }
        assert any("index" in line for line in lines if line.startswith("integrity: ")), lines


def state(place) -> object:
    """What a write would change: the bytes of a file; of a server the edition, the tables and what is in the index."""
    if POSTGRES:
        return place.sql(
            "SELECT (SELECT array_agg(e::text) FROM talks_edition e), (SELECT md5(string_agg(s::text, ' ' ORDER BY place)) "
            "FROM talks_search s), (SELECT array_agg(relname::text ORDER BY oid) FROM pg_class)"
        )
    return hashlib.sha256((place.var / "talks.sqlite3").read_bytes()).hexdigest()


def spoil_an_index(place) -> None:
    """An index of names that says that it is one of numbers; or one that was not looked after while rows were written."""
    if POSTGRES:
        asked = "UPDATE pg_index SET indisready = {0}, indisvalid = {0} WHERE indexrelid = 'spoiled'::regclass"
        place.sql("CREATE INDEX spoiled ON talks_party (name)", asked.format("false"))
        place.sql("UPDATE talks_party SET name = name || '.' WHERE slug = 'ukraine'")
        place.sql(asked.format("true"))
        return
    place.sql(
        "CREATE INDEX spoiled ON auth_group (name)",
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = replace(sql, '(name)', '(id)') WHERE name = 'spoiled'",
    )
