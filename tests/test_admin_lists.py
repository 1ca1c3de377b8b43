"""Lists, searches and long forms of the admin: what they show, and that their work does not grow with the data."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from talks import search
from talks.admin import pages
from talks.admin.filters import EVIDENCE
from talks.admin.inlines import StatementInline
from talks.editing import ledger
from talks.models import EditorsNote, LinkCheck, Meeting, Party, Person, Source, Statement
from talks.querysets import desk, typed
from tests.test_admin import QUOTATION, address, change_page, opened, saved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("editor_site")]

STATEMENTS = "/admin/talks/statement/"
SHOWN = StatementInline.formset.shown


@pytest.fixture
def meeting():
    """A meeting that the public does not know, so that it is changed without a reason."""
    return Meeting.objects.create(slug="geneva-2026", title="Geneva, 2026", date="2026-02")


@pytest.fixture
def quotation():
    return Statement.objects.get(slug=QUOTATION)


@ledger.aside()
def many(meeting: Meeting, number: int, status: str = "draft", first: int = 0, **values: Any) -> list[Statement]:
    """Statements about a meeting, of as many speakers as there are, each naming somebody."""
    people, source = list(Person.objects.all()), Source.objects.first()
    standing = {"first_published_at": timezone.now(), "changed_at": timezone.now()} if status == "published" else {}
    made = Statement.objects.bulk_create(
        Statement(slug=f"many-{n:04}", quotation_type="indirect", text=f"Number {n}", speaker=people[n % len(people)],
                  meeting=meeting, status=status,
                  **{"source": source, "said_on": f"2026-02-{n % 28 + 1:02}", **standing, **values})
        for n in range(first, first + number)
    )  # fmt: skip
    links = Statement.mentions.through
    links.objects.bulk_create(links(statement_id=one.pk, person_id=people[n % 5].pk) for n, one in enumerate(made))
    return made


def queries(client: Any, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200, path
    return len(asked)


def listed(client: Any, path: str) -> list[Any]:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return list(answer.context["cl"].result_list)


@pytest.mark.parametrize(
    "query", ["", "?q=Number", "?q=%D1%83%D0%BC%D0%B5%D1%80%D0%BE%D0%B2", "?evidence=anchored", "?year=2026", "?_facets=True"]
)  # fmt: skip
def test_the_list_of_statements_asks_as_often_for_hundreds_as_for_a_few(admin_client, meeting, query):
    many(meeting, 5)
    queries(admin_client, STATEMENTS + query)
    few = queries(admin_client, STATEMENTS + query)
    many(meeting, 300, first=5)
    assert queries(admin_client, STATEMENTS + query) <= few


@pytest.mark.parametrize("model", [Party, Person, Source, Meeting], ids=lambda model: model.__name__)
def test_no_other_list_asks_for_its_rows_one_by_one(admin_client, meeting, model):
    path = address(model, "changelist")
    queries(admin_client, path)
    few = queries(admin_client, path)
    required = {Person: {"sort_name": "X"}, Source: {"publisher": "X", "kind": "news_report", "described_as": "x"},
                Meeting: {"title": "X", "date": "2026-01-01"}, Party: {}}[model]  # fmt: skip
    model.objects.bulk_create(model(slug=f"zz-{n:03}", **required) for n in range(200))
    assert queries(admin_client, path) <= few


def test_autocomplete_of_statements_asks_as_often_for_many_as_for_one(admin_client, meeting):
    asked = {"app_label": "talks", "model_name": "statement", "field_name": "variant_of", "term": "Number"}
    path = f"{reverse('admin:autocomplete')}?{urlencode(asked)}"
    many(meeting, 1)
    few = queries(admin_client, path)
    many(meeting, 30, first=1)
    assert queries(admin_client, path) <= few


def states() -> list[Statement]:
    """One published statement of each state of evidence."""
    direct = list(Statement.objects.quoted().select_related("source")[:3])
    for one in direct:
        one.source.document_sha256, one.source.document_length, one.source.document_on = "b" * 64, 9, "2025-01-01"
        one.source.save()
    digest = {"verified_on": "2025-01-01"}
    Statement.objects.filter(pk=direct[0].pk).update(**digest, verified_sha256="b" * 64)
    Statement.objects.filter(pk=direct[1].pk).update(**digest, verified_sha256="a" * 64)
    Statement.objects.filter(pk=direct[2].pk).update(verified_on=None, verified_sha256="")
    return direct


def test_statements_are_narrowed_by_evidence_as_each_one_tells_its_own(admin_client):
    states()
    every = list(Statement.objects.select_related("source"))
    for state, words in EVIDENCE.items():
        expected = {one.pk for one in every if one.evidence_state == state}
        assert expected, state
        assert {one.pk for one in desk.by_evidence(Statement.objects.all(), state)[0]} == expected
        html = admin_client.get(f"{STATEMENTS}?evidence={state}").content.decode()
        assert set(re.findall(r'class="field-evidence">([^<]+)<', html)) == {words}


def test_of_much_of_one_state_the_first_are_shown_and_that_there_are_more(admin_client, meeting, monkeypatch):
    monkeypatch.setattr(desk, "MOST_FOUND", 70)
    monkeypatch.setattr(typed, "MOST_FOUND", 60)
    found = {one.pk for one in many(meeting, 130)}
    answer = admin_client.get(f"{STATEMENTS}?evidence=anchored&year=2026")
    assert "More than 60 statements" in answer.content.decode()
    assert {one.pk for one in answer.context["cl"].result_list} < found


def test_what_was_never_held_against_a_document_is_not_lost_although_its_source_has_none(quotation):
    bare = Source.objects.create(slug="bare", publisher="Bare", kind="news_report", described_as="x")
    Statement.objects.filter(pk=quotation.pk).update(source=bare, verified_on=None, verified_sha256="")
    assert quotation in desk.by_evidence(Statement.objects.all(), "unchecked")[0]
    assert quotation not in desk.by_evidence(Statement.objects.all(), "verified")[0]


def test_the_filters_of_statements_say_how_many_each_choice_has(admin_client):
    states()
    html = unescape(admin_client.get(f"{STATEMENTS}?_facets=True").content.decode())
    for state, words in EVIDENCE.items():
        number = desk.by_evidence(Statement.objects.all(), state)[0].count()
        assert f"{words} ({number})" in html
    year = Statement.objects.filter(said_from__year=2025).count()
    assert f"2025 ({year})" in html
    assert f"published ({Statement.objects.filter(status='published').count()})" in html


def test_there_are_no_counts_beside_the_filters_where_too_many_would_be_read(admin_client, monkeypatch):
    assert "Show counts" in admin_client.get(STATEMENTS).content.decode()
    monkeypatch.setattr(pages, "COUNTED", 5)
    html = admin_client.get(f"{STATEMENTS}?_facets=True").content.decode()
    assert "evidence=verified" in html
    assert not re.search(r"(?:Show|Hide) counts|published \(", html)


def test_statements_are_narrowed_by_the_year_in_which_they_were_said(admin_client, meeting):
    made = many(meeting, 2)
    assert {one.pk for one in listed(admin_client, f"{STATEMENTS}?year=2026")} == {one.pk for one in made}
    assert len(listed(admin_client, f"{STATEMENTS}?year=20x6")) > 2


def test_the_list_of_statements_has_what_one_looks_for(admin_client, quotation):
    html = unescape(admin_client.get(f"{STATEMENTS}?q={QUOTATION}").content.decode())
    row = next(part for part in html.split("<tr>") if change_page(quotation) in part)
    for words in (quotation.opening, "Rustem Umerov", quotation.meeting.title, str(quotation.source), quotation.said_on,
                  EVIDENCE[quotation.evidence_state], "published"):  # fmt: skip
        assert words in row


def test_a_source_tells_how_its_link_was_when_it_was_last_asked(admin_client, quotation):
    source = quotation.source
    for status, words in ((200, "works"), (404, "does not work (404)"), (0, "does not work (no answer)")):
        LinkCheck.objects.create(source=source, checked_at=timezone.now(), status=status)
        html = admin_client.get(f"{address(Source, 'changelist')}?q={source.slug}").content.decode()
        row = next(part for part in html.split("<tr>") if change_page(source) in part)
        assert f'class="field-link">{words}<' in row
        assert f'class="field-statements_here">{source.statements.count()}<' in row


def test_a_meeting_tells_its_latest_state(admin_client):
    html = admin_client.get(address(Meeting, "changelist")).content.decode()
    for meeting in Meeting.objects.with_states():
        row = next(part for part in html.split("<tr>") if f'"{change_page(meeting)}"' in part)
        assert f'class="field-state">{meeting.state.state if meeting.state else "nothing reported"}<' in row


NAMES = ["Rustem Umerov", "rustem umerov", "OUMEROV", "umjerow", "Умеров", "умеров", "УМЕРОВ", "рустем умЄров".lower()]


@pytest.mark.parametrize("term", [*NAMES, "ümerov", "RÜSTEM"])
def test_a_person_is_found_by_any_spelling_in_any_case(admin_client, term):
    asked = {"app_label": "talks", "model_name": "statement", "field_name": "speaker", "term": term}
    found = admin_client.get(f"{reverse('admin:autocomplete')}?{urlencode(asked)}").json()["results"]
    assert [one["text"] for one in found] == ["Rustem Umerov"]


@pytest.mark.parametrize("term", ["umjerow", "умеров", "Умєров", "ümerov"])
def test_statements_are_found_by_any_spelling_of_their_speaker(admin_client, term):
    found = listed(admin_client, f"{STATEMENTS}?{urlencode({'q': term})}")
    assert found
    assert {one.speaker.slug for one in found} == {"rustem-umerov"}


def test_statements_are_found_by_words_that_stand_anywhere_in_them(admin_client, meeting):
    one, two = many(meeting, 2)
    Statement.objects.filter(pk=one.pk).update(text="Переговори йдуть далі, said a clerk.")
    for words in ("переговори", "ПЕРЕГОВОРИ", "clerk далі", '"said a clerk"'):
        assert listed(admin_client, f"{STATEMENTS}?{urlencode({'q': words})}") == [one], words
    assert listed(admin_client, f"{STATEMENTS}?{urlencode({'q': two.slug})}") == [two]
    assert listed(admin_client, f"{STATEMENTS}?{urlencode({'q': 'clerk nowhere'})}") == []
    Statement.objects.filter(pk=one.pk).update(text="100% of it. Was it?")
    assert listed(admin_client, f"{STATEMENTS}?{urlencode({'q': '100% it?'})}") == [one]
    assert listed(admin_client, f"{STATEMENTS}?{urlencode({'q': '1_0%'})}") == []


def test_words_of_statements_are_found_by_how_they_begin_whatever_their_status(admin_client, meeting):
    public, draft = many(meeting, 2)
    now = timezone.now()
    Statement.objects.filter(pk=public.pk).update(status="published", first_published_at=now, changed_at=now)
    for one in (public, draft):
        Statement.objects.filter(pk=one.pk).update(text="The ceasefire-talks, at Türkiye’s wish.")
    for words in ("ceasef", "CEASEFIRE", "talk", "Türkiye", '"fire-talks, at" the', "e-talk"):
        found = listed(admin_client, f"{STATEMENTS}?{urlencode({'q': words})}")
        assert draft in found, words
        assert (public in found) == (not words.startswith(("e-", '"fire'))), words
    Statement.objects.filter(pk=public.pk).update(text="会谈在伊斯坦布尔举行")
    assert listed(admin_client, f"{STATEMENTS}?{urlencode({'q': '伊斯坦布尔'})}") == [public]


def numbers_of(statements: Any) -> set[int]:
    return set(statements.values_list("pk", flat=True))


def read_for(client: Any, words: str) -> set[int]:
    """The statements whose texts are read for a search that finds none, by number."""
    with CaptureQueriesContext(connection) as asked:
        assert listed(client, f"{STATEMENTS}?q={words}") == []
    reading = [one["sql"] for one in asked if re.search(r'(?i)"text"\S* LIKE', one["sql"])]
    assert reading
    return {int(pk) for sql in reading for pk in re.search(r'"id" IN \(([\d, ]+)\)', sql)[1].split(", ")}


def test_public_texts_are_not_read_for_a_word_that_none_of_them_has(admin_client, meeting):
    many(meeting, 3)
    assert read_for(admin_client, "zzyzx") == numbers_of(Statement.objects.exclude(status="published"))


def test_statements_are_found_by_the_beginning_of_their_slugs_however_many_they_are(admin_client, meeting, monkeypatch):
    monkeypatch.setattr(typed, "MOST_LIKELY", 3)
    found = many(meeting, 6, status="published")
    assert {*listed(admin_client, f"{STATEMENTS}?q=many-000")} == {*found}


def test_drafts_are_all_read_however_many_they_are(admin_client, meeting, monkeypatch):
    monkeypatch.setattr(typed, "MOST_FOUND", 2)
    drafts = many(meeting, 3)
    assert listed(admin_client, f"{STATEMENTS}?q=many-0002") == [drafts[2]]
    assert {*listed(admin_client, f"{STATEMENTS}?q=Number")} == {*drafts}


@pytest.mark.parametrize("most_found", [500, 2])
@pytest.mark.parametrize(
    ("whose", "column"),
    [("own", "role_as_printed"), ("own", "channel"), ("source", "publisher"), ("party", "name"), ("note", "subject"),
     ("note", "text"), *(("meeting", column) for column in ("title", "round_label", "city", "venue"))],
)  # fmt: skip
def test_statements_are_found_by_what_stands_around_them(admin_client, meeting, monkeypatch, whose, column, most_found):
    monkeypatch.setattr(typed, "MOST_FOUND", most_found)
    party, source = Party.objects.first(), Source.objects.last()
    found = [one for n, status in ((0, "draft"), (2, "published"))
             for one in many(meeting, 2, status, n, party=party, source=source)]  # fmt: skip
    note = EditorsNote.objects.create(slug="note", subject="A", text="B", reported_on="2026-03-01", status="published")
    note.statements.set(found)
    rows = {"own": Statement.objects.filter(meeting=meeting), "note": EditorsNote.objects.filter(pk=note.pk),
            "meeting": Meeting.objects.filter(pk=meeting.pk), "source": Source.objects.filter(pk=source.pk),
            "party": Party.objects.filter(pk=party.pk)}[whose]  # fmt: skip
    rows.update(**{column: "The Zzyzx of it"})
    assert {*listed(admin_client, f"{STATEMENTS}?q=zzyz&meeting__id__exact={meeting.pk}")} == {*found}


@pytest.mark.parametrize(
    ("status", "most_likely", "told_by"),
    [("draft", 5000, ""), ("published", 100, ""), ("published", 5000, "is_dense"), ("published", 5000, "is_much")],
)
def test_of_a_search_that_finds_much_the_first_are_shown_and_that_there_are_more(
    admin_client, meeting, monkeypatch, status, most_likely, told_by
):
    for name, number in (("MOST_FOUND", 60), ("NEWEST", 70), ("MOST_LIKELY", most_likely)):
        monkeypatch.setattr(typed, name, number)
    for name in ("is_dense", "is_much"):
        monkeypatch.setattr(search, name, lambda wanted, tells=name == told_by: tells)
    found = many(meeting, 130, status=status)
    shown_on = [admin_client.get(f"{STATEMENTS}?q=Number{also}") for also in ("", "&p=2")]
    assert "More than 60 statements" in shown_on[0].content.decode()
    shown = [one for page in shown_on for one in page.context["cl"].result_list]
    assert shown == sorted(found, key=lambda one: (one.said_from, one.slug), reverse=True)[:60]
    asked = {"app_label": "talks", "model_name": "statement", "field_name": "variant_of", "term": "Number"}
    offered = admin_client.get(f"{reverse('admin:autocomplete')}?{urlencode({**asked, 'page': 3})}").json()
    assert (len(offered["results"]), offered["pagination"]["more"]) == (20, False)


def test_a_meeting_opens_with_as_many_questions_whatever_it_holds(admin_client, meeting):
    many(meeting, 2)
    first, *others = Party.objects.all()
    meeting.delegations.create(slug="first-here", party=first)
    queries(admin_client, change_page(meeting))
    few = queries(admin_client, change_page(meeting))
    many(meeting, 38, first=2)
    for party in others:
        meeting.delegations.create(slug=f"{party.slug}-here", party=party)
    for source in Source.objects.all()[:9]:
        meeting.states.create(state="held", reported_on="2026-02-02", source=source)
    assert queries(admin_client, change_page(meeting)) <= few


def test_the_leading_meeting_opens_with_few_questions(admin_client, django_assert_max_num_queries):
    leading = Meeting.objects.get(featured=True)
    assert leading.statements.count() > SHOWN
    admin_client.get(change_page(leading))
    with django_assert_max_num_queries(39):
        html = unescape(admin_client.get(change_page(leading)).content.decode())
    assert f">All {leading.statements.count()} statements about this meeting</a>" in html


def test_what_is_chosen_in_a_row_is_drawn_in_its_fields(admin_client, meeting, quotation):
    first, second = many(meeting, 2)
    Statement.objects.filter(pk=first.pk).update(variant_of=quotation)
    form = opened(admin_client, change_page(meeting))
    for one in (first, second):
        row = form.of("statements", one)
        assert form.values[f"{row}speaker"] == [str(one.speaker_id)]
        assert form.values[f"{row}source"] == [str(one.source_id)]
        assert form.values[f"{row}mentions"] == [str(person.pk) for person in one.mentions.all()]
    assert form.values[f"{form.of('statements', first)}variant_of"] == [str(quotation.pk)]
    html = unescape(admin_client.get(change_page(meeting)).content.decode())
    assert f"selected>{first.speaker.name}</option>" in html
    assert f"selected>{quotation}</option>" in html


def test_what_was_chosen_and_refused_is_drawn_again(admin_client, meeting):
    (one,) = many(meeting, 1)
    other = Person.objects.exclude(pk=one.speaker_id).last()
    form = opened(admin_client, change_page(meeting))
    form.fill(form.of("statements", one), speaker=other.pk, text="")
    html = unescape(admin_client.post(change_page(meeting), form.values).content.decode())
    assert f'<option value="{other.pk}" selected>{other.name}</option>' in html


def test_a_meeting_of_three_thousand_statements_shows_few_opens_and_is_saved(admin_client, meeting):
    meeting.status = "published"
    meeting.save()
    public = many(meeting, 2990, status="published")
    drafts = many(meeting, 10, first=2990)
    form = opened(admin_client, change_page(meeting))
    shown = [int(value[0]) for name, value in form.values.items() if re.fullmatch(r"statements-\d+-id", name)]
    newest = sorted(public, key=lambda one: (one.said_from, one.slug), reverse=True)[: SHOWN - 10]
    assert shown[:10] == [one.pk for one in sorted(drafts, key=lambda one: (one.said_from, one.slug), reverse=True)]
    assert shown[10:] == [one.pk for one in newest]
    html = admin_client.get(change_page(meeting)).content.decode()
    link = re.search(r'<a href="([^"]+)">All 3000 statements', html)[1]
    assert admin_client.get(link).context["cl"].result_count == 3000
    form.set(venue="Another palace", public_kind="correction", reason="It was another palace.")
    form.fill(form.of("statements", drafts[0]), text="Another text.")
    saved(admin_client, change_page(meeting), form)
    meeting.refresh_from_db()
    drafts[0].refresh_from_db()
    assert (meeting.venue, drafts[0].text, meeting.statements.count()) == ("Another palace", "Another text.", 3000)


def test_a_statement_entered_meanwhile_breaks_nothing(admin_client, meeting):
    """It pushes another one off the page, so that the rows that are sent are not those that would be shown now."""
    made = many(meeting, SHOWN)
    form = opened(admin_client, change_page(meeting))
    late = many(meeting, 5, first=SHOWN, said_on="2026-03-01")
    for one in made:
        form.fill(form.of("statements", one), text=f"Mended {one.pk}")
    form.add("statements", slug="new", quotation_type="indirect", text="New.", speaker=made[0].speaker_id,
             said_on="2026-02-03", source=made[0].source_id)  # fmt: skip
    saved(admin_client, change_page(meeting), form)
    assert {one.text for one in Statement.objects.filter(pk__in=[one.pk for one in made])} == {
        f"Mended {one.pk}" for one in made
    }
    assert [one.text for one in Statement.objects.filter(pk__in=[one.pk for one in late]).order_by("pk")] == [
        one.text for one in late
    ]
    assert Statement.objects.get(slug="new").meeting == meeting


def test_a_row_of_another_meeting_is_not_changed_through_this_one(admin_client, meeting, quotation):
    (one,) = many(meeting, 1)
    form = opened(admin_client, change_page(meeting))
    row = form.of("statements", one)
    form.fill(row, text="Stolen.", id=quotation.pk)
    assert admin_client.post(change_page(meeting), form.values).status_code == 200
    assert Statement.objects.get(pk=quotation.pk).text == quotation.text
