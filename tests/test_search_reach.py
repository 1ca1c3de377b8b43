"""How far a page of a search reads: from its key to its last row, wherever in the list that is."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from talks import search
from talks.search import Key, Wanted
from talks.search.words import parse
from tests.searched import many

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]  # whose machine tells its steps

DAYS = [date(2025, 6, n) for n in range(1, 31)]
WANTED = [
    Wanted(parse("gewgaw")),
    Wanted(parse("gewgaw"), marks=("xd2025",)),
    Wanted(marks=("xkindirect0",)),
    Wanted(first=DAYS[0]),
]
STEP = 10


def steps(wanted: Wanted, **asked: object) -> int:
    """How many steps SQLite takes for a page, of which there are no fewer than the rows that it looks at."""
    connection.ensure_connection()
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += STEP
        return 0

    connection.connection.set_progress_handler(count, STEP)
    try:
        assert len(search.page(wanted, 31, **asked)) == 31
    finally:
        connection.connection.set_progress_handler(None, STEP)
    return taken


@pytest.mark.parametrize("descending", [True, False])
def test_a_page_far_down_reads_no_more_than_the_first(descending):
    many(900, days=30)
    for wanted in WANTED:
        first = steps(wanted, descending=descending)
        for day in (DAYS[5], DAYS[15], DAYS[25]):
            assert steps(wanted, descending=descending, after=Key(day, "~")) < 5 * first, (wanted, day)


@pytest.mark.parametrize("descending", [True, False])
def test_days_that_are_wanted_do_not_make_it_read_all_of_them(descending):
    many(900, days=30)
    first = steps(Wanted(parse("gewgaw")), descending=descending)
    for asked in ({"first": DAYS[2]}, {"last": DAYS[27]}, {"reported": date(2025, 7, 1)}):
        assert steps(Wanted(parse("gewgaw"), **asked), descending=descending) < 5 * first, asked
