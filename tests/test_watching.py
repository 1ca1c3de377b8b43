"""What an operator sees: log lines as JSON, numbers for Prometheus, faults told to Sentry. None names a reader."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import brotli
import pytest

from tests.prepared import a_prepared_place
from tests.servers import ask, children, free_port, until

pytestmark = pytest.mark.live
PAGE = "/about/"
BROKEN = "/statements/umerov-awaits-memorandum/"
WHO = {"X-Request-ID": "named-by-nginx-0001", "X-Forwarded-For": "203.0.113.7", "User-Agent": "somebody's"}
UNUSUAL = {"If-Match": '"other"'}  # goes past the short way out, so that there is a name to be told of

UNPACKED = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}


@pytest.fixture(scope="module")
def place():
    """A place in which statements cannot be read, so that their pages are faults."""
    with a_prepared_place() as place:
        place.sql("ALTER TABLE talks_statement RENAME COLUMN text TO lost")
        yield place


def records(server) -> list[dict]:
    return [json.loads(line) for line in server.output.splitlines()]


@pytest.mark.once
def test_each_line_is_json_names_its_request_and_no_reader(place):
    with place.served(LOG_FORMAT="json", LOG_LEVEL="info") as (port, server):
        # A line is written after its answer, and by either worker: each is waited for, so that they come in order.
        for page, headers, status in ((PAGE, WHO, 200), (BROKEN, WHO, 500), (PAGE, UNUSUAL, 412)):
            assert ask(port, page, headers=headers).status == status
            until(lambda status=status: f'"status": {status}' in server.output, f"the line of {page}")
        told = records(server)
    assert "203.0.113.7" not in server.output
    assert "somebody's" not in server.output
    of_requests = [one for one in told if one["logger"] == "config.front" and "status" in one]
    assert [(one["message"], one["status"]) for one in of_requests] == [
        (f"GET {PAGE}", 200), (f"GET {BROKEN}", 500), (f"GET {PAGE}", 412),
    ]  # fmt: skip
    assert [one["request_id"] for one in of_requests[:2]] == [WHO["X-Request-ID"]] * 2
    assert re.fullmatch("[0-9a-f]{16}", of_requests[2]["request_id"])
    fault = next(one for one in told if one["level"] == "ERROR")
    assert fault["request_id"] == WHO["X-Request-ID"], "the page was made by another thread"
    assert "exc_info" in fault
    assert all(set(one) >= {"level", "logger", "message", "process", "timestamp"} for one in told)


@pytest.mark.once
def test_a_name_that_could_be_anything_is_not_written_down(place):
    given = ["x", "a b c d e f", "a" * 65, 'ab"cdefgh', "äöüäöüäö"]
    with place.served(LOG_FORMAT="json", LOG_LEVEL="info", WORKERS="1") as (port, server):
        for name in given:
            ask(port, PAGE, headers={**UNUSUAL, "X-Request-ID": name.encode().decode("latin-1")})
        until(lambda: server.output.count('"status": 412') == len(given), "the lines")
        names = {one["request_id"] for one in records(server) if one.get("status") == 412}
    assert len(names) == len(given)
    assert all(re.fullmatch("[0-9a-f]{16}", name) for name in names)


@pytest.mark.once
def test_the_editors_process_names_requests_and_tells_no_address(place):
    with place.served("config.settings_editor", LOG_FORMAT="json", LOG_LEVEL="info") as (port, server):
        with socket.create_connection(("127.0.0.1", port)) as broken:
            broken.sendall(b"NONSENSE\r\n\r\n")
            broken.recv(1000)
        assert ask(port, BROKEN, headers=WHO).status == 500
        until(lambda: "Invalid request" in server.output and "ERROR" in server.output, "both lines")
        told = records(server)
    assert any("ip=-" in one["message"] for one in told)
    fault = next(one for one in told if one["level"] == "ERROR")
    assert fault["request_id"] == WHO["X-Request-ID"]
    assert "203.0.113.7" not in server.output


def numbers(port: int) -> dict[str, float]:
    lines = ask(port, "/metrics").text.splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


@pytest.mark.once
def test_numbers_are_those_of_all_workers_together_also_of_one_that_ended(place):
    shown = free_port()
    answered = 'talks_answers_total{kind="page",status="200"}'
    with place.served(METRICS=f"127.0.0.1:{shown}", WORKERS="2") as (port, server):
        until(lambda: len(children(server.pid)) == 2, "two workers")
        for _ in range(40):
            assert ask(port, PAGE).status == 200
        until(lambda: numbers(shown).get(answered) == 40, "all of them are counted")
        told = numbers(shown)
        assert told["talks_kept_bytes"] > 1000
        assert told["talks_edition"] > 0
        assert told["talks_database_silent"] == 0
        first = children(server.pid)
        os.kill(first[0], signal.SIGKILL)
        until(lambda: len(set(children(server.pid)) - {first[0]}) == 2, "another worker")
        until(lambda: ask(port, PAGE).status == 200, "it answers")
        until(lambda: numbers(shown)[answered] > 40, "what the one that ended had counted is not lost")
        made = [
            value
            for name, value in numbers(shown).items()
            if name.startswith("django_http_responses_total_by_status_total")
        ]
        assert sum(made) >= 1, "django-prometheus counts the pages that are made"


@contextmanager
def sentry():
    """A server that takes what is told to Sentry; gives its DSN and the events."""
    events: list[dict] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            body = UNPACKED[self.headers.get("Content-Encoding")](body)
            lines = [json.loads(line) for line in body.splitlines() if line.startswith(b"{")]
            events.extend(line for line in lines if "exception" in line or "logentry" in line)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Taking) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://key@127.0.0.1:{server.server_port}/1", events
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.once
@pytest.mark.parametrize("process", ["config.settings", "config.settings_editor"])
def test_a_fault_is_told_to_sentry_without_who_met_it(place, process):
    with sentry() as (dsn, events), place.served(process, SENTRY_DSN=dsn, WORKERS="1") as (port, server):
        assert ask(port, PAGE, headers=WHO).status == 200
        assert not events

        assert ask(port, BROKEN, headers={**WHO, "Cookie": "secret=cookie"}).status == 500
        until(lambda: events, f"an event\n{server.output}")
        event, text = events[0], json.dumps(events)
    assert event["environment"] == process
    assert event["tags"]["request_id"] == WHO["X-Request-ID"]
    assert BROKEN in text
    for secret in ("203.0.113.7", "somebody's", "cookie", '127.0.0.1"', socket.gethostname() + '"'):
        assert secret not in text, secret


@pytest.mark.once
def test_without_a_dsn_the_client_is_not_even_loaded(place):
    look = "import sys; print('sentry_sdk' in sys.modules, 'prometheus_client' in sys.modules)"
    assert place.manage("shell", "--verbosity=0", "--command", look).strip() == "False False"
