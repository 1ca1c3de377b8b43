"""The program in every release: a whole one passes, and each kind of damage is named by file and place."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.core.management import call_command

from talks import check_release, evidence
from talks.check_release import Check
from talks.formats.csv import cell
from talks.models import Correction, Meeting, Party, Passage, Person, Redirect, Source, Statement, Tombstone
from talks.records import RECORDS

Q1, Q3 = "umerov-awaits-memorandum", "lavrov-four-days"
KINDS = ["digests", "columns", "counts", "values", "foreign keys", "evidence"]


class Run(NamedTuple):
    """What a check gave back and said."""

    status: Any
    out: list[str]
    err: list[str]

    def kinds(self) -> list[str]:
        return [line.partition(":")[0] for line in self.out]

    def tells(self, *words: str) -> bool:
        """Whether one line names all of this."""
        return any(all(word in line for word in words) for line in self.err)


def check(folder: Path, *documents: Path) -> Run:
    out: list[str] = []
    err: list[str] = []
    return Run(Check(folder, list(documents), out.append, err.append).run(), out, err)


def as_program(*arguments: Any) -> Run:
    """The same in a process of its own, which has nothing but Python."""
    command = [sys.executable, "-I", "-S", *map(str, arguments)]
    done = subprocess.run(command, env={}, capture_output=True, text=True, cwd="/", encoding="utf-8")
    return Run(done.returncode, done.stdout.splitlines(), done.stderr.splitlines())


def as_command(*arguments: Any) -> Run:
    out, err = StringIO(), StringIO()
    status: Any = 0
    try:
        call_command("check_release", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as ended:
        status = ended.code
    return Run(status, out.getvalue().splitlines(), err.getvalue().splitlines())


def cut(folder: Path) -> Path:
    call_command("release", into=folder, number=1, stdout=StringIO())
    return folder


# Tests that empty the database come after those that say that they use it.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def whole(tmp_path_factory, django_db_setup, django_db_blocker) -> Path:
    """A release of the built-in data, not to be touched."""
    with django_db_blocker.unblock():
        return cut(tmp_path_factory.mktemp("releases") / "1")


@pytest.fixture
def folder(whole, tmp_path) -> Path:
    """A release to be damaged."""
    return Path(shutil.copytree(whole, tmp_path / "1"))


def seal(folder: Path) -> None:
    """Write the digests anew, so that only what is in the files can tell."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and path.suffix != ".zip")
    names.remove("SHA256SUMS")
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / "SHA256SUMS").write_text("".join(lines), "utf-8")


def replace(folder: Path, name: str, old: str, new: str, count: int = 1) -> None:
    path = folder / name
    text = path.read_bytes().decode()
    assert old in text, old
    path.write_bytes(text.replace(old, new, count).encode())


def drop_line(folder: Path, name: str, number: int) -> None:
    lines = (folder / name).read_bytes().splitlines(keepends=True)
    del lines[number - 1]
    (folder / name).write_bytes(b"".join(lines))


def rows(folder: Path, record: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{record}.ndjson").read_text("utf-8").splitlines()]


def write(folder: Path, record: str, found: list[dict[str, Any]]) -> None:
    """Write the rows of a record in NDJSON and CSV, so that the two agree."""
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in found]
    (folder / f"{record}.ndjson").write_text("".join(lines), "utf-8", newline="\n")
    with (folder / f"{record}.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(RECORDS[record].names())
        table.writerows([cell(value) for value in row.values()] for row in found)


def change(record: str, at: int, /, **values: Any) -> Callable[[Path], None]:
    """A damage: other values in a row, by its number."""

    def damage(folder: Path) -> None:
        found = rows(folder, record)
        found[at - 1].update(values)
        write(folder, record, found)

    return damage


def of_statement(record: str, slug: str, /, **values: Any) -> Callable[[Path], None]:
    """A damage: other values in the first row of a statement."""

    def damage(folder: Path) -> None:
        found = rows(folder, record)
        next(row for row in found if slug in (row.get("slug"), row.get("statement"))).update(values)
        write(folder, record, found)

    return damage


def swap(folder: Path) -> None:
    found = rows(folder, "meetings")
    write(folder, "meetings", [found[1], found[0], *found[2:]])


def twice(folder: Path) -> None:
    found = rows(folder, "parties")
    write(folder, "parties", [found[0], *found])


def without_column(folder: Path) -> None:
    found = rows(folder, "parties")
    write(folder, "parties", [{name: value for name, value in row.items() if name != "code"} for row in found])


def in_sqlite(statement: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "talks.sqlite3", isolation_level=None)) as database:
            database.execute(statement)

    return damage


