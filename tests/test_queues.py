"""The two queues of the desk: what waits for a second person, what has become doubtful, and who may look."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from talks.editing import ledger, queues
from talks.editing.models import NOUNS
from talks.models import Delegation, LinkCheck, Meeting, Party, Source, Statement
from tests.desk import logged_in
from tests.test_admin import MEETING, QUOTATION, address, change_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("editor_site")]


NEVER = {"verified_on": None, "verified_sha256": ""}


def read(client: Any, name: str) -> str:
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def group(html: str, heading: str) -> str:
    """The part of “to check” under this heading."""
    return next(part for part in html.split("<section")[1:] if heading in part)


def row(html: str, words: str) -> str:
    return next(part for part in html.split("<tr>") if words in part)


def in_review(model: Any, **values: Any) -> Any:
    return model.objects.create(status="review", **values)


def test_what_is_in_review_waits_with_who_drafted_it_last(admin_client):
    assert "Nothing waits for review" in read(admin_client, "to-review")
    with ledger.change(who="olena"):
        party = in_review(Party, slug="north", name="The north")
    with ledger.change(who="petro"):
        party.name = "The North"
        party.save()
    html = read(admin_client, "to-review")
    told = row(html, "The North")
    assert f'href="{change_page(party)}"' in told
    assert "petro" in told
    assert "olena" not in told
    assert ">party<" in told


def test_who_only_sent_a_record_to_review_has_not_drafted_it(admin_client):
    with ledger.change(who="olena"):
        party = Party.objects.create(slug="north", name="The north")
    with ledger.change(who="petro", kind="review"):
        party.status = "review"
        party.save()
    assert "olena" in row(read(admin_client, "to-review"), "The north")


def test_a_record_in_review_without_a_history_waits_all_the_same(admin_client):
    Party.objects.bulk_create([Party(slug="north", name="The north", status="review")])
    Party.history.all().delete()
    assert "not recorded" in row(read(admin_client, "to-review"), "The north")


def test_every_kind_of_noun_is_in_the_queue():
    assert set(queues.NOUNS) == set(NOUNS)


def test_the_oldest_of_all_kinds_is_first(admin_client):
    later = in_review(Party, slug="north", name="The north")
    earlier = in_review(Meeting, slug="oslo-2026", title="Oslo, 2026", date="2026-05")
    Meeting.objects.filter(pk=earlier.pk).update(updated_at=later.updated_at - timedelta(days=3))
    html = read(admin_client, "to-review")
    assert html.index("Oslo, 2026") < html.index("The north")


def test_at_most_fifty_are_shown_and_the_lists_have_the_rest(admin_client, django_assert_max_num_queries):
    Party.objects.bulk_create(Party(slug=f"p{n:03}", name=f"Party {n:03}", status="review") for n in range(70))
    with django_assert_max_num_queries(35):
        html = read(admin_client, "to-review")
    assert html.count('<th scope="row">') == 50
    link = re.search(r'<a href="([^"]+)">\w+: 70</a>', html)[1]
    assert admin_client.get(link).context["cl"].result_count == 70


def test_the_queries_of_both_queues_do_not_grow_with_what_waits(admin_client, django_assert_max_num_queries):
    statement = Statement.objects.get(slug=QUOTATION)
    Statement.objects.bulk_create(
        Statement(slug=f"s{n}", quotation_type="indirect", text=f"S {n}", speaker=statement.speaker, said_on="2025-06-02",
                  meeting=statement.meeting, source=statement.source, status="review")
        for n in range(40)
    )  # fmt: skip
    Statement.objects.filter(quotation_type="direct").update(verified_on=None, verified_sha256="")
    for name in ("to-review", "to-check"):
        with django_assert_max_num_queries(35):
            assert "Rustem Umerov" in read(admin_client, name)


@pytest.fixture
def quotation():
    return Statement.objects.get(slug=QUOTATION)


def test_a_quotation_that_is_no_longer_found_is_to_be_checked(admin_client, quotation):
    heading = "Quotations that are no longer found"
    assert change_page(quotation) not in group(read(admin_client, "to-check"), heading)
    Statement.objects.filter(pk=quotation.pk).update(verified_on=date(2025, 1, 1), verified_sha256="a" * 64)
    told = group(read(admin_client, "to-check"), heading)
    assert f"{heading}: 1" in told
    assert f'href="{change_page(quotation)}"' in told
    changed = group(read(admin_client, "to-check"), "Sources whose document has changed")
    assert f'href="{change_page(quotation.source)}"' in changed


def test_a_quotation_that_nobody_looked_for_is_to_be_checked_and_its_list_has_it(admin_client, quotation):
    heading = "Quotations that nobody has looked for"
    Statement.objects.filter(pk=quotation.pk).update(verified_on=None, verified_sha256="")
    told = group(read(admin_client, "to-check"), heading)
    assert f'href="{change_page(quotation)}"' in told
    listed = re.findall(r'href="([^"]+\?[^"]+)"', told)[0]
    assert quotation in admin_client.get(listed).context["cl"].result_list


def test_what_is_not_public_is_no_doubt(admin_client, quotation):
    quotation.variants.update(variant_of=None)
    Statement.objects.filter(pk=quotation.pk).update(status="draft", verified_on=None, verified_sha256="")
    assert change_page(quotation) not in read(admin_client, "to-check")


def check(source: Source, status: int, days: int, missing: int = 0) -> None:
    at = timezone.now() - timedelta(days=days)
    LinkCheck.objects.create(source=source, checked_at=at, status=status, missing=missing)


def test_a_source_counts_by_its_last_check_alone(admin_client, quotation):
    source, heading = quotation.source, "Sources whose link does not work"
    check(source, 404, days=3)
    told = group(read(admin_client, "to-check"), heading)
    assert f'href="{change_page(source)}"' in told
    listed = re.findall(r'href="([^"]+\?[^"]+)"', told)[0]
    assert list(admin_client.get(listed).context["cl"].result_list) == [source]
    check(source, 200, days=2)
    assert change_page(source) not in group(read(admin_client, "to-check"), heading)
    check(source, 0, days=1)
    assert change_page(source) in group(read(admin_client, "to-check"), heading)


def test_a_source_whose_page_lacks_a_quotation_has_changed(admin_client, quotation):
    source, heading = quotation.source, "Sources whose document has changed"
    check(source, 200, days=2, missing=1)
    told = group(read(admin_client, "to-check"), heading)
    assert f'href="{change_page(source)}"' in told
    listed = re.findall(r'href="([^"]+\?[^"]+)"', told)[0]
    assert list(admin_client.get(listed).context["cl"].result_list) == [source]
    check(source, 200, days=1)
    assert change_page(source) not in group(read(admin_client, "to-check"), heading)


@pytest.mark.parametrize(
    ("state", "date_", "asked"),
    [(None, "2025-01-02", True), ("confirmed", "2025-01-02", True), ("held", "2025-01-02", False),
     ("postponed", "2025-01-02", False), ("cancelled", "2025-01-02", False), (None, "2999-01", False)],
)  # fmt: skip
def test_a_meeting_whose_day_has_passed_needs_a_word_of_what_became_of_it(admin_client, quotation, state, date_, asked):
    meeting = Meeting.objects.create(slug="oslo", title="Oslo", date=date_)
    if state:
        meeting.states.create(state=state, reported_on="2025-01-01", source=quotation.source)
    told = group(read(admin_client, "to-check"), "Meetings of which nobody has said")
    assert (change_page(meeting) in told) is asked
    listed = admin_client.get(f"{address(Meeting, 'changelist')}?doubt=unsettled").context["cl"].result_list
    assert (meeting in listed) is asked


def test_a_meeting_is_asked_about_from_the_day_after_its_last_day_on(quotation):
    today = timezone.localdate()
    last, over = (Meeting.objects.create(slug=f"m{n}", title="M", date=str(today - timedelta(days=n))) for n in (0, 1))
    asked = set(queues.unsettled(Meeting.objects.all()))
    assert (last in asked, over in asked) == (False, True)


def test_a_long_group_says_how_many_more_there_are(admin_client):
    Meeting.objects.bulk_create(Meeting(slug=f"m{n:03}", title=f"M {n}", date="2020-01-01") for n in range(60))
    told = group(read(admin_client, "to-check"), "Meetings of which nobody has said")
    assert told.count("<li>") == 50
    assert re.search(r"and \d+ more", told)[0] == f"and {queues.unsettled(Meeting.objects.all()).count() - 50} more"


def test_the_index_leads_to_both_queues_and_says_how_much_waits(admin_client):
    in_review(Party, slug="north", name="The north")
    html = unescape(admin_client.get(reverse("admin:index")).content.decode())
    assert f'<a href="{reverse("to-review")}">To review: 1</a>' in html
    assert f'<a href="{reverse("to-check")}">To check: {queues.number_of_doubts()}</a>' in html
    assert queues.number_of_doubts() == sum(one.number for one in queues.doubtful())
    assert reverse("to-check") in read(admin_client, "to-review")
    assert reverse("to-review") in read(admin_client, "to-check")


@pytest.mark.parametrize("most", [0, 1, 10_000])
def test_what_is_doubtful_is_counted_as_it_is_listed(monkeypatch, most):
    verbatim = Statement.objects.filter(quotation_type__in=("direct", "mixed"))
    keys = list(verbatim.values_list("pk", flat=True))
    for part, values in enumerate(({"verified_on": date(2025, 1, 1), "verified_sha256": "a" * 64}, NEVER, NEVER)):
        Statement.objects.filter(pk__in=keys[part::3]).update(**values)
    Statement.objects.filter(pk__in=keys[2::3]).update(status="draft")
    numbers = [doubt.ask(doubt.model.objects.all()).count() for doubt in queues.DOUBTS]
    assert numbers[:2] == [len(keys[0::3]), len(keys[1::3])]
    assert min(numbers[:2]) > 0
    monkeypatch.setattr(queues, "MOST", 0)
    monkeypatch.setattr(queues.desk, "MOST_COUNTED", most)
    assert [one.number for one in queues.doubtful()] == [min(number, most + 1) for number in numbers]
    assert queues.number_of_doubts() == sum(one.number for one in queues.doubtful())


@pytest.mark.parametrize("name", ["to-review", "to-check"])
def test_contributors_see_the_queues_and_whoever_is_not_logged_in_does_not(client, django_user_model, name):
    assert client.get(reverse(name)).headers["Location"].startswith(reverse("admin:login"))
    client.force_login(django_user_model.objects.create_user("reader", is_staff=True))
    assert client.get(reverse(name)).status_code == 403
    contributor = logged_in("carol", "contributor")
    assert contributor.get(reverse(name)).status_code == 200
    assert contributor.post(reverse(name)).status_code == 405


def test_the_public_process_knows_no_queue(client, settings):
    settings.ROOT_URLCONF = "config.urls"
    assert client.get("/admin/to-review/").status_code == 404


def test_a_delegation_in_review_is_named(admin_client):
    meeting, party = Meeting.objects.get(slug=MEETING), Party.objects.create(slug="north", name="The north")
    delegation = in_review(Delegation, slug="north-here", meeting=meeting, party=party)
    assert change_page(delegation) in row(read(admin_client, "to-review"), str(delegation))
