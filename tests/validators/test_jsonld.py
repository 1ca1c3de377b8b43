"""Every JSON-LD answer expands without the network, and uses the terms of schema.org as schema.org defines them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from pyld import jsonld

from talks.models import Correction, Meeting, MeetingState, Source, Statement
from talks.records import LISTS, NOUNS
from tests.test_formats import linked_data, local, read
from tests.validators import schema_org

pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"


def known_contexts(address: str, options: object = None) -> dict:
    """The one document that may be asked for; the network is never."""
    assert address in ("https://schema.org", "https://schema.org/"), f"{address} was asked for"
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": address,
        "document": schema_org.CONTEXT,
    }


def expanded(told: dict) -> list[dict]:
    return jsonld.expand(told, {"documentLoader": known_contexts})


def check(told: dict, least: int = 1) -> None:
    """The document says at least so many things, all of them rightly."""
    things = expanded(told)
    assert len(things) >= least
    for thing in things:
        assert thing.get("@type"), thing
        assert schema_org.faults(thing, SITE) == []
    # What a context does not know is left out of the expanded form without a word.
    assert count(told) == sum(map(count, things))


def count(told: object) -> int:
    """How many properties it says, in things and in the things within them."""
    if isinstance(told, list):
        return sum(map(count, told))
    if isinstance(told, dict):
        own = sum(1 for name in told if not name.startswith("@"))
        return own + sum(count(value) for name, value in told.items() if name not in ("@context", "@type"))
    return 0


@pytest.fixture
def eventful(release):
    """A release, a correction of every kind of record, a meeting in every state, dates of every precision."""
    at = datetime(2026, 11, 24, tzinfo=UTC)
    for name in [*NOUNS, "editors_notes"]:
        noun = NOUNS[name].model.objects.published().first().slug if name in NOUNS else "a-note"
        Correction.objects.create(slug=f"{noun}-9", record=name, noun=noun, kind="correction", reason="So.", corrected_at=at)  # fmt: skip
    source = Source.objects.published().first()
    dates = ["2030", "2030-05", "2030-05-01~", "2030-05/2031-06?", "2030-05-28/2030-05-30", "2030-01-01"]
    for state, date in zip(MeetingState.State.values, dates, strict=True):
        meeting = Meeting.objects.create(slug=f"m-{state}", title=state, date=date, status="published", changed_at=at, first_published_at=at)  # fmt: skip
        MeetingState.objects.create(meeting=meeting, state=state, reported_on="2029-01-01", source=source)
        Statement.objects.create(slug=f"s-{state}", text=state, quotation_type="narration", said_on=date, meeting=meeting, source=source, status="published", changed_at=at, first_published_at=at)  # fmt: skip
        Source.objects.create(slug=f"o-{state}", publisher="P", title="t", published_on=date, status="published", changed_at=at, first_published_at=at)  # fmt: skip
    Source.objects.create(slug="o-undated", publisher="P", described_as="d", status="published", changed_at=at, first_published_at=at)  # fmt: skip


def test_every_term_that_we_know_is_one_of_schema_org():
    terms = {*schema_org.PARENTS, *schema_org.PARENTS.values(), *schema_org.PROPERTIES, *schema_org.STATUSES}
    assert [term for term in sorted(terms) if not schema_org.is_known(term)] == []
    assert not schema_org.is_known("quotationType")
    classes = {
        kind for domain, range_ in schema_org.PROPERTIES.values() for kind in domain | range_ if kind[0].isupper()
    }
    assert classes <= {*schema_org.PARENTS, *schema_org.PARENTS.values()}


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ({"@type": "Quotation", "text": "x", "quotationType": "direct"}, "quotationType: "),
        ({"@type": "Person", "name": "x", "spokenByCharacter": {"@type": "Person"}}, "spokenByCharacter: "),
        ({"@type": "Quotation", "dateCreated": "2025-05-28/2025-06-02"}, "is none of ['date']"),
        ({"@type": "Event", "eventStatus": "https://schema.org/EventHeld"}, "is none of ['status']"),
        ({"@type": "Quotation", "creator": {"@type": "Person", "nick": "x"}}, "creator: nick: "),
        ({"@type": "CorrectionComment", "parentItem": {"@id": f"{SITE}/people/x/"}}, "parentItem: "),
        ({"@type": "NewsArticle", "http://example.org/x": 1}, "not all of it is of schema.org"),
        ({"@type": "Quotation", "about": {"@id": "https://example.org/"}}, "is not of this site"),
    ],
)
def test_a_wrong_use_of_schema_org_is_found(told, fault):
    [thing] = expanded({"@context": "https://schema.org", **told})
    assert any(fault in found for found in schema_org.faults(thing, SITE))


def test_no_other_context_is_asked_for():
    with pytest.raises(jsonld.JsonLdError, match="Dereferencing"):
        expanded({"@context": "https://example.org/context", "name": "x"})


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_of_schema_org(client, eventful, name):
    check(json.loads(read(client, f"/{name}.jsonld")), least=4)


@pytest.mark.parametrize("name", NOUNS)
def test_every_record_and_what_its_page_says_of_it_is_of_schema_org(client, eventful, name):
    for slug in NOUNS[name].model.objects.published().values_list("slug", flat=True):
        check(json.loads(read(client, f"/{name}/{slug}.jsonld")))
        inline = linked_data(read(client, f"/{name}/{slug}/"))
        assert len(inline) == 2
        for told in inline:
            check(told)


def test_what_other_pages_say_is_of_schema_org(client, eventful):
    for address in [
        "/data/",
        "/data/codebook/",
        "/data/api/",
        "/data/releases/1/",
        "/about/",
        *(f"/{name}/" for name in LISTS),
    ]:
        told = linked_data(read(client, address))
        assert told, address
        for one in told:
            check(one)


def test_the_dataset_is_of_schema_org_with_every_file_of_the_release(client, eventful):
    told = json.loads(read(client, "/data.jsonld"))
    check(told)
    assert len(told["distribution"]) > 40
    for file in told["distribution"]:
        answer = client.get(local(file["contentUrl"]))
        assert (answer.status_code, answer["Content-Type"]) == (200, file["encodingFormat"])
        assert answer["ETag"] == f'"{file["sha256"]}"'
        assert f"{len(answer.getvalue())} B" == file["contentSize"]
