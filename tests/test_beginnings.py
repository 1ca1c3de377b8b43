"""Beginnings of words on SQLite: what is asked for word by word is what FTS5 finds for the beginning itself."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talks import search
from talks.models import Statement
from talks.search import Wanted, beginnings
from talks.search.words import MOST_TERMS, Query, Term, parse

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
# Words whose stems have other stems, or end otherwise than they.
AWKWARD = "agreed agreement agrees happily relational conditional status crises feed proceeded ceased busy thesis Türkiye їжак"


def vocabulary() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT term FROM talks_search_vocabulary WHERE col != 'marks'")
        return [term for (term,) in cursor.fetchall()]


def numbers(query: Query) -> set[int]:
    return set(search.numbers(Wanted(query), 10_000))


@pytest.fixture
def awkward(unnoted):
    Statement.objects.filter(slug="umerov-awaits-memorandum").update(channel=AWKWARD)


def test_every_beginning_finds_what_the_index_finds_for_it(awkward):
    words = {*vocabulary(), *AWKWARD.lower().split()}
    begun = {word[:length] for word in words for length in (2, 3, 5, 8)}
    assert len(begun) > 800
    told = 0
    for beginning in sorted(begun):
        query = parse(f"{beginning}*")
        spelled = beginnings.spelled(query)
        assert numbers(spelled) == numbers(query), beginning
        assert search.counted(Wanted(spelled)).number == len(numbers(query)), beginning
        told += spelled.terms[0].spelled is not None
    assert told > len(begun) * 0.9


@pytest.mark.parametrize(
    "typed", ["-negot* talks", '"the talks" minist*', "ex-minist*", "ⅷ*", "١٢*", "zzzz*", "a*", "-a*"]
)
def test_so_it_is_among_other_terms(typed):
    query = parse(typed)
    assert numbers(beginnings.spelled(query)) == numbers(query)


def test_every_word_of_the_vocabulary_is_asked_for_as_it_stands_there(awkward):
    for word in vocabulary():
        spelled = beginnings.spelled(parse(f"{word}*")).terms[0].spelled
        assert spelled is None or word in beginnings.stemmed(spelled), word


def test_a_beginning_of_very_many_words_is_asked_for_itself(unnoted):
    many = " ".join(f"zyx{number}" for number in range(beginnings.MOST + 1))
    Statement.objects.filter(slug="umerov-awaits-memorandum").update(channel=many)
    assert beginnings.spelled(parse("zyx*")).terms[0].spelled is None
    assert len(beginnings.spelled(parse("zyx1*")).terms[0].spelled) == 11
    assert len(numbers(parse("zyx*"))) == len(numbers(parse("zyx1*"))) == 1


def test_of_very_many_beginnings_the_last_stay_as_they_are():
    words = sorted(word for word in vocabulary() if word.isalpha() and word.isascii() and len(word) > 4)[:40]
    assert len(words) == 40
    typed = Query("", tuple(Term((word,), is_beginning=True) for word in words))
    looked_up = [term.spelled is not None for term in beginnings.spelled(typed).terms]
    assert looked_up == [True] * MOST_TERMS + [False] * (40 - MOST_TERMS)
    assert numbers(beginnings.spelled(typed)) == numbers(typed)


def test_what_nothing_begins_with_is_told_without_asking_for_it():
    query = beginnings.spelled(parse("zzzz* talks"))
    assert query.terms[0].spelled == ()
    with CaptureQueriesContext(connection) as asked:
        assert search.counted(Wanted(query)) == search.counted(Wanted(parse("zzzz")))
        assert search.counts([Wanted(query), Wanted(parse("talks")), Wanted(query)])[::2] == [0, 0]
    assert ["zzzz*" in query["sql"] for query in asked] == [False, False]
    assert numbers(beginnings.spelled(parse("talks -zzzz*"))) == numbers(parse("talks"))


@pytest.mark.parametrize(
    "address", ["/statements/?q=minist*", "/statements.atom?q=minist*", "/statements.json?q=minist*"]
)
def test_no_page_asks_the_index_for_a_beginning(client, address):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    asked_for = [query["sql"] for query in asked if "MATCH" in query["sql"]]
    assert asked_for
    assert [sql for sql in asked_for if '" *' in sql] == []
