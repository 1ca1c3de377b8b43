"""The database itself keeps the index of the search in step, whoever writes: after each write it is as made anew."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from talks import guards, search
from talks.guards import search_postgresql, search_sqlite
from talks.models import EditorsNote, Meeting, Party, Passage, Person, Source, Statement
from talks.search import Wanted, counting
from talks.search.marks import NOTHING, mark
from talks.search.words import parse
from tests.conftest import load_built_in_data
from tests.searched import count

pytestmark = pytest.mark.django_db

QUOTATION = "umerov-awaits-memorandum"  # direct, verified
LAVROV = "lavrov-proposes-2-june"
DATED_BY = "sputnik-2025-05-28"  # gives the day of others' statements
REPORT = "myglobalnews-2025-05-29"
MEETING = "istanbul-2025-06-02"
NOTE = "e07-four-days"
ON_POSTGRESQL = connection.vendor == "postgresql"
WORDS = search_sqlite.WORDS


def rows(sql: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def index() -> list[tuple]:
    """All that the index holds, in order."""
    if ON_POSTGRESQL:
        return rows("SELECT * FROM talks_search ORDER BY place")
    # The words of notes stand in the order in which the rows were found: no search can tell.
    texts = [
        row for table in WORDS for row in rows(f"SELECT rowid, text, names, context, marks FROM {table} ORDER BY 1")
    ]
    sorted_texts = [
        (place, text, names, sorted(context.split()), marks) for place, text, names, context, marks in texts
    ]
    return [rows("SELECT * FROM talks_search ORDER BY place"), sorted_texts]


def made_anew() -> list[tuple]:
    """What the index holds when it is dropped and made of what there is now."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in (search_postgresql if ON_POSTGRESQL else search_sqlite).DROPPED:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
        guards.install_search(connection, cursor)
    return index()


