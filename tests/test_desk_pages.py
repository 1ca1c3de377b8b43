"""What an editor reads on a record's pages: where it stands, what is missing, what was changed, in words."""

from __future__ import annotations

import re

import pytest

from talks.editing import ledger
from talks.models import Meeting, Person, Statement
from tests.desk import MEETING, QUOTATION, address, draft, logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("editor_site")]


def page(client, noun, name="change", *more):
    answer = client.get(address(noun, name, *more))
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_is_missing_is_named_as_the_form_names_it():
    meeting = Meeting.objects.create(slug="later", title="Later", date="2026-03-03", city="Zürich")
    html = page(logged_in("petra", "publisher"), draft(meeting=meeting))
    assert "Meeting: “Later” is not published, so this cannot be published either." in html
    assert "__all__" not in html


@pytest.mark.parametrize(("status", "named"), [("draft", "Draft"), ("review", "In review"), ("published", "Published")])
def test_one_station_of_the_way_is_the_present_one(status, named):
    statement = Statement.objects.get(slug=QUOTATION) if status == "published" else draft(status=status)
    html = page(logged_in("petra", "publisher"), statement)
    assert re.findall(r'<li aria-current="step">([^<]+)</li>', html) == [named]


def test_whoever_can_take_no_step_reads_who_can():
    html = page(logged_in("erik", "editor"), Statement.objects.get(slug=QUOTATION))
    assert "Your role takes it no further from here. A publisher can correct or withdraw it." in html
    assert "To correct it, change the form below" not in html


def test_a_correction_without_a_reason_is_told_on_top_with_the_names_of_forms():
    statement = Statement.objects.get(slug=QUOTATION)
    client = logged_in("petra", "publisher")
    seen = {"seen": statement.updated_at.isoformat(), "slug": QUOTATION, "quotation_type": "direct"}
    kept = {name: getattr(statement, name) for name in ("text", "language", "is_translation", "said_on")}
    keys = {name: getattr(statement, f"{name}_id") or "" for name in ("speaker", "party", "meeting", "source")}
    passage = statement.passages.get()
    rows = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 1, "0-id": passage.pk, "0-statement": statement.pk, "0-number": 1}
    rows |= {f"0-{name}": getattr(passage, name) for name in ("exact", "prefix", "suffix", "start", "end")}
    sent = {**seen, **kept, **keys, **{f"passages-{name}": value for name, value in rows.items()}}
    html = client.post(address(statement, "change"), {**sent, "role_as_printed": "Envoy"}).content.decode()
    told = re.findall(r'<p class="desk-unsaved">(.*?)</p>', html)
    assert len(told) == 1
    assert "role as printed" in told[0]
    assert 'href="#id_public_kind"' in told[0]


def test_a_history_names_fields_as_forms_do_and_leaves_out_what_follows_from_them():
    statement = Statement.objects.get(slug=QUOTATION)
    with ledger.change("petra", "The day was misread.", "correction"):
        statement.said_on, statement.role_as_printed = "2025-05", "Envoy"
        statement.save()
    client = logged_in("petra", "publisher")
    assert re.findall(r"<dt>(.*?)</dt>", page(client, statement, "history")) == ["Role as printed", "Said on"]
    first = Statement.history.filter(id=statement.pk).order_by("history_id").first()
    restoring = page(client, statement, "restore", first.history_id)
    assert re.findall(r"<dt>(.*?)</dt>", restoring) == ["Role as printed", "Said on"]


@pytest.mark.parametrize(("role", "links"), [("publisher", 1), ("editor", 0)])
def test_a_person_can_be_merged_from_its_page_by_whoever_may(role, links):
    person = Person.objects.get(slug="rustem-umerov")
    assert page(logged_in("somebody", role), person).count(f'href="{address(person, "merge")}"') == links


def test_what_stands_inside_a_meeting_leads_to_the_public_site_if_readers_find_it(settings):
    settings.SITE_URL = "https://talks.example"
    meeting = Meeting.objects.get(slug=MEETING)
    hidden = draft(meeting=meeting)
    html = page(logged_in("petra", "publisher"), meeting)
    there = meeting.delegations.published().first()
    assert f'href="https://talks.example{there.get_absolute_url()}"' in html
    assert hidden.get_absolute_url() not in html
    assert 'href="/admin/r/' not in html
