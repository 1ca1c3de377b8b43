"""Data: every field is classified, every column has a sentence, and all formats carry the same values."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talks import codebook
from talks.data import SIZE
from talks.formats.csv import cell, plain
from talks.formats.json import written
from talks.models import Meeting, Party, Passage, Source, Statement
from talks.records import NOUNS, RECORDS

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent
Q1 = "umerov-awaits-memorandum"


def read(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.getvalue().decode()


def table(client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read(client, address), newline="")))


def pages(client, address: str) -> list[dict]:
    records: list[dict] = []
    while address:
        content = json.loads(read(client, address))
        records += content["records"]
        address = (content["next"] or "").removeprefix("http://127.0.0.1:8000")
    return records


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_every_field_of_a_model_is_published_or_withheld(record):
    fields = {field.name for field in [*record.model._meta.concrete_fields, *record.model._meta.many_to_many]}
    published = {field.name for field in record.fields if field.read is None}
    assert fields == published | (record.withheld & fields)
    if record.name != "tombstones":  # which publish what a withdrawn noun has instead of its words
        assert not published & record.withheld


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_every_column_has_a_sentence_and_a_type(record):
    for column in record.columns():
        assert column.meaning.endswith("."), column
        assert column.kind, column


def test_the_codebook_is_fresh():
    assert (ROOT / "docs" / "codebook.md").read_text() == codebook.markdown()
    assert codebook.examples() == codebook.found_examples()


def test_the_codebook_page_has_every_column(client):
    html = read(client, "/data/codebook/")
    for record in RECORDS.values():
        for column in record.columns():
            assert f"<code>{column.name}</code>" in html


@pytest.mark.parametrize("name", NOUNS)
def test_counts_and_values_are_the_same_in_every_format(client, name):
    rows, cells = pages(client, f"/{name}.json"), table(client, f"/{name}.csv")
    published = NOUNS[name].model.objects.published()
    assert len(rows) == len(cells) == published.count()
    by_slug = {row["slug"]: row for row in rows}
    assert by_slug.keys() == {line["slug"] for line in cells}
    for line in cells:
        assert line == {column: str(cell(value)) for column, value in by_slug[line["slug"]].items()}
    for slug in list(by_slug)[:5]:
        assert json.loads(read(client, f"/{name}/{slug}.json"))["record"] == by_slug[slug]
        assert table(client, f"/{name}/{slug}.csv") == [line for line in cells if line["slug"] == slug]
        assert json.loads(read(client, f"/{name}/{slug}.jsonld"))["identifier"] == slug


def test_a_statement_carries_its_passages_with_their_offsets(client):
    content = json.loads(read(client, f"/statements/{Q1}.json"))
    assert content["record"]["evidence_state"] == "verified"
    assert [(part["start"], part["end"]) for part in content["passages"]] == [(478, 650)]
    assert content["passages"][0]["exact"] == content["record"]["text"]


def test_a_meeting_carries_its_states_and_its_latest_one(client):
    content = json.loads(read(client, "/meetings/istanbul-2025-06-02.json"))
    assert content["record"]["state"] == "held"
    assert {"proposed", "confirmed", "held"} <= {state["state"] for state in content["meeting_states"]}


def test_a_list_is_paged_by_key_and_has_every_record_once(client):
    meeting, source = Meeting.objects.first(), Source.objects.first()
    many = [
        Statement(slug=f"many-{number:04}", status="published", quotation_type="narration", text="x", said_on="2025-06-02",
                  first_published_at=meeting.changed_at, changed_at=meeting.changed_at, meeting=meeting, source=source)
        for number in range(250)
    ]  # fmt: skip
    Statement.objects.bulk_create(many)
    slugs = [row["slug"] for row in pages(client, "/statements.json")]
    assert len(slugs) == len(set(slugs)) == Statement.objects.published().count()
    first = json.loads(read(client, "/statements.json"))
    assert (first["total"], len(first["records"])) == (len(slugs), SIZE)
    # What is added ahead of the key does not move what follows it.
    Statement.objects.filter(slug="many-0000").update(said_on="2030", said_from="2030-01-01", said_to="2030-12-31")
    following = json.loads(read(client, first["next"].removeprefix("http://127.0.0.1:8000")))
    assert [row["slug"] for row in following["records"][:5]] == slugs[SIZE : SIZE + 5]


@pytest.mark.parametrize("filters", ["party=ukraine", "type=mixed", "meeting=istanbul-2025-07-23&party=russia", "speaker=sergei-lavrov"])  # fmt: skip
def test_filters_mean_the_same_on_the_page_and_in_its_data(client, filters):
    html = read(client, f"/statements/?{filters}")
    shown = re.findall(r'href="/statements/([^"/?]+)/">Evidence', html)
    assert sorted(shown) == sorted(row["slug"] for row in pages(client, f"/statements.json?{filters}"))
    assert sorted(shown) == sorted(line["slug"] for line in table(client, f"/statements.csv?{filters}"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "'x", "''x", "plain", "a=b", ""])
def test_a_dangerous_cell_is_made_harmless_and_comes_back_whole(text):
    harmless = cell(text)
    assert not harmless.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert plain(harmless) == text


@pytest.mark.parametrize("captions", [False, True])
@pytest.mark.parametrize("record", [RECORDS[name] for name in NOUNS], ids=NOUNS)
def test_a_page_of_rows_has_the_rows_of_its_nouns_in_their_order(record, captions):
    backwards = record.model.objects.published().order_by("-slug")[:20]
    assert record.listed(backwards, captions) == list(record.rows(backwards, captions))
    assert record.listed(backwards, captions), record.name
    assert record.listed(backwards.none(), captions) == []


values = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
json_of_any_kind = st.recursive(values, lambda some: st.lists(some) | st.dictionaries(st.text(), some), max_leaves=20)


@given(json_of_any_kind)
def test_json_has_a_value_a_line_as_the_standard_library_writes_it(content):
    assert written(content) == json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def test_a_text_is_the_same_in_every_format_code_point_for_code_point(client):
    text = "=a “b” 🕊 e\u0301 \u05d0\u05d1\r\nnext\u2028 line, \"quoted\" | 'x' <b>&amp;"
    Statement.objects.filter(slug=Q1).update(text=text)
    Passage.objects.filter(statement__slug=Q1).update(exact=text, start=0, end=len(text))
    line = next(line for line in table(client, "/statements.csv") if line["slug"] == Q1)
    assert plain(line["text"]) == text
    assert json.loads(read(client, f"/statements/{Q1}.json"))["record"]["text"] == text
    assert json.loads(read(client, f"/statements/{Q1}.jsonld"))["text"] == text


def test_what_is_not_public_is_in_no_format(client):
    Statement.objects.filter(slug=Q1).update(status="draft")
    Party.objects.filter(slug="united-states").update(status="draft")
    assert client.get(f"/statements/{Q1}.json").status_code == 404
    assert Q1 not in {row["slug"] for row in pages(client, "/statements.json")}
    assert Q1 not in {line["slug"] for line in table(client, "/statements.csv")}
    assert json.loads(read(client, "/people/marco-rubio.json"))["record"]["party"] is None


@pytest.mark.parametrize("address", ["/statements/nobody.json", "/statements.json?party=x", "/statements.csv?type=poem",
                                     "/statements.json?after=x", "/people.jsonld?after=%00~x"])  # fmt: skip
def test_an_unknown_address_of_data_is_a_problem_for_programs(client, address):
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert json.loads(answer.content)["status"] == 404


@pytest.mark.parametrize("address", ["/statements.xml", "/statements.json/", "/nouns.json", "/statements/x.exe"])
def test_an_unknown_format_is_an_unknown_address(client, address):
    assert client.get(address).status_code == 404


def test_data_may_be_read_by_other_sites_and_pages_may_not(client):
    for address in ("/statements.json", "/statements.csv", f"/statements/{Q1}.jsonld"):
        answer = client.get(address)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["ETag"]
        assert answer.getvalue()
    assert "Access-Control-Allow-Origin" not in client.get("/").headers


def test_a_head_of_a_stream_has_no_body_and_leaves_nothing_open(client):
    answer = client.head("/statements.csv")
    assert (answer.status_code, answer.getvalue()) == (200, b"")
    assert client.get("/").status_code == 200


def test_every_page_names_its_data(client):
    for address in ("/statements/", f"/statements/{Q1}/", "/meetings/", "/people/rustem-umerov/"):
        html = read(client, address)
        for ending, kind in (("json", "application/json"), ("jsonld", "application/ld+json"), ("csv", "text/csv")):
            assert f'<link rel="alternate" type="{kind}" href="{address.rstrip("/")}.{ending}"' in html


@pytest.mark.parametrize("name", NOUNS)
def test_a_page_of_data_takes_few_queries(client, name, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        client.get(f"/{name}.json")
    with django_assert_max_num_queries(8):
        client.get(f"/{name}.csv").getvalue()


def test_json_ld_uses_the_terms_of_schema_org(client):
    said = json.loads(read(client, f"/statements/{Q1}.jsonld"))
    assert (said["@context"], said["@type"]) == ("https://schema.org", "Quotation")
    assert said["about"]["@id"].endswith("/meetings/istanbul-2025-06-02/")
    assert said["isBasedOn"]["@id"].endswith("/sources/myglobalnews-2025-05-29/")
    assert said["creator"]["@id"].endswith("/people/rustem-umerov/")
    meeting = json.loads(read(client, "/meetings/istanbul-2025-06-02.jsonld"))
    assert (meeting["@type"], meeting["startDate"]) == ("Event", "2025-06-02")
    person = json.loads(read(client, "/people/rustem-umerov.jsonld"))
    assert person["sameAs"] == "https://www.wikidata.org/entity/Q64842485"
