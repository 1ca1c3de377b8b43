"""Quotations held against documents by the command, and what the pages say of what was found."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import date
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from talks import evidence
from talks.management.commands import verify_quotations
from talks.models import Meeting, Passage, Person, Source, SourceText, Statement

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
SLUG = "myglobalnews-2025-05-29"
DIGEST = "cf4cf3d786c985ca2cb0eb2e6423052016a3e7fd1a1bd90fd63f5c6dc9e2d620"
LENGTH = 2119
Q1, Q2, Q3 = "umerov-awaits-memorandum", "lavrov-proposes-2-june", "lavrov-four-days"
UNHELD = f"{Q1}-pravda"
DOCUMENT = (
    "The hall was full. “We won’t meet again, and soon,” the envoy said. Nobody left 🕊.\n"
    "Asked about the river, she spoke of a “fair and lasting” arrangement.\n"
    "It would be fair and soon, the clerk wrote; fair and soon, the clerk read.\n"
)


class Run(NamedTuple):
    """What the command gave back and said."""

    code: Any
    out: str
    err: str

    @property
    def results(self) -> dict[str, str]:
        """The table: results by statement."""
        rows = [re.split(r"\s{2,}", line) for line in self.out.splitlines()]
        return {row[0]: row[2] for row in rows[1:-1]}

    @property
    def summary(self) -> str:
        return self.out.splitlines()[-1]


def verify(*arguments: Any) -> Run:
    out, err = StringIO(), StringIO()
    code: Any = 0
    try:
        call_command("verify_quotations", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as ended:
        code = ended.code
    except CommandError as error:
        code = error.returncode
        err.write(str(error))
    return Run(code, out.getvalue(), err.getvalue())


def from_files(*arguments: Any) -> Run:
    return verify("--fixtures", FIXTURES, *arguments)


def stand_in() -> str:
    """A text as long as the report, with the three quotations and their surroundings in their places."""
    signs = list(("." * 59 + "\n") * 40)[:LENGTH]
    for row in json.loads((FIXTURES / "statements.json").read_text("utf-8")):
        fields = row["fields"]
        if row["model"] == "talks.passage" and fields.get("start") is not None and fields.get("exact"):
            words = fields["prefix"] + fields["exact"] + fields["suffix"]
            first = fields["start"] - len(fields["prefix"])
            signs[first : first + len(words)] = words
    return "".join(signs)


def changed(text: str, at: int = 500) -> str:
    """The text with one character of the first quotation changed."""
    return text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :]


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def report_file() -> Path:
    """The report of the built-in data, whose text is no part of the project."""
    path = Path(os.environ.get("REPORT") or os.devnull)
    if not path.is_file() or sha256(path) != DIGEST:
        pytest.fail("REPORT must name the file of the report, with the digest that the data records")
    return path


@pytest.fixture
def copy(tmp_path) -> Path:
    return write(tmp_path / "copy.txt", stand_in())


def hold(source: Source, text: str, on: date = date(2026, 11, 30), public: bool = False) -> SourceText:
    """Keep a text for a source, as the admin does."""
    held = SourceText.objects.filter(source=source).first() or SourceText(source=source)
    held.source, held.is_public = source, public
    held.hold(text, on)
    source.save()
    held.save()
    return held


@pytest.fixture
def source(db) -> Source:
    """A source of our own whose text is held."""
    made = Source.objects.create(
        slug="river-gazette", publisher="River Gazette", kind="news_report", title="In the hall", status="published",
        url="https://gazette.example/hall?day=1#top",
    )  # fmt: skip
    hold(made, DOCUMENT)
    return made


def say(source: Source, slug: str, kind: str, *passages: tuple[str, int | None] | tuple[int, int]) -> Statement:
    """A published statement of this source: quoted words with their place, or places of words of ours."""
    spoken = kind in ("direct", "mixed")
    exact = [str(passage[0]) for passage in passages] if spoken else []
    text = " […] ".join(exact) if kind == "direct" else f"She spoke of {' and '.join(exact) or 'it'}."
    speaker = Person.objects.get(slug="rustem-umerov") if spoken else None
    made = Statement.objects.create(
        slug=slug, quotation_type=kind, text=text, speaker=speaker, said_on="2026-11-29", source=source,
        meeting=Meeting.objects.get(slug="istanbul-2025-06-02"), status="published",
    )  # fmt: skip
    for number, (words, start) in enumerate(passages, 1):
        if spoken:
            assert isinstance(words, str)
            end = None if start is None else start + len(words)
            around = evidence.context(DOCUMENT, start, end) if start is not None else ("", "")
            Passage.objects.create(
                statement=made, number=number, exact=words, start=start, end=end, prefix=around[0], suffix=around[1]
            )
        else:
            Passage.objects.create(statement=made, number=number, start=words, end=start)
    return made


def at(words: str) -> tuple[str, int]:
    """Words with the place where the document has them."""
    return words, DOCUMENT.index(words)


def page(client, noun) -> str:
    answer = client.get(noun.get_absolute_url() if hasattr(noun, "get_absolute_url") else noun)
    assert answer.status_code == 200
    return answer.content.decode()


def words(html: str) -> str:
    """What a reader reads: no tags, white space folded."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def known(html: str) -> str:
    """The section “How we know” of a statement's page."""
    return re.search(r'<section[^>]*aria-labelledby="how">.*?</section>', html, re.DOTALL)[0]


