"""What each kind of page costs to make: prints milliseconds of this process's CPU; judges nothing.

    VAR_DIR=/somewhere python bench/pages.py              a database that bench/generate.py has filled
    DATABASE_URL=postgresql://… python bench/pages.py     the same in PostgreSQL
    … python bench/pages.py --profile /statements/        where the time of one page goes
    … python bench/pages.py --json FILE                   the figures as JSON besides
    … python bench/pages.py search,feed                   only those whose name has one of these in it

Whole pages through the WSGI application, uncompressed, as the front asks for them: nothing is kept, so that each is
made. The second column is the time by the clock, in which the server of PostgreSQL has its part. Pages show what there is: a meeting of two
statements costs less than one of two thousand, of which forty are shown; so compare figures of equally full pages.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
ROUNDS, AT_MOST = 15, 4.0  # rounds of each page, and seconds after which fewer will do

NOUNS = ("party", "person", "source", "meeting", "delegation", "statement")
SLUGS = {
    "parties": "party-1", "people": "person-005", "sources": "source-0005", "meetings": "meeting-005",
    "delegations": "delegation-005-0", "statements": "statement-0000004",
}  # fmt: skip
SEARCHES = {
    "a word in almost half of all": "?q=memorandum",
    "a rare word": "?q=zzyzx",
    "two words and a party": "?q=memorandum+prisoners&party=party-1",
    "a word not in the others": "?q=-memorandum",
    "a phrase": "?q=%22exchange+of+prisoners%22",
    "the beginning of a word": "?q=memorand*",
    "a speaker by name": "?q=%22given+5%22",
    "a party and a speaker": "?party=party-1&speaker=person-005",
    "a word, a party, a speaker, a year": "?q=memorandum&party=party-1&speaker=person-005&year=2015",
    "a word, as of a day": "?q=memorandum&as_of=2020-06-01",
    "a meeting": "?meeting=meeting-005",
    "a source": "?source=source-0005",
    "a publisher": "?publisher=Publisher+5",
    "a type": "?type=indirect",
    "a stretch of days": "?said_from=2020-01-01&said_to=2020-12-31",
    "oldest first": "?q=memorandum&order=oldest",
    "far down": "?after=2016-01-01~statement-0000004",
}
ADMIN_SEARCHES = {
    "statement": ("?q=memorandum", "?q=memorandum+prisoners", "?q=Publisher", "?q=zzyzx", "?q=Given+5", "?evidence=lost", "?evidence=unchecked", "?year=2020",
                  "?status__exact=review", "?status__exact=published", "?quotation_type__exact=mixed",
                  "?party__id__exact={party}", "?meeting__id__exact={meeting}", "?p=2", "?o=4"),
    "source": ("?q=Report", "?doubt=broken", "?doubt=changed", "?status__exact=published"),
    "person": ("?q=Given",),
    "meeting": ("?q=City", "?doubt=unsettled"),
}  # fmt: skip


def public_pages() -> Iterator[tuple[str, str]]:
    """(name, address) of every kind of page, format, feed and list that is not streamed."""
    from talks.formats import FORMATS, of_list, of_page
    from talks.records import LISTS
    from talks.records import NOUNS as RECORDS

    yield "front page", "/"
    for name in LISTS:
        yield f"list of {name}", f"/{name}/"
        for ending in of_list(name):
            if not FORMATS[ending].whole:
                yield f"list of {name}, {ending}", f"/{name}.{ending}"
    for name in RECORDS:
        yield f"one of {name}", f"/{name}/{SLUGS[name]}/"
        for ending in of_page(name):
            yield f"one of {name}, {ending}", f"/{name}/{SLUGS[name]}.{ending}"
    for told, query in SEARCHES.items():
        yield f"search: {told}", f"/statements/{query}"
    for told in ("a word in almost half of all", "a phrase", "a meeting", "a type", "far down"):
        yield f"search as JSON: {told}", f"/statements.json{SEARCHES[told]}"
    for told in ("a word in almost half of all", "a phrase", "a meeting", "a type"):
        yield f"search as a feed: {told}", f"/statements.atom{SEARCHES[told]}"
    yield "meetings of a party", "/meetings/?party=party-1"
    yield "meetings of a year", "/meetings/?year=2020"
    yield "a meeting as of a day", "/meetings/meeting-005/?as_of={day}"
    yield "a meeting as of a day, JSON", "/meetings/meeting-005.json?as_of={day}"
    yield "timeline as a drawing", "/meetings.svg"
    yield "an embedded statement", f"/embed/statements/{SLUGS['statements']}/"
    yield "oEmbed", "/oembed?url={site}/statements/" + SLUGS["statements"] + "/"
    for address in ("/data/", "/data.jsonld", "/corrections/", "/about/"):
        yield f"page {address}", address


def admin_pages(keys: dict[str, int]) -> Iterator[tuple[str, str]]:
    """The same of the desk: lists, their filters and searches, autocomplete, queues, forms."""
    yield "desk", "/admin/"
    yield "to review", "/admin/to-review/"
    yield "to check", "/admin/to-check/"
    for noun in (*NOUNS, "editorsnote"):
        yield f"admin list of {noun}", f"/admin/talks/{noun}/"
        for query in ADMIN_SEARCHES.get(noun, ()):
            query = query.format(**keys)
            yield f"admin list of {noun}, {query}", f"/admin/talks/{noun}/{query}"
    for kept in ("correction", "redirect", "tombstone", "release"):
        yield f"admin list of {kept}", f"/admin/talks/{kept}/"
    for field, term in (("speaker", "Given"), ("party", "Party"), ("meeting", "City"), ("source", "Publisher"),
                        ("variant_of", "memorandum"), ("variant_of", "zzyzx"), ("variant_of", "")):  # fmt: skip
        where = f"app_label=talks&model_name=statement&field_name={field}&term={term}"
        yield f"autocomplete of {field}, “{term}”", f"/admin/autocomplete/?{where}"
    for noun in NOUNS:
        yield f"admin form of {noun}", f"/admin/talks/{noun}/{keys[noun]}/change/"


class Site:
    """The site in this process: asked for an address, it gives the status and the body."""

    def __init__(self, cookie: str = "") -> None:
        from django.core.handlers.wsgi import WSGIHandler

        self.handler, self.cookie = WSGIHandler(), cookie

    def get(self, address: str) -> tuple[int, bytes]:
        path, _, query = address.partition("?")
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": unquote(path), "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80", "HTTP_HOST": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.input": BytesIO(),
            "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http", "HTTP_COOKIE": self.cookie,
        }  # fmt: skip
        told: list[str] = []
        answer: Any = self.handler(environ, lambda status, headers, *_: told.append(status))
        try:
            return int(told[0][:3]), b"".join(answer)
        finally:
            answer.close()


def timed(site: Site, address: str, rounds: int = ROUNDS) -> tuple[float, float, int]:
    """Milliseconds of CPU and by the clock, medians; and the bytes of the page."""
    status, body = site.get(address)
    assert status == 200, f"{status} {address}"
    site.get(address)
    cpu, clock, began = [], [], time.perf_counter()
    while len(cpu) < rounds and (len(cpu) < 3 or time.perf_counter() - began < AT_MOST):
        first, second = time.process_time(), time.perf_counter()
        site.get(address)
        cpu.append((time.process_time() - first) * 1000)
        clock.append((time.perf_counter() - second) * 1000)
    return statistics.median(cpu), statistics.median(clock), len(body)


def set_up() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings_test"
    import django

    django.setup()
    from django.db import connection

    # As the public process reads: SQLite then lets others read and write meanwhile.
    connection.ensure_connection()
    connection.transaction_mode = None


def editor() -> Site:
    """The desk, for somebody who may do all; an account of theirs is made if there is none."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client
    from django.test.utils import override_settings

    override_settings(
        **settings.EDITOR, TWO_FACTOR=False, SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies"
    ).enable()
    user = User.objects.filter(username="bench").first()
    client = Client()
    client.force_login(user or User.objects.create(username="bench", is_staff=True, is_superuser=True))
    return Site("; ".join(f"{name}={one.value}" for name, one in client.cookies.items()))


