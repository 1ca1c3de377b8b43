"""The law: a response is a function of its address and the edition, and every write makes a new edition."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from talks import edition
from talks.fixtures import MODELS
from talks.models import Correction, EditorsNote, Party, Person, Redirect, Source, SourceText, Statement, Tombstone

pytestmark = pytest.mark.django_db
QUOTATION = "/statements/umerov-awaits-memorandum/"


def number() -> int:
    return edition.present().number


def one_of(model) -> None:
    """A row of each model that the built-in data has none of."""
    instant = Source.objects.first().changed_at
    lacking = {
        SourceText: {"source": Source.objects.first(), "text": "x"},
        Correction: {"slug": "a-1", "record": "sources", "noun": "a", "kind": "addition", "reason": "x",
                     "corrected_at": instant},
        Redirect: {"record": "sources", "old_slug": "a", "slug": "b"},
        Tombstone: {"record": "sources", "slug": "a", "withdrawn_on": "2025-06-02", "withdrawn_because": "x"},
    }  # fmt: skip
    if model in lacking:
        model.objects.create(**lacking[model])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_saving_any_row_makes_a_new_edition(model):
    one_of(model)
    before = number()
    model.objects.first().save()
    assert number() > before


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_an_update_past_the_models_makes_a_new_edition(model):
    one_of(model)
    before = number()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {model._meta.db_table} SET id = id")
    assert number() > before


def test_any_deletion_makes_a_new_edition():
    note = EditorsNote.objects.first()
    before = number()
    note.delete()
    assert number() > before


def test_every_other_kind_of_write_makes_a_new_edition():
    kinds = {
        "bulk_create": lambda: Party.objects.bulk_create([Party(slug="a", name="A"), Party(slug="b", name="B")]),
        "update": lambda: Party.objects.filter(slug="a").update(name="C"),
        "bulk_update": lambda: Party.objects.bulk_update([Party.objects.get(slug="a")], ["name"]),
        "queryset delete": lambda: Party.objects.filter(slug="b").delete(),
        "adding to a list": lambda: Statement.objects.first().mentions.add(Person.objects.first()),
        "emptying a list": lambda: Statement.objects.first().mentions.clear(),
        "loaddata": lambda: call_command("loaddata", "parties.json", force=True, verbosity=0),
    }
    for name, write in kinds.items():
        before = number()
        write()
        assert number() > before, name


def test_a_missing_edition_row_is_made_by_the_next_write_and_its_number_was_never_used():
    before = number()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM talks_edition")
    assert number() == 0
    Party.objects.first().save()
    assert number() > before + 1_000_000


def test_a_page_has_a_tag_and_a_matching_tag_gets_304_with_one_query(client, django_assert_num_queries):
    first = client.get(QUOTATION)
    tag = first.headers["ETag"]
    for header in (tag, f"W/{tag}", f'"other", {tag}'):
        with django_assert_num_queries(1):
            again = client.get(QUOTATION, headers={"If-None-Match": header})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert again.headers["Vary"] == first.headers["Vary"]
    assert client.get(QUOTATION, headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.head(QUOTATION, headers={"If-None-Match": tag}).status_code == 304


def test_a_write_makes_a_new_tag_everywhere(client):
    before = [client.get(address).headers["ETag"] for address in ("/", QUOTATION, "/sources/")]
    Party.objects.first().save()
    after = [client.get(address).headers["ETag"] for address in ("/", QUOTATION, "/sources/")]
    assert not set(before) & set(after)


def test_304_is_only_for_what_would_be_answered_with_200(client):
    everything = {"If-None-Match": "*"}
    assert client.get(QUOTATION, headers=everything).status_code == 304
    assert client.get("/statements/nobody-said-this/", headers=everything).status_code == 404
    assert client.get("/statements", headers=everything).status_code == 301
    assert client.post(QUOTATION, headers=everything).status_code == 405
    tag = client.get(QUOTATION).headers["ETag"]
    assert client.get("/statements/", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("address", "status"), [("/statements/nobody/", 404), ("/statements", 301), ("/statements.json?type=x", 404)]
)
def test_other_answers_have_a_tag_too_and_it_never_makes_a_304(client, address, status):
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (status, status)
    assert first.headers["ETag"] == again.headers["ETag"]


def test_no_header_and_no_cookie_changes_a_page(client):
    plain = client.get("/").content
    others = {"Accept": "application/json", "Accept-Language": "uk", "User-Agent": "x", "Cookie": "talks_editor=1",
              "X-Forwarded-Host": "example.org", "X-HTTP-Method-Override": "DELETE", "Referer": "https://example.org/"}  # fmt: skip
    assert client.get("/", headers=others).content == plain


def test_no_answer_sets_a_cookie(client):
    for address in ("/", QUOTATION, "/statements/nobody/", "/statements", "/static/nothing.css"):
        assert not client.get(address).cookies


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_only_get_and_head_are_answered(client, method):
    answer = getattr(client, method)("/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_a_head_is_a_get_without_its_body(client):
    got, asked = client.get("/"), client.head("/")
    assert asked.content == b""
    assert asked.headers["Content-Length"] == str(len(got.content))
    assert asked.headers["ETag"] == got.headers["ETag"]
