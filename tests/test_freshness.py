"""No page is older than the last commit before it was asked for: real processes, under load, whoever writes."""

from __future__ import annotations

import http.client
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack, closing, contextmanager

import psycopg
import pytest

from tests.prepared import a_prepared_place
from tests.servers import PATIENCE, POSTGRES, ask

pytestmark = pytest.mark.live

PARTY = "/parties/ukraine/"
RECORD = "/parties/ukraine.json"
EDITS = int(os.environ.get("EDITS", "200"))  # 1,000 in `make test-faults`
# Does what each line tells it, on a connection of its own, and says so when it is done.
OBEYING = """
import json, sys
from django.db import connections
from talks.models import *
for line in sys.stdin:
    exec(json.loads(line))
    connections.close_all()
    print("done", flush=True)
"""
LOADED = [PARTY, RECORD, "/parties/", "/people/rustem-umerov/", "/meetings/istanbul-2025-06-02/"]


@pytest.fixture(scope="module")
def place():
    with a_prepared_place() as place:
        yield place


@pytest.fixture(scope="module")
def ports(place):
    """Two public processes of one worker each, so that it is known that every worker was asked."""
    with ExitStack() as servers:
        yield [servers.enter_context(place.served(WORKERS="1"))[0] for _ in range(2)]


@pytest.fixture(scope="module")
def edit(place):
    """What an editor does, in a process of its own that goes on: it is given Python with the models at hand."""
    command = [sys.executable, "manage.py", "shell", "--verbosity=0", "--command", OBEYING]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, cwd=place.code, env=place.environment(), text=True, bufsize=1, **pipes) as process:

        def edit(program: str) -> None:
            print(json.dumps(program), file=process.stdin)
            told = process.stdout.readline()
            assert told == "done\n", told + process.communicate()[0]

        yield edit


