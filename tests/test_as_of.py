"""A meeting as it was known at the end of a day: what had not been reported by then stands nowhere."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talks import formats, openapi
from talks.editing import ledger
from talks.models import (
    Correction,
    Delegation,
    DelegationMember,
    EditorsNote,
    Meeting,
    MeetingState,
    Party,
    Person,
    Redirect,
    Source,
    Statement,
)
from tests.test_pages import links, many_statements, page, page_once, words

pytestmark = pytest.mark.django_db

DAYS = {
    "belovezhskaya-pushcha-2022-03-03": ["2022-03-03"],
    "brest-region-2022-03-07": ["2022-03-08", "2025-05-15"],
    "gomel-region-2022-02-28": ["2022-03-03", "2022-03-08"],
    "istanbul-2022-03-29": ["2022-03-29"],
    "istanbul-2025-05-16": ["2025-05-15", "2025-05-16", "2025-05-29"],
    "istanbul-2025-06-02": ["2025-05-28", "2025-05-29", "2025-06-02", "2025-06-04"],
    "istanbul-2025-07-23": ["2025-07-23", "2025-07-24", "2025-07-30"],
}
EVERY_DAY = [(slug, day) for slug, days in DAYS.items() for day in days]
JUNE = "/meetings/istanbul-2025-06-02/"


def written(client, slug: str, day: str) -> dict[str, str]:
    """The page and every data format as known on a day, without the edition, and without the banner's numbers."""
    stem = f"/meetings/{slug}"
    html = page_once(client, f"{stem}/?as_of={day}")
    html = re.sub(r'<p class="banner">.*?</p>|Edition \d+[^.]*', "", html)
    files = {name: page_once(client, f"{stem}.{name}?as_of={day}") for name in formats.of_page("meetings")}
    return {"html": html, **{name: re.sub(r'"edition": \d+', "", text) for name, text in files.items()}}


def report_later(meeting: Meeting, day: date) -> None:
    """All that can be reported of a meeting, on the day after this one; every word of it says so."""
    instants = {"first_published_at": meeting.first_published_at, "changed_at": meeting.changed_at}

    def noun(model, slug, **values):
        return model.objects.create(slug=f"telltale-{slug}", status="published", **instants, **values)

    def source(slug, on):
        told = {"publisher": f"Telltale {slug}", "kind": "news_report", "described_as": "Telltale report"}
        return noun(Source, slug, published_on=on, **told)

    def say(slug, **values):
        told = {"quotation_type": "indirect", "text": f"Telltale words {slug}", "meeting": meeting, "said_on": str(day)}
        return noun(Statement, slug, speaker=person, party=party, **told, **values)

    tomorrow = day + timedelta(1)
    later, early, undated = source("later", str(tomorrow)), source("early", str(day)), source("undated", "")
    month = source("month", "9998-12")
    party = noun(Party, "party", name="Telltale party")
    person = noun(Person, "person", name="Telltale person", sort_name="Telltale person", party=party)
    for reported_on, teller in ((tomorrow, early), (day, later), (day, month)):
        MeetingState.objects.create(
            meeting=meeting, state="cancelled", reported_on=reported_on, source=teller, note="Telltale state"
        )
    say("later", source=later)
    say("undated", source=undated)
    say("dated-later", source=early, dated_by=later)
    say("dated-by-undated", source=early, dated_by=undated)
    note = {"reported_on": tomorrow, "text": "Telltale text", "subject": "Telltale subject"}
    noun(EditorsNote, "note", **note).meetings.add(meeting)
    principal = meeting.statements.published().principal_by(day).first()
    if principal:
        say("wording", source=later, variant_of=Statement.objects.get(pk=principal.variant_of_id or principal.pk))
        noun(EditorsNote, "disagreement", disagreement=True, **note).statements.add(principal)
    sent = noun(Delegation, "delegation", meeting=meeting, party=party)
    sent.rests_on.add(later)
    for delegation in meeting.delegations.all():
        DelegationMember.objects.create(delegation=delegation, person=person, source=later, role="adviser")
    after = noun(Meeting, "after", title="Telltale meeting after", date="2030", follows=meeting)
    before = noun(Meeting, "before", title="Telltale meeting before", date="1999")
    for other in (before, after):
        MeetingState.objects.create(meeting=other, state="held", reported_on=tomorrow, source=later)
    Correction.objects.create(
        slug="telltale-correction", record="meetings", noun=meeting.slug, kind="correction",
        reason="Telltale reason", corrected_at=meeting.changed_at,
    )  # fmt: skip
    if meeting.follows_id is None:
        Meeting.objects.filter(pk=meeting.pk).update(follows=before)
    Meeting.objects.filter(pk=meeting.pk).update(
        summary="Telltale summary", venue="Telltale venue", round_label="Telltale round"
    )
    meeting.rests_on.add(later)