def in_step() -> None:
    before = index()
    if not ON_POSTGRESQL:
        for table in WORDS:
            rows(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
    assert before == made_anew()


def found(typed: str) -> int:
    return count(Wanted(parse(typed)))


def a_statement(slug: str, text: str, **fields: object) -> Statement:
    """One of the kind that needs no passage, not yet saved."""
    first = Statement.objects.get(slug=QUOTATION)
    made = Statement(
        slug=slug, text=text, status="published", quotation_type="narration", said_on="2025-06-02",
        meeting=first.meeting, source=first.source, first_published_at=first.changed_at, changed_at=first.changed_at,
    )  # fmt: skip
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def test_every_public_statement_and_no_other_stands_in_it():
    assert rows("SELECT statement_id FROM talks_search ORDER BY 1") == sorted(
        Statement.objects.published().values_list("pk")
    )
    in_step()


def test_a_statement_that_is_saved():
    a_statement("new", "Gewgaws were seen.").save()
    assert found("gewgaw") == 1
    in_step()


def test_many_made_at_once_and_changed_at_once():
    Statement.objects.bulk_create([a_statement(f"new-{n}", "Gewgaws were seen.") for n in range(5)])
    assert found("gewgaws") == 5
    Statement.objects.filter(slug__startswith="new-").update(text="Baubles were seen.")
    assert (found("gewgaws"), found("baubles")) == (0, 5)
    changed = list(Statement.objects.filter(slug__startswith="new-"))
    for statement in changed[:2]:
        statement.text = "Trinkets were seen."
    Statement.objects.bulk_update(changed, ["text"])
    assert (found("baubles"), found("trinkets")) == (3, 2)
    in_step()


def test_sql_by_hand():
    rows("UPDATE talks_statement SET text = 'Gewgaws were seen.' WHERE slug = 'fidan-opens-talks'")
    assert found("gewgaws") == 1
    columns = [column.column for column in Statement._meta.concrete_fields if not column.primary_key]
    chosen = ", ".join("'copied'" if column == "slug" else column for column in columns)
    rows(f"INSERT INTO talks_statement ({', '.join(columns)}) SELECT {chosen} FROM talks_statement "
         "WHERE slug = 'fidan-opens-talks'")  # fmt: skip
    assert found("gewgaws") == 2
    rows("UPDATE talks_statement SET text = 'Baubles were seen.' WHERE slug = 'copied'")
    assert (found("gewgaws"), found("baubles")) == (1, 1)
    in_step()


def test_a_row_that_is_put_in_the_place_of_the_one_that_is_there():
    columns = [column.column for column in Statement._meta.concrete_fields]
    chosen = ", ".join("'Gewgaws were seen.'" if column == "text" else column for column in columns)
    rows(f"INSERT INTO talks_statement ({', '.join(columns)}) SELECT {chosen} FROM talks_statement "
         "WHERE slug = 'fidan-opens-talks' ON CONFLICT (slug) DO UPDATE SET text = excluded.text")  # fmt: skip
    assert found("gewgaws") == 1
    in_step()


@pytest.mark.parametrize("field", ["text", "speaker_as_printed", "role_as_printed", "channel"])
def test_words_of_a_statement(field):
    Statement.objects.filter(slug="lavrov-confirms-date").update(**{field: "gewgaw"})
    assert found("gewgaw") == 1
    in_step()


@pytest.mark.parametrize("status", ["draft", "review", "withdrawn"])
def test_a_statement_that_is_no_longer_public(status):
    withdrawn = {"withdrawn_on": "2026-12-01", "withdrawn_because": "x"} if status == "withdrawn" else {}
    Statement.objects.filter(slug="fidan-opens-talks").update(status=status, **withdrawn)
    assert Statement.objects.get(slug="fidan-opens-talks").pk not in {
        key for (key,) in rows("SELECT statement_id FROM talks_search")
    }
    in_step()
    if withdrawn:
        return  # which is for good
    Statement.objects.filter(slug="fidan-opens-talks").update(status="published")
    assert found('"fidan opened the meeting"') == 1
    in_step()


def test_a_statement_that_is_deleted():
    statement = Statement.objects.get(slug="fidan-opens-talks")
    statement.delete()
    assert found('"fidan opened the meeting"') == 0
    in_step()


def test_a_draft_that_is_saved():
    a_statement("new", "Gewgaws were seen.", status="draft").save()
    assert found("gewgaws") == 0
    in_step()


@pytest.mark.parametrize(
    "day", ["2025-05-02", "1969-07-20", "2025-06", "0001-01-01", "9999-12-31", "2025-05-28/2025-06-02"]
)
def test_a_statement_that_was_said_on_another_day(day):
    statement = Statement.objects.get(slug="fidan-opens-talks")
    statement.said_on = day
    statement.save()
    assert rows("SELECT month FROM talks_search WHERE statement_id = %s", statement.pk) == [
        (str(statement.said_from)[:7],)
    ]
    assert count(Wanted(marks=(mark("month", str(statement.said_from)[:7]), mark("type", "indirect")))) >= 1
    own = Wanted(parse('"fidan opened the meeting"'), (), statement.said_from, statement.said_from)
    assert count(own) == 1
    in_step()


def test_a_statement_of_another_speaker_party_meeting_and_source():
    statement = Statement.objects.get(slug="fidan-opens-talks")
    others = {
        "speaker": Person.objects.get(slug="sergei-lavrov"),
        "party": Party.objects.get(slug="russia"),
        "meeting": Meeting.objects.get(slug="istanbul-2022-03-29"),
        "source": Source.objects.get(slug=REPORT),
    }
    for name, other in others.items():
        before = count(Wanted(marks=(mark(name, other.pk),)))
        Statement.objects.filter(pk=statement.pk).update(**{name: other})
        assert count(Wanted(marks=(mark(name, other.pk),))) == before + 1
        in_step()


@pytest.mark.parametrize(("given", "said"), [("yes", "yes"), ("other", "lost"), ("", "unchecked")])
def test_whether_the_words_were_found(given, said):
    digest = {"yes": Source.objects.get(slug=REPORT).document_sha256, "other": "0" * 64, "": ""}[given]
    Statement.objects.filter(slug=QUOTATION).update(
        verified_sha256=digest, verified_on="2026-11-23" if digest else None
    )
    told = rows("SELECT found FROM talks_search WHERE statement_id = %s", Statement.objects.get(slug=QUOTATION).pk)
    assert told == [(said,)]
    in_step()


def test_another_document_of_a_source():
    assert count(Wanted(marks=(mark("found", "lost"),))) == 0
    Source.objects.filter(slug=REPORT).update(document_sha256="0" * 64)
    assert count(Wanted(marks=(mark("found", "lost"),))) == 3
    in_step()


def test_a_source_of_another_publisher():
    Source.objects.filter(slug=REPORT).update(publisher="Gewgaw “Новости” & Söhne")
    there = Statement.objects.published().filter(source__slug=REPORT).count()
    assert found("gewgaw новости") == there
    assert count(Wanted(marks=(mark("publisher", "Gewgaw “Новости” & Söhne"),))) == there
    in_step()


def test_the_longest_name_of_a_publisher():
    Source.objects.filter(slug=REPORT).update(publisher="Ж" * 50 + "𝔊" * 150)
    assert count(Wanted(marks=(mark("publisher", "Ж" * 50 + "𝔊" * 150),))) > 0
    in_step()


@pytest.mark.parametrize("slug", [REPORT, DATED_BY])
def test_a_source_that_was_published_later_than_was_thought(slug):
    early = Wanted(reported=date(2025, 5, 30))
    before = count(early)
    Source.objects.filter(slug=slug).update(
        published_on="2025-06-01", published_from="2025-06-01", published_to="2025-06-01"
    )
    assert count(early) < before
    in_step()


def test_another_source_that_gives_the_day():
    later = Source.objects.filter(published_from__gt="2025-06-05").first()
    assert Statement.objects.filter(slug="lavrov-four-days").update(dated_by=later) == 1
    assert count(Wanted(parse('"inside four days"'), reported=date(2025, 6, 1))) == 0
    assert found('"inside four days"') == 1
    in_step()
    Statement.objects.filter(slug="lavrov-four-days").update(dated_by=None)
    assert count(Wanted(parse('"inside four days"'), reported=date(2025, 6, 1))) == 1
    in_step()


def test_a_statement_of_which_no_day_of_publication_is_known_has_never_been_reported():
    for slug in (DATED_BY, REPORT):
        Source.objects.filter(slug=slug).update(published_on="", published_from=None, published_to=None)
        assert found('"inside four days"') == 1
        assert count(Wanted(parse('"inside four days"'), reported=date(9999, 12, 31))) == 0
        in_step()
        Source.objects.filter(slug=slug).update(
            published_on="2025-05-29", published_from="2025-05-29", published_to="2025-05-29"
        )


@pytest.mark.parametrize(
    ("field", "value"), [("name", "Gewgaw Lavrov"), ("native_name", "Gewgaw"), ("also_written", ["Gewgaw", "Ґ“ł"])]
)
def test_a_person_by_another_name(field, value):
    person = Person.objects.get(slug="sergei-lavrov")
    setattr(person, field, value)
    person.save()
    assert found("gewgaw") == person.statements.published().count() > 0
    in_step()


def test_a_party_by_another_name():
    Party.objects.filter(slug="russia").update(name="Gewgaw Federation")
    assert found("gewgaw federation") == Statement.objects.published().filter(party__slug="russia").count() > 0
    in_step()


@pytest.mark.parametrize("field", ["title", "round_label", "city", "venue"])
def test_a_meeting_by_another_name(field):
    Meeting.objects.filter(slug=MEETING).update(**{field: "Gewgaw"})
    assert found("gewgaw") == Statement.objects.published().filter(meeting__slug=MEETING).count() > 0
    in_step()


def test_many_sources_changed_at_once():
    Source.objects.update(publisher="Gewgaw")
    Meeting.objects.update(venue="Bauble")
    assert found("gewgaw bauble") == Statement.objects.published().count()
    in_step()


def test_a_note_that_is_attached_and_detached_again():
    note = EditorsNote.objects.create(
        slug="new", subject="Gewgaws", text="About it.", reported_on="2025-06-02", status="published"
    )
    statements = list(Statement.objects.published()[:3])
    assert found("gewgaws") == 0
    note.statements.add(*statements)
    assert found("gewgaws") == 3
    in_step()
    note.statements.remove(statements[0])
    assert found("gewgaws") == 2
    note.statements.set(statements[:1])
    assert found("gewgaws") == 1
    in_step()
    statements[0].notes.clear()
    assert found("gewgaws") == 0
    statements[1].notes.add(note)
    assert found("gewgaws") == 1
    note.delete()
    assert found("gewgaws") == 0
    in_step()


def test_a_note_that_is_moved_to_another_statement_by_hand():
    note = EditorsNote.objects.get(slug=NOTE)
    other = Statement.objects.published().exclude(notes=note).first()
    EditorsNote.objects.filter(pk=note.pk).update(subject="gewgaw")
    before = found("gewgaw")
    key = note.statements.through.objects.filter(editorsnote=note).first().pk
    rows("UPDATE talks_editorsnote_statements SET statement_id = %s WHERE id = %s", other.pk, key)
    assert found("gewgaw") == before
    assert count(Wanted(parse("gewgaw"), (mark("meeting", other.meeting_id),))) > 0
    in_step()


def test_a_note_whose_words_and_status_change():
    there = EditorsNote.objects.get(slug=NOTE).statements.published().count()
    EditorsNote.objects.filter(slug=NOTE).update(text="Gewgaws.")
    assert found("gewgaws") == there > 1
    EditorsNote.objects.filter(slug=NOTE).update(status="draft")
    assert found("gewgaws") == 0
    in_step()
    EditorsNote.objects.filter(slug=NOTE).update(status="published")
    assert found("gewgaws") == there
    in_step()


def test_two_notes_on_one_statement():
    statement = Statement.objects.get(slug="fidan-opens-talks")
    for slug in ("b-note", "a-note"):
        note = EditorsNote.objects.create(
            slug=slug, subject=f"Gewgaw {slug}", text="x", reported_on="2025-06-02", status="published"
        )
        note.statements.add(statement)
    assert found("gewgaw") == 1
    in_step()


def test_a_file_that_is_loaded(tmp_path):
    written = {"model": "talks.statement", "fields": {
        "slug": "new", "status": "published", "first_published_at": "2026-11-23T12:00:00Z",
        "changed_at": "2026-11-23T12:00:00Z", "quotation_type": "narration", "text": "Gewgaws were seen.",
        "said_on": "2025-06-02", "meeting": [MEETING], "source": [REPORT]}}  # fmt: skip
    file = tmp_path / "statements.json"
    file.write_text(json.dumps([written]))
    call_command("loaddata", str(file), verbosity=0, force=True)
    assert found("gewgaws") == 1
    in_step()


def test_all_data_loaded_once_more():
    before = index()
    load_built_in_data(force=True)
    assert index() == before
    in_step()


@pytest.mark.django_db(transaction=True)
def test_all_tables_emptied():
    """PostgreSQL empties by TRUNCATE, which no trigger of a row sees."""
    try:
        call_command("flush", interactive=False, verbosity=0)
        assert Statement.objects.count() == 0
        assert index() == ([] if ON_POSTGRESQL else [[], []])
    finally:
        if not Statement.objects.exists():
            load_built_in_data(force=True)
    in_step()


@pytest.mark.postgresql
def test_only_the_notes_links_emptied():
    EditorsNote.objects.filter(slug=NOTE).update(text="Gewgaws.")
    assert found("gewgaws") > 0
    rows("TRUNCATE talks_editorsnote_statements")
    assert found("gewgaws") == 0
    in_step()


# Made anew


def stale() -> None:
    """An index that says what no statement says."""
    if ON_POSTGRESQL:
        rows("UPDATE talks_search SET document = ''::tsvector, found = 'lost'")
    else:
        rows("UPDATE talks_search SET found = 'lost'")


def test_an_index_of_another_shape_comes_with_a_migration():
    """`prepare` migrates a database only where a migration is missing, and pages ask the columns of this build."""
    made = [sql for dialect in (search_sqlite, search_postgresql) for sql in dialect.tables()] + [search_sqlite.ROW]
    assert (SHAPED_BY[1], Path(f"talks/migrations/{SHAPED_BY[0]}.py").exists()) == (
        hashlib.sha256("\n".join(made).encode()).hexdigest()[:12],
        True,
    )


def test_an_index_that_another_build_has_made_is_made_anew():
    whole = index()
    stale()
    rows("UPDATE talks_search_made SET digest = 'of another build'")
    guards.install()
    assert index() == whole


def test_an_index_that_lacks_a_statement_is_made_anew():
    whole = index()
    rows("DELETE FROM talks_search WHERE place = (SELECT min(place) FROM talks_search)")
    guards.install()
    assert index() == whole


def test_an_index_that_is_whole_is_left_alone():
    stale()
    wrong = index()
    guards.install()
    assert index() == wrong


@pytest.mark.sqlite
def test_what_was_written_while_there_were_no_guards_stands_in_it_afterwards():
    guards.remove()
    rows("UPDATE talks_statement SET text = 'Gewgaws were seen.' WHERE slug = 'fidan-opens-talks'")
    assert found("gewgaws") == 0
    guards.install()
    assert found("gewgaws") == 1
    in_step()


def pieces() -> int:
    """How many pieces the words stand in, in each of which a word is looked up."""
    return rows("SELECT count(DISTINCT segid) FROM talks_search_words_idx")[0][0]


@pytest.mark.sqlite
def test_its_words_are_in_one_piece_after_it_was_filled_and_after_a_release_was_taken_in(release, releases):
    for number in range(3):
        Statement.objects.filter(slug=LAVROV).update(text=f"Gewgaws, {number} of them, were seen.")
        rows("SELECT count(*) FROM talks_search_words")  # what was written goes to the disk when it is asked
    assert pieces() > 1
    rows("DELETE FROM talks_search_made")
    guards.install()
    assert pieces() == 1
    Statement.objects.filter(slug=LAVROV).update(text="Gewgaws were seen.")
    rows("SELECT count(*) FROM talks_search_words")
    assert pieces() > 1
    call_command("import_release", str(releases / "1"), "--apply", "--take-theirs", verbosity=0)
    assert (pieces(), found("gewgaws")) == (1, 0)
    in_step()


def test_passages_and_mentions_concern_it_not():
    before = index()
    Passage.objects.filter(statement__slug=LAVROV).update(prefix="gewgaw")
    Statement.objects.get(slug=LAVROV).mentions.add(Person.objects.get(slug="rustem-umerov"))
    Source.objects.update(title="gewgaw")
    assert index() == before
    in_step()


def test_a_statement_of_another_slug_is_sorted_by_it():
    Statement.objects.filter(slug=LAVROV).update(slug="zzz-of-another-slug")
    in_step()
    assert "zzz-of-another-slug" in [slug for _, slug in search.counted(Wanted()).places]


# The last migration that came with other columns or keys of the index, and the beginning of their digest.
SHAPED_BY = ("0012_words_are_read_forwards", "83742f74be1c")
# The names of filters, where they are not those of columns.
FILTERS = {"kind": "type"}


def test_a_row_fits_by_its_values_if_its_words_are_found():
    marks = {NOTHING, *(mark(noun, 0) for noun in ("party", "speaker"))}
    for name, counts in search.counted(Wanted()).by.items():
        for value in counts:
            marks.add(mark(FILTERS.get(name, name), value))
            marks |= {mark("year", value[:4])} if name == "month" else set()
    assert {one[1] for one in marks} == set("nmospkfbd")
    statements = Statement.objects.published()
    numbers = {one: set(statements.matching(Wanted(marks=(one,))).numbers()) for one in marks}
    for one, found in numbers.items():
        assert set(statements.fitting(Wanted(marks=(one,))).numbers()) == found, one
    some = sorted(numbers, key=lambda one: -len(numbers[one]))[:6]
    for one, other in combinations(some, 2):
        both = Wanted(marks=(one, other))
        assert set(statements.fitting(both).numbers()) == numbers[one] & numbers[other], (one, other)


def test_a_question_takes_any_number_of_row_numbers():
    statements = Statement.objects.published()
    everything = set(statements.numbers())
    many = [*everything, *range(-300_000, 0)]
    assert set(statements.of_numbers(many).numbers()) == everything
    assert set(statements.of_numbers(many[:1]).numbers()) == {many[0]}
    assert not statements.of_numbers([]).exists()


TEXTS = {
    "phrase": "The red gewgaw.",
    "words": "A gewgaw, a red one.",
    "phrase-and-word": "A red gewgaw is blue.",
    "phrase-and-other": "A red gewgaw is green.",
    "all": "The red gewgaw is blue, and it is green.",
}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ('"red gewgaw"', {"phrase", "phrase-and-word", "phrase-and-other", "all"}),
        ('"red gewgaw" -green', {"phrase", "phrase-and-word"}),
        ('"red gewgaw" blue', {"phrase-and-word", "all"}),
        ('"red gewgaw" blue -green', {"phrase-and-word"}),
        ('"red gewgaw" "is blue"', {"phrase-and-word", "all"}),
        ('"red gewgaw" "is blue" -"is green"', {"phrase-and-word"}),
        ('"red gewgaw" blu*', {"phrase-and-word", "all"}),
        ('gewgaw -"red gewgaw"', {"words"}),
    ],
)
def test_a_phrase_is_found_with_whatever_else_is_asked_for(typed, expected):
    parties = {slug: ("russia" if slug == "all" else "ukraine") for slug in TEXTS}
    for slug, text in TEXTS.items():
        a_statement(slug, text, party=Party.objects.get(slug=parties[slug])).save()
    for party in ("", "russia", "ukraine"):
        marks = (mark("party", Party.objects.get(slug=party).pk), mark("type", "narration")) if party else ()
        for more in ((), (mark("year", 2025),), (mark("month", "2025-06"),)):
            found = Statement.objects.matching(Wanted(parse(typed), (*marks, *more))).values_list("slug", flat=True)
            assert set(found) == {slug for slug in expected if party in ("", parties[slug])}, (party, more)


