"""Releases: the same state is the same bytes anywhere; nothing private leaves the house; whole or not at all."""

from __future__ import annotations

import csv
import json
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from talks import codebook
from talks.editing import ledger
from talks.fixtures import FILES
from talks.formats.csv import plain
from talks.guards import public_tables
from talks.models import (
    Correction,
    Delegation,
    DelegationMember,
    EditorsNote,
    Meeting,
    MeetingState,
    Party,
    Passage,
    Person,
    Redirect,
    Release,
    Source,
    SourceText,
    Statement,
    Tombstone,
)
from talks.models.base import Noun
from talks.records import NOUNS, RECORDS
from tests.prepared import a_migrated_place
from tests.servers import POSTGRES, a_place, until
from tests.test_fixtures import dump, load

pytestmark = pytest.mark.django_db

QUOTATION = "umerov-awaits-memorandum"
MIXED = "lavrov-four-days"
MEETING = "istanbul-2025-06-02"
REPORT = "myglobalnews-2025-05-29"
SECRET = "zzsecretzz"  # in every word that is not public
STAMP = datetime(1999, 9, 9, 9, 9, 9, 999999, tzinfo=UTC)
MARK = "feedbeef" * 8
STANDING = {
    "status": "published",
    "first_published_at": datetime(2026, 11, 1, 8, 0, 1, tzinfo=UTC),
    "changed_at": datetime(2026, 11, 30, 23, 59, 58, tzinfo=UTC),
}
DATES = ["2025-03", "2025", "2025-05-28/2025-06-02", "2025~", "2025-05?", "2025-05-29%", "2022-03/2025", "2025-05-29"]
TEXTS = {
    "formula": "=1+1",
    "plus": "+1",
    "minus": "-1",
    "at": "@here",
    "quote": "'x'",
    "quotes": '\'\'x""y"',
    "tab": "\tx",
    "carriage": "\rx",
    "separators": "a,b;c|d||",
    "breaks": "a\r\nb\rc\nd\u2028e\u2029f\x85g\x0bh\x0ci",
    "emoji": "🕊👩🏽‍⚖️ 𝔗alks",
    "combining": "e\u0301 Å Å ﬁ \u1112\u1161\u11ab",
    "rtl": "\u2067שלום، مرحبا\u2069 \u200f",
    "spaces": " \t\u00a0 words \u3000\ufeff ",
    "signs": '\\ " / \\u0041 </script> &amp; [] {} ```',
    "controls": "\x01\x1f\x7f\u200b\u00ad",
    "diacritics": "Sébastien Łęcki spoke of naïveté in Çanakkale",
}


@ledger.aside()
def enrich() -> None:
    """Beside the built-in data one of everything that a database can hold: strange, withdrawn, moved, hidden."""
    meeting, source = Meeting.objects.get(slug=MEETING), Source.objects.get(slug=REPORT)
    for number, (name, text) in enumerate(TEXTS.items()):
        common = {"text": text, "said_on": DATES[number % len(DATES)], "meeting": meeting, "source": source, **STANDING}
        umerov = Person.objects.get(slug="rustem-umerov")
        quoted = Statement.objects.create(slug=f"strange-{name}", quotation_type="direct", speaker=umerov, **common)
        Passage.objects.create(statement=quoted, exact=text, prefix=text, suffix=text)
        Statement.objects.create(
            slug=f"strange-{name}-reported", quotation_type="indirect", speaker_as_printed=text, channel=text, **common
        )
        Correction.objects.create(
            slug=f"strange-{name}-1", record="statements", noun=quoted.slug, kind="correction", column="text",
            before=text, after=f"{text} ", reason=f"So it says: {text}", corrected_at=STANDING["changed_at"],
        )  # fmt: skip
    Person.objects.filter(slug="rustem-umerov").update(also_written=[*TEXTS.values()][:8], description=TEXTS["breaks"])
    SourceText.objects.create(source=source, text=f"A public text.{TEXTS['breaks']}", is_public=True)
    Redirect.objects.create(record="people", old_slug="r-umerov", slug="rustem-umerov")
    Tombstone.objects.create(
        record="people", slug="gone-before", withdrawn_on="2024-02-29", withdrawn_because="=A double, it was."
    )
    withdraw("lavrov-confirms-date")
    hide(meeting, source)
    for model in NOUN_MODELS:
        model.objects.update(created_at=STAMP, updated_at=STAMP, imported_sha256=MARK)


NOUN_MODELS = [record.model for record in RECORDS.values() if issubclass(record.model, Noun)]


def withdraw(slug: str) -> None:
    Statement.objects.filter(slug=slug).update(
        status="withdrawn", withdrawn_on="2026-12-01", withdrawn_because="It was a double.", channel=SECRET
    )


def hide(meeting: Meeting, source: Source) -> None:
    """Drafts, each with something public that leads to it by a reference which may be empty; and a private text."""
    words = {"text": f"{SECRET} words", "said_on": "2025", "meeting": meeting, "source": source}
    party = Party.objects.create(slug=f"{SECRET}-party", name=SECRET)
    hidden = Source.objects.create(slug=f"{SECRET}-source", publisher=SECRET, kind="news_report", title=SECRET)
    person = Person.objects.create(slug=f"{SECRET}-person", name=SECRET, sort_name=SECRET, party=party)
    before = Meeting.objects.create(slug=f"{SECRET}-meeting", title=SECRET, date="2020", status="review")
    draft = Statement.objects.create(slug=f"{SECRET}-statement", quotation_type="narration", **words)
    EditorsNote.objects.create(slug=f"{SECRET}-note", subject=SECRET, text=SECRET, reported_on="2025-01-01")
    SourceText.objects.create(source=Source.objects.get(slug="tass"), text=f"{SECRET} is not ours to show")
    SourceText.objects.create(source=hidden, text=SECRET, is_public=True)
    MeetingState.objects.create(meeting=meeting, state="held", reported_on="2025-06-03", source=hidden, note=SECRET)
    member = Delegation.objects.get(slug="ukraine-istanbul-2025-06-02")
    DelegationMember.objects.create(delegation=member, person=person, source=source, role_as_printed=SECRET)
    Statement.objects.filter(slug=QUOTATION).update(variant_of=draft, dated_by=hidden)
    Statement.objects.get(slug=QUOTATION).mentions.add(person)
    Source.objects.filter(slug=REPORT).update(derived_from=hidden)
    Meeting.objects.filter(follows=None).exclude(pk=before.pk).update(follows=before)
    Meeting.objects.get(slug=MEETING).rests_on.add(hidden)
    EditorsNote.objects.get(slug="e09-translation").statements.add(draft)


