"""Entering with few strokes: delegations of an earlier meeting, statements from a source, persons on the way, and
what somebody else has entered already.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from talks import evidence
from talks.admin import duplicates
from talks.models import Delegation, DelegationMember, Meeting, Party, Passage, Person, Source, SourceText, Statement
from tests.desk import account, draft, logged_in
from tests.test_admin import MEETING, QUOTATION, REPORT, Form, address, change_page, complaints, opened, saved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("editor_site")]

EARLIER = "istanbul-2025-05-16"
LIKELY = "/admin/talks/statement/likely/"


@pytest.fixture
def report():
    return Source.objects.get(slug=REPORT)


@pytest.fixture
def umerov():
    return Person.objects.get(slug="rustem-umerov")


@pytest.fixture
def meeting():
    """A meeting after all others."""
    return Meeting.objects.create(
        slug="geneva-2026", title="Geneva, 2026", date="2026-02", follows=Meeting.objects.get(slug=EARLIER)
    )


def copying(meeting: Meeting) -> str:
    return reverse("admin:talks_meeting_delegations", args=[meeting.pk])


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_a_meeting_leads_to_the_delegations_of_an_earlier_one(admin_client, meeting):
    assert f'<a href="{copying(meeting)}">Copy delegations' in text(admin_client.get(change_page(meeting)))


def test_the_delegations_of_the_meeting_before_are_proposed_and_those_ticked_become_drafts(
    admin_client, meeting, report
):
    sent = Delegation.objects.filter(meeting__slug=EARLIER)
    page = text(admin_client.get(copying(meeting)))
    form = Form(page)
    assert "Roles as printed are <strong>not</strong> copied" in page
    assert set(form.values["delegations"]) == {str(one.pk) for one in sent}
    members = DelegationMember.objects.filter(delegation__in=sent).select_related("person", "delegation")
    assert set(form.values["members"]) == {str(one.pk) for one in members}
    left, stays = members.filter(delegation__party__slug="ukraine", role="member")[:2]
    form.values["members"].remove(str(left.pk))
    form.values["delegations"].remove(str(sent.get(party__slug="turkiye").pk))
    form.set(source=report.pk)
    answer = admin_client.post(copying(meeting), form.values, follow=True)
    assert answer.redirect_chain[-1][0] == change_page(meeting)
    assert "2 draft delegations with" in text(answer)
    made = Delegation.objects.get(slug="ukraine-geneva-2026")
    assert (made.status, made.meeting, made.capacity, list(made.rests_on.all())) == (
        "draft",
        meeting,
        "party",
        [report],
    )
    assert not made.members.filter(person=left.person).exists()
    assert made.members.get(person=stays.person).role == "member"
    assert {(one.role_as_printed, one.source) for one in made.members.all()} == {("", report)}
    head = members.get(delegation__party__slug="ukraine", role="head")
    assert made.members.get(role="head").person == head.person
    assert {one.party.slug for one in meeting.delegations.all()} == {"ukraine", "russia"}


def test_a_party_that_has_a_delegation_there_is_left_out(admin_client, meeting):
    meeting.delegations.create(slug="here", party=Party.objects.get(slug="ukraine"))
    form = Form(text(admin_client.get(copying(meeting))))
    proposed = Delegation.objects.filter(pk__in=form.values["delegations"])
    assert {one.party.slug for one in proposed} == {"russia", "turkiye"}


def test_a_party_that_got_its_delegation_meanwhile_is_refused_and_nothing_is_made(admin_client, meeting, report):
    form = opened(admin_client, copying(meeting))
    meeting.delegations.create(slug="here", party=Party.objects.get(slug="ukraine"))
    form.set(source=report.pk)
    answer = admin_client.post(copying(meeting), form.values)
    assert answer.status_code == 200
    assert meeting.delegations.count() == 1


def test_all_or_none_are_made(admin_client, meeting, report):
    """A slug is taken: the first of the delegations would be fine, the last is not."""
    oslo = Meeting.objects.create(slug="oslo", title="Oslo", date="2026-03")
    Delegation.objects.create(slug="ukraine-geneva-2026", meeting=oslo, party=Party.objects.get(slug="ukraine"))
    form = opened(admin_client, copying(meeting))
    form.set(source=report.pk)
    answer = admin_client.post(copying(meeting), form.values)
    assert "already exists" in text(answer)
    assert not meeting.delegations.exists()


def test_chosen_parties_bring_their_latest_delegation_before_the_meeting(admin_client, meeting):
    meeting.follows = None
    meeting.save()
    assert "There is no earlier delegation to copy" in text(admin_client.get(copying(meeting)))
    ukraine, states = (Party.objects.get(slug=slug) for slug in ("ukraine", "united-states"))
    later = Meeting.objects.create(slug="later", title="Later", date="2027")
    Delegation.objects.create(slug="ukraine-later", meeting=later, party=ukraine)
    form = opened(admin_client, f"{copying(meeting)}?party={ukraine.pk}&party={states.pk}&party=x")
    latest = Delegation.objects.filter(party=ukraine, meeting__date_from__lt="2026-02-01").order_by(
        "-meeting__date_from"
    )
    proposed = set(form.values["delegations"])
    assert str(latest.first().pk) in proposed
    assert proposed <= {
        str(one.pk) for one in Delegation.objects.filter(party__in=[ukraine, states]).exclude(meeting=later)
    }
    assert len(proposed) == len({one.party_id for one in Delegation.objects.filter(pk__in=proposed)})


@pytest.mark.parametrize("name", ["source", "delegations"])
def test_nothing_is_copied_without_a_source_or_a_delegation(admin_client, meeting, report, name):
    form = opened(admin_client, copying(meeting))
    form.set(source=report.pk)
    form.values.pop(name)
    answer = admin_client.post(copying(meeting), form.values)
    assert complaints(answer)
    assert not meeting.delegations.exists()


def test_a_delegation_that_was_not_proposed_is_not_copied(admin_client, meeting, report):
    form = opened(admin_client, copying(meeting))
    other = Delegation.objects.exclude(meeting__slug=EARLIER).first()
    form.set(source=report.pk)
    form.values["delegations"] = [str(other.pk)]
    assert admin_client.post(copying(meeting), form.values).status_code == 200
    assert not meeting.delegations.exists()


def test_copying_is_one_change_of_whoever_did_it_and_open_to_contributors(client, meeting, report):
    client.force_login(account("carol", "contributor"))
    form = opened(client, copying(meeting))
    form.set(source=report.pk)
    assert client.post(copying(meeting), form.values).status_code == 302
    made = meeting.delegations.get(party__slug="ukraine")
    assert [entry.history_user_id for entry in Delegation.history.filter(id=made.pk)] == ["carol"]


def test_whoever_may_not_add_delegations_copies_none(client, django_user_model, meeting):
    client.force_login(django_user_model.objects.create_user("reader", is_staff=True))
    assert client.get(copying(meeting)).status_code == 403


def test_a_source_begins_a_statement_with_all_that_it_knows(admin_client, report):
    link = f"{address(Statement, 'add')}?source={report.pk}"
    assert f'<a href="{link}">Enter a statement from this source</a>' in text(admin_client.get(change_page(report)))
    form = opened(admin_client, link)
    latest = report.statements.order_by("-pk").first()
    assert (form.values["source"], form.values["meeting"]) == ([str(report.pk)], [str(latest.meeting_id)])
    assert (form.values["language"], form.values["said_on"]) == ([report.language], [report.published_on])


def test_a_meeting_begins_a_statement_about_it(admin_client, meeting):
    link = f"{address(Statement, 'add')}?meeting={meeting.pk}"
    assert f'<a href="{link}">Enter a statement about this meeting</a>' in text(admin_client.get(change_page(meeting)))
    assert opened(admin_client, link).values["meeting"] == [str(meeting.pk)]


@pytest.mark.parametrize("number", ["0", "x", "99999999", "9" * 30, "-1"])
def test_a_source_that_is_none_begins_an_empty_statement(admin_client, number):
    form = opened(admin_client, f"{address(Statement, 'add')}?source={number}")
    assert form.values["said_on"] == [""]


def test_a_statement_that_was_begun_by_its_source_is_saved(admin_client, report, umerov):
    path = f"{address(Statement, 'add')}?source={report.pk}"
    form = opened(admin_client, path)
    form.set(slug="begun", quotation_type="indirect", text="He said something new.", speaker=umerov.pk)
    saved(admin_client, path, form)
    made = Statement.objects.get(slug="begun")
    assert (made.source, made.said_on, made.status) == (report, report.published_on, "draft")


@pytest.mark.parametrize(
    ("model", "fields"),
    [(Statement, ["speaker", "mentions", "meeting", "source"]), (Delegation, ["party", "members-__prefix__-person"]),
     (Meeting, ["statements-__prefix__-speaker", "statements-__prefix__-mentions", "delegations-__prefix__-party"])],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_what_is_missing_is_made_from_within(admin_client, model, fields):
    html = text(admin_client.get(address(model, "add")))
    for field in fields:
        link = re.search(
            rf'<a class="related-widget-wrapper-link add-related"\s+id="add_id_{field}"[^>]*href="([^"]+)"', html
        )
        assert link, field
        assert "_popup=1" in link[1]
        assert admin_client.get(link[1]).status_code == 200


def test_a_person_made_in_a_popup_goes_back_into_the_field(admin_client):
    path = f"{address(Person, 'add')}?_to_field=id&_popup=1"
    form = opened(admin_client, path)
    form.set(slug="ada-bruehl", name="Ada Brühl", sort_name="Brühl, Ada")
    answer = admin_client.post(path, form.values)
    made = Person.objects.get(slug="ada-bruehl")
    assert (
        f'data-popup-response="{{&quot;value&quot;: &quot;{made.pk}&quot;, &quot;obj&quot;: &quot;Ada Br'
        in answer.content.decode()
    )


@pytest.fixture
def told():
    """A statement that somebody entered already."""
    return draft(
        "told-before", text="“The river belongs to both banks – and won’t dry up,” he said.", said_on="2025-05-28"
    )


@pytest.fixture
def again(told):
    """The same words from another source, six days later, with other marks, spaces and case."""
    return draft(
        "told-again", text="'the river belongs to  both banks - and won't dry up,' he said!", said_on="2025-06-03",
        source=Source.objects.exclude(pk=told.source_id).filter(status="published").first(),
    )  # fmt: skip


def likely(statement: Statement) -> list[Statement]:
    return duplicates.likely(statement, duplicates.of(statement))


def link_of(statement: Statement, other: Statement) -> str:
    return reverse("admin:talks_statement_variant", args=[statement.pk, other.pk])


def test_canonical_words_differ_in_words_alone():
    same = [
        "“Won’t  go” – he said",
        "'won't go' - He said",
        '"WON’T\u00a0go" — he\u00ad said',
        "\u201eWon\u02bct".replace("\u02bc", "’") + " go” ‑ he said",
    ]
    assert len({evidence.canonical(words) for words in same}) == 1
    assert evidence.canonical("Wont go") != evidence.canonical("Won’t go")
    assert evidence.canonical("é") == evidence.canonical("e\u0301")


def test_the_same_words_of_the_same_speaker_at_about_the_same_time_are_likely_the_same(told, again):
    assert likely(again) == [told]
    assert likely(told) == [again]


@pytest.mark.parametrize(
    ("change", "found"),
    [({"said_on": "2025-06-17"}, True), ({"said_on": "2025-06-18"}, False), ({"said_on": "2025-05-20"}, True),
     ({"said_on": "2025-05-19"}, False), ({"said_on": "2025"}, True), ({"said_on": "2024"}, False),
     ({"said_on": "2025-05"}, True), ({"text": "Other words."}, False),
     ({"status": "withdrawn", "withdrawn_on": "2025-07-01", "withdrawn_because": "x",
       "first_published_at": "2025-06-01T00:00Z", "changed_at": "2025-06-01T00:00Z"}, False)],
)  # fmt: skip
def test_what_was_said_long_before_or_otherwise_is_not(told, again, change, found):
    other = Statement.objects.get(pk=told.pk)
    for name, value in change.items():
        setattr(other, name, value)
    other.save()
    assert (told in likely(Statement.objects.get(pk=again.pk))) is found


@pytest.mark.parametrize("words", ["“{}.”", "{}", "'{}!'", "({} …)", "«{}»"])
def test_marks_around_the_words_make_no_other_words(told, again, words):
    plain = "We shall leave with two signatures"
    told.text, again.text = plain, words.format(plain)
    told.save()
    assert likely(again) == [told]


def test_another_speaker_is_another_statement(told, again):
    again.speaker = Person.objects.get(slug="sergei-lavrov")
    assert likely(again) == []


def test_quoted_words_count_although_our_sentences_differ_but_a_phrase_does_not(report):
    def mixed(slug: str, sentence: str, words: str) -> Statement:
        made = draft(slug, quotation_type="mixed", text=sentence.format(words))
        Passage.objects.create(statement=made, exact=words)
        return made

    long, short = "we shall leave with two signatures", "a memorandum"
    first = mixed("m1", "Umerov said that “{}”.", long)
    second = mixed("m2", "“{}”, wrote Umerov.", long)
    mixed("m3", "Umerov promised “{}”.", short)
    mixed("m4", "Umerov awaits “{}”.", short)
    assert likely(first) == [second]
    assert likely(Statement.objects.get(slug="m3")) == []


@pytest.mark.parametrize("step", ["itself", "of the other", "of one", "through another"])
def test_what_is_linked_already_is_not_told_again(told, again, step):
    if step == "itself":
        again.variant_of = told
        again.save()
    elif step == "of the other":
        told.variant_of = again
        told.save()
    else:
        first, middle = draft("first", text="First."), draft("middle", text="Middle.")
        middle.variant_of = first if step == "through another" else None
        middle.save()
        told.variant_of = middle
        again.variant_of = first if step == "through another" else middle
        told.save()
        again.save()
    assert likely(Statement.objects.get(pk=again.pk)) == []


def test_the_question_is_bounded_however_much_somebody_says(told, again, django_assert_max_num_queries, monkeypatch):
    monkeypatch.setattr("talks.querysets.desk.MOST_LIKE", 3)
    Statement.objects.bulk_create(
        Statement(slug=f"s{n}", quotation_type="indirect", text=f"S {n}", speaker=told.speaker, said_on="2025-06-04",
                  meeting=told.meeting, source=told.source)
        for n in range(20)
    )  # fmt: skip
    with django_assert_max_num_queries(4):
        assert likely(again) == []


def test_the_page_of_a_statement_shows_what_says_the_same_with_a_button(admin_client, told, again):
    html = text(admin_client.get(change_page(again)))
    panel = html[html.index("Said already?") :].partition("</section>")[0]
    assert told.text in panel
    assert f'href="{change_page(told)}"' in panel
    assert str(told.source) in panel
    assert "28 May 2025" in panel or told.said_on in panel
    assert f'action="{link_of(again, told)}"' in panel
    assert "Said already?" not in text(admin_client.get(change_page(Statement.objects.get(slug=QUOTATION))))


def test_the_button_makes_it_a_variant_of_the_first_wording(admin_client, told, again):
    first = draft("first", text="The very first wording.")
    told.variant_of = first
    told.save()
    answer = admin_client.post(link_of(again, told), follow=True)
    again.refresh_from_db()
    assert again.variant_of == first
    assert "is now a wording of" in text(answer)
    assert "Said already?" not in text(answer)
    entry = Statement.history.filter(id=again.pk).first()
    assert (entry.history_user_id, entry.variant_of_id) == ("admin", first.pk)


def test_a_circle_is_refused(admin_client, told, again):
    told.variant_of = again
    told.save()
    answer = admin_client.post(link_of(again, told), follow=True)
    again.refresh_from_db()
    assert again.variant_of is None
    assert "is itself a wording of this statement" in text(answer)


def test_a_first_wording_of_others_is_not_linked_past_them(admin_client, told, again):
    draft("third", text="A third.", variant_of=again)
    answer = admin_client.post(link_of(again, told), follow=True)
    again.refresh_from_db()
    assert again.variant_of is None
    assert "Link those to the other one first" in text(answer)


def public(told: Statement) -> Statement:
    """A published statement of the same words, that is no wording of another."""
    return draft("told-in-public", text=told.text, said_on=told.said_on, status="published")


def test_a_published_statement_is_linked_by_publishers_with_a_reason_alone(admin_client, told):
    told.status = "published"
    told.save()
    again = public(told)
    assert logged_in("ed", "editor").post(link_of(again, told), {"reason": "x"}).status_code == 403
    publisher = logged_in("pia", "publisher")
    html = text(publisher.get(change_page(again)))
    assert 'name="reason"' in html[html.index("Said already?") :]
    assert "say in a sentence" in text(publisher.post(link_of(again, told), follow=True))
    again.refresh_from_db()
    assert again.variant_of is None
    publisher.post(link_of(again, told), {"reason": "Two sources have the same sentence."})
    again.refresh_from_db()
    assert again.variant_of == told
    assert Statement.history.filter(id=again.pk).first().history_change_reason == "Two sources have the same sentence."


def test_a_published_statement_is_no_wording_of_one_that_is_not(admin_client, told):
    again = public(told)
    answer = admin_client.post(link_of(again, told), {"reason": "The same."}, follow=True)
    again.refresh_from_db()
    assert again.variant_of is None
    assert "and its first wording" in text(answer)


def test_a_link_is_made_by_post_and_by_whoever_may_change_the_statement(told, again):
    assert logged_in("carol", "contributor").get(link_of(again, told)).status_code == 403
    assert logged_in("karl", "contributor").post(link_of(again, told)).status_code == 403
    assert Client(enforce_csrf_checks=True).post(link_of(again, told)).status_code in (302, 403)
    again.refresh_from_db()
    assert again.variant_of is None
    assert logged_in("carol", "contributor").post(link_of(again, told)).status_code == 302
    again.refresh_from_db()
    assert again.variant_of == told


def ask(client: Any, told: Statement, **values: Any) -> dict[str, Any]:
    sent = {"speaker": told.speaker_id, "said_on": told.said_on, "text": told.text, **values}
    answer = client.post(LIKELY, sent)
    assert answer.status_code == 200
    return answer.json()


def test_what_says_the_same_is_told_while_one_types(admin_client, told):
    found = ask(admin_client, told)
    assert found["number"] == 1
    assert change_page(told) in found["html"]
    assert "both banks" in found["html"]
    assert ask(admin_client, told, text=f"{told.text}\r\nMore.")["number"] == 0
    assert ask(admin_client, told, statement=told.pk)["number"] == 0
    assert ask(admin_client, told, variant_of=told.pk)["number"] == 0


@pytest.mark.parametrize(
    "values",
    [{"speaker": ""}, {"speaker": "x"}, {"speaker": "9" * 30}, {"said_on": ""}, {"said_on": "yesterday"}, {"text": ""},
     {"text": "“”"}, {"said_on": "0001-01-01"}, {"said_on": "9999-12-31"}],
)  # fmt: skip
def test_a_form_that_is_not_filled_yet_is_told_of_nothing(admin_client, told, values):
    assert ask(admin_client, told, **values)["number"] == 0


def test_only_who_may_enter_statements_asks_for_their_like(client, django_user_model, told):
    client.force_login(django_user_model.objects.create_user("reader", is_staff=True))
    assert client.post(LIKELY, {"text": told.text}).status_code == 403
    assert logged_in("carol", "contributor").get(LIKELY).status_code == 405


def test_typed_text_is_looked_for_by_the_page_itself(admin_client):
    for path in (address(Statement, "add"), address(Meeting, "add")):
        assert "js/likely-duplicates.js" in text(admin_client.get(path))


def test_proposals_of_a_text_tell_what_is_entered_already(admin_client, umerov, django_assert_max_num_queries):
    words = "The river belongs to both banks, and won’t dry up"
    told = draft("told-before", text=words, said_on="2026-02-01")
    draft("told-otherwise", text="Something else.", said_on="2026-02-01")
    source = Source.objects.create(slug="gazette", publisher="Gazette", kind="news_report", title="x", status="published",
                                   published_on="2026-02-03")  # fmt: skip
    held = SourceText(source=source)
    held.hold(f"The hall was full.\n“{words},” Rustem Umerov said on Monday.", source.published_from)
    source.save()
    held.save()
    path = reverse("admin:talks_source_quotations", args=[source.pk])
    html = text(admin_client.get(path))
    assert change_page(told) in html
    assert "told-otherwise" not in html
    form = {name: values for name, values in _form(html).items() if name != "form-0-take"}
    form.update({"form-0-take": ["on"], "meeting": [str(Meeting.objects.get(slug=MEETING).pk)]})
    assert admin_client.post(path, form).status_code == 302
    assert Statement.objects.filter(source=source, text=words, status="draft").exists()


def test_proposals_take_as_few_questions_for_many_as_for_one(admin_client):
    source = Source.objects.create(slug="gazette", publisher="Gazette", kind="news_report", title="x", status="published",
                                   published_on="2026-02-03")  # fmt: skip
    path, counts = reverse("admin:talks_source_quotations", args=[source.pk]), []
    for number in (1, 1, 30):
        held = SourceText.objects.filter(source=source).first() or SourceText(source=source)
        said = "“River number {} belongs to both of its banks,” Rustem Umerov said."
        held.hold("\n".join(said.format(n) for n in range(number)), source.published_from)
        held.save()
        with CaptureQueriesContext(connection) as asked:
            html = text(admin_client.get(path))
        assert html.count("River number") >= number
        counts.append(len(asked))
    assert counts[2] <= counts[1]


def test_drafts_of_proposals_are_of_whoever_made_them(client):
    words = "The river belongs to both banks, and won’t dry up"
    source = Source.objects.create(slug="gazette", publisher="Gazette", kind="news_report", title="x", status="published",
                                   published_on="2026-02-03")  # fmt: skip
    held = SourceText(source=source)
    held.hold(f"“{words},” Rustem Umerov said on Monday.", source.published_from)
    source.save()
    held.save()
    path, client = reverse("admin:talks_source_quotations", args=[source.pk]), logged_in("carol", "contributor")
    sent = {**_form(text(client.get(path))), "form-0-take": ["on"], "meeting": [str(Meeting.objects.first().pk)]}
    assert client.post(path, sent).status_code == 302
    made = Statement.objects.get(source=source)
    assert [entry.history_user_id for entry in Statement.history.filter(id=made.pk)] == ["carol"]
    assert made.speaker.slug == "rustem-umerov"


def _form(html: str) -> dict[str, list[str]]:
    return Form(html.replace('<form method="post">', '<form method="post" id="the_form">')).values
