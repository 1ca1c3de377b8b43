"""What crawlers and those who find a hole are told: every public page once, nothing else, at a cost that does not grow."""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from django.conf import settings

from config.environment import Settings
from talks import sitemaps
from talks.models import Party
from talks.records import NOUNS

pytestmark = pytest.mark.django_db
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def read(client, address, root):
    """The entries of a sitemap: (address, last change)."""
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml")
    found = ElementTree.fromstring(answer.content)
    assert found.tag == f"{SPACE}{root}"
    return [(entry.findtext(f"{SPACE}loc"), entry.findtext(f"{SPACE}lastmod")) for entry in found]


def path(address):
    """The rest of an absolute address of this site."""
    assert address.startswith(f"{settings.SITE_URL}/")
    return urlsplit(address).path


def listed(client):
    """Every page in every sitemap that the index names."""
    return [
        entry for one, _ in read(client, "/sitemap.xml", "sitemapindex") for entry in read(client, path(one), "urlset")
    ]


def published():
    return [noun for record in NOUNS.values() for noun in record.model.objects.published()]


@pytest.mark.parametrize("size", [sitemaps.PART, 3])
def test_every_public_page_is_named_once_with_its_last_change_and_nothing_else(client, monkeypatch, size):
    monkeypatch.setattr(sitemaps, "PART", size)
    Party.objects.create(slug="a-draft", name="A draft")
    found = [(path(address), at) for address, at in listed(client)]
    wanted = {(noun.get_absolute_url(), f"{noun.changed_at:%Y-%m-%dT%H:%M:%SZ}") for noun in published()}
    dated = [entry for entry in found if entry[1]]
    assert len(dated) == len(wanted)
    assert set(dated) == wanted
    pages = {address for address, at in found if not at}
    assert {"/", "/statements/", "/people/", "/corrections/", "/about/", "/data/"} <= pages
    for address in pages:
        assert client.get(address).status_code == 200


def test_what_is_withdrawn_is_named_no_longer(client):
    statement = NOUNS["statements"].model.objects.get(slug="umerov-awaits-memorandum-pravda")
    address = f"{settings.SITE_URL}{statement.get_absolute_url()}"
    assert address in dict(listed(client))
    statement.status, statement.withdrawn_on, statement.withdrawn_because = "withdrawn", "2026-12-01", "Twice."
    statement.save()
    assert address not in dict(listed(client))


def test_a_part_has_so_many_row_numbers_at_most_and_is_never_empty(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "PART", 2)
    last = Party.objects.create(slug="a-draft", name="A draft", pk=Party.objects.all().last_number() + 7)
    parts = [path(one) for one, _ in read(client, "/sitemap.xml", "sitemapindex")]
    numbers = [one for one in parts if one.startswith("/sitemap-parties-")]
    assert numbers == [f"/sitemap-parties-{number + 1}.xml" for number in range(-(-last.pk // 2))]
    for one in numbers:
        assert 1 <= len(read(client, one, "urlset")) <= 2
    assert read(client, numbers[-1], "urlset") == [(f"{settings.SITE_URL}/parties/", None)]
    beyond = f"/sitemap-parties-{len(numbers) + 1}.xml"
    for address in (beyond, "/sitemap-parties-0.xml", "/sitemap-parties-999999999.xml", "/sitemap-notes-1.xml"):
        assert client.get(address).status_code == 404


def test_the_index_costs_one_look_at_each_noun_and_a_part_two_queries(client, django_assert_num_queries):
    with django_assert_num_queries(1 + len(NOUNS)):  # with the one for the edition
        client.get("/sitemap.xml")
    with django_assert_num_queries(1 + 2):
        client.get("/sitemap-statements-1.xml")


def test_an_index_of_all_parts_stays_within_the_protocol_for_250_million_records():
    assert sitemaps.PART <= 50_000
    assert 250_000_000 / sitemaps.PART <= 50_000


def allows(rules, address):
    """Whether a crawler that keeps to RFC 9309 fetches it: the longest rule counts, `*` is anything."""
    lines = [line.partition(": ")[::2] for line in rules.splitlines()]
    found = [(len(rule), name) for name, rule in lines if name in ("Allow", "Disallow")
             and re.match(".*".join(map(re.escape, rule.split("*"))), address)]  # fmt: skip
    return max(found)[1] == "Allow"


def test_crawlers_are_led_to_the_sitemap_and_away_from_the_endless_facets(client):
    answer = client.get("/robots.txt")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    text, older = answer.content.decode(), RobotFileParser()
    older.parse(text.splitlines())
    assert older.site_maps() == [f"{settings.SITE_URL}/sitemap.xml"]
    assert client.get(path(older.site_maps()[0])).status_code == 200
    page = "/statements/umerov-awaits-memorandum/"
    for address in ("/", "/statements/", page, "/statements.json?after=x", "/sitemap.xml", "/people/?after=x"):
        assert allows(text, address), address
        assert older.can_fetch("*", f"{settings.SITE_URL}{address}"), address
    assert not allows(text, "/statements/?speaker=rustem-umerov&party=ukraine")


def test_who_finds_a_hole_is_told_whom_to_tell_where_a_site_says_so(client, settings):
    address = "/.well-known/security.txt"
    assert client.get(address).status_code == 404
    settings.SECURITY_CONTACT, settings.SECURITY_EXPIRES = "mailto:a&b@example.org", "2027-06-30T00:00:00Z"
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer.content.decode().splitlines() == [
        "Contact: mailto:a&b@example.org",
        "Expires: 2027-06-30T00:00:00Z",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}{address}",
    ]


@pytest.mark.parametrize(
    ("contact", "expires", "name"),
    [
        ("security@example.org", "2027-06-30T00:00:00Z", "SECURITY_CONTACT"),
        ("mailto:security@example.org", "", "SECURITY_EXPIRES"),
        ("", "2027-06-30T00:00:00Z", "SECURITY_EXPIRES"),
        ("mailto:security@example.org", "2027-06-30", "SECURITY_EXPIRES"),
        ("mailto:security@example.org", "2027-06-31T00:00:00Z", "SECURITY_EXPIRES"),
        ("https://example.org/security", "2027-06-30T00:00:00+02:00", None),
    ],
)
def test_half_of_it_or_no_instant_is_told_at_the_start(monkeypatch, contact, expires, name):
    monkeypatch.setenv("SECURITY_CONTACT", contact)
    monkeypatch.setenv("SECURITY_EXPIRES", expires)
    assert [line.partition(":")[0] for line in Settings().problems] == ([name] if name else [])