def told(*places):
    return ",".join(f"{day * search.DAY + row} {slug}" for day, row, slug in places)


def test_the_first_of_a_list_are_told_by_day_and_then_by_slug():
    whole = counting.read(5, told((9, 1, "a"), (9, 4, "b-2"), (8, 2, "a-b"), (-2, 5, "c"), (8, 7, "b")))
    assert whole.first(5) == whole.first(6) == [4, 1, 7, 2, 5]
    assert whole.first(1) == [4]
    assert whole.first(3) == [4, 1, 7]
    beginning = counting.read(11, told((9, 1, "a"), (9, 4, "b"), (8, 7, "a")))
    assert beginning.first(3) == [4, 1, 7]
    assert beginning.first(4) is counting.read(11, None).first(1) is None
    assert counting.read(0, None).first(1) == []


@pytest.mark.parametrize("counted", [search.counted, search.walked])
@pytest.mark.parametrize("at_once", [1, 2, 7, 1000])
def test_the_keys_of_the_newest_days_are_told_each_day_whole(monkeypatch, counted, at_once):
    monkeypatch.setattr(search, "AT_ONCE", at_once)
    everything = all_places()
    last = everything[min(at_once, len(everything)) - 1][0] >> 32
    newest = [one for one in everything if one[0] >> 32 >= last]
    for most in range(len(everything) + 2):
        there = counted(Wanted(), most)
        assert there.number == min(most + 1, len(everything))
        assert there.places == (newest if most >= len(newest) else [])


