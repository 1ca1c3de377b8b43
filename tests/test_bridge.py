"""The front of the public process without a server: one call of the site, and what is made of its answer."""

from __future__ import annotations

import asyncio
import io
import socket
import threading
import types
from contextlib import closing

import pytest

from config import gunicorn
from config.bridge import BLOCK, environ_of
from config.front import Front

SCOPE = {"type": "http", "http_version": "1.1", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b""}
SCOPE |= {"headers": [], "server": ("127.0.0.1", 80), "client": None}


@pytest.mark.parametrize(
    ("raw", "path"),
    [(b"/%E2%82%AC", "/\xe2\x82\xac"), (b"/%FF%00+", "/\xff\0+"), (b"http://h/a%2fb", "/a/b"), (b"//h/a", "//h/a"), (b"*", "*")],
)  # fmt: skip
def test_a_path_has_one_character_for_each_byte(raw, path):
    assert environ_of({**SCOPE, "raw_path": raw})["PATH_INFO"] == path


@pytest.mark.parametrize(
    ("raw", "host"),
    [(b"/", "ours"), (b"//h/a", "ours"), (b"http://h:1/a", "h:1"), (b"http://h", "h"), (b"https://me@h/", "me@h"), (b"http:///a", ""), (b"*", "ours")],
)  # fmt: skip
def test_the_host_of_a_whole_address_goes_before_the_header(raw, host):
    """RFC 9112, 3.2.2."""
    assert environ_of({**SCOPE, "raw_path": raw, "headers": [(b"host", b"ours")]})["HTTP_HOST"] == host


def test_a_socket_that_is_a_file_has_no_addresses():
    environ = environ_of({**SCOPE, "server": "/r", "root_path": "/at", "raw_path": b"/at/x"})
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"], environ["REMOTE_ADDR"]) == ("", "80", "")
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/at", "/x")


def asked(site, *messages, **scope):
    """What the front sends when this site is behind it and the server says this."""
    sent: list[dict] = []
    said = iter(messages or [{"type": "http.request"}] * 9)

    async def receive():
        return next(said)

    async def send(message):
        sent.append(message)

    asyncio.run(Front(site, {"X-Constant": "yes"})({**SCOPE, **scope}, receive, send))
    return sent


def test_a_fault_before_the_answer_is_a_500_without_details_and_is_logged(caplog):
    def site(environ, start_response):
        raise ValueError("a secret")

    start, body = asked(site)
    assert start["status"] == 500
    assert (b"X-Constant", b"yes") in start["headers"]
    assert b"secret" not in body["body"]
    assert "a secret" in caplog.text


def test_what_concerns_one_connection_is_left_out():
    def site(environ, start_response):
        start_response("200 OK", [("Connection", "close"), ("KEEP-ALIVE", "1"), ("Content-Length", "2"), ("A", " é")])
        return [b"o", b"k"]

    start, body = asked(site)
    assert start["headers"] == [(b"Content-Length", b"2"), (b"A", b"\xe9"), (b"Server", b"gunicorn")]
    assert (body["body"], body["more_body"]) == (b"ok", False)


@pytest.mark.parametrize(("method", "status"), [("HEAD", "200 OK"), ("GET", "304 Not Modified"), ("GET", "204 None")])
@pytest.mark.parametrize("wrapped", [True, False])
def test_what_has_no_body_is_closed_unread(method, status, wrapped):
    file = io.BytesIO(b"unwanted")

    def site(environ, start_response):
        start_response(status, [("ETag", "x")])
        return environ["wsgi.file_wrapper"](file) if wrapped else file

    start, body = asked(site, method=method)
    assert (start["headers"], body["body"]) == ([(b"ETag", b"x"), (b"Server", b"gunicorn")], b"")
    assert file.closed


def test_a_file_that_a_client_did_not_wait_for_is_closed():
    file, entered, goes = io.BytesIO(bytes(BLOCK)), threading.Event(), threading.Event()

    def site(environ, start_response):
        start_response("200 OK", [])
        entered.set()
        goes.wait()
        return environ["wsgi.file_wrapper"](file)

    async def left():
        front = Front(site, {})
        request = asyncio.create_task(front(SCOPE, None, None))
        await asyncio.to_thread(entered.wait)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        goes.set()
        front.pages.shutdown()

    asyncio.run(left())
    assert file.closed


def test_a_websocket_is_refused_and_the_life_of_the_process_is_answered():
    assert asked(None, type="websocket") == [{"type": "websocket.close"}]
    life = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    wanted = [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]
    assert asked(None, *life, type="lifespan") == wanted


def test_the_listening_sockets_give_up_who_takes_nothing(monkeypatch):
    monkeypatch.setattr(gunicorn, "PUBLIC", True)
    if not hasattr(socket, "TCP_USER_TIMEOUT"):
        pytest.skip("this system has no TCP_USER_TIMEOUT")
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        gunicorn.when_ready(types.SimpleNamespace(LISTENERS=[types.SimpleNamespace(sock=listener)]))
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == gunicorn.NOTHING_TAKEN
