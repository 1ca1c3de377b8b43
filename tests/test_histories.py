"""The history of a record at the desk, restoring an older version, merging two persons, and previews."""

from __future__ import annotations

import re
from html import unescape

import pytest

from talks import edition
from talks.editing import ledger, merging
from talks.models import Correction, Delegation, EditorsNote, Meeting, Person, Redirect, Source, Statement, Tombstone
from tests.desk import MEETING, QUOTATION, address, draft, logged_in, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("editor_site")]

WHY = {"public_kind": "correction", "reason": "The first version was right."}


@pytest.fixture
def quotation():
    return Statement.objects.get(slug=QUOTATION)


@pytest.fixture
def paula():
    return logged_in("paula", "publisher")


def text(answer) -> str:
    """What a page says, without its markup."""
    assert answer.status_code == 200
    plain = re.sub(r"<[^>]+>", " ", unescape(answer.content.decode()))
    return re.sub(r"\s+", " ", plain)


def change(noun, who="olena", why="A try.", **values) -> None:
    with ledger.change(who, why, "correction"):
        for name, value in values.items():
            setattr(noun, name, value)
        noun.save()


# History


def test_a_history_says_who_changed_what_when_and_why_field_by_field(paula, quotation):
    change(quotation, channel="Telegram", why="Misread.")
    page = text(paula.get(address(quotation, "history")))
    assert re.search(
        r"Corrected by olena \d+ \w+ \d{4}, \d\d:\d\d:\d\d UTC ?: Misread. Channel Facebook Telegram", page
    )
    assert "Loaded from files, by nobody who was logged in" in page


def test_a_history_has_lists_and_rows_too(paula):
    delegation = Delegation.objects.get(slug="ukraine-istanbul-2025-06-02")
    source = Source.objects.get(slug="afp")
    with ledger.change("olena", "Seen there."):
        delegation.rests_on.add(source)
        member = delegation.members.get(person__slug="rustem-umerov")
        member.role_as_printed = "chief"
        member.save()
    page = text(paula.get(address(delegation, "history")))
    assert "Rests on" in page
    assert "afp" in page
    assert "Rustem Umerov, head, “chief”" in page


def test_a_long_history_comes_page_by_page(paula, django_assert_max_num_queries):
    statement = draft()
    for number in range(30):
        change(statement, channel=f"Channel {number}")
    with django_assert_max_num_queries(25):
        page = paula.get(address(statement, "history")).content.decode()
    assert "Channel 29" in page
    assert "Channel 3<" not in page
    older = re.search(r'href="(\?before=\d+)">Older', page)[1]
    assert "Entered by carol" in text(paula.get(address(statement, "history") + older))


# Restoring


def test_an_older_version_is_restored_as_a_new_change(paula, quotation):
    first = Statement.history.get(id=quotation.pk)
    change(quotation, channel="Telegram", cue="wrote")
    page = text(paula.get(address(quotation, "restore", first.history_id)))
    assert "Channel Telegram Facebook" in page
    answer = paula.post(address(quotation, "restore", first.history_id), WHY, follow=True)
    assert said(answer) == ["The version was restored: 2 fields say so again."]
    quotation.refresh_from_db()
    assert (quotation.channel, quotation.cue) == ("Facebook", "said")
    last = Statement.history.filter(id=quotation.pk).latest()
    assert (last.history_kind, last.history_user_id, last.history_change_reason) == ("restored", "paula", WHY["reason"])
    assert Statement.history.filter(id=quotation.pk).count() == 3
    assert Correction.objects.filter(reason=WHY["reason"]).count() == 2


def test_restoring_what_is_public_wants_a_kind_and_a_reason(paula, quotation):
    first = Statement.history.get(id=quotation.pk)
    change(quotation, channel="Telegram")
    for given in ({}, {"reason": "Why."}, {"public_kind": "correction", "reason": ""}):
        assert paula.post(address(quotation, "restore", first.history_id), given).status_code == 200
    quotation.refresh_from_db()
    assert quotation.channel == "Telegram"


def test_rows_and_lists_come_back_with_their_noun(paula):
    delegation = Delegation.objects.get(slug="ukraine-istanbul-2025-06-02")
    first = Delegation.history.get(id=delegation.pk)
    before = list(delegation.members.in_order().values_list("pk", "person__slug", "role", "role_as_printed"))
    resting = set(delegation.rests_on.values_list("slug", flat=True))
    with ledger.change("olena", "A try."):
        delegation.members.filter(role="head").delete()
        delegation.members.create(
            person=Person.objects.get(slug="sergei-lavrov"), role="head", source=Source.objects.get(slug="afp")
        )
        delegation.rests_on.set([Source.objects.get(slug="afp")])
    paula.post(address(delegation, "restore", first.history_id), WHY)
    assert list(delegation.members.in_order().values_list("pk", "person__slug", "role", "role_as_printed")) == before
    assert set(delegation.rests_on.values_list("slug", flat=True)) == resting