@pytest.fixture
def rich():
    enrich()


def cut(folder: Path, number: int = 7, previous: Path | None = None) -> dict[str, bytes]:
    """Write a release somewhere; gives its files."""
    call_command("release", into=folder, number=number, previous=previous, stdout=StringIO())
    return files(folder)


def release(**options: Any) -> str:
    """Cut the next release; gives what was said."""
    told = StringIO()
    call_command("release", stdout=told, **options)
    return told.getvalue()


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """The names of files that are not the same bytes in both."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def empty() -> None:
    with connection.cursor() as cursor:
        for table in public_tables():
            cursor.execute(f"DELETE FROM {table}")


def table(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file, without the mark before dangerous signs."""
    rows = csv.DictReader(StringIO(content.decode(), newline=""), strict=True)
    return [{name: plain(value) for name, value in row.items()} for row in rows]


def ndjson(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.decode().split("\n")[:-1]]


def order_in_readme(readme: str) -> list[str]:
    """The fixture files in the order that the README gives for Django's own command."""
    (line,) = re.findall(r"^    (parties\.json .*)$", readme, re.MULTILINE)
    return line.split()


@pytest.fixture(scope="module")
def folder(django_db_setup, django_db_blocker, tmp_path_factory):
    """A release of the rich data, cut once; the database is then as it was."""
    folder = tmp_path_factory.mktemp("release") / "whole"
    with django_db_blocker.unblock(), transaction.atomic():
        enrich()
        cut(folder)
        transaction.set_rollback(True)
    return folder


@pytest.fixture(scope="module")
def whole(folder):
    """Its files by name."""
    return files(folder)


# The same state, the same bytes.


def test_two_cuts_of_one_state_are_the_same_bytes(rich, whole, tmp_path):
    assert differing(whole, cut(tmp_path / "again")) == []
    assert len(whole) > 40


@pytest.mark.usefixtures("unnoted")
def test_two_cuts_with_the_same_release_before_are_the_same_bytes(rich, folder, tmp_path):
    Party.objects.filter(slug="ukraine").update(code="")
    first, again = (cut(tmp_path / name, 8, folder) for name in ("first", "again"))
    assert differing(first, again) == []
    assert len(table(first["CHANGES.csv"])) == 1


ORDERS = [list(FILES), list(FILES)[::-1], random.Random(3).sample(list(FILES), len(FILES))]


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_a_release_loaded_into_an_empty_database_and_cut_again_is_the_same_bytes(whole, folder, tmp_path, order):
    empty()
    load(folder, *order)
    assert differing(whole, cut(tmp_path / "again")) == []


def test_the_fixtures_of_a_release_are_those_that_dump_fixtures_writes(rich, whole, tmp_path):
    dumped = dump(tmp_path / "dumped")
    assert {name: whole[f"{name}.json"] for name in FILES} == dumped


def test_when_and_how_often_a_row_was_written_does_not_matter(rich, whole, tmp_path):
    for model in NOUN_MODELS:
        for noun in model.objects.order_by("-slug"):
            noun.save()
    assert differing(whole, cut(tmp_path / "again")) == []


def test_dates_inside_are_those_of_the_data(tmp_path):
    before = datetime.now(UTC)
    content = cut(tmp_path / "cut")
    minutes = {before, datetime.now(UTC)}
    told = {f"{minute:%Y-%m-%d{between}%H:%M}".encode() for minute in minutes for between in ("T", " ")}
    assert [name for name, found in content.items() if any(sign in found for sign in told)] == []
    last = max(noun.changed_at for model in NOUN_MODELS for noun in model.objects.published())
    assert f"Data of {last:%Y-%m-%dT%H:%M:%SZ}." in content["README.md"].decode()
    assert json.loads(content["datapackage.json"])["created"] == f"{last:%Y-%m-%dT%H:%M:%SZ}"
    assert json.loads(content["croissant.json"])["datePublished"] == f"{last:%Y-%m-%d}"


# What is in it.


def test_nothing_private_is_in_any_file(whole):
    signs = [SECRET.encode(), b"1999-09-09", MARK.encode()]
    assert [name for name, content in whole.items() if any(sign in content for sign in signs)] == []


def test_a_reference_that_may_be_empty_is_left_out_where_what_it_names_is_not_public(whole):
    rows = {name: {row["slug"]: row for row in ndjson(whole[f"{name}.ndjson"])} for name in NOUNS}
    statement = rows["statements"][QUOTATION]
    assert (statement["variant_of"], statement["dated_by"]) == (None, None)
    assert rows["sources"][REPORT]["derived_from"] is None
    assert [row["slug"] for row in rows["meetings"].values() if row["follows"] is None]
    # What was added here is hidden, and the database is as it was.
    assert len(ndjson(whole["meeting_states.ndjson"])) == MeetingState.objects.count()
    assert len(ndjson(whole["delegation_members.ndjson"])) == DelegationMember.objects.count()


def test_what_was_withdrawn_is_a_tombstone_and_nothing_else(whole):
    slug = "lavrov-confirms-date"
    assert {"record": "statements", "slug": slug, "withdrawn_on": "2026-12-01",
            "withdrawn_because": "It was a double."} in ndjson(whole["tombstones.ndjson"])  # fmt: skip
    assert slug not in {row["slug"] for row in ndjson(whole["statements.ndjson"])}
    assert slug not in {row["statement"] for row in ndjson(whole["passages.ndjson"])}


def fixture_rows(whole: dict[str, bytes], model: Any) -> list[dict[str, Any]]:
    entries = [entry for name in FILES for entry in json.loads(whole[f"{name}.json"])]
    return [entry for entry in entries if entry["model"] == model._meta.label_lower]


def opened(folder: Path) -> Any:
    database = sqlite3.connect(f"file:{folder / 'talks.sqlite3'}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    return closing(database)


def test_counts_are_equal_in_every_file(whole, folder):
    readme = whole["README.md"].decode()
    described = {one["name"]: one["description"] for one in json.loads(whole["datapackage.json"])["resources"]}
    with opened(folder) as database:
        for name, record in RECORDS.items():
            count = len(ndjson(whole[f"{name}.ndjson"]))
            assert count > 0, name
            assert len(table(whole[f"{name}.csv"])) == count
            assert len(fixture_rows(whole, record.model)) == count
            assert database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] == count
            assert f"| {name} | {count:,} |" in readme
            assert described[name].startswith(f"{count} rows.")


