"""The way of a record, as its buttons have it: who may take which step, and what stands in its way."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from talks.editing import rights, steps
from talks.models import Correction, Meeting, Person, Source, Statement
from tests.conftest import load_built_in_data
from tests.desk import QUOTATION, account, address, draft, logged_in, quoted_draft, said, status, step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("editor_site")]


@pytest.fixture(autouse=True)
def four_eyes(settings):
    settings.FOUR_EYES = True


def page_of(client, noun) -> str:
    return client.get(address(noun, "change")).content.decode()


def test_a_draft_goes_to_review_and_from_there_to_the_public(client):
    statement = draft(who="carol")
    assert step(logged_in("carol", "contributor"), statement, "review") == [f"“{statement}” is sent to review."]
    assert status(statement) == "review"
    assert step(logged_in("paula", "publisher"), statement, "publish") == [f"“{statement}” is published."]
    statement.refresh_from_db()
    assert statement.status == "published"
    assert statement.first_published_at == statement.changed_at is not None
    entries = Statement.history.filter(id=statement.pk).order_by("history_id")
    assert list(entries.values_list("history_kind", "history_user_id")) == [
        ("entered", "carol"),
        ("review", "carol"),
        ("published", "paula"),
    ]
    assert Correction.objects.count() == 0


def test_readers_see_neither_name(client, settings):
    statement = draft(who="carol-the-contributor")
    step(logged_in("paula-the-publisher", "publisher"), statement, "publish")
    settings.ROOT_URLCONF = "config.urls"
    for ending in ("/", ".json", ".jsonld", ".bib"):
        page = client.get(f"/statements/{statement.slug}{ending}").content.decode()
        assert "handed over" in page
        assert "the-contributor" not in page
        assert "the-publisher" not in page


def test_what_is_in_review_is_sent_back_with_a_note():
    statement = draft()
    step(logged_in("carol", "contributor"), statement, "review")
    step(logged_in("edith", "editor"), statement, "return", because="The day is missing.")
    assert status(statement) == "draft"
    assert Statement.history.filter(id=statement.pk).latest().history_change_reason == "The day is missing."


@pytest.mark.parametrize("role", ["contributor", "editor"])
def test_only_publishers_publish_and_withdraw(role):
    client, statement = logged_in("carol", role), draft(who="somebody")
    assert step_refused(client, statement, "publish")
    assert status(statement) == "draft"
    published = Statement.objects.get(slug=QUOTATION)
    assert step_refused(client, published, "withdraw")
    assert status(published) == "published"


def step_refused(client, noun, name) -> bool:
    answer = client.post(address(noun, "step", name), {"because": "Because."}, follow=True)
    return "Your role does not allow it." in " ".join(said(answer))


def test_whoever_wrote_the_last_change_does_not_publish_it():
    client, statement = logged_in("paula", "publisher"), draft(who="paula")
    assert "somebody else publishes it" in step(client, statement, "publish")[0]
    assert "somebody else publishes it" in page_of(client, statement)
    assert status(statement) == "draft"
    step(logged_in("peter", "publisher"), statement, "publish")
    assert status(statement) == "published"


def test_asking_for_review_is_no_change_of_what_it_says():
    statement = draft(who="carol")
    paula = logged_in("paula", "publisher")
    step(paula, statement, "review")
    assert rights.last_writer(statement) == "carol"
    step(paula, statement, "publish")
    assert status(statement) == "published"


@pytest.mark.parametrize(("setting", "publishers", "wanted"), [(None, 1, False), (None, 2, True), (False, 2, False)])
def test_four_eyes_are_the_rule_where_there_are_more_than_two(settings, setting, publishers, wanted):
    settings.FOUR_EYES = setting
    for number in range(publishers):
        account(f"publisher-{number}", "publisher")
    assert rights.four_eyes() is wanted
    statement = draft(who="publisher-0")
    step(logged_in("publisher-0", "publisher"), statement, "publish")
    assert status(statement) == ("draft" if wanted else "published")


def test_words_that_were_not_found_are_published_only_with_their_mark():
    client, statement = logged_in("paula", "publisher"), quoted_draft()
    assert "not found" in step(client, statement, "publish")[0]
    assert status(statement) == "draft"
    step(client, statement, "publish", mark=["unchecked"])
    assert status(statement) == "published"
    assert "marked on every page" in Statement.history.filter(id=statement.pk).latest().history_change_reason


def test_a_speaker_without_a_role_is_published_only_with_its_mark():
    client, statement = logged_in("paula", "publisher"), draft(role_as_printed="")
    assert "role as the source prints it is missing" in step(client, statement, "publish")[0]
    step(client, statement, "publish", mark=["no_role", "nonsense"])
    assert status(statement) == "published"


def test_a_mark_does_not_lift_another_obstacle():
    source = Source.objects.create(slug="new-source", publisher="New", kind="news_report", described_as="A page")
    client, statement = logged_in("paula", "publisher"), draft(source=source)
    assert "“New” is not published" in step(client, statement, "publish", mark=["unchecked", "no_role", ""])[0]
    assert status(statement) == "draft"


def test_what_a_record_needs_is_told_on_its_page_to_those_who_cannot_publish_it():
    meeting = Meeting.objects.create(slug="geneva-2026", title="Geneva, 2026", date="2026-02")
    statement = draft(who="carol", meeting=meeting, role_as_printed="")
    page = page_of(logged_in("carol", "contributor"), statement)
    assert "Before it can be published" in page
    assert "“Geneva, 2026” is not published" in page
    assert "role as the source prints it is missing" in page
    assert ">Publish<" not in page


def test_withdrawing_wants_a_reason_and_is_told():
    client, statement = logged_in("paula", "publisher"), Statement.objects.get(slug="umerov-awaits-memorandum-unn")
    assert "Say why" in step(client, statement, "withdraw", because=" ")[0]
    assert status(statement) == "published"
    step(client, statement, "withdraw", because="It was entered twice.")
    statement.refresh_from_db()
    assert (statement.status, statement.withdrawn_because) == ("withdrawn", "It was entered twice.")
    assert list(Correction.objects.values_list("noun", "kind", "reason")) == [
        (statement.slug, "withdrawal", "It was entered twice.")
    ]
    answer = client.get(f"/statements/{statement.slug}/")
    assert answer.status_code == 410
    assert "It was entered twice." in answer.content.decode()


def test_what_others_need_is_not_withdrawn():
    client, person = logged_in("paula", "publisher"), Person.objects.get(slug="rustem-umerov")
    assert "depends on it" in page_of(client, person)
    assert "Others depend on it" in step(client, person, "withdraw", because="A try.")[0]
    assert status(person) == "published"


def test_a_withdrawn_record_stays_as_it_is():
    client, statement = logged_in("adam", "administrator"), Statement.objects.get(slug="umerov-awaits-memorandum-unn")
    step(client, statement, "withdraw", because="It was entered twice.")
    for name in ("publish", "review", "withdraw", "return"):
        assert "Nothing was changed" in step(client, statement, name, because="Again.")[0]
    page = page_of(client, statement)
    assert "desk-step" not in page
    assert 'name="_save"' not in page


def test_a_second_press_publishes_nothing_more():
    client, statement = logged_in("paula", "publisher"), draft()
    step(client, statement, "publish")
    assert step(client, statement, "publish") == ["Nothing was changed. It is published already."]
    assert Statement.history.filter(id=statement.pk, history_kind="published").count() == 1


def test_a_step_wants_a_post_and_a_known_name():
    client, statement = logged_in("paula", "publisher"), draft()
    assert client.get(address(statement, "step", "publish")).status_code == 405
    assert client.post(address(statement, "step", "burn")).status_code == 404


def test_many_are_published_by_the_same_rules_as_one():
    client = logged_in("paula", "publisher")
    fit, own, bare = draft("fit"), draft("own", who="paula"), draft("bare", role_as_printed="")
    data = {"action": "publish", "_selected_action": [fit.pk, own.pk, bare.pk]}
    told = said(client.post("/admin/talks/statement/", data, follow=True))
    assert told[0] == "1 of 3: published."
    assert len(told) == 3
    assert [status(one) for one in (fit, own, bare)] == ["published", "draft", "draft"]


@pytest.mark.parametrize("role", ["contributor", "editor"])
def test_many_are_not_published_by_those_who_publish_none(role):
    client, statement = logged_in("carol", role), draft(who="carol")
    client.post("/admin/talks/statement/", {"action": "publish", "_selected_action": [statement.pk]})
    assert status(statement) == "draft"
    client.post("/admin/talks/statement/", {"action": "ask_for_review", "_selected_action": [statement.pk]})
    assert status(statement) == "review"


@pytest.mark.parametrize("record", [Person, Source, Meeting])
def test_every_kind_of_record_goes_the_same_way(record):
    given = {
        Person: {"name": "Ada", "sort_name": "Ada"},
        Source: {"publisher": "New", "kind": "news_report", "described_as": "A page"},
        Meeting: {"title": "Geneva", "date": "2026-02"},
    }
    noun = record.objects.create(slug="brand-new", **given[record])
    client = logged_in("paula", "publisher")
    step(client, noun, "publish")
    assert status(noun) == "published"
    step(client, noun, "withdraw", because="A test of it.")
    assert status(noun) == "withdrawn"


@pytest.fixture
def built_in_data():
    if not Statement.objects.exists():  # an earlier test of this kind has emptied the tables
        load_built_in_data(force=True)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_the_same_moment_publish_once(built_in_data):
    statement, users = draft(), [account("paula", "publisher"), account("peter", "publisher")]
    told: list[str] = []

    def press(user) -> None:
        try:
            steps.take("publish", statement, user)
        except steps.Refused as refused:
            told.append(str(refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[user]) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["It is published already."]
    assert Statement.history.filter(id=statement.pk, history_kind="published").count() == 1