class Client:
    """A connection that is kept open."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def get(self, address: str, **headers: str) -> tuple[int, str, str]:
        """(status, tag, text)"""
        try:
            answer = self.asked(address, headers)
        except (http.client.RemoteDisconnected, ConnectionResetError):
            answer = self.asked(address, headers)  # it was idle for too long, on a slow machine
        return answer.status, answer.headers["ETag"], answer.read().decode()

    def asked(self, address: str, headers: dict[str, str]) -> http.client.HTTPResponse:
        self.connection.request("GET", address, headers=headers)
        return self.connection.getresponse()

    def close(self) -> None:
        self.connection.close()


@contextmanager
def clients(ports):
    with ExitStack() as stack:
        yield [stack.enter_context(closing(Client(port))) for port in ports]


@contextmanager
def load(ports):
    """A reader at each process who asks for pages, again and again, until the end; what was no page. Every edit takes
    away what is kept, so that each of these is made, by the threads that make the pages that are looked at.
    """
    ended, wrong, number = threading.Event(), [], [0]

    def read(port: int) -> None:
        with closing(Client(port)) as client:
            while not ended.wait(0.05):
                status, _, text = client.get(LOADED[number[0] % len(LOADED)])
                number[0] += 1
                if status != 200:
                    wrong.append((status, text))

    threads = [threading.Thread(target=read, args=(port,)) for port in ports]
    for thread in threads:
        thread.start()
    try:
        yield wrong
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert number[0] > 20, "there was no load"


@contextmanager
def editor(place):
    """A connection on which each statement is committed before it returns."""
    if POSTGRES:
        with psycopg.connect(place.database, autocommit=True) as connection:
            yield lambda sql: connection.execute(sql)
    else:
        path = place.var / "talks.sqlite3"
        with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")  # what a power failure would do is not asked here
            yield connection.execute


def test_many_edits_are_each_on_the_very_next_page_of_every_worker_under_load(place, ports):
    with load(ports) as wrong, editor(place) as execute, clients(ports) as readers:
        tags = ["", ""]
        for number in range(EDITS):
            execute(f"UPDATE talks_party SET name = 'Edit {number}.' WHERE slug = 'ukraine'")
            for worker, reader in enumerate(readers):
                status, tag, text = reader.get(RECORD, **{"If-None-Match": tags[worker]})
                assert (status, f"Edit {number}." in text) == (200, True), f"stale after edit {number}"
                tags[worker] = tag
                assert reader.get(RECORD, **{"If-None-Match": tag})[0] == 304
    assert not wrong


def fixture_of(place, file: str, **changed):
    """The first row of a fixture file with other values, as a file of its own."""
    row = json.loads((place.code / "fixtures" / f"{file}.json").read_text())[0]
    row["fields"] |= changed
    path = place.var.parent / f"{file}.json"
    path.write_text(json.dumps([row]))
    return str(path)


PATHS = {
    "save": "party = Party.objects.get(slug='ukraine'); party.name = 'By save'; party.save()",
    "update": "Party.objects.filter(slug='ukraine').update(name='By update')",
    "bulk_update": "party = Party.objects.get(slug='ukraine'); party.name = 'By bulk'; Party.objects.bulk_update([party], ['name'])",
    "bulk_create": "Party.objects.bulk_create([Party(slug='made', name='Made', status='published', first_published_at='2026-01-01T00:00Z', changed_at='2026-01-01T00:00Z')])",
    "delete": "Party.objects.filter(slug='made').delete()",
    "a link": "Statement.objects.filter(meeting=None).first() or Statement.objects.first().mentions.clear()",
    "withdraw": "Statement.objects.filter(slug='umerov-awaits-memorandum-pravda').update(status='withdrawn', withdrawn_on='2026-12-01', withdrawn_because='Twice.')",
}  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_what_django_writes_makes_new_pages_at_once(ports, edit, path):
    sees(ports, lambda: edit(PATHS[path]))


def test_how_many_a_search_finds_is_counted_anew_by_every_worker_at_once(ports, edit):
    """What a search counted is kept for its other pages and formats, as long as nobody publishes anything."""
    addresses = [
        f"/statements{rest}"
        for rest in (".json?q=memorandum", "/?q=memorandum", ".json?q=memorandum&after=2025-06-02~a")
    ]
    numbers = []
    for status in ["draft", "published"] * 5:
        edit(f"Statement.objects.filter(slug='umerov-awaits-memorandum').update(status='{status}')")
        for first in (0, 1, 2):
            told = {number_of(ask(port, addresses[(first + n) % 3]).text) for port in ports for n in range(3)}
            assert len(told) == 1
            numbers.append((status, *told))
    ((_, fewer), (_, all_of_them)) = sorted(set(numbers))
    assert all_of_them == fewer + 1 > 1


def number_of(text: str) -> int:
    """How many there are, as a page of a search or its JSON tells."""
    page, data = re.search(r'id="results">\s*(\d+) statement|"total": *(\d+)', text).groups()
    return int(page or data)


def test_a_loaded_fixture_makes_new_pages_at_once(place, ports):
    path = fixture_of(place, "parties", name="From a file")
    sees(ports, lambda: place.manage("loaddata", "--force", path))


def test_a_new_release_makes_new_pages_at_once(place, ports):
    sees(ports, lambda: place.manage("release"))


def test_sql_by_hand_makes_new_pages_at_once(place, ports):
    sees(ports, lambda: place.sql("DELETE FROM talks_linkcheck", "UPDATE talks_party SET name = 'By hand'"))


def test_nothing_new_makes_no_new_page(place, ports):
    """The other side: tags stand as long as nobody commits anything public."""
    before = tags(ports)
    place.sql("CREATE TABLE not_ours (a int)", "DROP TABLE not_ours")
    assert tags(ports) == before


def tags(ports) -> list[str]:
    return [ask(port, PARTY).headers["ETag"] for port in ports]


def sees(ports, commit) -> None:
    """Every worker has a page in hand, somebody commits, and the next answer of each has another tag, the same one."""
    before = tags(ports)
    commit()
    after = tags(ports)
    assert len(set(before)) == len(set(after)) == 1
    assert before != after


@pytest.mark.sqlite
def test_a_file_that_another_one_took_the_place_of_is_read_at_the_next_request(place, ports):
    """As `restore` or a copy by hand does it: neither the front nor a page in the making goes on with the old file."""
    path, other = place.var / "talks.sqlite3", place.var / "other.sqlite3"
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(other)) as new:
        old.backup(new)
        new.execute("UPDATE talks_party SET name = 'From another file' WHERE slug = 'ukraine'")
        new.commit()
        new.execute("PRAGMA journal_mode = WAL")
    for port in ports:
        assert "From another file" not in ask(port, PARTY).text
    for companion in ("-wal", "-shm"):
        path.with_name(f"{path.name}{companion}").unlink()  # they belong to the old file
    other.replace(path)
    for port in ports:
        assert "From another file" in ask(port, PARTY).text
        assert "From another file" in ask(port, "/parties/").text


def test_the_edition_that_a_page_says_it_has_is_the_one_that_it_has(place, ports):
    for port in ports:
        page = ask(port, "/parties/ukraine.json")
        number = place.sql("SELECT number FROM talks_edition")[0][0]
        assert re.search(rb'"edition": ?%d\b' % number, page.body)
