"""A search is counted once for an edition: its other pages, and what programs read of it, are the same without counting."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talks.models import Statement
from talks.querysets import found as found_module
from talks.search import Wanted, known
from talks.search.words import parse
from tests.searched import data, every_row, many, number_told
from tests.test_pages import page

pytestmark = pytest.mark.django_db

SEARCHES = [
    {"q": "gewgaw"},
    {"q": '"number 7"'},
    {"q": "gewga*", "order": "oldest"},
    {"q": "memorandum"},
    {"q": "nowhere"},
    {"type": "indirect"},
    {"said_from": "2025-06-03", "type": "indirect"},
    {},
]
COUNTING = "ELSE count(*) END AS number FROM found"


def addresses(asked: dict[str, str]) -> list[str]:
    key = {"after": "2025-06-05~a"} if asked.get("q") != "memorandum" else {}
    pages = [f"/statements{ending}?{urlencode({**asked, **key})}" for ending in ("/", ".json", ".jsonld")]
    unordered = {name: value for name, value in asked.items() if name != "order"}
    return [
        *pages,
        f"/statements/?{urlencode(asked)}",
        f"/statements.json?{urlencode(unordered)}",
        f"/statements.atom?{urlencode(unordered)}",
    ]


@pytest.mark.parametrize("asked", SEARCHES, ids=urlencode)
@pytest.mark.parametrize(("most", "newest"), [(20, 10), (10_000, 1_000)])
def test_every_page_says_the_same_whether_it_was_counted_for_it_or_before(client, monkeypatch, asked, most, newest):
    monkeypatch.setattr(found_module, "COUNTED", most)
    monkeypatch.setattr(found_module, "NEWEST", newest)
    many(70, days=9)
    counted = {}
    for address in addresses(asked):
        known.numbers.clear()
        counted[address] = client.get(address)
        assert counted[address].status_code == 200
    for first in addresses(asked):
        known.numbers.clear()
        client.get(first)
        for address in addresses(asked):
            assert client.get(address).content == counted[address].content, (first, address)


def test_programs_that_read_on_are_not_waited_for_with_counting(client):
    many(250, days=9)
    with CaptureQueriesContext(connection) as first:
        told = data(client, q="gewgaw")
    assert COUNTING in str(first.captured_queries)
    assert told["total"] == 250
    with CaptureQueriesContext(connection) as further:
        rows = every_row(client, q="gewgaw")
        again = data(client, q="gewgaw")
    assert len(set(rows)) == len(rows) == again["total"] == 250
    assert COUNTING not in str(further.captured_queries)


def test_it_is_counted_anew_as_soon_as_something_was_published(client):
    there = many(5)
    for ending in ("/", ".json"):
        client.get(f"/statements{ending}?q=gewgaw")
    Statement.objects.filter(slug=there[0].slug).update(status="draft")
    assert (number_told(page(client, "/statements/?q=gewgaw")), data(client, q="gewgaw")["total"]) == (4, 4)
    many(3, prefix="later")
    assert (data(client, q="gewgaw")["total"], number_told(page(client, "/statements/?q=gewgaw"))) == (7, 7)


def test_nothing_is_kept_without_an_edition_nor_known_in_another_one():
    wanted = Wanted(parse("gewgaw"))
    known.keep(wanted, 1)
    assert not known.numbers
    with known.within((7, None)):
        known.keep(wanted, 70)
        with known.within((8, None)):
            assert known.number(wanted) is None
            known.keep(wanted, 80)
        assert known.number(wanted) == 70
        assert known.number(Wanted(parse("gewgaws"))) is None
    assert known.number(wanted) is None


def test_what_was_counted_first_is_forgotten_first(monkeypatch):
    monkeypatch.setattr(known, "ROOM", 3)
    wanted = [Wanted(parse(f"word{n}")) for n in range(5)]
    with known.within((7, None)):
        for n, one in enumerate(wanted):
            known.keep(one, n)
        assert [known.number(one) for one in wanted] == [None, None, 2, 3, 4]


def test_a_site_that_keeps_no_pages_keeps_no_numbers(client, settings):
    settings.CACHE_BYTES = 0
    client.get("/statements/?q=memorandum")
    assert not known.numbers
