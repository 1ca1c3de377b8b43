"""The ledger: nothing that is published changes silently, whichever way it is written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from talks.editing import ledger
from talks.editing.addresses import NO_REASON
from talks.editing.versions import versions
from talks.fixtures import FILES
from talks.models import (
    Correction,
    Delegation,
    EditorsNote,
    Meeting,
    Party,
    Passage,
    Person,
    Redirect,
    Source,
    Statement,
    Tombstone,
)
from tests.test_import import lined

pytestmark = pytest.mark.django_db

QUOTATION = "umerov-awaits-memorandum"


@pytest.fixture
def quotation():
    return Statement.objects.get(slug=QUOTATION)


def told() -> list[tuple[str, str, str, str, str, str]]:
    found = Correction.objects.order_by("slug")
    return list(found.values_list("noun", "kind", "column", "before", "after", "reason"))


def entries(noun):
    """The history of a noun, oldest first: sign, kind, who, why."""
    found = type(noun).history.filter(id=noun.pk).order_by("history_date", "history_id")
    return list(found.values_list("history_type", "history_kind", "history_user_id", "history_change_reason"))


def test_the_first_loading_is_in_the_history_and_no_correction(quotation):
    assert entries(quotation) == [("+", "imported", "", "")]
    assert told() == []


def test_a_save_in_a_shell_is_told_as_one_without_a_reason(quotation):
    quotation.channel = "Telegram"
    quotation.save()
    assert told() == [(QUOTATION, "correction", "channel", "Facebook", "Telegram", NO_REASON)]
    assert entries(quotation)[1:] == [("~", "corrected", "", "")]


def test_a_bulk_update_is_told_for_each_row():
    assert Statement.objects.filter(speaker__slug="rustem-umerov", channel="Facebook").update(channel="Telegram") > 1
    assert {row[2:] for row in told()} == {("channel", "Facebook", "Telegram", NO_REASON)}


def test_a_bulk_update_of_objects_is_told(quotation):
    quotation.cue = "wrote"
    Statement.objects.bulk_update([quotation], ["cue"])
    assert [row[2] for row in told()] == ["cue"]


def test_a_reason_and_a_kind_are_told_with_what_was_changed(quotation):
    with ledger.change("olena", "The post was misread.", "clarification"):
        quotation.channel = "Telegram"
        quotation.save()
        quotation.cue = "wrote"
        quotation.save()
    assert {row[1:3] + row[5:] for row in told()} == {
        ("clarification", "cue", "The post was misread."),
        ("clarification", "channel", "The post was misread."),
    }
    assert entries(quotation)[1:] == [("~", "corrected", "olena", "The post was misread.")]


def test_a_reference_is_told_by_its_slug(quotation):
    quotation.speaker = Person.objects.get(slug="sergei-lavrov")
    quotation.save()
    assert ("speaker", "rustem-umerov", "sergei-lavrov") in {row[2:5] for row in told()}


def test_a_list_is_told_by_slugs_from_either_side(quotation):
    lavrov = Person.objects.get(slug="sergei-lavrov")
    quotation.mentions.add(lavrov)
    assert told()[-1][1:5] == ("addition", "mentions", "", "sergei-lavrov")
    lavrov.mentioned_in.remove(quotation)
    assert told()[-1][1:5] == ("correction", "mentions", "sergei-lavrov", "")
    lavrov.mentioned_in.add(quotation)
    lavrov.mentioned_in.clear()
    assert len(entries(quotation)) == 5


def test_a_part_is_told_with_its_noun():
    member = Delegation.objects.get(slug="ukraine-istanbul-2025-06-02").members.first()
    member.role_as_printed = "chief of the delegation"
    member.save()
    (row,) = told()
    assert row[:3] == ("ukraine-istanbul-2025-06-02", "correction", "members")
    assert "“chief of the delegation”" in row[4]
    assert member.history.count() == 2


def test_a_new_state_is_news_and_no_correction_but_a_changed_one_is_told():
    meeting, source = Meeting.objects.get(slug="istanbul-2025-06-02"), Source.objects.first()
    before = meeting.changed_at
    state = meeting.states.create(state="cancelled", reported_on="2026-01-01", source=source)
    meeting.refresh_from_db()
    assert told() == []
    assert meeting.changed_at > before
    state.state = "postponed"
    state.save()
    assert [row[2] for row in told()] == ["states"]


def test_a_check_of_our_own_is_no_correction_and_no_news(quotation):
    before = quotation.changed_at
    quotation.verified_on = "2026-11-25"
    quotation.save()
    quotation.refresh_from_db()
    assert (told(), quotation.changed_at) == ([], before)
    assert len(entries(quotation)) == 2


def test_saving_without_a_change_leaves_no_entry(quotation):
    quotation.save()
    quotation.mentions.set(quotation.mentions.all())
    assert len(entries(quotation)) == 1


def test_a_draft_is_in_the_history_and_told_to_nobody():
    person = Person.objects.create(slug="ada-bruehl", name="Ada Brühl", sort_name="Brühl, Ada")
    person.name = "Ada M. Brühl"
    person.save()
    assert [row[:2] for row in entries(person)] == [("+", "entered"), ("~", "changed")]
    assert told() == []


def test_a_change_that_fails_leaves_nothing(quotation):
    def fail():
        quotation.save()
        raise RuntimeError

    quotation.channel = "Telegram"
    with pytest.raises(RuntimeError), ledger.change("olena", "A try."):
        fail()
    assert (told(), len(entries(quotation))) == ([], 1)
    quotation.refresh_from_db()
    assert quotation.channel == "Facebook"


def test_a_published_noun_that_is_deleted_leaves_a_tombstone_and_is_told():
    statement = Statement.objects.get(slug="umerov-awaits-memorandum-unn")
    key = statement.pk
    statement.delete()
    assert told() == [(statement.slug, "withdrawal", "", "", "", NO_REASON)]
    stone = Tombstone.objects.get(record="statements", slug=statement.slug)
    assert stone.withdrawn_because == NO_REASON
    last = Statement.history.filter(id=key).latest()
    assert (last.history_type, last.history_kind, last.text) == ("-", "deleted", statement.text)


def test_a_draft_that_is_deleted_leaves_no_tombstone():
    Party.objects.create(slug="highland", name="Highland").delete()
    assert Tombstone.objects.count() == 0
    assert Party.history.filter(slug="highland").count() == 2


def test_rows_that_go_with_a_deleted_noun_are_in_the_history(quotation):
    Statement.objects.filter(variant_of=quotation).update(variant_of=None)
    EditorsNote.statements.through.objects.filter(statement=quotation).delete()
    quotation.delete()
    assert Passage.history.filter(history_type="-").count() == 1


def test_a_noun_taken_back_to_a_draft_is_told_as_withdrawn():
    Statement.objects.filter(slug="umerov-awaits-memorandum-unn").update(status="draft")
    assert [row[:2] for row in told()] == [("umerov-awaits-memorandum-unn", "withdrawal")]


def test_a_changed_slug_redirects_and_chains_are_shortened(client, quotation):
    quotation.slug = "umerov-awaits"
    quotation.save()
    quotation.slug = "umerov-waits"
    quotation.save()
    assert set(Redirect.objects.values_list("old_slug", "slug")) == {
        (QUOTATION, "umerov-waits"),
        ("umerov-awaits", "umerov-waits"),
    }
    assert client.get(f"/statements/{QUOTATION}/").headers["Location"] == "/statements/umerov-waits/"
    assert {row[0] for row in told()} == {"umerov-waits"}


def test_a_draft_that_gets_another_slug_leaves_no_redirect():
    party = Party.objects.create(slug="highland", name="Highland")
    party.slug = "highlands"
    party.save()
    assert Redirect.objects.count() == 0


def test_a_change_is_dated_to_the_second_and_later_than_the_last(quotation):
    dates = [quotation.changed_at]
    for channel in ("Telegram", "X", "Facebook"):
        quotation.channel = channel
        quotation.save()
        quotation.refresh_from_db()
        dates.append(quotation.changed_at)
    assert dates == sorted(set(dates))
    assert {at.microsecond for at in dates} == {0}


def test_an_object_that_was_read_before_the_last_change_does_not_bring_back_its_date(quotation):
    stale = Statement.objects.get(pk=quotation.pk)
    dates = [quotation.changed_at]
    for one, channel in ((quotation, "Telegram"), (stale, "X"), (stale, "Facebook"), (quotation, "Facebook")):
        one.channel = channel
        one.save()
        dates.append(Statement.objects.get(pk=quotation.pk).changed_at)
    assert dates == sorted(dates)
    assert len(set(dates)) == 4  # the last save changed nothing


def test_a_draft_that_something_public_leads_to_is_told_to_nobody(quotation):
    draft = Person.objects.create(slug="zz-draft", name="Zz Draft", sort_name="Draft, Zz")
    source = Source.objects.create(slug="zz-source", publisher="Zz", kind="news_report", title="Zz")
    quotation.mentions.add(draft, Person.objects.get(slug="sergei-lavrov"))
    quotation.dated_by = source
    quotation.save()
    delegation, meeting = Delegation.objects.get(slug="ukraine-istanbul-2025-06-02"), Meeting.objects.first()
    member = delegation.members.create(person=draft, source=Source.objects.published().first(), role_as_printed="Zz")
    member.delete()
    meeting.states.create(state="cancelled", reported_on="2026-01-01", source=source, note="Zz").delete()
    assert [row[2:5] for row in told()] == [
        ("mentions", "", "sergei-lavrov"),
        ("dated_by", "pravda-com-ua-2025-05-28", ""),
    ]
    assert len(entries(delegation)) == 3


def test_a_history_names_those_who_are_gone():
    delegation = Delegation.objects.get(slug="ukraine-istanbul-2025-06-02")
    person = Person.objects.create(slug="ada-bruehl", name="Ada Brühl", sort_name="Brühl, Ada")
    delegation.members.create(person=person, source=Source.objects.published().first()).delete()
    person.delete()
    left, joined, _ = versions(Delegation, delegation.pk)[0]
    (come,) = [one for one in joined.differences if one.column == "members"]
    (gone,) = [one for one in left.differences if one.column == "members"]
    assert (come.before, come.after) == (gone.after, gone.before)
    assert come.before == ""
    assert come.after.startswith("Ada Brühl, member (")


def test_all_entries_of_one_change_bear_one_instant(quotation):
    with ledger.change("olena", "Moved."):
        quotation.channel = "Telegram"
        quotation.save()
        passage = quotation.passages.get()
        passage.prefix = "said: "
        passage.save()
    assert passage.history.latest().history_date == quotation.history.latest().history_date


def test_a_preview_is_not_noted(quotation):
    with transaction.atomic(), ledger.aside():
        quotation.channel = "Telegram"
        quotation.save()
        transaction.set_rollback(True)
    assert (told(), len(entries(quotation))) == ([], 1)


def test_a_bulk_update_of_thousands_is_told_in_batches(monkeypatch):
    monkeypatch.setattr("talks.querysets.written.BATCH", 7)
    monkeypatch.setattr("talks.editing.entries.BATCH", 3)
    monkeypatch.setattr("talks.editing.portraits.BATCH", 2)
    count = Statement.objects.update(cue="put it")
    assert count == Statement.objects.count() == len([row for row in told() if row[2] == "cue"])


# What files bring.


def brought(folder, **fields):
    """The built-in data as files, with these fields of the quotation written over."""
    call_command("dump_fixtures", str(folder), stdout=StringIO())
    path = folder / "statements.json"
    entries = json.loads(path.read_text("utf-8"))
    row = next(entry["fields"] for entry in entries if entry["fields"].get("slug") == QUOTATION)
    row.update(fields)
    path.write_text(json.dumps(entries), "utf-8")
    return folder


def add_correction(folder, **fields):
    """A correction of the quotation in these files."""
    row = {
        **{"slug": f"statements-{QUOTATION}-1", "record": "statements", "noun": QUOTATION, "kind": "clarification"},
        **{"column": "channel", "before": "Facebook", "after": "Telegram", "reason": "The post was misread."},
    }
    rows = [{"model": "talks.correction", "fields": {**row, **fields}}]
    (folder / "corrections.json").write_text(json.dumps(rows), "utf-8")


def force(folder):
    call_command("loaddata", *(str(folder / f"{name}.json") for name in FILES), force=True, verbosity=0)


def take(folder):
    call_command("import_release", str(lined(folder)), "--apply", "--take-theirs", stdout=StringIO())


LATER = {"channel": "Telegram", "changed_at": "2026-12-01T12:00:00Z"}
BOTH = pytest.mark.parametrize("bring", [force, take], ids=["loaddata --force", "import_release"])


@BOTH
def test_files_that_change_something_published_without_a_word_are_told_so(quotation, tmp_path, bring):
    bring(brought(tmp_path, **LATER))
    assert told() == [(QUOTATION, "correction", "channel", "Facebook", "Telegram", NO_REASON)]
    assert entries(quotation) == [("+", "imported", "", ""), ("~", "imported", "", "")]


@BOTH
def test_files_that_say_why_are_told_with_their_own_correction(quotation, tmp_path, bring):
    add_correction(brought(tmp_path, **LATER), corrected_at=LATER["changed_at"])
    bring(tmp_path)
    assert told() == [(QUOTATION, "clarification", "channel", "Facebook", "Telegram", "The post was misread.")]
    assert entries(quotation) == [("+", "imported", "", ""), ("~", "imported", "", "")]


@BOTH
@pytest.mark.parametrize("other", [{"column": "cue"}, {"corrected_at": "2026-11-01T12:00:00Z"}], ids=["column", "time"])
def test_a_correction_of_another_column_or_of_before_does_not_stand_for_one(tmp_path, bring, other):
    add_correction(brought(tmp_path, **LATER), **{"corrected_at": LATER["changed_at"], **other})
    bring(tmp_path)
    assert [row[-1] for row in told()] == ["The post was misread.", NO_REASON]


@BOTH
def test_the_dates_of_what_files_bring_are_those_of_the_files(quotation, tmp_path, bring):
    bring(brought(tmp_path, **LATER))
    quotation.refresh_from_db()
    assert quotation.changed_at == datetime(2026, 12, 1, 12, tzinfo=UTC)


def test_the_public_process_knows_no_history():
    tables = set(connection.introspection.table_names())
    from talks.guards import public_tables

    assert "editing_historicalstatement" in tables
    assert not [name for name in public_tables() if name.startswith("editing_")]


def test_what_was_entered_before_there_was_a_history_gets_a_first_entry(quotation):
    passages = quotation.passages.count()
    Statement.history.all().delete()
    Passage.history.all().delete()
    ledger.begin()
    assert entries(quotation) == [("+", "imported", "", "")]
    assert Passage.history.filter(statement_id=quotation.pk).count() == passages
    before = Statement.history.count()
    ledger.begin()
    assert Statement.history.count() == before
    assert told() == []