@pytest.mark.parametrize("name", NOUNS)
def test_counts_are_those_of_the_sites_pages_and_data(rich, whole, client, name):
    count = len(ndjson(whole[f"{name}.ndjson"]))
    assert json.loads(client.get(f"/{name}.json").getvalue())["total"] == count
    assert len(table(client.get(f"/{name}.csv").getvalue())) == count
    seen, address = set(), f"/{name}/"
    while address:
        html = client.get(address).content.decode()
        seen |= set(re.findall(rf'href="/{name}/([a-z0-9-]+)/"', html))
        further = re.search(r'href="([^"]*)" rel="next"', html)
        address = f"/{name}/{further[1].replace('&amp;', '&')}" if further else ""
    assert seen == {row["slug"] for row in ndjson(whole[f"{name}.ndjson"])}


def shown(value: Any) -> str:
    return "" if value is None else codebook.shown(value)


@pytest.mark.parametrize("name", RECORDS)
def test_csv_ndjson_and_sqlite_carry_the_same_values_in_the_order_of_keys(whole, folder, name):
    record, rows = RECORDS[name], ndjson(whole[f"{name}.ndjson"])
    assert [list(row) for row in rows] == [record.names()] * len(rows)
    assert rows == sorted(rows, key=record.key_of)
    assert table(whole[f"{name}.csv"]) == [{key: shown(value) for key, value in row.items()} for row in rows]
    flat = [{key: value for key, value in row.items() if not isinstance(value, list)} for row in rows]
    with opened(folder) as database:
        found = {record.key_of(dict(row)): dict(row) for row in database.execute(f"SELECT * FROM {name}")}
        assert found == {record.key_of(row): row for row in flat}
        for column in {key for row in rows for key, value in row.items() if isinstance(value, list)}:
            pairs = database.execute(f'SELECT "slug", "value" FROM {name}_{column}')
            assert {tuple(pair) for pair in pairs} == {(row["slug"], value) for row in rows for value in row[column]}


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_a_strange_text_is_the_same_code_point_for_code_point(whole, folder, text):
    slug = "strange-" + next(name for name, wanted in TEXTS.items() if wanted == text)
    line = next(row for row in table(whole["statements.csv"]) if row["slug"] == f"{slug}-reported")
    row = next(row for row in ndjson(whole["statements.ndjson"]) if row["slug"] == f"{slug}-reported")
    fields = next(
        entry["fields"] for entry in json.loads(whole["statements.json"]) if entry["fields"].get("slug") == slug
    )
    with opened(folder) as database:
        kept = database.execute("SELECT text FROM statements WHERE slug = ?", [slug]).fetchone()[0]
    assert {line["text"], line["channel"], row["text"], row["speaker_as_printed"], fields["text"], kept} == {text}


def test_no_cell_of_a_csv_file_can_be_taken_for_a_formula(whole):
    tables = [name for name in whole if name.endswith(".csv")]
    cells = [
        cell for name in tables for line in csv.reader(StringIO(whole[name].decode(), newline="")) for cell in line
    ]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert len(tables) == len(RECORDS) + 2


def test_dates_are_as_precise_as_they_are_known(whole):
    said = {row["said_on"] for row in ndjson(whole["statements.ndjson"])}
    assert set(DATES) <= said
    row = next(row for row in table(whole["statements.csv"]) if row["said_on"] == "2025-05-28/2025-06-02")
    assert (row["said_from"], row["said_to"]) == ("2025-05-28", "2025-06-02")


# talks.sqlite3.


def test_the_database_is_whole_and_its_references_lead_somewhere(folder):
    with opened(folder) as database:
        assert [tuple(row) for row in database.execute("PRAGMA integrity_check")] == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize("name", RECORDS)
def test_the_database_declares_keys_references_and_indexes(folder, name):
    record = RECORDS[name]
    references = {
        (column.name, column.kind.removeprefix("slug of "), "slug")
        for column in record.columns()
        if column.kind.startswith("slug of ")
    }
    with opened(folder) as database:
        declared = database.execute(f"PRAGMA foreign_key_list({name})").fetchall()
        assert {(row["from"], row["table"], row["to"]) for row in declared} == references
        columns = database.execute(f"PRAGMA table_info({name})").fetchall()
        assert [row["name"] for row in sorted(columns, key=lambda row: row["pk"]) if row["pk"]] == list(record.key)
        led = {database.execute(f'PRAGMA index_info("{row["name"]}")').fetchone()["name"]
               for row in database.execute(f"PRAGMA index_list({name})").fetchall()}  # fmt: skip
        assert {column for column, _, _ in references} <= led
        for column in record.columns():
            if column.kind.startswith("slugs of "):
                (row,) = [
                    row
                    for row in database.execute(f"PRAGMA foreign_key_list({name}_{column.name})")
                    if row["from"] == "value"
                ]
                assert (row["table"], row["to"]) == (column.kind.removeprefix("slugs of "), "slug")


@pytest.mark.parametrize(
    "word", ["naivete", "NAÏVETÉ", "sebastien canakkale", '"lecki" OR naivete', "ŁECKI OR sebastien"]
)
def test_full_text_finds_a_word_with_or_without_its_marks(folder, word):
    question = (
        "SELECT slug FROM statements WHERE rowid IN (SELECT rowid FROM statements_fts WHERE statements_fts MATCH ?)"
    )
    with opened(folder) as database:
        found = {row["slug"] for row in database.execute(question, [word])}
    assert found == {"strange-diacritics", "strange-diacritics-reported"}


def test_the_database_carries_the_codebook_and_no_version_of_a_library(whole, folder):
    with opened(folder) as database:
        assert [dict(row) for row in database.execute("SELECT * FROM codebook")] == sorted(
            codebook.table(), key=lambda row: list(RECORDS).index(row["record"])
        )
    assert int.from_bytes(whole["talks.sqlite3"][96:100], "big") == 3_040_000


# What it says about itself.


