"""Saving at the desk: what is public is changed with a reason, and nobody saves over somebody else unseen."""

from __future__ import annotations

import pytest
from django.urls import reverse

from talks.models import Correction, Delegation, Meeting, Party, Person, Source, Statement
from tests.desk import MEETING, QUOTATION, account, address, draft, logged_in
from tests.test_admin import Form, complaints, opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("editor_site")]

WHY = {"public_kind": "clarification", "reason": "The post was misread."}


def send(client, noun, **values):
    """Open the record's page, fill in and save; gives the answer."""
    form = opened(client, address(noun, "change"))
    form.fill("", **values)
    return client.post(address(noun, "change"), form.values)


@pytest.fixture
def quotation():
    return Statement.objects.get(slug=QUOTATION)


@pytest.fixture
def paula():
    return logged_in("paula", "publisher")


# A reason


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"channel": "Telegram"}, "public_kind"),
        ({"channel": "Telegram", "public_kind": "correction"}, "reason"),
        ({"channel": "Telegram", "public_kind": "correction", "reason": "  \n "}, "reason"),
        ({"channel": "Telegram", "reason": "Misread."}, "public_kind"),
    ],
)
def test_what_is_public_is_not_changed_without_a_kind_and_a_reason(paula, quotation, values, field):
    answer = send(paula, quotation, **values)
    told = complaints(answer)
    assert "The public will be told of this (channel)" in told[field]
    assert Form(answer.content.decode()).values["channel"] == ["Telegram"]
    quotation.refresh_from_db()
    assert quotation.channel == "Facebook"
    assert Correction.objects.count() == 0
    assert Statement.history.filter(id=quotation.pk).count() == 1


def test_with_both_it_is_changed_and_told(paula, quotation):
    assert send(paula, quotation, channel="Telegram", cue="wrote", **WHY).status_code == 302
    rows = Correction.objects.order_by("slug").values_list("kind", "column", "before", "after", "reason")
    assert sorted(rows) == [
        ("clarification", "channel", "Facebook", "Telegram", WHY["reason"]),
        ("clarification", "cue", "said", "wrote", WHY["reason"]),
    ]
    entry = Statement.history.filter(id=quotation.pk).latest()
    assert (entry.history_user_id, entry.history_kind, entry.history_change_reason) == (
        "paula",
        "corrected",
        WHY["reason"],
    )


def test_what_the_public_is_not_told_of_needs_no_reason(paula, quotation):
    assert send(paula, quotation, lead_order="7").status_code == 302
    assert Correction.objects.count() == 0


def test_a_row_inside_a_public_record_needs_a_reason_too(paula):
    delegation = Delegation.objects.get(slug="ukraine-istanbul-2025-06-02")
    answer = send(paula, delegation, **{"members-0-role_as_printed": "chief"})
    assert "(members)" in complaints(answer)["public_kind"]
    assert send(paula, delegation, **{"members-0-role_as_printed": "chief"}, **WHY).status_code == 302
    assert [row.column for row in Correction.objects.all()] == ["members"]


@pytest.fixture
def shown():
    """A public statement that its meeting's page has a row for: the newest."""
    return Statement.objects.published().filter(meeting__slug=MEETING).newest_first()[0]


def test_a_statement_inside_its_meeting_needs_the_reason_of_the_form(paula, shown):
    quotation, meeting = shown, shown.meeting
    form = opened(paula, address(meeting, "change"))
    place = form.of("statements", quotation)
    form.fill(place, channel="Telegram")
    assert "(channel)" in complaints(paula.post(address(meeting, "change"), form.values))["public_kind"]
    form.fill("", **WHY)
    assert paula.post(address(meeting, "change"), form.values).status_code == 302
    assert [(row.noun, row.column) for row in Correction.objects.all()] == [(shown.slug, "channel")]


def test_a_new_state_of_a_meeting_is_news_and_needs_no_reason(paula):
    meeting = Meeting.objects.get(slug=MEETING)
    form = opened(paula, address(meeting, "change"))
    form.add("states", state="held", reported_on="2025-06-09", source=Source.objects.first().pk)
    assert paula.post(address(meeting, "change"), form.values).status_code == 302
    assert Correction.objects.count() == 0


