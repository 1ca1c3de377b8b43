"""Taking a release into a database that is not empty: told first, then whole or not at all, and never over an edit."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from talks.editing import ledger
from talks.fixtures import FILES, MODELS
from talks.models import (
    Correction,
    DelegationMember,
    EditorsNote,
    Meeting,
    MeetingState,
    Party,
    Passage,
    Person,
    Redirect,
    Source,
    SourceText,
    Statement,
    Tombstone,
)
from talks.release.archive import SUMS
from tests.test_fixtures import BAD, BUILT_IN, STRANGE, change, everything
from tests.test_release import (
    MEETING,
    MIXED,
    NOUN_MODELS,
    QUOTATION,
    REPORT,
    STANDING,
    cut,
    differing,
    empty,
    enrich,
    files,
)

pytestmark = pytest.mark.django_db

LATER = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
TORN = "strange-torn"
NOTE = "e09-translation"


def seal(folder: Path) -> Path:
    """Write the digests of a package anew, so that nothing but its contents can be wrong; gives the folder."""
    paths = sorted(path for path in folder.iterdir() if path.is_file() and path.name != SUMS)
    lines = [f"{sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in paths if path.suffix != ".zip"]
    (folder / SUMS).write_text("".join(lines), "utf-8")
    return folder


def lined(folder: Path) -> Path:
    """Write fixtures that a test has edited with an object a line, as a release has them, and the digests anew."""
    for name in FILES:
        entries = json.loads((folder / f"{name}.json").read_text("utf-8"))
        (folder / f"{name}.json").write_text(framed(entries), "utf-8")
    return seal(folder)


def framed(entries: Iterable[dict[str, Any]]) -> str:
    return "".join(["[", *(",\n"[not number :] + json.dumps(entry) for number, entry in enumerate(entries)), "\n]\n"])


@pytest.fixture
def package(tmp_path):
    """The built-in data as the least that is a package: fixtures and digests."""
    return lined(Path(shutil.copytree(BUILT_IN, tmp_path / "package")))


def take(package: Path, *flags: str) -> str:
    """Import a package; gives what was said."""
    told = StringIO()
    call_command("import_release", str(package), *flags, stdout=told)
    return told.getvalue()


def refusal(package: Path, *flags: str) -> str:
    """What the command says in refusing the package; nothing at all may have changed."""
    before = everything()
    with pytest.raises(CommandError) as caught:
        take(package, *flags)
    assert everything() == before
    return str(caught.value)


def counts(told: str) -> tuple[int, ...]:
    """How many would be added and changed, are the same, are in conflict."""
    found = (re.search(rf"^([0-9,]+) {what}", told, re.MULTILINE)
             for what in ("would be added", "would be changed", "are the same", "in conflict"))  # fmt: skip
    return tuple(int(match[1].replace(",", "")) for match in found if match)


def named(told: str, kind: str) -> dict[str, str]:
    """The records that were named as changed or in conflict, with the reason."""
    return dict(re.findall(rf"^  {kind}: ([a-z_]+/[^:\n]+)(?:: (.*))?$", told, re.MULTILINE))


@ledger.aside()
def earlier() -> None:
    """What the first release has beside the built-in data."""
    enrich()
    meeting, source = Meeting.objects.get(slug=MEETING), Source.objects.get(slug=REPORT)
    torn = Statement.objects.create(
        slug=TORN, quotation_type="direct", text="one […] two", said_on="2025", meeting=meeting, source=source,
        speaker=Person.objects.get(slug="rustem-umerov"), **STANDING,
    )  # fmt: skip
    Passage.objects.create(statement=torn, number=1, exact="one")
    Passage.objects.create(statement=torn, number=2, exact="two")
    SourceText.objects.create(source=Source.objects.get(slug="afp"), text="no longer shown", is_public=True)


# The nouns that the later release brings changed and new, and what it takes out of them.
CHANGED = {
    f"statements/{QUOTATION}", f"statements/{TORN}", f"statements/{MIXED}", f"meetings/{MEETING}",
    "meetings/istanbul-2025-07-23", "delegations/ukraine-istanbul-2025-05-16", f"editors_notes/{NOTE}",
    f"sources/{REPORT}", "sources/afp", "people/rustem-umerov", "meetings/istanbul-2025-05-16",
}  # fmt: skip
ADDED = {"1 parties", "1 people", "1 statements", "1 redirects", "1 tombstones"}


def later() -> None:
    """An editor's work after the first release, told to the public with a reason."""
    with ledger.change("olena", "Looked at again.", "clarification") as change:
        change.at = LATER
        work()