def sentences(name: str) -> dict[str, str]:
    """Every column of a record with its sentence: the help text of the model's field, where it has one."""
    record = RECORDS[name]
    return {
        field.name: field.meaning if field.read else record.model_field(field.name).help_text for field in record.fields
    }


@pytest.mark.parametrize("name", RECORDS)
def test_every_description_names_every_column_with_the_sentence_of_the_model(whole, name):
    wanted = sentences(name)
    package, croissant, openapi = (json.loads(whole[f"{one}.json"]) for one in ("datapackage", "croissant", "openapi"))
    resource = next(one for one in package["resources"] if one["name"] == name)
    records = next(one for one in croissant["recordSet"] if one["name"] == name)
    assert {field["name"]: field["description"] for field in resource["schema"]["fields"]} == wanted
    assert {field["name"]: field["description"] for field in records["field"]} == wanted
    properties = openapi["components"]["schemas"][name]["properties"]
    assert {column: properties[column]["description"] for column in properties if column in wanted} == wanted
    assert {row["column"]: row["meaning"] for row in table(whole["codebook.csv"]) if row["record"] == name} == wanted
    header = next(csv.reader(StringIO(whole[f"{name}.csv"].decode(), newline="")))
    assert header == list(wanted) == [field["name"] for field in resource["schema"]["fields"]]


def test_digests_and_sizes_in_the_descriptions_are_those_of_the_files(whole):
    from hashlib import sha256

    for resource in json.loads(whole["datapackage.json"])["resources"]:
        content = whole[resource["path"]]
        assert (resource["bytes"], resource["hash"]) == (len(content), f"sha256:{sha256(content).hexdigest()}")
    for file in json.loads(whole["croissant.json"])["distribution"]:
        assert file["sha256"] == sha256(whole[file["contentUrl"]]).hexdigest()


def test_the_codebook_is_that_of_the_project(whole):
    assert whole["codebook.md"].decode() == codebook.markdown()
    assert table(whole["codebook.csv"]) == list(codebook.table())


def test_the_citation_has_what_the_format_asks_for_and_every_text_in_quotes(whole):
    lines = whole["CITATION.cff"].decode().splitlines()
    said = dict(line.lstrip("- ").split(": ", 1) for line in lines if not line.endswith(":"))
    assert {"cff-version", "message", "title", "type", "name", "license", "version", "url"} <= said.keys()
    assert (said["cff-version"], said["type"], said["license"]) == ("1.2.0", "dataset", "CC-BY-4.0")
    assert (json.loads(said["version"]), said["date-released"]) == ("7", "2026-11-30")
    assert json.loads(said["url"]).endswith("/data/releases/7/")
    assert all(json.loads(said[name]) for name in ("message", "title", "abstract", "name"))
    assert "authors:" in lines


def check_digests(folder: Path) -> None:
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_the_digests_are_checked_by_sha256sum(whole, folder):
    check_digests(folder)
    names = [line.split("  ")[1] for line in whole["SHA256SUMS"].decode().splitlines()]
    assert sorted(names) == names == sorted(whole.keys() - {"SHA256SUMS", "talks-in-context-7.zip"})


def test_the_archive_has_the_same_files_stored_with_the_date_of_the_data(whole, folder):
    with zipfile.ZipFile(folder / "talks-in-context-7.zip") as archive:
        assert archive.testzip() is None
        entries = archive.infolist()
        packed = {entry.filename: archive.read(entry) for entry in entries}
    others = {name: content for name, content in whole.items() if not name.endswith(".zip")}
    assert packed == {f"talks-in-context-7/{name}": content for name, content in others.items()}
    assert {entry.date_time for entry in entries} == {(2026, 11, 30, 23, 59, 58)}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}


@pytest.mark.usefixtures("unnoted")
@pytest.mark.parametrize("instant", ["1970-01-01T00:00:00Z", "2345-06-07T08:09:10Z"])
def test_an_instant_that_no_archive_can_name_does_not_keep_a_release_from_being_cut(tmp_path, instant):
    for model in NOUN_MODELS:
        model.objects.update(first_published_at=instant, changed_at=instant)
    content = cut(tmp_path / "cut")
    assert instant.encode() in content["README.md"]
    with zipfile.ZipFile(tmp_path / "cut" / "talks-in-context-7.zip") as archive:
        assert archive.testzip() is None


# What changed since the release before.


def changed(folder: Path) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for row in table((folder / "CHANGES.csv").read_bytes())]


def test_the_first_release_has_no_changes(releases):
    release()
    assert (releases / "1" / "CHANGES.csv").read_bytes() == b"record,key,change,column,before,after\r\n"
    assert {count for kinds in Release.objects.get().changes.values() for count in kinds.values()} == {0}


@pytest.mark.usefixtures("unnoted")
def test_changes_tell_of_every_column_with_what_it_said_before_and_says_now(releases):
    release()
    days = {"said_on": "2025-05", "said_from": "2025-05-01", "said_to": "2025-05-31"}
    Statement.objects.filter(slug=QUOTATION).update(cue="=a|b\r\n", lead_order=None, **days)
    Meeting.objects.filter(slug=MEETING).update(featured=False, venue="")
    Source.objects.filter(slug=REPORT).update(accessed_on=None, document_length=5)
    release()
    rows = changed(releases / "2")
    assert rows == sorted(rows, key=lambda row: list(RECORDS).index(row[0]))
    told = {
        (record, key, column): (before, after)
        for record, key, change, column, before, after in rows
        if change == "changed"
    }
    assert len(told) == len(rows)
    old, new = (
        {name: {row["slug"]: row for row in table((releases / number / f"{name}.csv").read_bytes())} for name in NOUNS}
        for number in "12"
    )
    expected = {
        (name, slug, column): (old[name][slug][column], new[name][slug][column])
        for name in NOUNS for slug in old[name] for column in old[name][slug]
        if old[name][slug][column] != new[name][slug][column]
    }  # fmt: skip
    assert told == expected
    assert told["statements", QUOTATION, "cue"][1] == "=a|b\r\n"
    assert b',"\'=a|b\r\n"\r\n' in (releases / "2" / "CHANGES.csv").read_bytes()
    assert {column for _, _, column in told} == {
        "cue", "lead_order", "said_on", "said_from", "said_to", "featured", "venue", "accessed_on", "document_length",
    }  # fmt: skip


