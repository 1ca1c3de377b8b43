"""The front of the public process: what WSGI means is kept, and no client can hold up the others."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import socket
import sys
import time
import types
from contextlib import ExitStack, closing, contextmanager, suppress

import pytest

from config.front import PAGE_THREADS, STREAMED
from config.streams import STREAM_THREADS
from tests.prepared import a_prepared_place
from tests.servers import PATIENCE, POSTGRES, Answer, ask, children, free_port, until

pytestmark = pytest.mark.live

# The public process with some more addresses, as a module of its own.
MODULE = """
import os, time
from config import asgi, urls
from django.db import connection
from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

READY, made = {"ETag": '"none"'}, 0
def rows(number, pause=0):
    global made
    for _ in range(number):
        made += 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        time.sleep(pause)
        yield b"x" * 65535 + b"\\n"
def stream(content):
    return lambda request: StreamingHttpResponse(content(), content_type="text/csv")

urls.urlpatterns += [
    path("endless.csv", stream(lambda: rows(10**9))), path("slow.csv", stream(lambda: rows(20, 0.1))),
    path("breaking.csv", stream(lambda: (b"x" * (600000 // left) for left in (2, 1, 0)))),
    path("slow/", lambda request: time.sleep(1.5) or HttpResponse("at last", headers=READY)),
    path("static/large", lambda request: FileResponse(open(os.environ["LARGE"], "rb"), headers=READY)),
    path("static/told", lambda request: JsonResponse({k: v for k, v in request.META.items() if isinstance(v, str)}),
         name="told-list"),
    path("made/", lambda request: HttpResponse(str(made), headers=READY)),
]
application = asgi.application
"""
SIZE, ROW = 64 * 1024 * 1024 + 1, b"x" * 65535 + b"\n"
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
# What Django says of a 404 or a 405 is none.
TROUBLE = re.compile("Traceback|Error|exception|gunicorn|config|asyncio", re.IGNORECASE)


@pytest.fixture(scope="module")
def place():
    with a_prepared_place() as place:
        folder = place.var.parent / "modules"
        folder.mkdir()
        (folder / "more.py").write_text(MODULE)
        (folder / "large").write_bytes(os.urandom(1024) * (SIZE // 1024) + b"!")
        place.more = {"PYTHONPATH": str(folder), "LARGE": str(folder / "large"), "WORKERS": "1"}
        yield place


@contextmanager
def serving(place, trouble: bool = False):
    """One worker, so that it is known who answers. Clients that go, dawdle or ask nonsense are no news."""
    with place.served(application="more", **place.more) as (port, server):
        yield types.SimpleNamespace(port=port, server=server, pid=server.pid, place=place)
        assert bool(TROUBLE.search(server.output)) == trouble, server.output


@pytest.fixture(scope="module")
def public(place):
    with serving(place) as public:
        yield public


def wire(public, request: str, window: int = 0) -> socket.socket:
    """A connection on which this was sent; with a window the client takes no more than about so many bytes."""
    connection = socket.socket()
    connection.settimeout(PATIENCE)
    if window:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    connection.connect(("127.0.0.1", public.port))
    connection.sendall(request.encode("latin-1"))
    return connection


def get(address: str, *headers: str) -> str:
    return "\r\n".join([f"GET {address} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""])


def begun(public, address: str) -> socket.socket:
    """A client that has the beginning of an answer and reads nothing more."""
    connection = wire(public, get(address), 4096)
    assert connection.recv(15) == b"HTTP/1.1 200 OK"
    return connection


def answer_on(connection: socket.socket, method: str = "GET") -> Answer:
    with closing(http.client.HTTPResponse(connection, method=method)) as response:
        response.begin()
        return Answer(response.status, response.headers, response.read())


def open_files(public) -> int:
    """How often the worker has the large file open."""
    (worker,) = children(public.pid)
    if not os.path.exists("/proc/self/fd"):
        pytest.skip("nobody tells which files a process has open")
    open_now = 0
    for name in os.listdir(f"/proc/{worker}/fd"):
        with suppress(OSError):  # it was closed while we looked
            open_now += os.readlink(f"/proc/{worker}/fd/{name}") == public.place.more["LARGE"]
    return open_now


def snapshot_is_held(place) -> bool:
    """Whether a reader is within a transaction that began before the last commit."""
    if POSTGRES:
        return place.sql(f"SELECT count(*) {OTHERS} AND xact_start IS NOT NULL") != [(0,)]
    ((_, written, carried_over),) = place.sql("PRAGMA wal_checkpoint(PASSIVE)")
    return written != carried_over


ADDRESSES = (
    *("/", "/statements/", "/statements.csv", "/statements.json", "/meetings.ics", "/parties/ukraine/", "/parties.csv"),
    *("/parties/ukraine.csv", "/meetings/istanbul-2025-06-02.ics", "/meetings/nowhere.csv"),
    *(
        "/meetings/?q=%D0%BC",
        "/statements/?q=%EF%BF%BD",
        "/statements/?q=%00",
        "/people/?after=%25",
        "/statements?a=b",
        "/%00",
    ),
    *("/parties/%75kraine/", "/%D1%96/", "/%FF%FE/", "/a%2Fb/", "/x%20y.csv", "/%00.csv", "/x.csv", "/a?b?c", "/;"),
    *("/parties//ukraine/", "/../", "/static/nothing.css", "/static/img/../x", "/data/codebook/", "/%0d%0aX:y"),
)


@pytest.mark.parametrize(
    ("address", "is_stream"),
    [("/statements.csv", True), ("/meetings.ics", True), ("/people.ndjson", True), ("/statements.json", False),
     ("/statements/a.csv", False), ("/meetings/a.ics", False), ("/data/releases/1/people.csv", False)],
)  # fmt: skip
def test_lists_without_pages_are_streams_and_one_record_is_a_page_that_is_kept(address, is_stream):
    assert bool(STREAMED.fullmatch(address)) == is_stream


CLIENT = """
import base64, django, json, sys
django.setup()
from django.test import Client
port, asked = json.load(sys.stdin)
client = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1", SERVER_PORT=str(port))
def told(method, address):
    answer = client.generic(method, address)
    return answer.status_code, list(answer.headers.items()), base64.b64encode(answer.getvalue()).decode()
print(json.dumps([told(*one) for one in asked]))
"""


def lasting(headers) -> list[list[str]]:
    left = ("date", "server", "connection", "transfer-encoding")
    return sorted([name.lower(), value] for name, value in headers if name.lower() not in left)


def test_the_same_bytes_and_headers_come_through_the_front_as_from_django_itself(public):
    asked = [(method, address) for address in ADDRESSES for method in ("GET", "HEAD", "POST", "OPTIONS")]
    given, settings = json.dumps([public.port, asked]), {"DJANGO_SETTINGS_MODULE": "config.settings"}
    told = public.place.run(sys.executable, "-c", CLIENT, stdin=given, **settings)
    wanted = json.loads(told[told.index("[[") :])
    assert {status for status, _, _ in wanted} == {200, 301, 302, 404, 405}
    for (method, address), (status, headers, body) in zip(asked, wanted, strict=True):
        with closing(wire(public, get(address).replace("GET", method, 1))) as connection:
            got = answer_on(connection, method)
        assert got.status == status, (method, address)
        assert lasting(got.headers.items()) == lasting(headers), (method, address)
        assert got.body == base64.b64decode(body), (method, address)


def test_headers_reach_django_as_wsgi_wants_them_and_no_proxy_is_believed(public):
    sent = (
        "Accept: a",
        "Cookie: a=1",
        "X-Thing: 1",
        "accept: b",
        "X-Thing: ",
        "Cookie: b=2",
        "X_Thing: 3",
        "Content-Type: x/y",
    )
    proxy = ("X-Forwarded-Proto: https", "X-Forwarded-For: 10.0.0.1", "SCRIPT_NAME: /evil")
    with closing(wire(public, get("/static/told?after=%FF&before", *sent, *proxy))) as connection:
        told = json.loads(answer_on(connection).body)
    assert told["HTTP_ACCEPT"] == "a,b"
    assert told["HTTP_COOKIE"] == "a=1; b=2"
    assert told["HTTP_X_THING"] == "1,"
    assert (told["CONTENT_TYPE"], told["QUERY_STRING"], told["SCRIPT_NAME"]) == ("x/y", "after=%FF&before", "")
    assert (told["wsgi.url_scheme"], told["REMOTE_ADDR"]) == ("http", "127.0.0.1")


@pytest.mark.parametrize("target", ["/\0", "/?\0", "/é", "x y", "/ x"])
def test_a_target_that_http_forbids_is_refused(public, target):
    with closing(wire(public, get(target))) as connection:
        assert answer_on(connection).status == 400


def test_a_large_file_comes_whole_and_a_head_of_it_without_a_body(public):
    with open(public.place.more["LARGE"], "rb") as file:
        assert ask(public.port, "/static/large").body == file.read()
    head = ask(public.port, "/static/large", "HEAD")
    assert (head.status, head.headers["Content-Length"], head.body) == (200, str(SIZE), b"")
    assert ask(public.port, "/endless.csv", "HEAD").body == b""
    until(lambda: open_files(public) == 0, "the file is closed")


def test_a_body_is_not_waited_for_and_the_connection_is_good_for_more_when_it_comes(public):
    for address in ("/", "/statements.csv"):
        post = get(address, "Content-Length: 9").replace("GET", "POST", 1)
        with closing(wire(public, post)) as connection:
            assert answer_on(connection).status == 405
            connection.sendall(b"some body" + get("/parties/").encode())
            assert answer_on(connection).status == 200
    with closing(wire(public, post.replace(": 9", ": 999999999"))) as connection:
        assert answer_on(connection).status == 405


def made(public) -> int:
    """How many rows of lists have been made by now."""
    return int(ask(public.port, "/made/").body)


def pages_are_answered(public) -> None:
    assert {ask(public.port, address).status for address in ("/", "/statements/", "/parties/", "/people.json")} == {200}


def test_clients_who_take_a_file_and_do_not_read_it_hold_nobody_up(public):
    with ExitStack() as clients:
        for _ in range(12):
            clients.enter_context(closing(begun(public, "/static/large")))
        assert open_files(public) == 12
        pages_are_answered(public)
        assert len(ask(public.port, "/static/large").body) == SIZE
    until(lambda: open_files(public) == 0, "the files are closed")


def test_slow_readers_of_lists_hold_up_no_page_and_one_more_is_asked_to_come_again(public):
    with ExitStack() as clients:
        for _ in range(STREAM_THREADS):
            clients.enter_context(closing(begun(public, "/endless.csv")))
        pages_are_answered(public)
        until(lambda: made(public) == [time.sleep(0.2), made(public)][1], "no rows are made that nobody reads")
        for method in ("GET", "HEAD"):
            refused = ask(public.port, "/statements.csv", method)
            assert (refused.status, refused.headers["Retry-After"]) == (503, "1")
            assert refused.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in refused.headers["Content-Security-Policy"]
        assert ask(public.port, "/data/releases/9/statements.csv").status == 404, "ready files are no streams"
    until(lambda: ask(public.port, "/statements.csv").status == 200, "there is room again")


def test_a_client_who_goes_frees_the_snapshot_that_its_list_was_made_in(public):
    for _ in range(2 * STREAM_THREADS):
        with closing(begun(public, "/endless.csv")):
            public.place.sql("UPDATE talks_party SET name = name || '.' WHERE slug = 'ukraine'")
            assert snapshot_is_held(public.place)
        until(lambda: not snapshot_is_held(public.place), "the snapshot ends")


def test_two_hundred_beginnings_of_a_request_hold_nobody_up(public):
    with ExitStack() as clients:
        for _ in range(200):
            clients.enter_context(closing(wire(public, "G")))
        pages_are_answered(public)


@pytest.mark.postgresql
def test_each_thread_keeps_one_connection_to_the_database_and_no_client_costs_another(public):
    for address in ("/static/large", "/endless.csv") * 20:
        begun(public, address).close()
        until(lambda: not snapshot_is_held(public.place), "the list ends")
    pages_are_answered(public)
    assert (
        public.place.sql(f"SELECT count(*) {OTHERS}")[0][0] <= PAGE_THREADS + STREAM_THREADS + 1
    )  # the last asked for the guards


@pytest.mark.parametrize(
    ("address", "wanted"), [("/slow/", b"at last"), ("/slow.csv", ROW * 20), ("/static/large", None)]
)
def test_a_stop_in_the_middle_of_an_answer_lets_it_be_finished(place, address, wanted):
    with serving(place) as public, closing(wire(public, get(address))) as connection:
        assert ask(public.port, "/parties/").status == 200, "the other has arrived too"
        public.server.process.terminate()
        body = answer_on(connection).body
        assert body == wanted or (wanted is None and len(body) == SIZE)
        assert public.server.ended_with() == 0


def test_a_fault_in_the_middle_of_a_list_ends_the_connection_and_is_logged(place):
    with serving(place, trouble=True) as public:
        with closing(wire(public, get("/breaking.csv"))) as connection, pytest.raises(http.client.IncompleteRead):
            answer_on(connection)
        until(lambda: "ZeroDivisionError" in public.server.output, "it is logged")
        pages_are_answered(public)


def test_the_wrong_application_is_refused_in_one_line(place):
    command = ["-m", "gunicorn", "-c", "python:config.gunicorn", "-b", f"127.0.0.1:{free_port()}", "config.wsgi"]
    told = place.run(sys.executable, *command, code=1)
    assert told == "The public process is config.asgi; it is what gunicorn serves when no application is named.\n"