def keys() -> dict[str, int]:
    """The row numbers of the nouns that the pages of the desk are about."""
    from talks.records import NOUNS as RECORDS

    return {
        record.model._meta.model_name: record.model.objects.get(slug=SLUGS[name]).pk for name, record in RECORDS.items()
    }


def day() -> str:
    """A day in the middle of what was reported of the meeting."""
    from talks.models import Meeting
    from talks.querysets.reported import reports

    days = sorted({on for _, on, _ in reports(Meeting.objects.get(slug=SLUGS["meetings"]).pk) if on})
    return str(days[len(days) // 2])


def every_page(wanted: str = "") -> Iterator[tuple[str, str, Site]]:
    """(name, address, the site to ask); all public pages come before those of the desk."""
    from django.conf import settings

    site, on, words = Site(), day(), wanted.split(",")
    for name, address in public_pages():
        if any(word in name for word in words):
            yield name, address.replace("{day}", on).replace("{site}", settings.SITE_URL), site
    desk = editor()
    for name, address in admin_pages(keys()):
        if any(word in name for word in words):
            yield name, address, desk


def profile(address: str) -> None:
    import cProfile
    import pstats

    site = editor() if address.startswith("/admin/") else Site()
    for _ in range(5):
        site.get(address)
    with cProfile.Profile() as told:
        for _ in range(20):
            site.get(address)
    pstats.Stats(told).sort_stats("tottime").print_stats(45)
    pstats.Stats(told).sort_stats("cumtime").print_stats(70)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("wanted", nargs="?", default="")
    parser.add_argument("--profile", default="")
    parser.add_argument("--json", default="")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    set_up()
    if asked.profile:
        return profile(asked.profile)
    print("| page | CPU | by the clock | bytes |\n|---|---:|---:|---:|")
    figures = {}
    for name, address, site in every_page(asked.wanted):
        try:
            figures[name] = timed(site, address, asked.rounds)
        except Exception as error:
            print(f"| {name} | {type(error).__name__}: {error} | | |")
            continue
        cpu, clock, length = figures[name]
        print(f"| {name} | {cpu:.2f} ms | {clock:.2f} ms | {length:,} |", flush=True)
    if asked.json:
        Path(asked.json).write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