@pytest.mark.usefixtures("unnoted")
def test_changes_tell_of_rows_that_belong_to_a_noun_and_of_lists(releases):
    release()
    statement = Statement.objects.get(slug=MIXED)
    passage = statement.passages.get()
    Passage.objects.filter(pk=passage.pk).update(suffix="other")
    Passage.objects.create(statement=statement, number=2, exact=passage.exact)
    before = "|".join(sorted(statement.mentions.values_list("slug", flat=True)))
    statement.mentions.set(Person.objects.filter(slug__in=["hakan-fidan", "vladimir-putin"]))
    meeting = Meeting.objects.get(slug=MEETING)
    gone = meeting.states.filter(source__status="published").first()
    left = f"{MEETING}/{gone.state}/{gone.reported_on}/{gone.source.slug}"
    gone.delete()
    MeetingState.objects.create(
        meeting=meeting, state="held", reported_on="2025-06-09", source=Source.objects.get(slug=REPORT)
    )
    member = DelegationMember.objects.filter(role="head").order_by("pk").first()
    DelegationMember.objects.filter(pk=member.pk).update(role="member")
    release()
    rows = changed(releases / "2")
    for row in [
        ("passages", f"{MIXED}/1", "changed", "suffix", passage.suffix, "other"),
        ("passages", f"{MIXED}/2", "added", "", "", ""),
        ("statements", MIXED, "changed", "mentions", before, "hakan-fidan|vladimir-putin"),
        ("meeting_states", left, "removed", "", "", ""),
        ("meeting_states", f"{MEETING}/held/2025-06-09/{REPORT}", "added", "", "", ""),
        ("delegation_members", f"{member.delegation.slug}/{member.person.slug}", "changed", "role", "head", "member"),
    ]:
        assert row in rows
    assert {row[0] for row in rows} <= {"passages", "statements", "meeting_states", "delegation_members", "meetings"}


@pytest.mark.usefixtures("unnoted")
def test_changes_tell_of_nouns_that_came_were_deleted_and_were_withdrawn(releases):
    release()
    Party.objects.create(slug="aaa-first", name="First", **STANDING)
    Party.objects.create(slug="zzz-last", name="Last", **STANDING)
    EditorsNote.objects.get(slug="e05-year").delete()
    withdraw("lavrov-confirms-date")
    Correction.objects.create(
        slug="a-correction-1", record="statements", noun=QUOTATION, kind="addition", reason="So.", corrected_at=STAMP
    )
    told = release()
    assert sorted(changed(releases / "2")) == [
        ("corrections", "a-correction-1", "added", "", "", ""),
        ("editors_notes", "e05-year", "removed", "", "", ""),
        ("parties", "aaa-first", "added", "", "", ""),
        ("parties", "zzz-last", "added", "", "", ""),
        ("passages", "lavrov-confirms-date/1", "removed", "", "", ""),
        ("statements", "lavrov-confirms-date", "removed", "", "", ""),
        ("tombstones", "editors_notes/e05-year", "added", "", "", ""),
        ("tombstones", "statements/lavrov-confirms-date", "added", "", "", ""),
    ]
    kinds = Release.objects.get(number=2).changes
    assert kinds["parties"] == {"added": 2, "changed": 0, "removed": 0}
    assert kinds["statements"] == {"added": 0, "changed": 0, "removed": 1}
    assert kinds.keys() == RECORDS.keys()
    assert "Cut release 2" in told


# Numbers, rows and folders.


def test_a_release_has_a_row_that_tells_of_its_files(releases):
    told = release()
    row = Release.objects.get()
    assert (row.number, told) == (1, f"Cut release 1: {sum(row.counts.values()):,} rows in {len(row.files)} files.\n")
    assert {file["name"]: file["bytes"] for file in row.files} == {
        path.name: path.stat().st_size for path in (releases / "1").iterdir()
    }
    assert row.counts == {name: len(ndjson((releases / "1" / f"{name}.ndjson").read_bytes())) for name in RECORDS}
    assert row.as_of == max(noun.changed_at for model in NOUN_MODELS for noun in model.objects.published())
    assert sorted(path.name for path in releases.iterdir()) == [".lock", "1"]


def test_numbers_go_up_and_earlier_releases_stay_as_they_were(releases):
    release()
    first = files(releases / "1")
    for number, name in ((2, "Second"), (3, "Third")):
        Party.objects.filter(slug="ukraine").update(name=name)
        assert f"Cut release {number}" in release()
    assert [row.number for row in Release.objects.newest_first()] == [3, 2, 1]
    assert files(releases / "1") == first
    assert differing(files(releases / "3"), cut(releases.parent / "again", 3, releases / "2")) == []


def test_when_nothing_has_changed_no_release_is_cut(releases):
    release()
    Party.objects.create(slug="a-draft", name="A draft")
    SourceText.objects.create(source=Source.objects.get(slug="tass"), text="private")
    Statement.objects.get(slug=QUOTATION).save()
    assert release() == "Nothing has changed since release 1, so no release was cut.\n"
    assert [row.number for row in Release.objects.all()] == [1]
    assert sorted(path.name for path in releases.iterdir()) == [".lock", "1"]


def test_a_text_of_a_source_that_may_now_be_shown_is_a_change(releases):
    SourceText.objects.create(source=Source.objects.get(slug="tass"), text="no longer private")
    release()
    SourceText.objects.update(is_public=True)
    assert "Cut release 2" in release()
    assert b"no longer private" in (releases / "2" / "sources.json").read_bytes()


def test_a_folder_of_that_number_with_the_same_files_is_taken_for_it(releases):
    releases.mkdir()
    cut(releases / "1", 1)
    before = (releases / "1").stat().st_ino
    release()
    assert (Release.objects.get().number, (releases / "1").stat().st_ino) == (1, before)
    assert sorted(path.name for path in releases.iterdir()) == [".lock", "1"]


def refusal(**options: Any) -> str:
    """What the command says in refusing; there is no new row."""
    rows = Release.objects.count()
    with pytest.raises(CommandError) as caught:
        release(**options)
    assert Release.objects.count() == rows
    told = str(caught.value)
    assert "\n" not in told
    return told


