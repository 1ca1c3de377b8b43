"""What an address knows of a query: others are taken off or refused, so that nobody can make pages that are none."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from django.http import QueryDict
from django.urls import resolve

from talks import openapi, parameters

pytestmark = pytest.mark.django_db
MEETING = "/meetings/istanbul-2025-06-02/"


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("/?utm_source=x", "/"),
        ("/people/?utm_source=x&utm_medium=%26", "/people/"),
        ("/statements/?fbclid=1&q=a%20b&type=direct", "/statements/?q=a+b&type=direct"),
        ("/statements/?hello=1", "/statements/"),
        ("/statements.json?utm_campaign=x&q=a", "/statements.json?q=a"),
        (f"{MEETING}?as_of=2025-06-02&party=russia", f"{MEETING}?as_of=2025-06-02"),
        ("/about/?after=x", "/about/"),
        ("/data/?x=%0d%0aX:y", "/data/"),
        ("/statements/?%C3%A9=1&party=russia", "/statements/?party=russia"),
        ("/meetings.svg?gclid=x", "/meetings.svg"),
        ("/statements.csv?utm_id=x", "/statements.csv"),
    ],
)
def test_a_foreign_parameter_leads_to_the_address_without_it(client, address, plain):
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Location"]) == (302, plain)
    assert answer.headers["Cache-Control"]
    with closing(client.get(plain)) as answer:
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/statements.json?partyy=russia", "/statements.csv?after=x", "/people.json?q=a&utm_source=x", "/oembed?urll=x",
     "/meetings/istanbul-2025-06-02.json?day=2025-06-02", "/meetings.ics?x", "/data/latest/statements.csv?x=1"],
)  # fmt: skip
def test_a_program_is_told_what_it_wrote_wrong(client, address):
    answer = client.get(address)
    wrong = re.split("[?=]", address)[1]
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["title"].startswith(f"Unknown here: {wrong}. Known: ")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_what_the_description_offers_is_what_an_address_knows():
    paths = {"slug": "a", "number": "1", "file": "statements.csv"}
    for address, asked in openapi.operations():
        offered = {one["name"] for one in asked["parameters"] if one["in"] == "query"}
        match = resolve(re.sub(r"{(\w+)}", lambda found: paths[found[1]], address))
        assert set(parameters.known(match)) == offered, address


@pytest.mark.parametrize(
    ("path", "query", "plain"),
    [
        ("/statements/", "", ""),
        ("/statements/", "type=direct&q=a", "q=a&type=direct"),
        ("/statements/", "q=a&q=b", "q=b"),
        ("/statements/", "q=%61%20b&type=", "q=a+b"),
        ("/statements/", "q=%FF", "q=%EF%BF%BD"),
        ("/statements/", "q=\xd0\xb0", "q=%D0%B0"),
        ("/statements/", "after=x%7Ey&before=", "after=x~y"),
        ("/people/", "after=x", "after=x"),
        (MEETING, "as_of=", "as_of="),
        ("/oembed", "format=&url=a", "url=a&format="),
        ("/people/", "q=a", None),
        ("/", "x", None),
        ("/nowhere/", "q=a", None),
    ],
)
def test_a_query_has_one_way_to_be_written(path, query, plain):
    assert parameters.plain(path, query) == plain


@pytest.mark.parametrize("query", ["type=direct&q=said", "q=said&type=direct&party=", "q=no&q=said&type=direct"])
def test_a_page_is_the_same_for_every_way_to_write_its_query(client, query):
    plain = parameters.plain("/statements/", query)
    assert QueryDict(plain).dict() == {"q": "said", "type": "direct"}
    assert client.get(f"/statements/?{query}").content == client.get(f"/statements/?{plain}").content


def test_an_unknown_address_keeps_its_answer_whatever_it_is_asked(client):
    assert client.get("/nowhere/?utm_source=x").status_code == 404
