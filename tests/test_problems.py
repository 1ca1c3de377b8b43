"""What readers and programs are told of a fault that nobody expected, and of a database that is away."""

from __future__ import annotations

import json

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError, connection

from talks import problems

AWAY = [OperationalError("gone"), InterfaceError("closed")]
BROKEN = [ProgrammingError("no such column"), ValueError("what")]


def answer_to(error, request):
    """As Django asks for it: while the error is handled."""
    try:
        raise error
    except type(error):
        return problems.broken(request)


@pytest.mark.parametrize("error", AWAY, ids=repr)
def test_a_database_that_is_away_is_told_as_such_and_nobody_keeps_it(rf, error):
    page, told = answer_to(error, rf.get("/statements/")), answer_to(error, rf.get("/statements.csv"))
    for answer in (page, told):
        assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "5", "no-store")
    assert "The database does not answer" in page.text
    assert json.loads(told.content)["status"] == 503


@pytest.mark.parametrize("error", BROKEN, ids=repr)
def test_every_other_fault_is_ours_and_says_nothing_of_itself(rf, error):
    page, told = answer_to(error, rf.get("/statements/")), answer_to(error, rf.get("/statements.json"))
    for answer in (page, told):
        assert (answer.status_code, "Retry-After" in answer, answer["Cache-Control"]) == (500, False, "no-store")
        assert str(error) not in answer.text
    assert "The fault is ours" in page.text
    assert json.loads(told.content)["status"] == 500


@pytest.mark.sqlite
@pytest.mark.django_db
def test_a_wrong_question_to_sqlite_is_no_database_that_is_away():
    with pytest.raises(OperationalError) as told, connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM talks_party")
    assert not problems.is_away(told.value)


def test_the_page_of_a_fault_is_plain_where_no_static_file_is_known(settings):
    assert "stylesheet" in problems.fault_page(away=False)
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    settings.STATIC_ROOT = settings.BASE_DIR / "nowhere"
    assert "stylesheet" not in problems.fault_page(away=False)