@pytest.mark.parametrize(
    "content", [{}, {"README.md": b"x"}, {"sub/README.md": b"x"}], ids=["nothing", "a file", "a folder"]
)
def test_a_folder_of_that_number_with_other_contents_is_refused_and_left_alone(releases, content):
    (releases / "1").mkdir(parents=True)
    for name, words in content.items():
        (releases / "1" / name).parent.mkdir(exist_ok=True)
        (releases / "1" / name).write_bytes(words)
    assert refusal().startswith(f"{releases / '1'}: is there already, with other contents")
    found = {
        str(path.relative_to(releases / "1")): path.read_bytes()
        for path in (releases / "1").rglob("*")
        if path.is_file()
    }
    assert found == content
    assert sorted(path.name for path in releases.iterdir()) == [".lock", "1"]


def test_one_byte_more_or_less_in_a_folder_of_that_number_is_other_contents(releases):
    releases.mkdir()
    cut(releases / "1", 1)
    (releases / "1" / "statements.csv").write_bytes((releases / "1" / "statements.csv").read_bytes() + b"\n")
    before = files(releases / "1")
    assert "with other contents" in refusal()
    assert files(releases / "1") == before


def test_a_file_of_that_number_is_refused_and_left_alone(releases):
    releases.mkdir()
    (releases / "1").write_text("mine")
    assert refusal().startswith(f"{releases / '1'}: is there already")
    assert (releases / "1").read_text() == "mine"


def test_a_release_before_whose_files_are_gone_is_told(releases):
    release()
    shutil.rmtree(releases / "1")
    Party.objects.filter(slug="ukraine").update(name="Other")
    assert "release 1" in refusal()


@pytest.mark.parametrize("end", [b"", b"{", b"\n"], ids=repr)
def test_a_release_before_whose_files_are_damaged_is_told(releases, end):
    release()
    path = releases / "1" / "statements.ndjson"
    path.write_bytes(path.read_bytes().rpartition(b"{")[0] + end)
    Party.objects.filter(slug="ukraine").update(name="Other")
    assert "release 1" in refusal()
    assert sorted(path.name for path in releases.iterdir()) == [".lock", "1"]


def test_where_nothing_is_published_nothing_is_cut(releases):
    empty()
    Party.objects.create(slug="a-draft", name="A draft")
    assert refusal() == "Nothing is published, so there is nothing to cut."
    assert [path.name for path in releases.iterdir()] == [".lock"]


def test_a_published_record_that_lacks_what_it_needs_is_told_in_one_line(releases):
    Meeting.objects.filter(slug=MEETING).update(status="draft")
    assert re.search("statements|delegations", refusal())
    assert [path.name for path in releases.iterdir()] == [".lock"]


def test_what_a_killed_release_left_behind_is_cleared_away(releases):
    (releases / ".1-killed" / "sub").mkdir(parents=True)
    (releases / ".1-killed" / "parties.csv").write_text("half")
    release()
    assert sorted(path.name for path in releases.iterdir()) == [".lock", "1"]


def test_a_folder_for_releases_that_cannot_be_made_is_told(releases):
    releases.write_text("a file")
    assert str(releases) in refusal()


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a number without a folder": ({"number": 3}, "--number and --previous go with --into"),
    "a release before without a folder": ({"previous": Path("/tmp")}, "--number and --previous go with --into"),
    "a number below one": ({"into": "new", "number": 0}, "--number: 0 is no number of a release"),
    "a negative number": ({"into": "new", "number": -1}, "--number: -1 is no number of a release"),
    "a folder that is there": ({"into": "there"}, "there: is there already"),
    "a file that is there": ({"into": "file"}, "file: is there already"),
    "a folder in one that is not": ({"into": "none/new"}, "none"),
    "a folder in a file": ({"into": "file/new"}, "file"),
    "a release before that is none": ({"into": "new", "previous": "there"}, "there: is no folder of a release"),
    "a release before that is not there": ({"into": "new", "previous": "none"}, "none: is no folder of a release"),
}


@pytest.mark.parametrize(("options", "told"), BAD.values(), ids=list(BAD))
def test_bad_options_are_refused_and_nothing_is_written(releases, tmp_path, options, told):
    (tmp_path / "there").mkdir()
    (tmp_path / "file").write_text("mine")
    paths = {name: tmp_path / value if isinstance(value, str) else value for name, value in options.items()}
    assert told in refusal(**paths)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "there"]


def test_a_release_before_that_is_damaged_is_told_and_nothing_is_written(tmp_path):
    cut(tmp_path / "first", 1)
    (tmp_path / "first" / "statements.ndjson").write_text('{"slug": "a')
    assert refusal(into=tmp_path / "second", previous=tmp_path / "first").startswith("No release was cut. ")
    assert [path.name for path in tmp_path.iterdir()] == ["first"]


def test_into_a_folder_makes_no_release(releases, tmp_path):
    release()
    content = cut(tmp_path / "into", 1)
    assert differing(content, files(releases / "1")) == []
    assert Release.objects.count() == 1
    release(into=tmp_path / "next")
    assert (tmp_path / "next" / "talks-in-context-2.zip").exists()


def test_more_rows_take_no_more_questions(tmp_path):
    meeting, source = Meeting.objects.get(slug=MEETING), Source.objects.get(slug=REPORT)
    common = {"quotation_type": "narration", "text": "x", "said_on": "2025", "meeting": meeting, "source": source}

    def questions(many: int) -> int:
        """Of a release with so many statements more: the first rows are one step of their own, all others one step."""
        Statement.objects.bulk_create(Statement(slug=f"{many}-{row}", **common, **STANDING) for row in range(many))
        with CaptureQueriesContext(connection) as asked:
            cut(tmp_path / str(many))
        return len(asked)

    assert questions(300) == questions(1500) < 60


# Real processes, with databases of their own: elsewhere, killed, short of room, beside an editor.

# Does something at the first event of Python's own (`sys.addaudithook`) whose first argument fits: so a process is
# killed or held at one certain step, however fast the machine.
HOOKED = """
import os, re, signal, sys, time
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_editor")
event, pattern, deed, *arguments = sys.argv[1:]

def hook(name, given):
    if name == event and hook.waiting and re.search(pattern, str(given[0])):
        hook.waiting = False
        if deed == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        open(deed + ".reached", "w").close()
        while not os.path.exists(deed + ".go"):
            time.sleep(0.01)

hook.waiting = True
sys.addaudithook(hook)
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *arguments])
"""

# Files cannot grow beyond this many bytes, as if the disk were full.
LIMITED = """
import os, resource, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_editor")
from django.core.management import execute_from_command_line
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
execute_from_command_line(["manage.py", *sys.argv[2:]])
"""

