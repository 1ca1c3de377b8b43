"""How the tests of the search ask, and read what comes back: through addresses, in every format."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from itertools import chain
from urllib.parse import urlencode, urlsplit

import feedparser

from talks import data as data_module
from talks import facets, search, widening
from talks.editing import ledger
from talks.models import Meeting, Passage, Person, Source, Statement
from talks.querysets import found as found_module
from tests.test_pages import page, words

QUOTATION = "umerov-awaits-memorandum"
EVIDENCE = re.compile(r'href="/statements/([^"/?]+)/">Evidence')
MARKED = re.compile(r'<figure class="statement.*?class="statement-text"[^>]*>(.*?)</(?:blockquote|p)>', re.S)


def count(wanted: search.Wanted, most: int = search.COUNTED) -> int:
    """How many fit, counted up to so many."""
    return search.counts([wanted], most)[0]


def count_few(monkeypatch, most: int, newest: int) -> None:
    """Let so many be as COUNTED, and so many of them the newest that are told by what they can be narrowed."""
    for module in (facets, found_module, data_module, widening):
        monkeypatch.setattr(module, "COUNTED", most)
    monkeypatch.setattr(found_module, "NEWEST", newest)


def listed(ending: str = "/", **asked: str) -> str:
    return f"/statements{ending}" + (f"?{urlencode(asked)}" if asked else "")


def slugs_of(html: str) -> list[str]:
    return EVIDENCE.findall(html)


def slugs(client, **asked: str) -> list[str]:
    """What the first page of results lists."""
    return slugs_of(page(client, listed(**asked)))


def heading(html: str) -> str:
    return words(re.search(r'<h2 id="results">(.*?)</h2>', html, re.S)[1])


def number_told(html: str) -> int:
    """How many the page says there are."""
    number = re.match(r"(?:More than )?([\d,]+) statements?\b", heading(html))
    return int(number[1].replace(",", "")) if number else 0


def data(client, **asked: str) -> dict:
    answer = client.get(listed(".json", **asked))
    assert answer.status_code == 200, asked
    return json.loads(answer.content)


def every_row(client, **asked: str) -> list[str]:
    """The slugs of all rows of JSON, page by page."""
    told = data(client, **asked)
    found = [row["slug"] for row in told["records"]]
    while told["next"]:
        parts = urlsplit(told["next"])
        told = json.loads(client.get(f"{parts.path}?{parts.query}").content)
        found += [row["slug"] for row in told["records"]]
    return found


def csv_rows(client, **asked: str) -> list[str]:
    text = client.get(listed(".csv", **asked)).getvalue().decode("utf-8-sig")
    return [row["slug"] for row in csv.DictReader(io.StringIO(text))]


def feed_entries(client, **asked: str) -> list[str]:
    """The entries of the feed, page by page."""
    found, address = [], listed(".atom", **asked)
    while address:
        feed = feedparser.parse(client.get(address).content)
        found += [urlsplit(entry.link).path.split("/")[2] for entry in feed.entries]
        further = [link.href for link in feed.feed.get("links", []) if link.rel == "next"]
        address = further[0].removeprefix("http://127.0.0.1:8000") if further else ""
    return found


def walked(client, step: str, address: str) -> list[list[str]]:
    """The pages of a list from this one on, by their links to the next or the one before."""
    pages = []
    for _ in range(40):
        html = page(client, address)
        pages.append(slugs_of(html))
        further = re.search(rf'href="(\?[^"]*)" rel="{step}"', html)
        if not further:
            return pages
        address = "/statements/" + unescape(further[1])
    raise AssertionError("the pages never end")


def flat(pages: list[list[str]]) -> list[str]:
    return list(chain.from_iterable(pages))


def last_page(client, address: str) -> str:
    """The address of the last page."""
    while further := re.search(r'href="(\?[^"]*)" rel="next"', page(client, address)):
        address = "/statements/" + unescape(further[1])
    return address


@ledger.aside()
def many(number: int, days: int = 3, prefix: str = "many", **fields: object) -> list[Statement]:
    """So many statements, many of them on one day, by all speakers, from all sources."""
    first = Statement.objects.get(slug=QUOTATION)
    people = list(Person.objects.select_related("party").order_by("slug"))
    sources, meetings = list(Source.objects.order_by("slug")), list(Meeting.objects.order_by("slug"))
    made = [
        Statement(**{
            "slug": f"{prefix}-{n * 7919 % number:05}", "status": "published", "first_published_at": first.changed_at,
            "changed_at": first.changed_at, "quotation_type": "indirect", "text": f"Gewgaw number {n}.",
            "speaker": people[n % len(people)], "party": people[n % len(people)].party,
            "said_on": f"2025-06-{n % days + 1:02}", "meeting": meetings[n % 7], "source": sources[n % len(sources)],
            **fields,
        })
        for n in range(number)
    ]  # fmt: skip
    Statement.objects.bulk_create(made)
    Passage.objects.bulk_create(Passage(statement=statement, start=0, end=10) for statement in made)
    return made


def said(day: str, **whose: str) -> None:
    """Let these statements be said on another day."""
    Statement.objects.filter(**whose).update(said_on=day, said_from=day, said_to=day)