def work() -> None:
    """Every kind of change that a noun and its rows can have."""
    quotation, torn = Statement.objects.get(slug=QUOTATION), Statement.objects.get(slug=TORN)
    Statement.objects.filter(pk=quotation.pk).update(cue="=said", lead_order=None, changed_at=LATER)
    quotation.mentions.set(Person.objects.filter(slug__in=["hakan-fidan", "vladimir-putin"]))
    Statement.objects.filter(pk=torn.pk).update(text="one", changed_at=LATER)
    torn.passages.filter(number=2).delete()
    Passage.objects.create(
        statement=Statement.objects.get(slug=MIXED), number=2, exact=Passage.objects.get(statement__slug=MIXED).exact
    )
    first, last = Meeting.objects.get(slug=MEETING), Meeting.objects.get(slug="istanbul-2025-07-23")
    Meeting.objects.filter(pk=first.pk).update(featured=False)
    Meeting.objects.filter(pk=last.pk).update(featured=True)
    first.states.filter(source__status="published").last().delete()
    source = Source.objects.get(slug=REPORT)
    MeetingState.objects.create(meeting=first, state="cancelled", reported_on="2025-06-09", source=source)
    before = Meeting.objects.get(slug="istanbul-2025-05-16")
    Meeting.objects.filter(pk=before.pk).update(follows=None)
    members = DelegationMember.objects.filter(delegation__slug="ukraine-istanbul-2025-05-16")
    members.filter(role="head").update(role="member")
    members.filter(person__slug="serhiy-kyslytsia").update(role="head")
    members.filter(role="member").last().delete()
    EditorsNote.objects.filter(slug=NOTE).update(text="Said anew.")
    SourceText.objects.filter(source=source).update(text="Other words.")
    SourceText.objects.filter(source__slug="afp").delete()
    party = Party.objects.create(slug="china", name="China", code="CN", **STANDING)
    Person.objects.create(slug="somebody", name="Somebody", sort_name="Somebody", party=party, **STANDING)
    Person.objects.filter(slug="rustem-umerov").update(native_name="", native_language="", also_written=[])
    Statement.objects.create(
        slug="another-wording", quotation_type="narration", text="Other words", said_on="2025-05", meeting=last,
        source=source, variant_of=Statement.objects.get(slug="strange-emoji"), **STANDING,
    )  # fmt: skip
    Redirect.objects.create(record="statements", old_slug="torn", slug=TORN)
    Tombstone.objects.create(record="people", slug="gone", withdrawn_on="2026-01-01", withdrawn_because="A double.")
    Correction.objects.create(
        slug="a-correction-1", record="statements", noun=QUOTATION, kind="addition", reason="So.", corrected_at=LATER
    )
    for name in CHANGED:
        record, slug = name.split("/")
        next(m for m in MODELS if m._meta.db_table == TABLES[record]).objects.filter(slug=slug).update(changed_at=LATER)


TABLES = {
    "statements": "talks_statement", "meetings": "talks_meeting", "delegations": "talks_delegation",
    "editors_notes": "talks_editorsnote", "sources": "talks_source", "people": "talks_person",
}  # fmt: skip


def two_releases(folder: Path) -> Path:
    """Two releases in folders `first` and `second`, cut once for all files of tests; the database is then as it was."""
    if folder.exists():
        return folder
    folder.mkdir()
    with transaction.atomic():
        earlier()
        cut(folder / "first", 1)
        later()
        cut(folder / "second", 2, folder / "first")
        transaction.set_rollback(True)
    return folder