# Tells how much memory the process held at most, in kilobytes. (`ru_maxrss` counts that of its parent too.)
MEASURED = r"""
import os, re, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_editor")
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
print(re.search(r"VmHWM:\s+([0-9]+)", open("/proc/self/status").read())[1])
"""


@pytest.fixture(scope="module")
def built():
    """A place with the built-in data and no release."""
    with a_migrated_place() as place:
        place.manage("loaddata", "--verbosity=0", *(f"{name}.json" for name in FILES))
        yield place


@pytest.fixture
def site(built):
    """The same; releases that a test cuts are gone after it."""
    yield built
    built.sql("DELETE FROM talks_release")
    shutil.rmtree(built.var / "releases", ignore_errors=True)


def folders(site: Any) -> list[str]:
    return sorted(path.name for path in (site.var / "releases").iterdir())


def rows(site: Any) -> list[tuple]:
    return site.sql("SELECT number FROM talks_release ORDER BY number")


MACHINES = [
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"TZ": "America/Adak", "LC_ALL": "C.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "2"},
]


def test_another_process_on_sqlite_with_other_settings_in_another_folder_cuts_the_same_bytes(
    rich, whole, tmp_path, built, bare
):
    """On PostgreSQL this holds the two databases against each other."""
    dump(tmp_path / "fixtures")
    paths = [str(tmp_path / "fixtures" / f"{name}.json") for name in FILES]
    address = {"DATABASE_URL": f"sqlite:///{tmp_path / 'other.sqlite3'}", "VAR_DIR": str(tmp_path / "var")}
    if POSTGRES:
        built.manage("migrate", "--verbosity=0", **address)
    else:
        bare.sql(f"VACUUM INTO '{tmp_path / 'other.sqlite3'}'")  # which was migrated, and is empty
    built.manage("loaddata", "--verbosity=0", *paths, **address)
    manage = [sys.executable, str(built.code / "manage.py")]
    for number, machine in enumerate(MACHINES):
        there = tmp_path / f"there-{number}"
        command = [*manage, "release", "--number=7", f"--into={there}"]
        built.run("sh", "-c", 'cd "$0" && umask 077 && exec "$@"', "/", *command, **address, **machine)
        assert differing(whole, files(there)) == []


@pytest.fixture(scope="module")
def migrated():
    """A place with an empty database."""
    with a_migrated_place() as place:
        yield place


@pytest.fixture
def bare(migrated):
    """The same, empty again."""
    tables = public_tables()
    migrated.sql(*([f"TRUNCATE {', '.join(tables)}"] if POSTGRES else [f"DELETE FROM {table}" for table in tables]))
    return migrated


def test_our_loaddata_takes_the_fixtures_as_the_readme_says(whole, folder, tmp_path, bare):
    (command,) = re.findall(r"^    (python manage\.py loaddata .*)$", whole["README.md"].decode(), re.MULTILINE)
    bare.run("sh", "-c", command.replace("python", sys.executable, 1).replace("FOLDER", str(folder)))
    bare.manage("release", "--number=7", f"--into={tmp_path / 'again'}")
    assert differing(whole, files(tmp_path / "again")) == []


DJANGOS = """
import django, sys
django.setup()
from django.core.management import call_command
from django.core.management.commands.loaddata import Command
from talks.editing import ledger
with ledger.aside():  # whoever takes the files with Django's own command has no ledger
    call_command(Command(), *sys.argv[1:])
"""


@pytest.mark.parametrize("least", [False, True], ids=["all", "without empty files"])
def test_djangos_own_loaddata_takes_the_fixtures_in_the_order_that_the_readme_gives(
    whole, folder, tmp_path, bare, least
):
    if least:
        cut(tmp_path / "built-in")
        whole, folder = files(tmp_path / "built-in"), tmp_path / "built-in"
    order = order_in_readme(whole["README.md"].decode())
    paths = [str(folder / name) for name in order]
    bare.run(sys.executable, "-c", DJANGOS, *paths, DJANGO_SETTINGS_MODULE="config.settings_editor")
    bare.manage("release", "--number=7", f"--into={tmp_path / 'again'}")
    assert differing(whole, files(tmp_path / "again")) == []


MOMENTS = {
    "before the first row": ("open", r"/\.1-[^/]*/parties\.json$", []),
    "between two tables": ("open", r"/\.1-[^/]*/passages\.csv$", []),
    "after the tables": ("open", r"/\.1-[^/]*/CHANGES\.csv$", []),
    "before the archive": ("open", r"/\.1-[^/]*/talks-in-context-1\.zip$", []),
    "before it gets its name": ("os.rename", r"/\.1-[^/]*$", []),
    "before a row tells of it": ("os.chmod", r"/releases/1$", ["1"]),
}


@pytest.mark.parametrize(("event", "pattern", "left"), MOMENTS.values(), ids=list(MOMENTS))
def test_a_release_that_is_killed_leaves_nothing_half_and_the_next_one_is_cut(site, event, pattern, left):
    site.run(sys.executable, "-c", HOOKED, event, pattern, "kill", "release", code=-signal.SIGKILL)
    assert [name for name in folders(site) if not name.startswith(".")] == left
    assert rows(site) == []
    assert "Cut release 1" in site.manage("release")
    assert (folders(site), rows(site)) == ([".lock", "1"], [(1,)])
    check_digests(site.var / "releases" / "1")


def test_files_that_a_killed_release_left_without_a_row_give_way_to_those_of_a_later_edit(site):
    event, pattern, left = MOMENTS["before a row tells of it"]
    site.run(sys.executable, "-c", HOOKED, event, pattern, "kill", "release", code=-signal.SIGKILL)
    assert folders(site) == [".lock", ".untold", *left]
    site.sql("UPDATE talks_party SET name = 'After the kill' WHERE slug = 'ukraine'")
    assert "Cut release 1" in site.manage("release")
    assert (folders(site), rows(site)) == ([".lock", "1"], [(1,)])
    assert "After the kill" in (site.var / "releases" / "1" / "parties.csv").read_text()


