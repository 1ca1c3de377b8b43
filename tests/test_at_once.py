"""Several at once on real servers: readers while somebody writes, two who write, and an editor's process that is killed
in the middle of saving. Nobody waits for longer than a writer takes, nothing is locked, nothing is half done.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from urllib.parse import urlencode

import pytest

from tests.prepared import a_prepared_place
from tests.servers import POSTGRES, Place, ask, children, until
from tests.test_admin import Form

pytestmark = pytest.mark.live

NAME, PASSWORD = "olena", "nine-orange-herons"
SLUG = "umerov-awaits-memorandum"
# Each test has a statement of its own.
READ, KILLED, BUSY, SAVED = SLUG, f"{SLUG}-tass", f"{SLUG}-liga", f"{SLUG}-unn"
# A change of a noun, of a row of its and of its list; held open until something comes in, then ended.
HELD = """
import sys
from talks.editing import ledger
with ledger.change("olena", "Held.", "correction"):
    statement = Statement.objects.get(slug={slug!r})
    statement.channel = "Zeppelin"
    statement.save()
    statement.mentions.add(Person.objects.get(slug="sergei-lavrov"))
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with a_prepared_place() as place:
        yield place


def hold(place: Place, slug: str) -> subprocess.Popen:
    """An editor's command in the middle of a transaction."""
    program = f"from talks.models import *\n{HELD.format(slug=slug)}"
    command = [sys.executable, "manage.py", "shell", "--verbosity=0", "--command", program]
    process = subprocess.Popen(
        command, cwd=place.code, env=place.environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def state(place: Place, slug: str) -> tuple:
    """What a change writes: the noun, its list, its history, what the public is told, the edition."""
    key, channel = place.sql(f"SELECT id, channel FROM talks_statement WHERE slug = '{slug}'")[0]
    counted = (
        f"talks_statement_mentions WHERE statement_id = {key}",
        f"editing_historicalstatement WHERE id = {key}",
        f"talks_correction WHERE noun = '{slug}'",
    )
    counts = [place.sql(f"SELECT count(*) FROM {rows}")[0][0] for rows in counted]
    return channel, *counts, place.sql("SELECT number FROM talks_edition")[0][0]


def test_readers_do_not_wait_for_a_writer_and_see_what_was_before(place):
    with place.served() as (port, _):
        writer = hold(place, READ)
        try:
            answers = [ask(port, f"/statements/{READ}/") for _ in range(20)]
        finally:
            # Only now does the writer end: every answer came while it held the database.
            assert writer.poll() is None
            writer.communicate("on\n")
        assert {answer.status for answer in answers} == {200}
        assert not [answer for answer in answers if "Zeppelin" in answer.text]
        assert writer.returncode == 0
        assert "Zeppelin" in ask(port, f"/statements/{READ}/").text


def test_a_process_killed_in_a_change_leaves_the_old_state_and_the_next_one_writes(place):
    before = state(place, KILLED)
    writer = hold(place, KILLED)
    writer.kill()
    writer.communicate()
    assert state(place, KILLED) == before
    place.edit(HELD.format(slug=KILLED).replace("sys.stdin.readline()", ""))
    after = state(place, KILLED)
    assert after[0] == "Zeppelin"
    assert after[1:4] == (before[1] + 1, before[2] + 1, before[3] + 2)
    assert after[4] > before[4]


def test_two_who_write_and_many_who_read_are_never_told_that_something_is_locked(place):
    busy = f"""
import os
for number in range(25):
    statement = Statement.objects.get(slug={BUSY!r})
    statement.channel = f"Channel {{number}} of {{os.getpid()}}"
    statement.save()
print("done")
"""
    with place.served() as (port, server):
        statuses: list[int] = []
        ended = threading.Event()

        def read() -> None:
            while not ended.is_set():
                statuses.append(ask(port, f"/statements/{BUSY}/").status)

        readers = [threading.Thread(target=read) for _ in range(4)]
        program = f"from talks.models import *\n{busy}"
        command = [sys.executable, "manage.py", "shell", "--verbosity=0", "--command", program]
        for reader in readers:
            reader.start()
        writers = [
            subprocess.Popen(
                command, cwd=place.code, env=place.environment(), text=True, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            for _ in range(2)
        ]  # fmt: skip
        outputs = [writer.communicate()[0] for writer in writers]
        ended.set()
        for reader in readers:
            reader.join()
        assert outputs == ["done\n", "done\n"]
        assert set(statuses) == {200}
        assert "locked" not in server.output
    _, _, history, told, _ = state(place, BUSY)
    # One entry for the loading and one for each save, which said something else, each told once.
    assert history - 1 == told == 50


class Desk:
    """An editor's browser on a real server, as far as a form needs one."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, {}

    def send(self, method: str, address: str, values: dict | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if values is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self.port}"}
        body = urlencode(values, doseq=True) if values is not None else None
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, address, body, headers)
            response = connection.getresponse()
            for cookie in response.headers.get_all("Set-Cookie") or []:
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            return response.status, response.read().decode()

    def log_in(self) -> None:
        html = self.send("GET", "/admin/login/")[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)[1]  # type: ignore[index]
        given = {"username": NAME, "password": PASSWORD, "csrfmiddlewaretoken": token, "next": "/admin/"}
        status, told = self.send("POST", "/admin/login/", given)
        assert status == 302, told


def test_an_editors_process_killed_while_saving_leaves_the_old_or_the_new_state(place):
    place.manage("make_editor", EDITOR_NAME=NAME, EDITOR_PASSWORD=PASSWORD)
    number = place.sql(f"SELECT id FROM talks_statement WHERE slug = '{SAVED}'")[0][0]
    address, chance = f"/admin/talks/statement/{number}/change/", random.Random(6)
    outcomes = set()
    with place.served("config.settings_editor", TWO_FACTOR="0", WORKERS="1") as (port, server):
        desk = Desk(port)
        desk.log_in()
        for round_ in range(6):
            form = Form(desk.send("GET", address)[1])
            form.fill("", channel=f"Round {round_}", public_kind="correction", reason="A test.")
            before = state(place, SAVED)
            killed_after = chance.uniform(0, 0.12)
            (worker,) = children(server.pid)

            def post(values: dict = form.values) -> None:
                with suppress(OSError, http.client.HTTPException):
                    desk.send("POST", address, values)

            sending = threading.Thread(target=post)
            sending.start()
            time.sleep(killed_after)
            os.kill(worker, signal.SIGKILL)
            sending.join()
            until(lambda old=worker: children(server.pid) not in ([], [old]), "a new worker")
            after = state(place, SAVED)
            outcomes.add(after != before)
            whole = (f"Round {round_}", before[1], before[2] + 1, before[3] + 1)
            assert after == before or (after[:4] == whole and after[4] > before[4])
    assert place.manage("check").strip()
    assert outcomes  # which of the two it was is the machine's to say
    if not POSTGRES:
        assert place.sql("PRAGMA integrity_check") == [("ok",)]