@pytest.mark.usefixtures("unnoted")  # when our record was changed is told of every day alike
@pytest.mark.parametrize(("slug", "day"), EVERY_DAY)
def test_what_is_reported_later_changes_nothing_of_what_was_known(client, slug, day):
    before = written(client, slug, day)
    report_later(Meeting.objects.get(slug=slug), date.fromisoformat(day))
    after = written(client, slug, day)
    tomorrow = str(date.fromisoformat(day) + timedelta(1))
    for name, text in after.items():
        # The day itself is now offered besides; that something was reported on it is all that is told.
        told = re.sub(rf'\s*<li><a href="\?as_of={tomorrow}">[^<]*</a></li>', "", text) if name == "html" else text
        assert "elltale" not in told, name
        if name != "html":
            assert told == before[name]
    statement = re.compile(r"<figure.*?</figure>", re.S)
    assert statement.findall(after["html"]) == statement.findall(before["html"])


@pytest.mark.parametrize("slug", DAYS)
def test_what_is_reported_later_is_there_from_its_day_on(client, slug):
    meeting, last = Meeting.objects.get(slug=slug), date.fromisoformat(DAYS[slug][-1])
    with ledger.change():  # all of it at once
        report_later(meeting, last)
    now = words(page(client, f"/meetings/{slug}/"))
    then = words(page(client, f"/meetings/{slug}/?as_of={last + timedelta(1)}"))
    for word in ("state", "words later", "words dated-later", "subject", "text", "party", "person", "meeting after"):
        assert f"Telltale {word}" in now
        assert f"Telltale {word}" in then
    for word in ("words undated", "words dated-by-undated", "summary", "venue", "round", "reason"):
        assert f"Telltale {word}" in now
        assert f"Telltale {word}" not in then
    told = json.loads(page(client, f"/meetings/{slug}.json?as_of={last + timedelta(1)}"))
    assert (told["record"]["state"], told["record"]["summary"], told["corrections"]) == ("cancelled", "", [])
    assert "telltale-later" in told["record"]["rests_on"]


@pytest.mark.parametrize("slug", DAYS)
def test_the_days_offered_are_those_on_which_something_was_reported(client, slug):
    html = page_once(client, f"/meetings/{slug}/")
    assert re.findall(r'<a href="\?as_of=([^"]*)"', html) == DAYS[slug]
    assert f'<a href="/meetings/{slug}/" aria-current="page">now</a>' in html
    for day in DAYS[slug]:
        html = page_once(client, f"/meetings/{slug}/?as_of={day}")
        assert re.findall(r'<a href="\?as_of=([^"]*)" aria-current="page"', html) == [day]
        assert f'<a href="/meetings/{slug}/">now</a>' in html


@pytest.mark.parametrize(("slug", "day"), EVERY_DAY)
def test_no_source_published_later_is_named_but_as_another_ones_reference(client, slug, day):
    named = {link.split("/")[2] for link in links(page_once(client, f"/meetings/{slug}/?as_of={day}"))
             if link.startswith("/sources/") and link != "/sources/"}  # fmt: skip
    published = Source.objects.published().published_by(date.fromisoformat(day))
    known = {source.slug for source in published}
    references = {link.slug for source in published.with_chain() for link in source.chain}
    assert named
    assert named <= known | references
    assert set(json.loads(page_once(client, f"/meetings/{slug}.json?as_of={day}"))["record"]["rests_on"]) <= known


@pytest.mark.parametrize("ending", ["/", ".json", ".jsonld", ".csv", ".ics"])
@pytest.mark.parametrize(
    ("asked", "known"),
    [("2025-05-30", "2025-05-29"), ("2025-06-01", "2025-05-29"), ("2025-06-03", "2025-06-02"), ("2026-01-01", "2025-06-04"),
     ("9999-12-31", "2025-06-04")],
)  # fmt: skip
def test_any_other_day_leads_to_the_last_one_before_it(client, ending, asked, known):
    answer = client.get(f"/meetings/istanbul-2025-06-02{ending}?as_of={asked}")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/meetings/istanbul-2025-06-02{ending}?as_of={known}"
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert ("Access-Control-Allow-Origin" in answer.headers) == (ending != "/")


def test_a_day_before_the_first_is_not_found_and_the_first_is_named(client):
    answer = client.get(f"{JUNE}?as_of=2025-05-27")
    html = answer.content.decode()
    assert answer.status_code == 404
    assert {f"{JUNE}?as_of=2025-05-28", JUNE} <= links(html)
    assert "the first day is 28 May 2025" in words(html)
    assert not [link for link in links(html) if "as_of=2025-05-27" in link and not link.startswith("http")]