@pytest.mark.parametrize(
    "mark", ["", "1 ", f"1 {'0' * 64}\n", f".. {'0' * 64}\n"], ids=["empty", "half", "other", "odd"]
)
def test_files_that_no_mark_tells_of_are_somebodys(site, mark):
    kept = site.var / "releases" / "1"
    kept.mkdir(parents=True)
    (kept / "SHA256SUMS").write_text("of an earlier database")
    (site.var / "releases" / ".untold").write_text(mark)
    assert "is there already, with other contents" in site.run(sys.executable, "manage.py", "release", code=1)
    assert (kept / "SHA256SUMS").read_text() == "of an earlier database"


@pytest.mark.parametrize("limit", [40_000, 150_000, 500_000], ids=["a table", "the database", "the archive"])
def test_a_full_disk_is_told_in_one_line_and_nothing_is_left(site, limit):
    told = site.run(sys.executable, "-c", LIMITED, str(limit), "release", code=1)
    assert re.fullmatch(r"CommandError: No release was cut\. [^\n]+\n", told)
    assert (folders(site), rows(site)) == ([".lock"], [])
    assert "Cut release 1" in site.manage("release")


@contextmanager
def held(site: Any, tmp_path: Path) -> Iterator[Any]:
    """A release that stands still in the middle of its rows until the block ends."""
    command = [sys.executable, "-c", HOOKED, "open", r"/\.1-[^/]*/statements\.csv$", str(tmp_path / "held"), "release"]
    with site.started(*command) as running:
        until(
            lambda: running.has_ended or (tmp_path / "held.reached").exists(), "the release in the middle of its rows"
        )
        try:
            yield running
        finally:
            (tmp_path / "held.go").touch()
        assert running.ended_with() == 0, running.output


def test_two_releases_at_once_are_one_and_a_clear_line(site, tmp_path):
    with held(site, tmp_path):
        told = site.run(sys.executable, "manage.py", "release", code=1)
        assert told == "CommandError: Another release is being cut.\n"
        assert rows(site) == []
        assert len([name for name in folders(site) if name.startswith(".1-")]) == 1
    assert (folders(site), rows(site)) == ([".lock", "1"], [(1,)])


def test_an_edit_while_a_release_is_cut_is_not_held_up_and_not_in_it(site, tmp_path):
    with held(site, tmp_path):
        # The tables of meetings are written, that of statements is not: neither may see any of this.
        site.sql(
            "UPDATE talks_statement SET cue = 'meanwhile' WHERE slug = 'umerov-awaits-memorandum'",
            "UPDATE talks_meeting SET venue = 'meanwhile' WHERE slug = 'istanbul-2025-06-02'",
            "INSERT INTO talks_tombstone (record, slug, withdrawn_on, withdrawn_because) "
            "VALUES ('people', 'gone-meanwhile', '2026-01-01', 'meanwhile')",
        )
        assert rows(site) == []
    first = site.var / "releases" / "1"
    assert [path.name for path in first.iterdir() if b"meanwhile" in path.read_bytes()] == []
    assert "Cut release 2" in site.manage("release")
    told = {
        (row["record"], row["change"], row["after"])
        for row in table((site.var / "releases" / "2" / "CHANGES.csv").read_bytes())
    }
    assert told == {
        ("statements", "changed", "meanwhile"),
        ("meetings", "changed", "meanwhile"),
        ("tombstones", "added", ""),
    }
    site.sql("UPDATE talks_statement SET cue = '' WHERE cue = 'meanwhile'", "DELETE FROM talks_tombstone")


def multiply(site: Any, count: int) -> None:
    """So many copies of statements in our own words, by one SQL statement."""
    columns = [field.column for field in Statement._meta.concrete_fields if not field.primary_key]
    # A slug is used once, so those of one number are others than those of the next.
    values = [f"'many-' || {count} || '-' || i || '-' || slug" if name == "slug" else name for name in columns]
    site.sql(
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
        f"INSERT INTO talks_statement ({', '.join(columns)}) SELECT {', '.join(values)} FROM n, "
        "(SELECT * FROM talks_statement WHERE quotation_type IN ('indirect', 'narration') AND slug NOT LIKE 'many-%' "
        "ORDER BY slug LIMIT 10) AS ours"
    )


def clear_copies(site: Any) -> None:
    """The database buries what was public; nobody is told of these."""
    site.sql("DELETE FROM talks_statement WHERE slug LIKE 'many-%'", "DELETE FROM talks_tombstone")


def test_memory_does_not_grow_with_the_rows(site, tmp_path):
    held = []
    for number, count in enumerate((300, 1300)):
        clear_copies(site)
        multiply(site, count)
        told = site.run(sys.executable, "-c", MEASURED, "release", f"--into={tmp_path / str(number)}")
        held.append(int(told.split()[-1]))
        with opened(tmp_path / str(number)) as database:
            assert database.execute("SELECT count(*) FROM statements").fetchone()[0] > count * 10
    clear_copies(site)
    assert held[1] < 150_000
    assert held[1] - held[0] < 20_000


# The first start.


def test_the_first_start_cuts_the_built_in_data_and_a_further_one_cuts_nothing():
    with a_place() as place:
        assert "Cut release 1: " in place.manage("prepare")
        assert (folders(place), rows(place)) == ([".lock", "1"], [(1,)])
        assert "release" not in place.manage("prepare")
        place.sql("UPDATE talks_party SET name = 'Other' WHERE slug = 'ukraine'")
        assert "release" not in place.manage("prepare")
        assert (folders(place), rows(place)) == ([".lock", "1"], [(1,)])


@pytest.mark.parametrize("theirs", ["releases/1/README.md", "releases"])
def test_a_first_release_that_cannot_be_cut_does_not_keep_the_site_from_starting(theirs):
    with a_migrated_place() as place:
        (place.var / theirs).parent.mkdir(parents=True, exist_ok=True)
        (place.var / theirs).write_text("somebody's")
        told = place.manage("prepare")
        assert "The built-in data was not cut into a release. " in told
        assert (place.var / theirs).read_text() == "somebody's"
        assert rows(place) == []
        assert place.sql("SELECT count(*) FROM talks_statement") == [(Statement.objects.count(),)]
        assert (place.var / "static" / ".build").exists()


def test_datasette_finds_the_full_text_by_how_its_table_was_made(folder):
    # Its detection reads the text of the schema: a virtual table with content="…" or content=[…].
    with closing(sqlite3.connect(folder / "talks.sqlite3")) as database:
        ((made,),) = database.execute("SELECT sql FROM sqlite_master WHERE name = 'statements_fts'").fetchall()
    assert 'content="statements"' in made
