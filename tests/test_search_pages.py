"""The pages of a search that finds more than one page holds: each statement once, whichever way they are turned."""

from __future__ import annotations

import pytest

from talks.editing import ledger
from talks.models import Statement
from tests.lasting import lasting
from tests.once import Reader
from tests.searched import csv_rows, data, every_row, flat, last_page, listed, many, said, walked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("many_there")]


@pytest.fixture(scope="module")
def many_there(django_db_setup, django_db_blocker):
    """Two hundred and thirty statements more."""
    with lasting(django_db_blocker):
        many(230)
        yield


@pytest.fixture
def reader(client):
    return Reader(client)


@pytest.mark.parametrize("order", ["", "newest", "oldest", "best"])
@pytest.mark.parametrize("asked", [{"q": "gewgaw"}, {"q": "gewgaw -russia"}, {"type": "indirect"}, {"said_from": "2025-06-02"}, {}],
                         ids=lambda asked: "&".join(asked))  # fmt: skip
def test_all_pages_have_each_statement_once_forwards_and_back(reader, order, asked):
    asked = {**asked, "order": order} if order else asked
    forwards = walked(reader, "next", listed(**asked))
    listed_slugs = flat(forwards)
    assert len(listed_slugs) == len(set(listed_slugs)) == data(reader, **asked)["total"] > 100
    assert set(listed_slugs) == set(csv_rows(reader, **asked))
    assert every_row(reader, **asked) == listed_slugs
    backwards = walked(reader, "prev", last_page(reader, listed(**asked)))
    assert flat(backwards[::-1]) == listed_slugs
    days = dict(Statement.objects.values_list("slug", "said_from"))
    if order in ("newest", "oldest") or (not order and "q" not in asked):
        expected = sorted(listed_slugs, key=lambda slug: (days[slug], slug), reverse=order != "oldest")
        assert listed_slugs == expected


def test_pages_have_each_statement_once_when_all_stand_on_one_day(reader):
    with ledger.aside():
        said("2025-06-01", slug__startswith="many-")
    for order in ("newest", "oldest"):
        found = flat(walked(reader, "next", listed(q="gewgaw", order=order)))
        assert found == sorted(found, reverse=order == "newest")
        assert len(found) == 230
