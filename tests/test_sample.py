"""What far more statements fit than are counted is told by a sample, and every page says the same as if it was counted."""

from __future__ import annotations

from datetime import date
from math import exp, lgamma, log, log1p
from urllib.parse import urlencode

import pytest
from django.db import connection

from talks import search
from talks.models import Statement
from talks.search import COUNTED, Wanted, known, sample
from talks.search.marks import mark
from talks.search.words import parse
from tests.searched import count_few, data, many, number_told
from tests.test_pages import page
from tests.test_search_index import in_step

pytestmark = pytest.mark.django_db

MOST, NEWEST, ENOUGH = 60, 30, 3
SEARCHES = [
    {"q": "gewgaw"},
    {"q": "gewga* number", "type": "indirect"},
    {"q": '"gewgaw number"', "said_from": "2025-06-02"},
    {"q": "gewgaw -memorandum", "as_of": "2025-06-30"},
    {"q": "gewgaw", "order": "oldest"},
    {"type": "indirect", "year": "2025"},
    {"q": "gewgaw", "party": "ukraine"},
    {"q": "gewgaw", "speaker": "rustem-umerov"},
    {"q": "memorandum"},
    {"q": "nowhere gewgaw"},
]


@pytest.fixture
def few(monkeypatch):
    """Sixty are as ten thousand, and three in the sample as enough."""
    count_few(monkeypatch, MOST, NEWEST)
    monkeypatch.setattr(search, "ENOUGH", ENOUGH)
    made = many(200, days=9)
    while len(drawn([one.pk for one in made])) <= ENOUGH:
        made += many(200, days=9, prefix=f"after-{len(made)}")
    return made


def drawn(numbers: list[int]) -> set[int]:
    """Which of these row numbers are in the sample, as the database says it."""
    listed = ", ".join(f"({number})" for number in numbers)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH n (id) AS (VALUES {listed}) SELECT id FROM n WHERE {sample.drawn('id')}")
        return {number for (number,) in cursor.fetchall()}


def is_many(wanted: Wanted) -> bool:
    """Whether the sample says so: there are no millions to be counted."""
    return search.walked(wanted, most=10**6, newest=1).number > 10**6


def addresses(asked: dict[str, str]) -> list[str]:
    unordered = {name: value for name, value in asked.items() if name != "order"}
    pages = [f"/statements/?{urlencode({**asked, **key})}" for key in ({}, {"after": "2025-06-05~a"})]
    return [*pages, *(f"/statements.{ending}?{urlencode(unordered)}" for ending in ("json", "jsonld", "atom"))]


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("asked", SEARCHES, ids=urlencode)
def test_every_page_says_the_same_whether_the_sample_was_asked_or_not(client, monkeypatch, asked):
    told = []
    for sampled in (search._sampled, lambda *_: ("SELECT 1 = 0", [])):
        monkeypatch.setattr(search, "_sampled", sampled)
        for address in addresses(asked):
            known.numbers.clear()
            answer = client.get(address)
            assert answer.status_code == 200, address
            told.append(answer.content)
    assert told[: len(told) // 2] == told[len(told) // 2 :]


def test_what_the_sample_tells_is_not_counted(client, few):
    html, told = page(client, "/statements/?q=gewgaw"), data(client, q="gewgaw")
    assert (number_told(html), told["more_than"]) == (MOST, MOST)
    there = search.counted(Wanted(parse("gewgaw")), most=len(few) * 2, newest=NEWEST)
    assert (there.number, there.newest, there.by["kind"].total()) == (len(few) * 2 + 1, NEWEST, NEWEST)


def test_the_sample_has_what_is_drawn_and_follows_every_write(few, monkeypatch):
    wanted, mine = Wanted(parse("gewgaw")), drawn([one.pk for one in few])
    one = min(mine)
    monkeypatch.setattr(search, "ENOUGH", len(mine))
    assert is_many(wanted)
    in_step()
    for change in ({"status": "draft"}, {"status": "published", "text": "A bauble."}):
        Statement.objects.filter(pk=one).update(**change)
        assert not is_many(wanted)
        in_step()
    Statement.objects.filter(pk=one).update(text="A gewgaw.")
    assert is_many(wanted)
    Statement.objects.get(pk=one).delete()
    assert not is_many(wanted)
    in_step()


@pytest.mark.usefixtures("few")
def test_the_sample_is_asked_for_all_that_is_wanted(monkeypatch):
    monkeypatch.setattr(search, "ENOUGH", 1)
    there = [mark("type", "indirect")]
    assert is_many(Wanted(marks=tuple(there)))
    assert is_many(Wanted(parse("gewgaw"), tuple(there)))
    assert not is_many(Wanted(parse("gewgaw"), (mark("type", "narration"),)))
    assert not is_many(Wanted(parse("gewgaw -number"), tuple(there)))
    assert not is_many(Wanted(parse("gewgaw"), (mark("year", "1999"),)))


@pytest.mark.usefixtures("few")
def test_no_search_that_nothing_but_days_narrows_asks_the_sample():
    for wanted in (Wanted(), Wanted(marks=(mark("year", "2025"),)), Wanted(reported=date(2025, 6, 30))):
        assert not is_many(wanted)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 10, 32, 61, 64, 100, 128])
def test_one_in_128_is_drawn_of_all_that_comes_in_turns(step):
    for first in (1, 1 + step // 2, 700_000, 2**31, 2**40):
        numbers = range(first, first + 100 * sample.ONE_IN * step, step)
        assert len(drawn(list(numbers))) == pytest.approx(100, abs=40), first


def test_no_more_than_are_counted_are_taken_for_more_once_in_ten_to_the_twentieth():
    share = 1 / sample.ONE_IN

    def chance(number: int) -> float:
        """Of so many being drawn: the binomial distribution."""
        ways = lgamma(COUNTED + 1) - lgamma(number + 1) - lgamma(COUNTED - number + 1)
        return exp(ways + number * log(share) + (COUNTED - number) * log1p(-share))

    assert sum(map(chance, range(COUNTED + 1))) == pytest.approx(1)
    assert sum(map(chance, range(sample.ENOUGH, COUNTED + 1))) < 1e-20
