"""What a release meets in a database that took an earlier one: the same, a step forward, or an edit made here since."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from talks.editing import ledger
from talks.editing.addresses import NO_REASON
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
    Source,
    SourceText,
    Statement,
    Tombstone,
)
from talks.release.archive import SUMS
from tests.lasting import lasting
from tests.test_fixtures import add, everything
from tests.test_import import (
    ADDED,
    CHANGED,
    NOTE,
    TORN,
    counts,
    lined,
    named,
    refusal,
    rows_of,
    take,
    two_releases,
)
from tests.test_release import MEETING, QUOTATION, REPORT, SECRET, STANDING, cut, differing, empty, files

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def releases(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        return two_releases(tmp_path_factory.getbasetemp() / "two-releases")


@pytest.fixture(scope="module")
def first(releases):
    return releases / "first"


@pytest.fixture(scope="module")
def second(releases):
    return releases / "second"


@pytest.fixture(scope="module")
def imported(first, django_db_blocker):
    """A database with nothing but what the first release brought."""
    with lasting(django_db_blocker):
        empty()
        take(first, "--apply")
        yield


def test_a_release_that_was_imported_is_cut_again_as_the_same_bytes(imported, first, tmp_path):
    assert differing(files(first), cut(tmp_path / "again", 1)) == []


def test_a_second_import_finds_all_the_same_and_writes_nothing(imported, first):
    before = everything()
    told = take(first, "--apply")
    assert counts(told)[:2] == (0, 0)
    assert counts(told)[3] == 0
    assert told.endswith("There was nothing to import.\n")
    assert everything() == before


def new_corrections(first: Path, second: Path) -> set[str]:
    """The slugs of the corrections that the second release has and the first one has not."""
    old, new = ({row["slug"] for row in rows_of(folder, "corrections")} for folder in (first, second))
    return new - old


def test_a_later_release_moves_an_earlier_import_forward(imported, first, second, tmp_path):
    told = take(second)
    assert named(told, "changed").keys() == CHANGED
    corrections = new_corrections(first, second)
    assert len(corrections) > len(CHANGED)
    added = {*ADDED, f"{len(corrections)} corrections"}
    assert set(re.search("would be added: (.*)", told)[1].split(", ")) == added
    assert counts(told)[3] == 0
    told = take(second, "--apply")
    assert f"Imported {len(ADDED) + len(corrections) + len(CHANGED)} records." in told
    # What the release brings its own correction of is told with that one, and not a second time.
    assert set(Correction.objects.values_list("slug", flat=True)) >= corrections
    cut(tmp_path / "again", 2)
    again, wanted = files(tmp_path / "again"), files(second)
    assert [
        name for name in differing(wanted, again) if name not in ("CHANGES.csv", SUMS) and name[-4:] != ".zip"
    ] == []
    assert counts(take(second))[:2] == (0, 0)


def test_what_a_later_release_no_longer_has_stays_here_unless_it_belongs_to_a_noun(imported, second):
    EditorsNote.objects.create(slug="of-the-first-only", subject="x", text="x", reported_on="2025-01-01", **STANDING)
    take(second, "--apply")
    assert EditorsNote.objects.filter(slug="of-the-first-only", status="published").exists()
    assert list(Passage.objects.filter(statement__slug=TORN).values_list("number", flat=True)) == [1]
    assert not SourceText.objects.filter(source__slug="afp").exists()


def test_tombstones_redirects_and_corrections_come_with_a_release(imported):
    assert Tombstone.objects.get(record="people", slug="gone-before").withdrawn_because == "=A double, it was."
    assert Tombstone.objects.filter(record="statements", slug="lavrov-confirms-date").exists()
    assert Redirect.objects.get(record="people", old_slug="r-umerov").slug == "rustem-umerov"
    assert Correction.objects.get(slug="strange-rtl-1").noun == "strange-rtl"


# Edited here since.


def by_saving() -> None:
    statement = Statement.objects.get(slug=QUOTATION)
    statement.channel = "ours"
    statement.save()


def by_updating() -> None:
    Statement.objects.filter(slug=QUOTATION).update(channel="ours")


def by_sql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE talks_statement SET channel = 'ours' WHERE slug = %s", [QUOTATION])


def in_a_passage() -> None:
    Passage.objects.filter(statement__slug=QUOTATION).update(prefix="ours")


def by_another_passage() -> None:
    statement = Statement.objects.get(slug=QUOTATION)
    Passage.objects.create(statement=statement, number=2, exact="ours")
    Statement.objects.filter(pk=statement.pk).update(text=f"{statement.text} […] ours")


def in_a_list() -> None:
    Statement.objects.get(slug=QUOTATION).mentions.add(Person.objects.get(slug="hakan-fidan"))


def in_what_the_release_did_not_say() -> None:
    Statement.objects.filter(slug=QUOTATION).update(original_language="uk")


# Each with the columns that the public is told of without a reason when the release is taken over it: the release says
# why `cue` and `mentions` changed, and a quotation that was only looked for in another place says the same.
EDITS = {
    by_saving: {"channel"},
    by_updating: {"channel"},
    by_sql: {"channel"},
    in_a_passage: set(),
    by_another_passage: {"text", "passages"},
    in_a_list: set(),
    in_what_the_release_did_not_say: {"original_language"},
}


@pytest.mark.parametrize(("edit", "untold"), EDITS.items(), ids=[edit.__name__ for edit in EDITS])
def test_an_edit_by_any_path_is_a_conflict_that_is_refused_kept_or_written_over(
    imported, second, tmp_path, edit, untold
):
    with ledger.aside():
        edit()
    ours = everything()["talks_statement"]
    told = take(second)
    assert named(told, "conflict") == {f"statements/{QUOTATION}": "was edited here since the last import"}
    assert counts(told)[3] == 1
    assert "--keep-ours or --take-theirs" in refusal(second, "--apply")
    with transaction.atomic():
        take(second, "--apply", "--keep-ours")
        mine = next(row for row in ours if f"'{QUOTATION}'" in row)
        assert mine in everything()["talks_statement"]
        assert Party.objects.filter(slug="china").exists()
        assert named(take(second), "conflict").keys() == {f"statements/{QUOTATION}"}
        transaction.set_rollback(True)
    take(second, "--apply", "--take-theirs")
    theirs = {name: content for name, content in files(second).items() if name.endswith(".ndjson")}
    differ = [name for name in differing(theirs, cut(tmp_path / "again", 2)) if name.endswith(".ndjson")]
    assert differ == (["corrections.ndjson"] if untold else [])
    without_reason = Correction.objects.filter(reason=NO_REASON)
    assert set(without_reason.values_list("noun", "column")) == {(QUOTATION, column) for column in untold}
    assert counts(take(second))[3] == 0


def test_an_edit_that_was_told_here_and_another_that_was_told_there_are_two_conflicts(imported, second):
    Statement.objects.filter(slug=QUOTATION).update(channel="ours", cue="ours")
    ours = list(Correction.objects.filter(noun=QUOTATION, reason=NO_REASON))
    assert {one.column for one in ours} == {"channel", "cue"}
    assert named(take(second), "conflict") == {
        f"statements/{QUOTATION}": "was edited here since the last import",
        f"corrections/statements-{QUOTATION}-2": "differs from the one of this name here",
    }
    take(second, "--apply", "--keep-ours")
    assert list(Correction.objects.filter(noun=QUOTATION, reason=NO_REASON)) == ours


@pytest.mark.parametrize(
    ("edit", "name"),
    [(lambda: MeetingState.objects.filter(meeting__slug=MEETING).update(note="ours"), f"meetings/{MEETING}"),
     (lambda: DelegationMember.objects.filter(
         delegation__slug="ukraine-istanbul-2025-05-16").update(role_as_printed="ours"),
      "delegations/ukraine-istanbul-2025-05-16"),
     (lambda: SourceText.objects.filter(source__slug=REPORT).update(text="ours"), f"sources/{REPORT}"),
     (lambda: EditorsNote.objects.get(slug=NOTE).sources.clear() or EditorsNote.objects.get(slug=NOTE).meetings.set(
         Meeting.objects.filter(slug=MEETING)), f"editors_notes/{NOTE}")],
    ids=["a state", "a member", "a public text", "a list of a note"],
)  # fmt: skip
def test_an_edit_of_a_row_that_belongs_to_a_noun_is_one_of_the_noun(imported, second, edit, name):
    with ledger.aside():
        edit()
    assert named(take(second), "conflict") == {name: "was edited here since the last import"}


def test_an_edit_that_was_taken_back_is_none_unless_the_public_was_told_of_it(imported, second):
    channels = ("ours", Statement.objects.get(slug=QUOTATION).channel)
    with ledger.aside():
        for channel in channels:
            Statement.objects.filter(slug=QUOTATION).update(channel=channel)
    assert counts(take(second))[3] == 0
    for channel in channels:
        Statement.objects.filter(slug=QUOTATION).update(channel=channel)
    assert f"statements/{QUOTATION}" in named(take(second), "conflict")


STANDINGS: dict[str, dict[str, Any]] = {
    "draft": {"status": "draft"},
    "review": {"status": "review"},
    "withdrawn": {"status": "withdrawn", "withdrawn_on": "2026-01-01", "withdrawn_because": "ours"},
}


@pytest.mark.parametrize("status", STANDINGS)
def test_what_is_not_public_here_is_a_conflict(imported, second, status):
    with ledger.aside():
        Statement.objects.filter(slug=TORN).update(cue="ours", **STANDINGS[status])
    assert named(take(second), "conflict") == {f"statements/{TORN}": f"is {status} here"}
    assert "--keep-ours or --take-theirs" in refusal(second, "--apply")
    with transaction.atomic():
        take(second, "--apply", "--keep-ours")
        assert Statement.objects.filter(slug=TORN, cue="ours", **STANDINGS[status]).exists()
        transaction.set_rollback(True)
    take(second, "--apply", "--take-theirs")
    statement = Statement.objects.get(slug=TORN)
    assert (statement.status, statement.cue, statement.withdrawn_because) == ("published", "", "")


def test_a_slug_with_a_tombstone_here_is_a_conflict(imported, second, tmp_path):
    Tombstone.objects.create(record="people", slug="somebody", withdrawn_on="2026-01-01", withdrawn_because="ours")
    assert named(take(second), "conflict") == {"people/somebody": "is withdrawn here"}
    with transaction.atomic():
        take(second, "--apply", "--keep-ours")
        assert not Person.objects.filter(slug="somebody").exists()
        transaction.set_rollback(True)
    take(second, "--apply", "--take-theirs")
    assert Person.objects.get(slug="somebody").status == "published"
    # A release that has both would be refused by everybody else.
    assert not Tombstone.objects.filter(record="people", slug="somebody").exists()
    cut(tmp_path / "next")
    assert counts(take(tmp_path / "next"))[3] == 0


def test_a_tombstone_of_what_is_public_here_is_a_conflict_and_never_stands_beside_it(imported, tmp_path):
    with transaction.atomic():
        EditorsNote.objects.filter(slug="e05-year").update(
            status="withdrawn", withdrawn_on="2026-12-24", withdrawn_because="It was wrong."
        )
        cut(tmp_path / "package", 2)
        transaction.set_rollback(True)
    told = take(tmp_path / "package")
    assert named(told, "conflict") == {
        "tombstones/editors_notes/e05-year": "is published here; withdraw it in the admin first"
    }
    take(tmp_path / "package", "--apply", "--keep-ours")
    assert not Tombstone.objects.filter(slug="e05-year").exists()
    take(tmp_path / "package", "--apply", "--take-theirs")
    assert not Tombstone.objects.filter(slug="e05-year").exists()
    cut(tmp_path / "next")
    assert counts(take(tmp_path / "next"))[3] == 0


@pytest.mark.parametrize(
    ("row", "changes", "name"),
    [(Redirect.objects.filter(old_slug="r-umerov"), {"slug": "ours"}, "redirects/people/r-umerov"),
     (Tombstone.objects.filter(slug="gone-before"), {"withdrawn_because": "ours"}, "tombstones/people/gone-before"),
     (Correction.objects.filter(slug="strange-tab-1"), {"reason": "ours"}, "corrections/strange-tab-1")],
    ids=["a redirect", "a tombstone", "a correction"],
)  # fmt: skip
def test_what_differs_here_and_has_no_edition_of_its_own_is_a_conflict(imported, first, row, changes, name):
    row.all().update(**changes)
    assert named(take(first), "conflict") == {name: "differs from the one of this name here"}
    take(first, "--apply", "--keep-ours")
    assert row.all().filter(**changes).exists()
    take(first, "--apply", "--take-theirs")
    assert not row.all().filter(**changes).exists()
    assert counts(take(first))[3] == 0


@ledger.aside()
def add_ours() -> None:
    """Drafts, private texts, a row that rests on a draft, and something public that nobody else has."""
    Party.objects.create(slug=f"{SECRET}-party", name="ours")
    Person.objects.create(slug="only-ours", name="Ours", sort_name="Ours", **STANDING)
    SourceText.objects.create(source=Source.objects.get(slug="tass"), text=SECRET)
    SourceText.objects.filter(source__slug="afp").update(text=SECRET, is_public=False)
    MeetingState.objects.create(
        meeting=Meeting.objects.get(slug="istanbul-2022-03-29"), state="held", reported_on="2022-04-01",
        source=Source.objects.create(slug=f"{SECRET}-source", publisher="ours", kind="news_report", title="ours"),
    )  # fmt: skip


def test_drafts_and_private_texts_and_whatever_only_we_have_survive(imported, second):
    add_ours()
    take(second, "--apply", "--take-theirs")
    assert Party.objects.get(slug=f"{SECRET}-party").status == "draft"
    assert Person.objects.get(slug="only-ours").is_public
    assert set(SourceText.objects.filter(is_public=False).values_list("source__slug", "text")) == {
        ("tass", SECRET),
        ("afp", SECRET),
    }
    assert MeetingState.objects.filter(source__slug=f"{SECRET}-source").exists()


def test_a_private_text_here_is_not_written_over_unasked(imported, second):
    SourceText.objects.filter(source__slug=REPORT).update(text=SECRET, is_public=False)
    assert "private" in named(take(second), "conflict")[f"sources/{REPORT}"]
    take(second, "--apply", "--keep-ours")
    assert SourceText.objects.get(source__slug=REPORT).text == SECRET


# Refused, and nothing changed.


def test_what_the_database_refuses_is_told_and_nothing_is_written(imported, second):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER talks_no_redirect BEFORE INSERT ON talks_redirect "
                "BEGIN SELECT RAISE(ABORT, 'no room for a redirect'); END"
            )
        else:
            cursor.execute(
                "CREATE FUNCTION talks_no_redirect() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'no room for a redirect'; END $$"
            )
            cursor.execute(
                "CREATE TRIGGER talks_no_redirect BEFORE INSERT ON talks_redirect "
                "FOR EACH ROW EXECUTE FUNCTION talks_no_redirect()"
            )
    Tombstone.objects.create(record="people", slug="somebody", withdrawn_on="2026-01-01", withdrawn_because="ours")
    told = refusal(second, "--apply", "--take-theirs")
    assert told.startswith("Nothing was imported. The database refused: ")
    assert "no room for a redirect" in told
    assert not Party.objects.filter(slug="china").exists()


@pytest.mark.parametrize(
    ("row", "told"),
    [(lambda: Meeting.objects.create(slug="geneva-2027", title="Geneva", date="2027", featured=True),
      r"meetings\.json: istanbul-2025-07-23: featured: "),
     (lambda: Delegation.objects.create(slug="ours", party=Party.objects.get(slug="ukraine"),
                                        meeting=Meeting.objects.get(slug="istanbul-2027")),
      r"delegations\.json: theirs: party: ")],
    ids=["a second featured meeting", "a second delegation of a party"],
)  # fmt: skip
def test_what_would_stand_twice_beside_a_row_of_ours_is_told_by_name(imported, second, tmp_path, row, told):
    Meeting.objects.update(featured=False)
    Meeting.objects.create(slug="istanbul-2027", title="Istanbul", date="2027", **STANDING)
    package = Path(shutil.copytree(second, tmp_path / "package"))
    add(
        package,
        "meetings",
        Meeting,
        slug="istanbul-2027",
        title="Istanbul",
        date="2027",
        status="published",
        **instants(),
    )
    add(package, "delegations", Delegation, slug="theirs", party=["ukraine"], meeting=["istanbul-2027"],
        status="published",
        **instants())  # fmt: skip
    lined(package)
    row()
    assert re.search(told, refusal(package, "--apply", "--take-theirs"))
    assert re.search(told, refusal(package, "--take-theirs"))


def instants() -> dict[str, str]:
    return {name: "2026-11-01T08:00:01Z" for name in ("first_published_at", "changed_at")}


def test_a_delegation_with_two_heads_is_told_by_name(imported, second, tmp_path):
    package = Path(shutil.copytree(second, tmp_path / "package"))
    name = "ukraine-istanbul-2025-05-16"
    add(
        package,
        "delegations",
        DelegationMember,
        delegation=[name],
        person=["hakan-fidan"],
        role="head",
        source=[REPORT],
    )
    assert re.search(rf"delegations\.json: {name} / [a-z-]+: role: ", refusal(lined(package), "--apply"))


def test_a_statement_that_needs_what_is_hidden_here_is_told_by_name(imported, second):
    Meeting.objects.filter(slug="istanbul-2025-07-23").update(status="draft")
    told = refusal(second, "--apply", "--keep-ours")
    assert re.search(r"statements\.json: another-wording: meeting: .*not published", told)
