"""The ledger: nothing that is published changes silently, whichever way it is written."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from talks.editing import ledger
from talks.editing.addresses import NO_REASON
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
    with pytest.raises(RuntimeError), ledger.change("olena", "A try."):
        quotation.channel = "Telegram"
        quotation.save()
        raise RuntimeError
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
