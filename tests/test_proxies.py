"""What proxies and CDNs are told: how long they may keep a page, and by which names they can throw it away."""

from __future__ import annotations

import re

import pytest

from config.environment import Settings
from talks import edition
from talks.models import Party

pytestmark = pytest.mark.django_db
PAGES = ("/", "/statements/", "/statements/umerov-awaits-memorandum/", "/meetings.json", "/statements.csv")
OTHERS = (("/statements/nobody/", 404), ("/statements", 301), ("/statements/nobody.json", 404))
DIRECT = "public, max-age=0, must-revalidate"


def got(client, address, **headers):
    """The answer, read to its end: a list is made in a snapshot that lasts as long."""
    answer = client.get(address, headers=headers)
    answer.getvalue()
    return answer


def directives(answer) -> dict[str, str]:
    return {name: value for name, _, value in (part.partition("=") for part in answer["Cache-Control"].split(", "))}


@pytest.mark.parametrize("address", PAGES)
def test_nobody_keeps_a_page_unasked_unless_a_site_allows_it_to_proxies(client, address):
    assert got(client, address)["Cache-Control"] == DIRECT


@pytest.mark.parametrize("seconds", [1, 2, 5, 3600])
@pytest.mark.parametrize("address", PAGES)
def test_a_proxy_shows_a_page_for_the_allowed_seconds_at_most_and_a_browser_asks_every_time(
    client, settings, seconds, address
):
    settings.PROXY_SECONDS, settings.PROXY_ERROR_SECONDS = seconds, 600
    answer = got(client, address)
    told = directives(answer)
    assert told.keys() == {"public", "max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"}
    assert told["max-age"] == "0"
    assert int(told["s-maxage"]) >= 1
    assert int(told["s-maxage"]) + int(told["stale-while-revalidate"]) == seconds
    assert told["stale-if-error"] == "600"
    again = got(client, address, **{"If-None-Match": answer["ETag"]})
    assert (again.status_code, again["Cache-Control"]) == (304, answer["Cache-Control"])


@pytest.mark.parametrize(("address", "status"), OTHERS)
def test_what_is_not_there_may_be_at_the_next_edition_and_no_proxy_keeps_it(client, settings, address, status):
    settings.PROXY_SECONDS = 60
    answer = got(client, address)
    assert (answer.status_code, answer["Cache-Control"]) == (status, DIRECT)


def test_a_fault_is_kept_by_nobody(client, settings, monkeypatch):
    settings.PROXY_SECONDS, client.raise_request_exception = 60, False
    monkeypatch.setattr("talks.views.render", lambda *_, **__: 1 / 0)
    answer = got(client, "/about/")
    assert (answer.status_code, answer["Cache-Control"]) == (500, "no-store")


@pytest.mark.parametrize("address", [*PAGES, OTHERS[0][0]])
def test_an_answer_names_the_edition_from_which_it_was_made(client, address):
    answer = got(client, address)
    names = ["site", f"edition-{edition.present().number}", f"build-{edition.build()}"]
    assert answer["Surrogate-Key"].split(" ") == answer["Cache-Tag"].split(",") == names
    assert all(re.fullmatch("[a-z0-9-]+", name) for name in names)
    Party.objects.first().save()
    later = got(client, address)
    assert later["Surrogate-Key"] == answer["Surrogate-Key"].replace(names[1], f"edition-{edition.present().number}")
    assert later["Surrogate-Key"] != answer["Surrogate-Key"]


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PROXY_SECONDS", "-1", "from 0 to 3600"),
        ("PROXY_SECONDS", "3601", "from 0 to 3600"),
        ("PROXY_SECONDS", "soon", "integer"),
        ("PROXY_ERROR_SECONDS", "2592001", "from 0 to 2592000"),
    ],
)
def test_seconds_that_cannot_be_are_told(monkeypatch, name, value, why):
    monkeypatch.setenv(name, value)
    (line,) = Settings().problems
    assert line.startswith(f"{name}: ")
    assert why in line