def put(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


def cut_off(name: str, end: int) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:end]) and None


def as_folder(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return damage


def in_json(name: str, old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: replace(folder, name, old, new)


def tear(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    path.write_bytes(content)


def unmarked(folder: Path) -> None:
    change("parties", 1, name="=1+1")(folder)
    replace(folder, "parties.csv", "'=1+1", "=1+1")


def loop(folder: Path) -> None:
    (folder / "talks.sqlite3").unlink()
    (folder / "talks.sqlite3").symlink_to("talks.sqlite3")


BIG = "x" * 10_000_000

# Of the files as they lie there, with the digests that they had.
UNSEALED: dict[str, tuple[Callable[[Path], Any], list[str]]] = {
    "a changed byte": (in_json("README.md", "Talks", "Talk5"), ["README.md", "changed"]),
    "a missing file": (lambda folder: (folder / "people.csv").unlink(), ["people.csv", "missing"]),
    "one more file": (put("more.txt", b"x"), ["more.txt", "not listed"]),
    "one more folder": (lambda folder: (folder / "more").mkdir(), ["more", "not listed"]),
    "a way out": (in_json("SHA256SUMS", "  LICENSE", "  ../LICENSE"), ["SHA256SUMS: line", "plain name"]),
    "no digest": (in_json("SHA256SUMS", "  LICENSE", " LICENSE"), ["SHA256SUMS: line", "one digest"]),
    "a file listed twice": (in_json("SHA256SUMS", "  LICENSE", "  README.md"), ["SHA256SUMS: line", "first time"]),
    "no digests at all": (lambda folder: (folder / "SHA256SUMS").unlink(), ["SHA256SUMS", "No such file"]),
    "a folder for a file": (as_folder("LICENSE"), ["LICENSE", "no file"]),
}  # fmt: skip

# Of the content alone: the digests are written anew.
SEALED: dict[str, tuple[Callable[[Path], Any], list[list[str]]]] = {
    "a row gone from NDJSON": (lambda folder: drop_line(folder, "people.ndjson", 3), [["counts: people", "NDJSON"], ["values: people.csv: line 4, column slug", "people.ndjson: line 3"]]),
    "a row gone from CSV": (lambda folder: drop_line(folder, "people.csv", 4), [["counts: people", "CSV"], ["values: people.csv: line 4, column slug"]]),
    "a changed cell": (in_json("parties.csv", "russia,Russia", "russia,Prussia"), [["values: parties.csv: line 2, column name", "Prussia", "parties.ndjson: line 1", "'Russia'"]]),
    "an unknown slug": (change("people", 1, party="atlantis"), [["foreign keys: people.ndjson: line 1, column party", "atlantis"]]),
    "an unknown slug in a list": (change("meetings", 2, rests_on=["ap", "nowhere"]), [["foreign keys: meetings.ndjson: line 2, column rests_on", "nowhere"]]),
    "a text for a number": (change("passages", 1, number="1"), [["values: passages.ndjson: line 1, column number", "is no number"]]),
    "a truth value for a number": (change("passages", 1, start=True), [["values: passages.ndjson: line 1, column start", "is no number"]]),
    "a number for a text": (change("parties", 2, name=7), [["values: parties.ndjson: line 2, column name", "7 is no text"]]),
    "a list for a text": (change("parties", 2, slug=["ukraine"]), [["values: parties.ndjson: line 2, column slug", "is no text"]]),
    "an object for a list": (change("people", 2, also_written={"a": [1]}), [["values: people.ndjson: line 2, column also_written", "is no list of texts"]]),
    "a list of numbers": (in_json("people.ndjson", '"also_written": []', '"also_written": [1]'), [["values: people.ndjson: line", "column also_written", "[1] is no list of texts"]]),
    "a text for a truth value": (change("meetings", 1, featured="false"), [["values: meetings.ndjson: line 1, column featured", "is no truth value"]]),
    "no day": (change("meetings", 1, date_from="3 March"), [["values: meetings.ndjson: line 1, column date_from", "is no day"]]),
    "no instant": (change("parties", 1, changed_at="2026-11-23"), [["values: parties.ndjson: line 1, column changed_at", "is no instant"]]),
    "no date": (change("meetings", 1, date="spring"), [["values: meetings.ndjson: line 1, column date", "is no date"]]),
    "a value that is not allowed": (change("delegations", 1, capacity="guest"), [["values: delegations.ndjson: line 1, column capacity", "guest", "is not one of"]]),
    "an empty value": (change("parties", 1, name=""), [["values: parties.ndjson: line 1, column name", "is empty"]]),
    "no value": (change("meetings", 1, date_from=None), [["values: meetings.ndjson: line 1, column date_from", "is empty"]]),
    "the same row twice": (twice, [["values: parties.ndjson: line 2, column slug", "stands twice"], ["counts: parties", "SQLite"]]),
    "another order": (swap, [["values: meetings.ndjson: line 2, column slug", "not in order"]]),
    "a column gone": (without_column, [["columns: parties.ndjson: line 1", "'code'"]]),
    "a column gone from the header": (in_json("parties.csv", "slug,name,code", "slug,name,x"), [["columns: parties.csv: line 1", "'code', 'x'"]]),
    "columns in another order": (in_json("parties.csv", "slug,name", "name,slug"), [["columns: parties.csv: line 1", "the order"]]),
    "a cell gone": (in_json("parties.csv", "russia,Russia,RU", "russia,Russia"), [["parties.csv: line 2", "4 cells"]]),
    "a column gone from the codebook": (lambda folder: drop_line(folder, "codebook.csv", 4), [["columns: datapackage.json: parties", "'code'"], ["columns: talks.sqlite3: parties", "'code'"]]),
    "a record gone from the codebook": (in_json("codebook.csv", "tombstones,slug", "graves,slug"), [["columns: *.ndjson", "'graves'"]]),
    "a record in the codebook that would be SQL": (in_json("codebook.csv", "\ntombstones,", "\nparties; x,"), [["columns: talks.sqlite3: tombstones", "'record'"]]),
    "a header of ten megabytes": (in_json("parties.csv", "slug,name", f"{BIG},name"), [["columns: parties.csv: line 1", "'slug'"]]),
    "a link to itself": (loop, [["talks.sqlite3"]]),
    "a short line in the codebook": (in_json("codebook.csv", "parties,slug,", "parties,"), [["codebook.csv"]]),
    "no codebook": (lambda folder: (folder / "codebook.csv").unlink(), [["columns", "codebook.csv"]]),
    "a field gone from the data package": (in_json("datapackage.json", '"name": "round_label"', '"name": "round"'), [["columns: datapackage.json: meetings", "'round_label', 'round'"]]),
    "a data package that is none": (put("datapackage.json", b'{"resources": [1]}'), [["columns: datapackage.json"]]),
    "a truncated data package": (cut_off("datapackage.json", 1000), [["columns: datapackage.json"]]),
    "an object gone from the fixtures": (lambda folder: drop_line(folder, "parties.json", 2), [["counts: parties", "fixtures"]]),
    "a fixture file gone": (lambda folder: (folder / "people.json").unlink(), [["counts: people", "0 rows in fixtures"]]),
    "a fixture without its end": (lambda folder: drop_line(folder, "redirects.json", 2), [["counts: redirects.json", "cut off"]]),
    "a fixture without a comma": (in_json("parties.json", "},\n", "}\n"), [["counts: parties.json", "line 3: does not go on"]]),
    "a truncated fixture": (cut_off("statements.json", 5000), [["counts: statements.json", "line 10: is cut off"]]),
    "a fixture of no objects": (put("parties.json", b"[\n[1]\n]\n"), [["counts: parties.json"]]),
    "a row gone from SQLite": (in_sqlite("DELETE FROM passages WHERE rowid = 1"), [["counts: passages", "SQLite"]]),
    "a column gone from SQLite": (in_sqlite("ALTER TABLE passages RENAME COLUMN suffix TO after"), [["columns: talks.sqlite3: passages", "'suffix', 'after'"]]),
    "a table gone from SQLite": (in_sqlite("DROP TABLE people_rests_on"), [["columns: talks.sqlite3: people_rests_on", "'slug', 'position', 'value'"]]),
    "SQLite that is none": (put("talks.sqlite3", b"SQLite" * 1000), [["columns: talks.sqlite3", "not a database"]]),
    "SQLite with a torn page": (lambda folder: tear(folder / "talks.sqlite3"), [["columns: talks.sqlite3"]]),
    "no SQLite": (lambda folder: (folder / "talks.sqlite3").unlink(), [["columns: talks.sqlite3"]]),
    "other words in the text": (of_statement("statements", Q1, text="We await."), [["evidence: statements.ndjson: line", "column text"]]),
    "words that a mixed text lacks": (of_statement("passages", Q3, exact="memorandom"), [["evidence: statements.ndjson: line", "column text", "memorandom"]]),
    "quoted words without a place in the text": (of_statement("passages", Q1, exact=""), [["evidence: statements.ndjson: line", "column quotation_type"]]),
    "words of the source in our own": (of_statement("passages", "report-delegations-due", exact="due"), [["evidence: statements.ndjson: line", "column quotation_type"]]),
    "an end that does not fit the words": (of_statement("passages", Q1, end=651), [["evidence: passages.ndjson: line", "column end", "651"]]),
    "verified in another document": (of_statement("statements", Q1, verified_sha256="0" * 64), [["evidence: statements.ndjson: line", "column evidence_state"]]),
    "a passage of nobody": (of_statement("passages", Q1, statement="nobody"), [["foreign keys: passages.ndjson", "nobody"], ["evidence: "]]),
    "a truncated row": (cut_off("people.ndjson", 1000), [["people.ndjson: line 3: is cut off"]]),
    "half a row": (in_json("people.ndjson", '"}\n', '"\n'), [["people.ndjson: line 1:"]]),
    "a row that is a list": (put("parties.ndjson", b"[]\n"), [["parties.ndjson: line 1", "no JSON object"]]),
    "a row too deep": (put("parties.ndjson", b"[" * 100_000 + b"\n"), [["parties.ndjson: line 1"]]),
    "an endless number": (of_statement("passages", Q1, start=10**400), [["evidence: passages.ndjson: line", "column end"]]),
    "a place before the beginning": (change("passages", 1, start=-1), [["evidence: passages.ndjson: line 1, column end: -1"]]),
    "a start without an end": (change("passages", 1, end=None), [["evidence: statements.ndjson: line", "cannot be checked"]]),
    "half a surrogate pair": (in_json("parties.ndjson", '"Russia"', '"\\ud800"'), [["values: parties.csv: line 2, column name", "ud800"]]),
    "NDJSON that is not UTF-8": (put("parties.ndjson", b'{"slug": "\xff"}\n'), [["parties.ndjson: line 1:", "utf-8"]]),
    "CSV that is not UTF-8": (put("parties.csv", b"slug,name\r\n\xff,x\r\n"), [["parties.csv: line 2", "utf-8"]]),
    "CSV with an open quotation mark": (in_json("parties.csv", "russia,", '"russia,'), [["parties.csv: line 2"]]),
    "a cell of ten megabytes": (in_json("parties.csv", "Russia", BIG), [["values: parties.csv: line 2, column name", "xxx", "parties.ndjson: line 1"]]),
    "a formula without its mark": (unmarked, [["values: parties.csv: line 2, column name", "'=1+1'"]]),
    "a folder for a table": (as_folder("people.csv"), [["people.csv"]]),
    "a folder for rows": (as_folder("people.ndjson"), [["people.ndjson"]]),
    "an empty table": (put("people.csv", b""), [["columns: people.csv: line 1"]]),
}  # fmt: skip


@pytest.mark.released
@pytest.mark.parametrize("damage", UNSEALED)
def test_what_is_not_as_it_was_listed_is_named(folder, damage):
    spoil, words = UNSEALED[damage]
    spoil(folder)
    run = check(folder)
    assert run.status == 1
    assert run.tells("digests: ", *words), run.err


@pytest.mark.released
@pytest.mark.parametrize("damage", SEALED)
def test_a_damage_is_named_by_file_and_place_though_all_digests_fit(folder, damage):
    spoil, told = SEALED[damage]
    spoil(folder)
    seal(folder)
    run = check(folder)
    assert run.status == 1
    for words in told:
        assert run.tells(*words), run.err
    assert max(map(len, run.err)) < 1000


@pytest.mark.released
@pytest.mark.parametrize("damage", ["SQLite that is none", "a row too deep", "half a surrogate pair", "a folder for rows",
                                    "a cell of ten megabytes", "CSV that is not UTF-8"])  # fmt: skip
def test_the_program_tells_what_is_hostile_and_never_breaks(folder, damage):
    spoil, _ = SEALED[damage]
    spoil(folder)
    seal(folder)
    run = as_program(folder / "check_release.py")
    assert (run.status, "Traceback" in "".join(run.err)) == (1, False)
    assert run.err[:20] == check(folder).err[:20]


def test_a_whole_release_passes_by_command_by_program_and_by_a_copy_of_the_program(whole, tmp_path):
    copy = shutil.copy(whole / "check_release.py", tmp_path)
    for run in (
        as_command(whole),
        as_program(whole / "check_release.py"),
        as_program(copy, whole),
    ):
        assert (run.status, run.err, run.kinds()) == (0, [], KINDS)
    assert run.out[0] == "digests: 47 checked, all is well"
    assert (whole / "check_release.py").read_bytes() == Path(check_release.__file__).read_bytes()


def test_the_program_writes_nothing(whole):
    before = {path.name: path.stat().st_mtime_ns for path in whole.iterdir()}
    as_program(whole / "check_release.py")
    assert {path.name: path.stat().st_mtime_ns for path in whole.iterdir()} == before


def test_without_the_archive_a_release_is_still_whole(folder):
    (folder / "talks-in-context-1.zip").unlink()
    assert check(folder).status == 0


def test_an_archive_of_another_name_is_one_file_too_many(folder):
    (folder / "talks-in-context-1.zip").rename(folder / "talks.zip")
    assert check(folder).tells("digests: 'talks.zip'", "not listed")


def test_of_many_problems_twenty_are_told_and_the_others_counted(folder):
    found = rows(folder, "sources")
    write(folder, "sources", [{**row, "kind": "rumour"} for row in found])
    run = check(folder)
    told = [line for line in run.err if line.startswith("values: ")]
    assert len(told) == 21
    assert told[-1] == f"values: and {len(found) - 20} more"
    assert any(line.startswith("values: ") and line.endswith(f"problems: {len(found)}") for line in run.out)


@pytest.mark.parametrize("start", [as_command, lambda *arguments: as_program(check_release.__file__, *arguments)])
def test_a_folder_that_is_not_there_is_wrong_usage(start, tmp_path):
    run = start(tmp_path / "nowhere")
    assert (run.status, run.out) == (2, [])
    assert run.tells("nowhere", "no such folder")


def test_an_unknown_option_is_wrong_usage(whole):
    assert as_program(check_release.__file__, whole, "--fix").status == 2
    assert as_program(check_release.__file__, whole, "--document").status == 2


def test_an_empty_folder_is_no_release(tmp_path):
    run = check(tmp_path)
    assert run.status == 1
    assert run.tells("digests", "SHA256SUMS")
    assert run.tells("columns", "codebook.csv")


# Rows of every record, and texts that are hard to write down.

DOCUMENT = (
    "The hall was full. “We won’t meet again, and soon,” the envoy said. Nobody left 🕊.\n"
    "Asked about the river, she spoke of a “fair and lasting” arrangement.\n"
)


@pytest.fixture
def source(db) -> Source:
    made = Source(slug="river-gazette", publisher="River Gazette", kind="news_report", title="In the hall",
                  status="published", document_length=len(DOCUMENT), document_on=date(2026, 11, 23),
                  document_sha256=evidence.digest(DOCUMENT.encode()))  # fmt: skip
    made.save()
    return made


def say(source: Source, slug: str, kind: str, *words: str, **values: Any) -> Statement:
    """A published statement with the words that it quotes, each at its place in the document if it is there."""
    text = " […] ".join(words) if kind == "direct" else f"She spoke of {' and '.join(words) or 'it'}."
    speaker = None if kind == "narration" else Person.objects.get(slug="rustem-umerov")
    made = Statement.objects.create(slug=slug, quotation_type=kind, text=text, speaker=speaker, said_on="2026-11-22",
                                    source=source, meeting=Meeting.objects.get(slug="istanbul-2025-06-02"),
                                    status="published", **values)  # fmt: skip
    for number, exact in enumerate(words, 1):
        start = DOCUMENT.find(exact)
        place = {} if start < 0 else {"start": start, "end": start + len(exact)}
        around = ("", "") if start < 0 else evidence.context(DOCUMENT, start, start + len(exact))
        Passage.objects.create(statement=made, number=number, exact=exact, prefix=around[0], suffix=around[1], **place)
    return made


@pytest.fixture
def document(tmp_path) -> Path:
    path = tmp_path / "document.txt"
    path.write_bytes(DOCUMENT.encode())
    return path


def test_every_record_and_every_sort_of_text_is_taken_as_it_is(source, tmp_path):
    for number, text in enumerate(
        ["=a", "'=a", "''", "a|b", "a\r\nb\u2028c\rd", '"x", “y”', "🕊e\u0301", "x" * 200_000]
    ):
        say(source, f"hard-{number}", "direct", text)
    say(source, "hard-joined", "direct", "one", "two")
    Person.objects.filter(slug="rustem-umerov").update(also_written=["=x", "y", 'z"'])
    Party.objects.filter(slug="russia").update(name="@home")
    Correction.objects.create(
        slug="a-1", record="people", noun="a", kind="addition", reason="-", corrected_at="2026-11-23T00:00:00Z"
    )
    Redirect.objects.create(record="people", old_slug="b", slug="rustem-umerov")
    Tombstone.objects.create(record="people", slug="c", withdrawn_on="2026-11-23", withdrawn_because="+")
    folder = cut(tmp_path / "1")
    for run in (check(folder), as_program(folder / "check_release.py")):
        assert (run.status, run.err) == (0, [])


def test_every_passage_is_found_in_its_document(source, document, tmp_path):
    say(source, "whole", "direct", "We won’t meet again, and soon,", verified_on="2026-11-23", verified_sha256=source.document_sha256)  # fmt: skip
    say(source, "part", "mixed", "river", "fair and lasting")
    Passage.objects.create(statement=say(source, "ours", "narration"), start=3, end=len(DOCUMENT))
    Passage.objects.filter(exact="river").update(start=None, end=None)
    folder = cut(tmp_path / "1")
    for run in (
        check(folder, document),
        as_command(folder, "--document", document),
        as_program(folder / "check_release.py", "--document", document, folder),
    ):
        assert (run.status, run.err) == (0, [])
        assert "documents: river-gazette: of its passages 4 found, 0 not" in run.out
        assert "documents: 1 checked, all is well" in run.out


def test_a_passage_that_the_document_does_not_have_is_named_by_statement_and_number(source, document, tmp_path):
    say(source, "at-its-place", "direct", "Nobody left 🕊.")
    say(source, "nowhere", "mixed", "river", "unfair and passing")
    say(source, "moved", "direct", "Asked about")
    say(source, "before-others", "direct", "the envoy said")
    say(source, "behind-others", "direct", "arrangement")
    Passage.objects.create(statement=say(source, "beyond", "narration"), start=3, end=len(DOCUMENT) + 1)
    Passage.objects.filter(statement__slug="moved").update(start=0, end=len("Asked about"))
    Passage.objects.filter(statement__slug="before-others").update(prefix="so ")
    Passage.objects.filter(statement__slug="behind-others").update(suffix="!")
    run = check(cut(tmp_path / "1"), document)
    assert run.status == 1
    named = [line.split(", ", 1)[1] for line in run.err]
    assert named == [
        "before-others, passage 1: not in the document",
        "behind-others, passage 1: not in the document",
        "beyond, passage 1: not in the document",
        "moved, passage 1: not in the document",
        "nowhere, passage 2: not in the document",
    ]
    assert all(line.startswith("documents: passages.ndjson: line ") for line in run.err)
    assert "documents: river-gazette: of its passages 2 found, 5 not" in run.out


def test_two_sources_may_have_one_document(source, document, tmp_path):
    Source.objects.create(slug="river-mirror", publisher="Mirror", kind="news_report", title="In the hall", status="published",
                          document_sha256=source.document_sha256, document_length=source.document_length,
                          document_on=source.document_on)  # fmt: skip
    for slug in ("river-gazette", "river-mirror"):
        say(Source.objects.get(slug=slug), f"in-{slug}", "mixed", "river")
    run = check(cut(tmp_path / "1"), document)
    assert run.status == 0
    assert [line for line in run.out if "of its passages" in line] == [
        "documents: river-gazette: of its passages 1 found, 0 not",
        "documents: river-mirror: of its passages 1 found, 0 not",
    ]


def test_a_document_that_no_source_has_is_named_with_its_digest(whole, document):
    run = check(whole, document)
    assert run.status == 1
    assert run.tells("documents", str(document), evidence.digest(DOCUMENT.encode()))


def test_a_document_of_another_length_than_its_source_says_is_named(source, document, tmp_path):
    Source.objects.filter(slug=source.slug).update(document_length=7)
    assert check(cut(tmp_path / "1"), document).tells("documents", str(document), f"{len(DOCUMENT)} code points")


def test_documents_that_cannot_be_read_are_named_and_the_others_still_checked(source, document, tmp_path):
    say(source, "part", "mixed", "river")
    latin = tmp_path / "latin.txt"
    latin.write_bytes("caf\xe9".encode("latin-1"))
    run = check(cut(tmp_path / "1"), latin, tmp_path, tmp_path / "missing.txt", document)
    assert run.status == 1
    for name in ("latin.txt", str(tmp_path), "missing.txt"):
        assert run.tells("documents", name)
    assert "documents: river-gazette: of its passages 1 found, 0 not" in run.out