@pytest.fixture(scope="module")
def releases(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        return two_releases(tmp_path_factory.getbasetemp() / "two-releases")


@pytest.fixture
def first(releases):
    return releases / "first"


@pytest.fixture
def second(releases):
    return releases / "second"


# Told first.


@pytest.mark.parametrize("flags", [[], ["--dry-run"], ["--keep-ours"], ["--take-theirs"]], ids=" ".join)
def test_without_apply_nothing_is_written(first, second, flags):
    before = everything()
    told = take(first, *flags)
    assert told.endswith("Nothing was written; --apply does it.\n")
    assert everything() == before
    assert counts(told)[0] > 0
    empty()
    before = everything()
    take(second, *flags)
    assert everything() == before


def test_it_is_told_how_many_of_each_record_would_be_added_and_that_the_rest_is_the_same(first):
    told = take(first)
    entries = {name: json.loads((first / f"{name}.json").read_text("utf-8")) for name in FILES}
    slugs = {name: {row["fields"]["slug"] for row in rows if "slug" in row["fields"]} for name, rows in entries.items()}
    fresh = [slug for slug in slugs["statements"] if slug.startswith("strange-")]
    added = next(line for line in told.splitlines() if "would be added" in line)
    assert f"{len(fresh)} statements, {len(slugs['corrections'])} corrections, 1 redirects" in added
    assert sum(counts(told)) == sum(map(len, slugs.values()))


def test_apply_and_dry_run_exclude_each_other(first):
    assert "not allowed with" in refusal(first, "--apply", "--dry-run")
    assert "not allowed with" in refusal(first, "--keep-ours", "--take-theirs")


# Taken.


def test_a_release_of_the_data_that_are_here_is_all_the_same(tmp_path):
    earlier()
    cut(tmp_path / "own", 1)
    told = take(tmp_path / "own")
    assert (counts(told)[:2], counts(told)[3]) == ((0, 0), 0)


def test_an_earlier_release_moves_a_later_import_back(second, first, tmp_path):
    empty()
    take(second, "--apply")
    take(first, "--apply")
    for name in ("passages", "meeting_states", "delegation_members", "meetings", "statements"):
        kept = {json.dumps(row) for row in rows_of(first, name)}
        assert kept <= {json.dumps(row) for row in rows_of_cut(tmp_path / name, name)}


def rows_of(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{name}.ndjson").read_text("utf-8").split("\n")[:-1]]


def rows_of_cut(folder: Path, name: str) -> list[dict[str, Any]]:
    cut(folder)
    return rows_of(folder, name)


@pytest.mark.usefixtures("unnoted")
def test_a_folder_a_zip_file_and_one_without_a_folder_inside_are_alike(first, second, tmp_path):
    told, results = set(), []
    plain, dense = tmp_path / "plain.zip", tmp_path / "dense.zip"
    with zipfile.ZipFile(plain, "w") as archive, zipfile.ZipFile(dense, "w", zipfile.ZIP_DEFLATED) as other:
        for path in sorted(second.iterdir()):
            archive.write(path, path.name)
            other.write(path, f"talks-in-context-2/{path.name}")
        other.writestr("talks-in-context-2/", "")
    for number, package in enumerate([second, second / "talks-in-context-2.zip", plain, dense]):
        with transaction.atomic():
            told.add(take(package, "--take-theirs"))
            take(package, "--apply", "--take-theirs")
            results.append(files(tmp_path / str(number)) if cut(tmp_path / str(number), 2) else {})
            transaction.set_rollback(True)
    assert len(told) == 1
    assert all(differing(results[0], result) == [] for result in results)


def test_data_that_were_never_imported_are_changed_where_the_release_is_later(second, tmp_path):
    earlier()
    for model in NOUN_MODELS:
        model.objects.update(imported_sha256="")
    told = take(second)
    # What leads to something hidden here differs from the release, which does not have that.
    others = {f"statements/{QUOTATION}", f"sources/{REPORT}", f"meetings/{MEETING}", f"editors_notes/{NOTE}"}
    assert named(told, "changed").keys() | others == CHANGED | others
    Meeting.objects.filter(slug="istanbul-2025-05-16").update(changed_at=LATER, summary="ours")
    assert named(take(second), "conflict")["meetings/istanbul-2025-05-16"].startswith(
        "was changed here, and not earlier"
    )


# Refused, and nothing changed.


INVALID = {**BAD, **STRANGE}


@pytest.mark.parametrize("bad", INVALID.values(), ids=list(INVALID))
def test_invalid_data_are_refused_with_file_slug_field_and_value(package, bad):
    file, model, name, changes, *rest = bad
    change(package, file, model, name, **changes)
    empty()
    told = refusal(lined(package), "--apply")
    assert told.startswith("Nothing was imported.\n")
    known, field, *values = rest or (name, *next(iter(changes.items())))
    value = json.dumps(values[0], ensure_ascii=False)[:100] if values else ""
    lines = [line for line in told.splitlines() if ".json: " in line]
    fitting = [line for line in lines if known in line and f": {field}: {value}" in line]
    if "\\ud800" in repr(changes):  # this is told before anything is known of the line
        fitting = [line for line in lines if f"{file}.json: line " in line]
    unpublished = [line for line in lines if f": {name}: status: a release has published records only" in line]
    assert unpublished if "status" in changes else fitting, told