def badge(html: str) -> str:
    return words(re.search(r'<p class="badge.*?</p>', html, re.DOTALL)[0])


# The report itself.


@pytest.mark.report
def test_the_report_has_all_three_quotations_and_every_anchor(report_file):
    run = from_files("--document", report_file)
    assert (run.code, run.err) == (0, "")
    assert {run.results[slug] for slug in (Q1, Q2, Q3)} == {"verified"}
    assert sorted(run.results.values()) == ["anchored"] * 11 + ["verified"] * 3
    assert run.summary == "1 documents, 14 statements: 11 anchored, 3 verified."


@pytest.mark.report
@pytest.mark.django_db
def test_the_report_is_known_by_its_digest_and_by_its_slug_with_a_database_too(report_file):
    by_digest, by_slug = verify("--document", report_file), verify("--document", f"{SLUG}={report_file}")
    assert by_digest == by_slug
    assert (by_digest.code, len(by_digest.results)) == (0, 14)


@pytest.mark.report
def test_the_stand_in_has_the_places_of_the_report(report_file):
    text = evidence.read(report_file.read_bytes())
    assert len(text) == len(stand_in()) == LENGTH
    for start, end in ((446, 682), (747, 839), (823, 897)):
        assert stand_in()[start:end] == text[start:end]


@pytest.mark.report
def test_a_changed_character_of_the_report_is_noticed(report_file, tmp_path):
    text = evidence.read(report_file.read_bytes())
    other = write(tmp_path / "other.txt", changed(text, 860))
    assert from_files("--document", other).code == 1
    run = from_files("--document", f"{SLUG}={other}")
    assert run.code == 1
    assert {slug for slug, result in run.results.items() if result not in ("verified", "anchored")} == {Q3}


@pytest.mark.report
@pytest.mark.django_db
def test_the_report_held_in_the_database_is_checked_without_a_file(report_file):
    hold(Source.objects.get(slug=SLUG), evidence.read(report_file.read_bytes()))
    assert Source.objects.get(slug=SLUG).document_sha256 == DIGEST
    run = verify()
    assert (run.code, run.summary) == (0, "1 documents, 14 statements: 11 anchored, 3 verified.")


# A file brought along, without a database: pytest-django forbids every access where no test asks for one.


def test_a_file_of_another_digest_gives_both_digests_and_fails(copy):
    run = from_files("--document", copy)
    assert (run.code, run.results) == (1, {})
    assert str(copy) in run.err
    assert sha256(copy) in run.err
    assert re.search(rf"{SLUG}: {DIGEST}", run.err)


def test_with_its_slug_a_file_of_another_digest_is_compared_all_the_same_and_still_fails(copy):
    run = from_files("--document", f"{SLUG}={copy}")
    assert run.code == 1
    assert {sha256(copy), DIGEST} <= set(re.findall(r"[0-9a-f]{64}", run.err))
    assert sorted(run.results.values()) == ["anchored"] * 11 + ["verified"] * 3


