"""Readers are answered while a new build is put in place, while the database is away, and beside clients that are slow.

Real nginx, real slowhttptest, a database that is really gone. Nothing is timed but what is promised in seconds.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from contextlib import contextmanager, nullcontext
from itertools import count
from pathlib import Path

import pytest

from tests.machines import Server
from tests.prepared import a_prepared_place
from tests.servers import POSTGRES, Place, ask, borrow_environment, children, until
from tests.test_several_machines import standing

pytestmark = pytest.mark.live
PAGE, OTHER = "/parties/ukraine/", "/people/rustem-umerov/"
STALE = 2  # STALE_SECONDS


@contextmanager
def load(port: int, readers: int = 4):
    """Readers who ask for kept pages, pages that are to be made, and lists; gives the statuses of their answers."""
    statuses: list[int] = []
    stop = threading.Event()

    def read(name: int) -> None:
        for number in count():
            if stop.is_set():
                return
            for address in (PAGE, f"/statements/?q=word{name}{number}", "/parties.csv"):
                try:
                    statuses.append(ask(port, address).status)
                except OSError:
                    statuses.append(0)

    threads = [threading.Thread(target=read, args=(name,)) for name in range(readers)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def more(statuses: list[int], number: int) -> None:
    wanted = len(statuses) + number
    until(lambda: len(statuses) >= wanted, f"{wanted} answers")


@pytest.mark.once
@pytest.mark.nginx
def test_a_new_build_is_put_in_place_under_load_without_a_failed_request():
    with a_prepared_place() as place, standing((place, None)) as site, load(site.proxy) as statuses:
        more(statuses, 40)
        for pid in site.pids:
            before = children(pid)
            os.kill(pid, signal.SIGHUP)
            until(lambda: not set(children(pid)) & set(before), "the workers of before have ended")  # noqa: B023
            more(statuses, 40)
    assert set(statuses) == {200}


class OnSQLite:
    """A database file that can be taken away and put back."""

    def __init__(self, place: Place) -> None:
        self.place, self.away = place, place.var / "away"

    def take(self) -> None:
        self.away.mkdir()
        for path in self.place.var.glob("talks.sqlite3*"):
            path.rename(self.away / path.name)

    def give(self) -> None:
        for path in self.away.iterdir():
            path.rename(self.place.var / path.name)
        self.away.rmdir()


class OnPostgreSQL:
    """A server that stops at once, as when its machine goes down, and starts again."""

    def __init__(self, server: Server) -> None:
        self.take, self.give = server.stop, server.start


@pytest.fixture(scope="module")
def house():
    """A prepared place, and what takes its database away."""
    if not POSTGRES:
        with a_prepared_place() as place:
            yield place, OnSQLite(place)
        return
    with tempfile.TemporaryDirectory(prefix="talks-house-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = Server(folder / "server")
        server.tool("initdb", "-D", server.data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8")
        server.start()
        place = Place(folder, server.url)
        borrow_environment(place.var / "venv", place.code / "requirements.txt")
        place.manage("prepare")
        try:
            yield place, OnPostgreSQL(server)
        finally:
            place.sweep()
            server.stop()


def test_without_its_database_a_process_shows_what_it_kept_for_a_while_and_comes_back_by_itself(house):
    place, database = house
    with place.served(STALE_SECONDS=str(STALE), WORKERS="1", LOG_FORMAT="json") as (port, server):
        kept = ask(port, PAGE)
        assert (kept.status, ask(port, "/readyz").status) == (200, 200)
        database.take()
        try:
            assert ask(port, PAGE).body == kept.body, "for STALE_SECONDS"
            refused = ask(port, OTHER)
            assert (refused.status, refused.headers["Retry-After"]) == (503, "5"), "it was not kept"
            streamed = ask(port, "/statements.csv")
            assert (streamed.status, streamed.headers["Retry-After"]) == (503, "5"), "it is never kept"
            assert streamed.headers["Content-Type"] == "application/problem+json"
            assert streamed.headers["Cache-Control"] == "no-store"
            assert (ask(port, "/healthz").status, ask(port, "/readyz").status) == (200, 503)
            assert f"kept pages go on for {STALE} seconds" in server.output
            until(lambda: ask(port, PAGE).status == 503, "no longer than that")
        finally:
            database.give()
        until(lambda: ask(port, OTHER).status == 200, "it comes back")
        assert ask(port, PAGE).status == 200
        place.sql("UPDATE talks_party SET name = 'After the pause' WHERE slug = 'ukraine'")
        assert "After the pause" in ask(port, PAGE).text
        assert not server.has_ended
        assert "Booting worker" not in server.output.partition("kept pages go on")[2]


@pytest.mark.postgresql
def test_a_database_that_takes_questions_and_answers_none_costs_seconds_and_no_process(house):
    place, _ = house
    with place.served(STALE_SECONDS=str(STALE), WORKERS="1") as (port, server):
        kept = ask(port, PAGE)
        pids = [
            pid
            for (pid,) in place.sql("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query <> ''")
        ]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            assert ask(port, PAGE).body == kept.body
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)
        until(lambda: ask(port, OTHER).status == 200, "it comes back")
        assert not server.has_ended


@pytest.fixture(scope="module")
def slowly():
    """slowhttptest (Debian's package), against a port, in one of its ways; gives the process."""
    program = shutil.which("slowhttptest")
    if program is None:
        assert not os.environ.get("NOTHING_SKIPPED"), "slowhttptest is not installed"
        pytest.skip("slowhttptest is not installed")

    @contextmanager
    def going(port: int, *way: str):
        line = [program, *way, "-c", "200", "-r", "200", "-l", "60", "-i", "1", "-u", f"http://127.0.0.1:{port}{PAGE}"]
        process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    return going


@pytest.mark.once
@pytest.mark.nginx
@pytest.mark.parametrize("through", ["nginx", "directly"])
def test_two_hundred_slow_clients_do_not_take_the_site_down(house, slowly, through):
    """Slow to send a head, slow to send a body, slow to read."""
    place, _ = house
    nearer = standing((place, None)) if through == "nginx" else nullcontext()
    with nearer as site, place.served() if site is None else nullcontext((0, None)) as (own, _):
        port = site.proxy if site else own
        for way in ("-H", "-B", "-X"):
            with slowly(port, way) as clients:
                until(lambda: connections(port) >= 150 or clients.poll() is not None, "they are there")
                assert clients.poll() is None, "they were turned away"
                for number in range(20):
                    assert ask(port, PAGE).status == 200
                    assert ask(port, f"/statements/?q={way[1:]}{number}").status == 200


def connections(port: int) -> int:
    """How many clients hold a connection to this port."""
    wanted = f":{port:04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(fields[1].endswith(wanted) and fields[3] == "01" for fields in map(str.split, lines))