def all_places():
    with connection.cursor() as cursor:
        cursor.execute("SELECT place, slug FROM talks_search ORDER BY place >> 32 DESC, slug DESC")
        return cursor.fetchall()


def test_what_is_counted_is_what_the_columns_of_the_index_have():
    counted = search.counted(Wanted())
    columns = {noun: f"{noun}_id" for noun in ("meeting", "source", "speaker", "party")}
    for name in counted.by:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns.get(name, name)}, count(*) FROM talks_search GROUP BY 1")
            assert counted.by[name] == dict(cursor.fetchall()), name
    assert counted.places == all_places()
    assert counted.number == counted.newest == len(counted.places)


def test_days_before_1970_and_statements_without_a_speaker_are_counted_too():
    some = Statement.objects.filter(pk=Statement.objects.published().filter(speaker=None).numbers()[0])
    some.update(said_on="1918-03-03", said_from="1918-03-03", said_to="1918-03-03")
    test_what_is_counted_is_what_the_columns_of_the_index_have()
    by = search.counted(Wanted()).by
    assert by["month"]["1918-03"] == 1
    assert by["speaker"][None] > 0


def test_what_was_reported_before_it_was_said_is_known_from_then_on():
    some = Statement.objects.published().filter(dated_by=None, source__published_to__isnull=False)
    statement = some.select_related("source").first()
    day = statement.source.published_to
    some.filter(pk=statement.pk).update(said_on="2031-01-02", said_from="2031-01-02", said_to="2031-01-02")
    for known in (day, date(2031, 1, 1), date(2031, 1, 3)):
        reported = set(Statement.objects.published().reported_by(known).numbers())
        assert statement.pk in reported
        assert set(Statement.objects.published().matching(Wanted(reported=known)).numbers()) == reported
        assert search.counted(Wanted(reported=known)).number == len(reported)
        assert search.counted(search.looked_up(Wanted(reported=known))) == search.counted(Wanted(reported=known))
    earlier = search.counted(Wanted(reported=day - timedelta(days=1)))
    assert statement.pk not in [place % search.DAY for place, _ in earlier.places]