def test_with_one_character_changed_the_statement_is_named_and_the_others_still_hold(tmp_path):
    other = write(tmp_path / "other.txt", changed(stand_in()))
    run = from_files("--document", f"{SLUG}={other}")
    assert run.code == 1
    assert run.results.pop(Q1) == "not found"
    assert (run.results[Q2], run.results[Q3]) == ("verified", "verified")
    assert "1 not found, 2 verified" in run.summary
    line = next(line for line in run.out.splitlines() if line.startswith(f"{Q1} "))
    assert "changed: “" in line
    assert "478–650" in line


def test_a_text_one_character_longer_moves_every_quotation_after_it(tmp_path):
    run = from_files("--document", f"{SLUG}={write(tmp_path / 'longer.txt', 'x' + stand_in())}")
    assert {slug: run.results[slug] for slug in (Q1, Q2, Q3)} == dict.fromkeys((Q1, Q2, Q3), "moved")
    assert "stands at 479–651" in run.out
    assert run.code == 1


def test_a_shorter_text_leaves_places_outside(tmp_path):
    run = from_files("--document", f"{SLUG}={write(tmp_path / 'shorter.txt', stand_in()[:1400])}")
    assert run.results["report-memorandums-exchanged"] == "outside"
    assert run.results["report-delegations-due"] == "anchored"
    assert "the text has 1400 characters" in run.out


def test_crlf_for_lf_is_another_document_and_moves_what_follows(tmp_path):
    other = write(tmp_path / "crlf.txt", stand_in().replace("\n", "\r\n"))
    run = from_files("--document", f"{SLUG}={other}")
    assert (run.code, run.results[Q2]) == (1, "moved")


def test_nothing_to_check_is_no_failure():
    run = from_files()
    assert (run.code, run.err) == (0, "")
    assert run.summary == "0 documents, 0 statements: nothing to check."


