"""Long lists at the desk: counted as far as anybody turns their pages, and said so."""

from __future__ import annotations

import pytest

from talks.admin import pages
from talks.admin.pages import BoundedPaginator
from talks.models import Statement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("editor_site")]


@pytest.mark.parametrize(("counted", "is_more"), [(1, True), (37, True), (38, False), (39, False)])
def test_rows_are_counted_up_to_a_bound(monkeypatch, counted, is_more):
    monkeypatch.setattr(pages, "COUNTED", counted)
    there = Statement.objects.count()
    assert there == 38
    paginator = BoundedPaginator(Statement.objects.newest_first(), 10)
    assert (paginator.count, paginator.is_more) == (min(counted, there), is_more)
    assert len(list(BoundedPaginator(Statement.objects.newest_first(), counted).page(1))) == min(counted, there)


def test_a_list_that_is_longer_says_so_and_one_that_is_not_says_how_long_it_is(admin_client, monkeypatch):
    assert "38 statements" in admin_client.get("/admin/talks/statement/").content.decode()
    monkeypatch.setattr(pages, "COUNTED", 5)
    html = admin_client.get("/admin/talks/statement/").content.decode()
    assert "More than 5 statements" in html