@pytest.mark.parametrize("way", ["to words of ours", "to other words"])
def test_quoted_words_come_back_with_their_passages(paula, quotation, way):
    first = Statement.history.get(id=quotation.pk)
    text_then = quotation.text
    with ledger.change("olena", "A try."):
        if way == "to words of ours":
            quotation.passages.all().delete()
            quotation.quotation_type, quotation.verified_on, quotation.verified_sha256 = "indirect", None, ""
        else:
            passage = quotation.passages.get()
            passage.exact, passage.start, passage.end = "We are not", None, None
            passage.save()
        quotation.text = "We are not"
        quotation.save()
    paula.post(address(quotation, "restore", first.history_id), WHY)
    quotation.refresh_from_db()
    assert (quotation.quotation_type, quotation.text, quotation.evidence_state) == ("direct", text_then, "verified")
    assert quotation.passages.get().exact == text_then


def test_a_version_that_speaks_of_what_is_gone_is_refused_in_words(paula):
    source = Source.objects.create(slug="gone", publisher="Gone", kind="news_report", described_as="A page")
    statement = draft(source=source)
    first = Statement.history.get(id=statement.pk)
    change(statement, source=Source.objects.get(slug="afp"))
    source.delete()
    page = paula.post(address(statement, "restore", first.history_id))
    assert "no longer there" in text(page)
    statement.refresh_from_db()
    assert statement.source.slug == "afp"


def test_a_restored_version_keeps_status_and_address(paula, quotation):
    first = Statement.history.get(id=quotation.pk)
    change(quotation, slug="umerov-waits", channel="Telegram")
    paula.post(address(quotation, "restore", first.history_id), WHY)
    quotation.refresh_from_db()
    assert (quotation.slug, quotation.status, quotation.channel) == ("umerov-waits", "published", "Facebook")


def test_those_who_may_not_change_it_restore_nothing(quotation):
    first = Statement.history.get(id=quotation.pk)
    edith = logged_in("edith", "editor")
    assert edith.post(address(quotation, "restore", first.history_id), WHY).status_code == 403
    assert "Restore this version" not in edith.get(address(quotation, "history")).content.decode()


# Merging


@pytest.fixture
def twin():
    """A second record of Umerov, who sits where the first one sits, is named where he is named, and speaks."""
    party = Person.objects.get(slug="rustem-umerov").party
    with ledger.change("carol"):
        twin = Person.objects.create(
            slug="r-umerov", name="R. Umerov", sort_name="Umerov, R.", party=party, status="published",
            also_written=["Umjerow R."],
        )  # fmt: skip
        statement = draft("said-by-twin", speaker=twin)
        Statement.objects.filter(pk=statement.pk).update(
            status="published", first_published_at="2026-01-01T00:00Z", changed_at="2026-01-01T00:00Z"
        )
        delegation = Delegation.objects.get(slug="ukraine-istanbul-2025-06-02")
        delegation.members.create(person=twin, source=Source.objects.get(slug="afp"))
        statement.mentions.add(twin, Person.objects.get(slug="rustem-umerov"))
        EditorsNote.objects.first().people.add(twin)
    return twin


def test_a_merger_is_shown_before_it_is_made(paula, twin):
    kept = Person.objects.get(slug="rustem-umerov")
    page = text(paula.get(address(twin, "merge"), {"into": kept.pk}))
    assert "1 statement that R. Umerov made" in page
    assert "Both sit on ukraine-istanbul-2025-06-02" in page
    assert "New spellings: R. Umerov, Umjerow R." in page
    assert Person.objects.filter(pk=twin.pk).exists()


def test_all_moves_at_once_and_the_old_address_leads_there_for_ever(paula, client, settings, twin):
    kept, changed = Person.objects.get(slug="rustem-umerov"), Statement.objects.get(slug="said-by-twin").changed_at
    Redirect.objects.create(record="people", old_slug="old-umerov", slug="r-umerov")
    before = edition.present().number
    key, path = twin.pk, address(twin, "merge") + f"?into={kept.pk}"
    answer = paula.post(path, {"reason": "One passport."}, follow=True)
    assert said(answer) == ["“R. Umerov” is “Rustem Umerov” now, and the old address leads there."]
    assert not Person.objects.filter(pk=key).exists()
    statement = Statement.objects.get(slug="said-by-twin")
    assert statement.speaker == kept
    assert list(statement.mentions.all()) == [kept]
    assert statement.changed_at > changed
    assert EditorsNote.objects.first().people.filter(pk=kept.pk).exists()
    delegation = Delegation.objects.get(slug="ukraine-istanbul-2025-06-02")
    assert delegation.members.get(person=kept).role == "head"
    kept.refresh_from_db()
    assert {"R. Umerov", "Umjerow R."} <= set(kept.also_written)
    assert edition.present().number > before
    settings.ROOT_URLCONF = "config.urls"
    for old in ("r-umerov", "old-umerov"):
        assert client.get(f"/people/{old}/").headers["Location"] == "/people/rustem-umerov/"
    assert not Tombstone.objects.exists()
    assert paula.post(path, {"reason": "One passport."}).status_code == 404