def test_the_command_works_for_whoever_has_neither_database_nor_secret(copy, tmp_path):
    environment = {
        name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
    }
    environment |= {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-W", "error", "manage.py", "verify_quotations", "--fixtures", "fixtures"]
    codes = []
    for arguments in ([], ["--document", f"{SLUG}={copy}"]):
        done = subprocess.run([*command, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)
        assert "Traceback" not in done.stderr, done.stderr
        codes.append(done.returncode)
    assert codes == [0, 1]
    assert "3 verified" in done.stdout


BAD_FILES: dict[str, tuple[bytes | None, str]] = {
    "missing": (None, "No such file"),
    "empty": (b"", "empty"),
    "large": (b"x" * (evidence.LARGEST + 1), "20,971,521 bytes"),
    "latin": ("caf\xe9".encode("latin-1"), "not UTF-8: byte 3"),
    "nul": (b"ab\0c", "NUL at character 2"),
}


@pytest.mark.parametrize("slug", ["", f"{SLUG}="])
@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_named_with_what_is_wrong_with_it(tmp_path, kind, slug):
    content, why = BAD_FILES[kind]
    path = tmp_path / f"{kind}.txt"
    if content is not None:
        path.write_bytes(content)
    run = from_files("--document", f"{slug}{path}")
    assert run.code == 1
    assert str(path) in run.err
    assert why in run.err
    assert (run.results, len(run.err.splitlines())) == ({}, 1)


def test_a_folder_and_an_impossible_name_are_no_documents(tmp_path):
    for name in (str(tmp_path), "a\0b", ""):
        run = from_files("--document", name)
        assert (run.code, run.err[:11]) == (1, "--document:")


def test_a_bad_file_does_not_keep_the_others_from_being_checked(copy, tmp_path):
    run = from_files("--document", tmp_path / "missing.txt", "--document", f"{SLUG}={copy}")
    assert run.code == 1
    assert "missing.txt" in run.err
    assert run.results[Q1] == "verified"


@pytest.mark.parametrize("slug", ["nobody", "", "a\0b", UNHELD])
def test_a_slug_that_no_source_has_is_told(copy, slug):
    run = from_files("--document", f"{slug}={copy}")
    assert (run.code, run.results) == (1, {})
    assert run.err == f"--document: {slug}: there is no source of this name.\n"


def test_a_source_without_a_digest_is_compared_and_that_is_told(copy):
    run = from_files("--document", f"pravda-com-ua-2025-05-28={copy}")
    assert run.results == {UNHELD: "not found"}
    assert "no digest recorded" in run.err
    assert run.code == 1


@pytest.mark.parametrize("name", ["nowhere", "tests", "manage.py"])
def test_a_folder_without_fixtures_is_told(name):
    run = verify("--fixtures", ROOT / name)
    assert run.code == 1
    assert name in run.err


def test_nothing_can_be_recorded_without_a_database():
    run = from_files("--record")
    assert run.code == 1
    assert "--record" in run.err


def changed_fixtures(folder: Path, change: Any) -> Path:
    """A copy of the fixtures with the statements' rows changed."""
    rows = json.loads((FIXTURES / "statements.json").read_text("utf-8"))
    change(rows)
    (folder / "statements.json").write_text(json.dumps(rows), "utf-8")
    (folder / "sources.json").write_bytes((FIXTURES / "sources.json").read_bytes())
    return folder


def of(rows: list[dict], model: str, slug: str) -> dict:
    return next(row["fields"] for row in rows
                if row["model"] == f"talks.{model}" and slug in (row["fields"].get("slug"), *row["fields"].get("statement", [])))  # fmt: skip


DAMAGE: dict[str, Any] = {
    "no source": lambda rows: of(rows, "statement", Q1).pop("source"),
    "no type": lambda rows: of(rows, "statement", Q1).pop("quotation_type"),
    "a place in words": lambda rows: of(rows, "passage", "report-delegations-due").update(start="first"),
    "a start without an end": lambda rows: of(rows, "passage", "report-delegations-due").pop("end"),
    "quoted words that are empty": lambda rows: of(rows, "passage", Q1).update(exact=""),
    "quoted words that are none": lambda rows: of(rows, "passage", Q1).update(exact=None),
    "a quotation without a passage": lambda rows: rows.remove(
        next(row for row in rows if row["model"] == "talks.passage" and row["fields"]["statement"] == [Q1])
    ),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_fixtures_are_told_and_are_no_fault_of_the_command(copy, tmp_path, kind):
    folder = changed_fixtures(tmp_path, DAMAGE[kind])
    run = verify("--fixtures", folder, "--document", f"{SLUG}={copy}")
    assert run.code == 1
    assert run.results.get(Q1) != "verified" or kind.startswith("a ")


def test_a_public_text_among_the_fixtures_is_checked_without_a_file(tmp_path):
    folder = changed_fixtures(tmp_path, lambda rows: None)
    sources = json.loads((folder / "sources.json").read_text("utf-8"))
    sources.append({"model": "talks.sourcetext", "fields": {"source": [SLUG], "text": stand_in(), "is_public": True}})
    (folder / "sources.json").write_text(json.dumps(sources), "utf-8")
    run = verify("--fixtures", folder)
    assert len(run.results) == 14
    assert run.results[Q1] == "verified"


# Every kind of result, in a text held in the database.

KINDS: dict[str, tuple[str, list[Any], str, str]] = {
    "verified": ("direct", [at("We won’t meet again, and soon")], "20–49", ""),
    "moved": ("mixed", [("fair and lasting", 3)], "122–138", "stands at 122–138"),
    "ambiguous": ("mixed", [("fair and soon", None)], "", "stands at 165, 197"),
    "differs": ("direct", [("We won't meet again", None)], "20–39", "quotation marks: “'” here, “’” there"),
    "not found": ("direct", [("We will never meet again, and soon", None)], "20–49", "“won’t” there"),
    "not together": ("direct", [at("Nobody left"), at("We won’t meet again")], "68–79, 20–39", "in this order"),
    "outside": ("narration", [(10, 99_999)], "10–99999", f"the text has {len(DOCUMENT)} characters"),
    "anchored": ("indirect", [(0, 18)], "0–18", ""),
    "no place": ("narration", [], "", ""),
}


def said(source: Source, kind: str) -> Statement:
    quotation_type, passages, *_ = KINDS[kind]
    if quotation_type == "indirect":
        made = say(source, f"said-{kind.replace(' ', '-')}", "narration", *passages)
        Statement.objects.filter(pk=made.pk).update(quotation_type="indirect", speaker_as_printed="The clerk")
        return made
    return say(source, f"said-{kind.replace(' ', '-')}", quotation_type, *passages)


@pytest.mark.parametrize("kind", KINDS)
def test_each_result_is_told_with_its_place_and_its_difference(source, kind):
    made = said(source, kind)
    run = verify("--json")
    told = json.loads(run.out)["results"]
    assert [(row["statement"], row["source"], row["result"]) for row in told] == [(made.slug, source.slug, kind)]
    *_, where, difference = KINDS[kind]
    assert told[0]["where"] == where
    assert difference in told[0]["difference"]
    assert bool(difference) == bool(told[0]["difference"])
    assert run.code == (0 if kind in ("verified", "anchored", "no place") else 1)


def test_passages_in_two_paragraphs_are_not_together(source):
    say(source, "apart", "direct", at("We won’t meet again"), at("fair and lasting"))
    run = verify()
    assert run.results == {"apart": "not together"}
    assert "the passages do not stand in one paragraph" in run.out


def test_passages_in_their_order_within_one_paragraph_are_verified(source):
    say(source, "both", "direct", at("We won’t meet again"), at("Nobody left 🕊"))
    assert verify().results == {"both": "verified"}


def test_the_worst_of_several_passages_counts(source):
    say(source, "worse", "direct", at("We won’t meet again"), ("Nobody wept", None))
    assert verify().results == {"worse": "not found"}


def test_table_and_json_tell_the_same(source, tmp_path):
    for kind in KINDS:
        said(source, kind)
    missing = tmp_path / "missing.txt"
    table, data = verify("--document", missing), json.loads(verify("--json", "--document", missing).out)
    assert table.code == 1
    assert {row["statement"]: row["result"] for row in data["results"]} == table.results
    assert len(table.results) == len(KINDS)
    assert data["summary"] == dict.fromkeys(KINDS, 1)
    assert all(f"1 {kind}" in table.summary for kind in KINDS)
    assert data["documents"] == [
        {"source": source.slug, "origin": "held here", "sha256": hashlib.sha256(DOCUMENT.encode()).hexdigest()}
    ]
    assert data["problems"] == table.err.splitlines()
    by_result = {row["result"]: row for row in data["results"]}
    assert by_result["not found"]["nearest"] == ["We won’t meet again, and soon"]


def test_only_the_sources_named_are_checked(source):
    said(source, "not found")
    said(source, "verified")
    other = Source.objects.create(slug="other", publisher="Other", kind="news_report", title="x")
    hold(other, "Nothing.")
    assert verify("--source", "other").summary == "1 documents, 0 statements: nothing to check."
    assert len(verify("--source", "other", "--source", source.slug).results) == 2


# What is recorded.


def stamps() -> dict[str, tuple[Any, str]]:
    rows = Statement.objects.values_list("slug", "verified_on", "verified_sha256")
    return {slug: (day, digest) for slug, day, digest in rows}


def test_nothing_is_recorded_unless_it_is_asked_for(source, copy):
    for kind in KINDS:
        said(source, kind)
    before = stamps()
    verify()
    verify("--document", f"{SLUG}={copy}")
    assert stamps() == before


def test_only_what_was_found_is_recorded_with_the_day_and_the_digest_of_the_very_document(source):
    for kind in KINDS:
        said(source, kind)
    before = stamps()
    assert verify("--record").code == 1
    after = stamps()
    assert {slug for slug in after if after[slug] != before[slug]} == {"said-verified"}
    assert after["said-verified"] == (timezone.localdate(), source.document_sha256)
    assert Statement.objects.get(slug="said-verified").evidence_state == "verified"


@pytest.mark.django_db
def test_what_is_found_in_a_file_of_another_digest_is_not_recorded(copy):
    before = stamps()
    run = verify("--record", "--document", f"{SLUG}={copy}")
    assert run.results[Q1] == "verified"
    assert stamps() == before


@pytest.mark.django_db
def test_what_is_found_in_the_document_brought_along_is_recorded(copy):
    Source.objects.filter(slug=SLUG).update(document_sha256=sha256(copy))
    assert verify("--record", "--document", copy).code == 0
    found = {slug for slug, stamp in stamps().items() if stamp == (timezone.localdate(), sha256(copy))}
    assert found == {Q1, Q2, Q3}


def test_what_is_found_only_in_another_file_is_not_recorded_as_found_in_the_text_held(source, tmp_path):
    say(source, "elsewhere", "direct", ("The bridge stays open", 0))
    other = write(tmp_path / "other.txt", "The bridge stays open")
    run = verify("--record", "--document", f"{source.slug}={other}")
    assert run.code == 1
    assert stamps()["elsewhere"] == (None, "")


def test_a_text_that_is_not_the_document_recorded_is_told_and_nothing_is_recorded(source):
    said(source, "verified")
    Source.objects.filter(pk=source.pk).update(document_sha256="0" * 64)
    run = verify("--record")
    assert stamps()["said-verified"] == (None, "")
    assert run.code == 1
    assert {"0" * 64, evidence.digest(DOCUMENT.encode())} <= set(re.findall(r"[0-9a-f]{64}", run.err))


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_changes_nothing(source, tmp_path, kind):
    content, _ = BAD_FILES[kind]
    path = tmp_path / "bad.txt"
    if content is not None:
        path.write_bytes(content)
    before, held = stamps(), SourceText.objects.get().text
    assert verify("--record", "--document", f"{SLUG}={path}").code == 1
    assert (stamps(), SourceText.objects.get().text) == (before, held)


def test_more_statements_than_are_written_at_once_are_recorded(source, monkeypatch):
    monkeypatch.setattr(verify_quotations, "AT_ONCE", 25)
    speaker, meeting = Person.objects.get(slug="rustem-umerov"), Meeting.objects.get(slug="istanbul-2025-06-02")
    made = Statement.objects.bulk_create(
        Statement(slug=f"many-{number:04}", quotation_type="direct", text="Nobody left", speaker=speaker,
                  said_on="2026", meeting=meeting, source=source)
        for number in range(60)
    )  # fmt: skip
    place = DOCUMENT.index("Nobody left")
    Passage.objects.bulk_create(
        Passage(statement=statement, exact="Nobody left", start=place, end=place + 11) for statement in made
    )
    run = verify("--record")
    assert (run.code, run.summary) == (0, "1 documents, 60 statements: 60 verified.")
    assert Statement.objects.filter(verified_sha256=source.document_sha256).count() == 60
    around = {(passage.prefix, passage.suffix) for passage in Passage.objects.filter(statement__in=made)}
    assert around == {evidence.context(DOCUMENT, place, place + 11)} != {("", "")}


# What the pages say.


@pytest.fixture
def quotation(source) -> Statement:
    made = say(source, "envoy-meets-again", "direct", at("We won’t meet again, and soon"))
    Statement.objects.filter(pk=made.pk).update(verified_on="2026-12-01", verified_sha256=source.document_sha256)
    return Statement.objects.get(pk=made.pk)


def test_the_badge_of_words_that_were_found_says_when(client, quotation):
    assert quotation.evidence_state == "verified"
    assert badge(page(client, quotation)) == ("Direct quotation. Found in the source’s text, checked 1 December 2026")


def test_a_quotation_not_looked_for_says_so_wherever_it_stands(client, quotation, source):
    Statement.objects.filter(pk=quotation.pk).update(verified_on=None, verified_sha256="")
    for address in (quotation, source, "/statements/", quotation.meeting, "/people/rustem-umerov/"):
        html = page(client, address)
        figure = next(part for part in re.findall(r"<figure.*?</figure>", html, re.DOTALL) if "meet again" in part)
        assert "Not checked" in badge(figure)
        assert "Found" not in badge(figure)


@pytest.mark.parametrize("change", ["another text", "another digest", "no digest"])
def test_another_text_or_digest_visibly_undoes_what_was_found(client, quotation, source, change):
    day = date(2026, 12, 5)
    if change == "another text":
        hold(source, changed(DOCUMENT, 30), day)
    elif change == "another digest":
        Source.objects.filter(pk=source.pk).update(document_sha256="0" * 64, document_on=day)
    else:
        SourceText.objects.all().delete()
        Source.objects.filter(pk=source.pk).update(document_sha256="", document_length=None, document_on=None)
    assert Statement.objects.get(pk=quotation.pk).evidence_state == "lost"
    since = "its text was removed" if change == "no digest" else "5 December 2026"
    for address in (quotation, source, "/statements/", quotation.meeting, "/people/rustem-umerov/"):
        html = page(client, address)
        figure = next(part for part in re.findall(r"<figure.*?</figure>", html, re.DOTALL) if "meet again" in part)
        assert badge(figure).endswith(f"Found on 1 December 2026; no longer found since {since}")
    facts = re.findall(r"<d[td]>(.*?)</d[td]>", known(page(client, quotation)), re.DOTALL)
    assert words(facts[facts.index("Last found") + 1]).startswith("1 December 2026")


def test_what_was_lost_is_found_again_once_it_is_checked_again(quotation, source):
    hold(source, DOCUMENT + "\nA last line.", date(2026, 12, 5))
    assert Statement.objects.get(pk=quotation.pk).evidence_state == "lost"
    assert verify("--record").code == 0
    assert Statement.objects.get(pk=quotation.pk).evidence_state == "verified"


def test_the_page_of_what_was_lost_does_not_set_the_words_among_another_text(client, quotation, source):
    hold(source, "An entirely different account of the flood. " * 20, date(2026, 12, 5), public=True)
    assert "account of the flood" not in page(client, quotation)


@pytest.mark.django_db
def test_words_of_ours_are_anchored_and_never_said_to_be_found(client):
    for statement in (
        Statement.objects.published().filter(source__slug=SLUG).exclude(quotation_type__in=["direct", "mixed"])
    ):
        html = page(client, statement)
        facts = words(re.search(r"<dl.*?</dl>", known(html), re.DOTALL)[0])
        assert statement.evidence_state == "anchored"
        assert "anchored there, in our own words" in facts
        assert not re.search(r"(?i)\b(?:found|verified|checked)\b", f"{badge(html)} {facts}"), statement.slug
        assert "<mark>" not in known(html)


def test_words_of_ours_stay_anchored_when_the_text_changes(client, source):
    made = said(source, "anchored")
    hold(source, "Another text.", date(2026, 12, 5))
    assert Statement.objects.get(pk=made.pk).evidence_state == "anchored"
    assert "found" not in badge(page(client, made))


def test_the_page_shows_the_passage_its_place_the_digest_and_how_to_check_it(client, quotation, source):
    html = known(page(client, quotation))
    start, end = 20, 49
    assert f'data-start="{start}" data-end="{end}"><mark>We won’t meet again, and soon</mark>' in unescape(html)
    passage = unescape(re.search(r'<p class="evidence"[^>]*>(.*?)</p>', html, re.DOTALL)[1])
    assert re.sub(r"<[^>]+>", "", passage) == DOCUMENT[:81]
    read = words(html)
    assert f"{start}–{end}" in read
    assert f"{source.document_sha256[:8]}…{source.document_sha256[-8:]}" in read
    assert f"{len(DOCUMENT)} characters" in read
    assert f"manage.py verify_quotations --fixtures fixtures --document {source.slug}=FILE" in read


def test_the_page_links_to_the_very_words_in_the_source(client, quotation):
    links = [unescape(link) for link in re.findall(r'href="([^"]+)"', known(page(client, quotation)))]
    directive = next(link for link in links if ":~:" in link)
    assert directive.startswith("https://gazette.example/hall?day=1#:~:text=")
    assert quote("We won’t meet", safe="") in directive


def test_where_the_sources_page_is_not_known_there_is_no_link_to_the_words(client, quotation, source):
    Source.objects.filter(pk=source.pk).update(url="")
    html = known(page(client, quotation))
    assert ":~:" not in html
    assert "Open the source" not in html


def test_an_archived_copy_is_linked_with_the_original_and_its_day(client, quotation, source):
    copy = "https://web.archive.example/20261129/https://gazette.example/hall"
    Source.objects.filter(pk=source.pk).update(archive_url=copy, archived_on="2026-11-29")
    link = re.search(rf'<a [^>]*href="{re.escape(copy)}"[^>]*>', unescape(known(page(client, quotation))))[0]
    assert 'data-originalurl="https://gazette.example/hall?day=1#top"' in link
    assert 'data-versiondate="2026-11-29"' in link


def test_the_page_names_the_chain_of_sources(client, quotation, source):
    Source.objects.filter(pk=source.pk).update(derived_from=Source.objects.get(slug="cgtn"))
    html = known(page(client, quotation))
    assert '<a href="/sources/cgtn/">cgtn.com</a>' in html
    assert f'<a href="/sources/{source.slug}/">River Gazette</a>' in html


@pytest.mark.parametrize("public", [False, True])
def test_surroundings_are_shown_of_a_public_text_and_never_of_a_private_one(client, source, public):
    before, after = "ONLY-BEFORE " * 9, " ONLY-AFTER" * 9
    text = f"{before}{'-' * 40}“Nobody left 🕊”{'-' * 40}{after}"
    hold(source, text, public=public)
    start = text.index("Nobody")
    made = say(source, "nobody-left", "direct", ("Nobody left 🕊", start))
    prefix, suffix = evidence.context(text, start, start + 13)
    Passage.objects.filter(statement=made).update(prefix=prefix, suffix=suffix)
    Statement.objects.filter(pk=made.pk).update(verified_on="2026-12-01", verified_sha256=source.document_sha256)
    html = page(client, made)
    shown = unescape(re.sub(r"<[^>]+>", "", re.search(r'<p class="evidence".*?</p>', html, re.DOTALL)[0]))
    assert shown == (text if public else prefix + "Nobody left 🕊" + suffix)
    for address in (made, source, "/sources/", "/statements/", "/", f"/sources/{source.slug}/"):
        assert public or "ONLY-" not in page(client, address)


@pytest.mark.parametrize("words_of", ["Start of all", "the very end"])
def test_a_public_passage_at_an_edge_of_its_text_is_shown_whole(client, source, words_of):
    text = "Start of all, then a middle that is longer than what stands around, and then the very end"
    hold(source, text, public=True)
    made = say(source, "edge", "direct", (words_of, text.index(words_of)))
    prefix, suffix = evidence.context(text, text.index(words_of), text.index(words_of) + len(words_of))
    Passage.objects.filter(statement=made).update(prefix=prefix, suffix=suffix)
    Statement.objects.filter(pk=made.pk).update(verified_on="2026-12-01", verified_sha256=source.document_sha256)
    shown = re.search(r'<p class="evidence".*?</p>', page(client, made), re.DOTALL)[0]
    assert unescape(re.sub(r"<[^>]+>", "", shown)) == text


@pytest.mark.django_db
def test_both_renderings_of_umerovs_words_stand_side_by_side_with_the_marks_that_differ(client):
    html = page(client, f"/statements/{Q1}/")
    readings = re.findall(r'<div class="readings">.*?</div>', html, re.DOTALL)
    assert len(readings) == 1
    ours, theirs = (unescape(text) for text in re.findall(r"<blockquote[^>]*><p>(.*?)</p>", readings[0], re.DOTALL))
    assert "awaiting their memorandum so that" in ours
    assert "<mark>" not in ours
    assert "awaiting their <mark>“</mark>memorandum<mark>”</mark> so that" in theirs
    for text, slug in ((ours, Q1), (theirs, UNHELD)):
        assert re.sub(r"</?mark>", "", text) == Statement.objects.get(slug=slug).text
    assert f'href="/statements/{UNHELD}/"' in readings[0]
    other = unescape(page(client, f"/statements/{UNHELD}/"))
    assert "<mark>“</mark>memorandum<mark>”</mark>" in other