def test_a_draft_is_changed_without_a_reason(paula):
    statement = draft()
    page = paula.get(address(statement, "change")).content.decode()
    assert 'name="reason"' not in page
    assert send(paula, statement, channel="Telegram").status_code == 302
    assert Correction.objects.count() == 0


def test_an_upload_survives_being_asked_for_a_reason(paula):
    """The form is read twice; the second time as if it were the first."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    source = Source.objects.get(slug="afp")
    form = opened(paula, address(source, "change"))
    form.fill("", publisher_note="An agency")
    values = {**form.values, "upload": SimpleUploadedFile("text.txt", b"Some words.")}
    answer = paula.post(address(source, "change"), values)
    assert set(complaints(answer)) == {"public_kind"}


def test_what_was_public_is_not_deleted_inside_another(paula, shown):
    meeting, statement = shown.meeting, shown
    form = opened(paula, address(meeting, "change"))
    form.values[form.of("statements", statement) + "DELETE"] = ["on"]
    form.fill("", **WHY)
    answer = paula.post(address(meeting, "change"), form.values)
    assert "It is withdrawn, not deleted." in complaints(answer)[""]
    assert Statement.objects.filter(pk=statement.pk).exists()


def test_what_was_public_has_no_delete_button_and_no_such_page(paula, quotation):
    assert 'class="deletelink"' not in paula.get(address(quotation, "change")).content.decode()
    assert paula.post(address(quotation, "delete"), {"post": "yes"}).status_code == 403


# Whose it is


@pytest.mark.parametrize(
    ("role", "who", "status", "may"),
    [
        ("contributor", "carol", "draft", True),
        ("contributor", "somebody", "draft", False),
        ("contributor", "carol", "review", False),
        ("editor", "somebody", "draft", True),
        ("editor", "somebody", "review", True),
        ("editor", "carol", "published", False),
        ("publisher", "somebody", "published", True),
        ("administrator", "somebody", "published", True),
        ("administrator", "somebody", "withdrawn", False),
    ],
)
def test_who_may_change_what(role, who, status, may):
    statement = draft(who=who)
    more = {"published": {"first_published_at": "2026-01-01T00:00Z", "changed_at": "2026-01-01T00:00Z"}}
    more["withdrawn"] = {**more["published"], "withdrawn_on": "2026-01-02", "withdrawn_because": "A test."}
    Statement.objects.filter(pk=statement.pk).update(status=status, **more.get(status, {}))
    client = logged_in("carol", role)
    page = client.get(address(statement, "change"))
    assert page.status_code == 200
    assert ('name="_save"' in page.content.decode()) is may
    answer = client.post(address(statement, "change"), {"channel": "Telegram"})
    assert (answer.status_code == 403) is not may


def test_a_published_meeting_is_not_opened_for_those_who_correct_nothing():
    client = logged_in("edith", "editor")
    page = client.get(address(Meeting.objects.get(slug=MEETING), "change")).content.decode()
    assert 'name="_save"' not in page


def test_a_statement_in_review_inside_a_draft_meeting_is_not_for_contributors():
    meeting = Meeting.objects.create(slug="geneva-2026", title="Geneva, 2026", date="2026-02")
    from talks.editing import ledger

    with ledger.change("carol"):
        meeting.venue = "A hotel"
        meeting = Meeting.objects.create(slug="bern-2026", title="Bern, 2026", date="2026-03")
    statement = draft(meeting=meeting, who="somebody")
    client = logged_in("carol", "contributor")
    form = opened(client, address(meeting, "change"))
    form.fill(form.of("statements", statement), channel="Telegram")
    answer = client.post(address(meeting, "change"), form.values)
    assert "Your role does not let you change" in complaints(answer)[""]
    statement.refresh_from_db()
    assert statement.channel == ""


# Two at once


def test_the_second_of_two_editors_is_told_sees_both_versions_and_loses_nothing():
    statement = draft()
    edith, eric = logged_in("edith", "editor"), logged_in("eric", "editor")
    first, second = (opened(client, address(statement, "change")) for client in (edith, eric))
    first.fill("", channel="Telegram", cue="wrote")
    assert edith.post(address(statement, "change"), first.values).status_code == 302
    second.fill("", channel="Facebook")
    answer = eric.post(address(statement, "change"), second.values)
    told = complaints(answer)[""]
    for word in ("edith", "Telegram", "Facebook", "wrote"):
        assert word in told
    again = Form(answer.content.decode())
    assert again.values["channel"] == ["Facebook"]
    statement.refresh_from_db()
    assert statement.channel == "Telegram"
    assert eric.post(address(statement, "change"), again.values).status_code == 302
    statement.refresh_from_db()
    assert (statement.channel, statement.cue) == ("Facebook", "")
    writers = Statement.history.filter(id=statement.pk).order_by("history_id").values_list("history_user_id", flat=True)
    assert list(writers) == ["carol", "edith", "eric"]


def test_a_row_that_somebody_else_saved_meanwhile_is_not_saved_over(paula, shown):
    quotation, meeting = shown, shown.meeting
    stale = opened(paula, address(meeting, "change"))
    place = stale.of("statements", quotation)
    assert send(logged_in("peter", "publisher"), quotation, channel="Telegram", **WHY).status_code == 302
    stale.fill("", venue="A palace", **WHY)
    answer = paula.post(address(meeting, "change"), stale.values)
    assert answer.status_code == 200
    assert "Somebody else saved this while you had it open: peter" in answer.content.decode()
    quotation.refresh_from_db()
    assert quotation.channel == "Telegram"
    assert place in str(Form(answer.content.decode()).values)


def test_a_row_changed_by_somebody_else_concerns_whoever_has_its_noun_open(paula):
    delegation = Delegation.objects.get(slug="ukraine-istanbul-2025-06-02")
    stale = opened(paula, address(delegation, "change"))
    peter = logged_in("peter", "publisher")
    assert send(peter, delegation, **{"members-0-role_as_printed": "chief"}, **WHY).status_code == 302
    stale.fill("", **{"members-0-role_as_printed": "envoy"}, **WHY)
    answer = paula.post(address(delegation, "change"), stale.values)
    assert "Somebody else saved this" in complaints(answer)[""]
    assert delegation.members.get(person__slug="rustem-umerov").role_as_printed == "chief"


def test_a_form_that_was_never_shown_is_new(paula):
    form = opened(paula, reverse("admin:talks_party_add"))
    form.fill("", slug="highland", name="Highland")
    assert paula.post(reverse("admin:talks_party_add"), form.values).status_code == 302
    answer = paula.post(reverse("admin:talks_party_add"), form.values)
    assert "already exists" in complaints(answer)["slug"]
    assert Party.objects.filter(slug="highland").count() == 1


# A slug that changes, and one that was used


def test_a_changed_slug_redirects_and_is_never_used_again(paula, client, settings):
    person = Person.objects.get(slug="rustem-umerov")
    assert send(paula, person, slug="rustem-enverovych-umerov", **WHY).status_code == 302
    form = opened(paula, reverse("admin:talks_person_add"))
    form.fill("", slug="rustem-umerov", name="Another", sort_name="Another")
    answer = paula.post(reverse("admin:talks_person_add"), form.values)
    assert "used before" in complaints(answer)["slug"]
    answer = send(paula, person, slug="rustem-umerov", **WHY)
    assert answer.status_code == 200
    settings.ROOT_URLCONF = "config.urls"
    moved = client.get("/people/rustem-umerov.json")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/people/rustem-enverovych-umerov.json")


def test_no_account_is_made_by_looking(quotation):
    """A name in a history is text: it stays when its account goes."""
    user = account("gone", "publisher")
    client = logged_in("gone", "publisher")
    assert send(client, quotation, channel="Telegram", **WHY).status_code == 302
    user.delete()
    page = logged_in("paula", "publisher").get(address(quotation, "history")).content.decode()
    assert "Corrected by gone" in page