def test_a_merger_is_noted_in_both_histories_and_told_once_for_each_person(paula, twin):
    kept = Person.objects.get(slug="rustem-umerov")
    paula.post(address(twin, "merge") + f"?into={kept.pk}", {"reason": "One passport."})
    for key in (twin.pk, kept.pk):
        entry = Person.history.filter(id=key).latest()
        assert (entry.history_kind, entry.history_user_id) == ("merged", "paula")
    told = Correction.objects.filter(reason="One passport.").values_list("record", "noun", "column", "before", "after")
    people = [row for row in told if row[0] == "people"]
    assert ("people", "rustem-umerov", "slug", "r-umerov", "rustem-umerov") in people
    assert {row[2] for row in people} == {"slug", "also_written"}
    # That the statement is the same person's is no correction of what it says.
    assert not [row for row in told if row[0] == "statements" and row[2] == "speaker"]


def test_the_seat_of_the_higher_rank_stays(twin):
    kept = Person.objects.get(slug="rustem-umerov")
    with ledger.change("paula"):
        merging.merge(kept, twin, "paula", "The other way round.", "correction")
    delegation = Delegation.objects.get(slug="ukraine-istanbul-2025-06-02")
    assert delegation.members.get(person=twin).role == "head"
    assert delegation.members.filter(person__slug__contains="umerov").count() == 1


@pytest.mark.parametrize("role", ["contributor", "editor"])
def test_only_publishers_merge(role, twin):
    client = logged_in("carol", role)
    kept = Person.objects.get(slug="rustem-umerov")
    assert client.post(address(twin, "merge") + f"?into={kept.pk}", {"reason": "A try."}).status_code == 403
    assert Person.objects.filter(pk=twin.pk).exists()


def test_nobody_becomes_themselves_or_a_draft(paula, twin):
    other = Person.objects.create(slug="draft-person", name="Draft", sort_name="Draft")
    assert "the same record" in text(paula.get(address(twin, "merge"), {"into": twin.pk}))
    assert "is not published" in text(paula.get(address(twin, "merge"), {"into": other.pk}))


# Previews


def test_a_draft_is_seen_as_readers_will_see_it_and_nothing_stays(paula):
    with ledger.change("carol"):
        meeting = Meeting.objects.create(slug="geneva-2026", title="Geneva, 2026", date="2026-02")
        source = Source.objects.create(
            slug="new-source", publisher="The New", kind="news_report", described_as="A page"
        )
    statement = draft(meeting=meeting, source=source)
    before = edition.present().number, Statement.history.count(), Correction.objects.count()
    answer = paula.get(address(statement, "preview"))
    page = text(answer)
    for words in (statement.text, "Geneva, 2026", "The New", "Draft, not published"):
        assert words in page
    assert "<title>Draft" in answer.content.decode()
    assert (edition.present().number, Statement.history.count(), Correction.objects.count()) == before
    statement.refresh_from_db()
    assert (statement.status, statement.meeting.status, statement.first_published_at) == ("draft", "draft", None)


def test_the_public_site_has_no_previews(client, settings):
    statement = draft()
    assert client.get(address(statement, "preview")).status_code == 302
    settings.ROOT_URLCONF = "config.urls"
    assert client.get(f"/statements/{statement.slug}/").status_code == 404
    assert "Draft, not published" not in client.get(f"/statements/{QUOTATION}/").content.decode()


def test_a_note_is_seen_on_the_page_that_it_is_on(paula):
    with ledger.change("carol"):
        note = EditorsNote.objects.create(slug="new-note", subject="Days", text="A new note.", reported_on="2026-01-01")
        note.meetings.add(Meeting.objects.get(slug=MEETING))
    assert "A new note." in text(paula.get(address(note, "preview")))


def test_a_preview_names_who_may_release_it(paula, settings):
    settings.FOUR_EYES = True
    logged_in("peter", "publisher")
    page = text(paula.get(address(draft(who="peter"), "preview")))
    assert "paula" in page
    assert "peter" not in page