@pytest.mark.parametrize("ending", formats.of_page("meetings"))
@pytest.mark.parametrize(("asked", "told"), [("2025-05-27", "28 May 2025"), ("2025-13-01", "is not a day")])
def test_programs_are_told_the_same_as_a_problem(client, ending, asked, told):
    answer = client.get(f"/meetings/istanbul-2025-06-02.{ending}?as_of={asked}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert told in answer.json()["title"]


def test_a_meeting_of_which_nothing_was_reported_on_a_known_day_is_not_found_on_any(client):
    meeting = Meeting.objects.get(slug="istanbul-2025-06-02")
    Meeting.objects.create(
        slug="silent", status="published", title="Silent", date="2025-08-01", follows=meeting,
        first_published_at=meeting.first_published_at, changed_at=meeting.changed_at,
    )  # fmt: skip
    assert 'class="as-of"' not in page(client, "/meetings/silent/")
    answer = client.get("/meetings/silent/?as_of=2025-08-01")
    assert answer.status_code == 404
    assert "nor on any other day that is known" in words(answer.content.decode())


@pytest.mark.parametrize(
    "asked",
    ["2025-13-01", "x", "%00", "", "2025-06-02%00", "20250602", "2025-W23-1", "2025-06", "2025-6-2", " 2025-06-02", "0000-01-01",
     "२०२५-०६-०२", "2025-06-02T00:00", "<script>", "9" * 5000, "2025-06-31"],
)  # fmt: skip
def test_what_is_no_day_is_not_found_and_said_to_be_none(client, asked):
    answer = client.get(f"{JUNE}?as_of={asked}")
    html = answer.content.decode()
    assert answer.status_code == 404
    assert "is not a day" in words(html)
    assert JUNE in links(html)
    assert "<script>" not in html
    assert client.get(f"/meetings/nowhere/?as_of={asked}").status_code == 404


def test_an_old_slug_leads_to_the_new_one_with_the_same_day(client):
    Redirect.objects.create(record="meetings", old_slug="istanbul-ii", slug="istanbul-2025-06-02")
    answer = client.get("/meetings/istanbul-ii/?as_of=2025-05-29")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{JUNE}?as_of=2025-05-29")


def test_an_utterance_stands_in_another_publishers_wording_until_its_own_was_reported(client):
    first, second = (page(client, f"{JUNE}?as_of={day}") for day in ("2025-05-28", "2025-05-29"))
    assert "/statements/umerov-awaits-memorandum-liga/" in links(first)
    assert "/statements/umerov-awaits-memorandum/" not in links(first)
    assert "3 other wordings of it" in words(first)
    assert "/statements/umerov-awaits-memorandum/" in links(second)
    assert "/statements/umerov-awaits-memorandum-liga/" not in links(second)
    assert "4 other wordings of it" in words(second)


@pytest.mark.parametrize("day", [*DAYS["istanbul-2025-06-02"], None])
def test_each_utterance_stands_once_whichever_wording_stands_for_it(day):
    on = date.fromisoformat(day) if day else None
    shown = list(Statement.objects.published().principal_by(on))
    utterances = [statement.variant_of_id or statement.pk for statement in shown]
    reported = Statement.objects.published().reported_by(on)
    assert len(utterances) == len(set(utterances))
    assert set(utterances) == {statement.variant_of_id or statement.pk for statement in reported}


def test_the_banner_counts_what_is_not_shown(client):
    Statement.objects.filter(slug="bruce-on-rubio-call").update(status="draft")
    html = page(client, f"{JUNE}?as_of=2025-05-29")
    shown = len(re.findall("<figure", html))
    total = Statement.objects.published().about(Meeting.objects.get(slug="istanbul-2025-06-02")).principal().count()
    assert f"As known on 29 May 2025. 3 later states and {total - shown} later statements are not shown." in words(html)
    assert "No state or statement was reported later." in words(page(client, f"{JUNE}?as_of=2025-06-04"))
    assert 'class="banner"' not in page(client, JUNE)
    assert html.index('class="banner"') < html.index("<h1>")


def test_what_has_no_day_is_not_called_later(client):
    html = page(client, f"{JUNE}?as_of=2025-06-04")
    assert "1 statement not known to have been reported by then is not shown." in words(html)


def test_the_page_names_its_day_in_title_description_canonical_and_formats(client):
    html = page(client, f"{JUNE}?as_of=2025-05-29")
    assert "<title>Istanbul, 2 June 2025, as known on 29 May 2025 · Talks in Context</title>" in html
    assert re.search(r'<link rel="canonical" href="[^"]*/meetings/istanbul-2025-06-02/\?as_of=2025-05-29">', html)
    for name in formats.of_page("meetings"):
        assert f"/meetings/istanbul-2025-06-02.{name}?as_of=2025-05-29" in links(html)
        assert f"/meetings/istanbul-2025-06-02.{name}" not in links(html)


def test_links_to_the_list_of_statements_keep_the_day(client):
    many_statements(200)
    html = page(client, f"{JUNE}?as_of=2025-05-29")
    lists = {link for link in links(html) if re.match(r"/statements(\.\w+|/)\?", link)}
    assert len(lists) > 1
    assert all(link.endswith("&as_of=2025-05-29") for link in lists)


def test_the_data_tells_its_day_and_a_calendar_keeps_it_apart_from_the_present_one(client):
    stem = "/meetings/istanbul-2025-06-02"
    told = json.loads(page(client, f"{stem}.json?as_of=2025-05-28"))
    assert (told["as_of"], told["record"]["state"], len(told["meeting_states"])) == ("2025-05-28", "proposed", 2)
    assert "as_of" not in json.loads(page(client, f"{stem}.json"))
    then, now = (page(client, f"{stem}.ics{query}").replace("\r\n ", "") for query in ("?as_of=2025-05-28", ""))
    uids = [re.search("UID:(.*)\r", calendar)[1] for calendar in (then, now)]
    assert uids[0] == f"{uids[1]}?as_of=2025-05-28"
    assert "STATUS:TENTATIVE" in then
    assert "STATUS:CONFIRMED" in now


def test_parties_stand_in_columns_once_they_are_heard_or_sent(client):
    html = page(client, f"{JUNE}?as_of=2025-05-28")
    assert "No source had named a delegation by then." in words(html)
    columns = re.findall(r'<h4 class="party party-(\w+)">(?:<a[^>]*>)?([^<]*)', html)
    assert columns == [("first", "Russia"), ("second", "Ukraine"), ("third", "Third parties")]
    Statement.objects.filter(party__slug="ukraine").update(status="draft")
    html = page(client, f"{JUNE}?as_of=2025-05-28")
    assert [name for _, name in re.findall(r'<h4 class="party party-(\w+)">(?:<a[^>]*>)?([^<]*)', html)] == [
        "Russia",
        "Third parties",
    ]


def test_a_note_rests_on_no_source_published_later(client):
    note = EditorsNote.objects.get(slug="e02-meetings-of-2022")
    note.rests_on.add(Source.objects.get(slug="tass-2025-06-02"))
    html = page(client, f"{JUNE}?as_of=2025-05-29")
    section = html.partition('id="note-e02-meetings-of-2022"')[2].partition("</aside>")[0]
    assert "/sources/telesur-2022-03-03/" in links(section)
    assert "/sources/tass-2025-06-02/" not in links(section)


def test_of_many_days_the_newest_twelve_are_in_sight_and_the_rest_one_step_away(client):
    meeting, source = Meeting.objects.get(slug="istanbul-2025-06-02"), Source.objects.get(slug="unn-2025-05-28")
    for number in range(30):
        day = date(2025, 7, 1) + timedelta(number)
        MeetingState.objects.create(meeting=meeting, state="held", reported_on=day, source=source)
    html = page(client, JUNE)
    nav = html.partition('<nav class="as-of"')[2].partition("</nav>")[0]
    rest, _, sight = nav.partition("</details>")
    assert (rest.count("<li>"), sight.count("<li>")) == (22, 13)
    assert "22 earlier days" in words(rest)
    assert "<details open>" not in html
    assert "<details open>" in page(client, f"{JUNE}?as_of=2025-05-28")


@pytest.mark.parametrize("address", [JUNE, f"{JUNE}?as_of=2025-05-29", f"{JUNE}?as_of=2025-06-02", f"{JUNE}?as_of=2025-05-01",
                                     f"{JUNE}?as_of=2025-06-03", "/meetings/istanbul-2025-06-02.json?as_of=2025-06-02"])  # fmt: skip
def test_a_day_takes_at_most_thirteen_questions_and_no_more_of_them_the_more_was_said(client, address):
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    many_statements(200)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few) <= 13


def test_the_addresses_for_programs_tell_of_the_day():
    described = dict(openapi.operations())
    for name in formats.of_page("meetings"):
        asked = described[f"/meetings/{{slug}}.{name}"]
        assert "as_of" in [parameter["name"] for parameter in asked["parameters"]]
        assert "302" in asked["responses"]
    assert "as_of" not in [parameter["name"] for parameter in described["/people/{slug}.json"]["parameters"]]


def test_the_list_of_statements_of_a_day_leaves_out_notes_that_were_made_later(client):
    statement = Statement.objects.get(slug="umerov-four-days")
    note = EditorsNote.objects.create(
        slug="made-later", status="published", subject="made later", text="A later note.", disagreement=True,
        reported_on="2025-06-20",
    )  # fmt: skip
    note.statements.add(statement)
    assert "made later" in client.get("/statements/?meeting=istanbul-2025-06-02").content.decode()
    assert "made later" not in client.get("/statements/?meeting=istanbul-2025-06-02&as_of=2025-06-02").content.decode()
