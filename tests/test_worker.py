"""A kept page goes out by the short way as it goes out by ASGI, byte for byte; what is unusual goes by ASGI."""

from __future__ import annotations

import re
import socket
import time

import pytest

from config.shelf import lines
from tests.prepared import a_prepared_place
from tests.servers import PATIENCE

pytestmark = [pytest.mark.live, pytest.mark.once]
PAGE = "/statements/umerov-awaits-memorandum-liga/"


@pytest.fixture(scope="module")
def port():
    """One worker, which says at its end what it answered."""
    with a_prepared_place() as place, place.served(WORKERS="1") as (port, *_):
        yield port


def said(port: int, *requests: str) -> bytes:
    """What comes back on one connection, until the server closes it; the last request should ask for that."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall("".join(f"{request}\r\n\r\n" for request in requests).encode("latin-1"))
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return re.sub(rb"Date: [^\r]+", b"Date: now", answer)


def asked(address: str = PAGE, *headers: str, method: str = "GET") -> str:
    return "\r\n".join((f"{method} {address} HTTP/1.1", "Host: 127.0.0.1", *headers))


LAST = asked("/robots.txt", "Connection: close")


def short(port: int, request: str) -> bytes:
    """By the short way: the page is kept, and the connection goes on with another request."""
    ended = said(port, LAST)
    answer = said(port, request, LAST)
    assert answer.endswith(ended)
    return answer.removesuffix(ended)


def by_asgi(port: int, request: str) -> bytes:
    """By ASGI, because the connection is to be closed; without saying so."""
    return said(port, f"{request}\r\nConnection: close").replace(b"Connection: close\r\n", b"", 1)


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_both_ways_give_the_same_bytes(port, encoding, method):
    request = asked(PAGE, f"Accept-Encoding: {encoding}", method=method)
    by_asgi(port, request)  # now it is kept
    answer = short(port, request)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer == by_asgi(port, request)
    assert answer.endswith(b"\r\n\r\n") == (method == "HEAD")


def test_a_page_that_the_client_has_is_not_sent_again(port):
    tag = re.search(rb"ETag: ([^\r]+)", by_asgi(port, asked()))[1].decode()
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        request = asked(PAGE, f"If-None-Match: {known}")
        answer = short(port, request)
        assert answer.startswith(b"HTTP/1.1 304 Not Modified\r\n"), known
        assert answer == by_asgi(port, request)
    assert short(port, asked(PAGE, 'If-None-Match: "other"')).startswith(b"HTTP/1.1 200 OK")
    assert short(port, asked(PAGE, 'If-Match: "other"')).startswith(b"HTTP/1.1 412")


def test_requests_in_one_packet_are_answered_in_turn(port):
    one, other = asked(PAGE), asked("/parties/ukraine/")
    first, second, last = by_asgi(port, one), by_asgi(port, other), said(port, LAST)
    assert said(port, one, other, one, LAST) == first + second + first + last


@pytest.mark.parametrize("host", ["elsewhere.example", ""])
def test_another_host_is_refused_though_the_page_is_kept(port, host):
    by_asgi(port, asked())
    request = asked().replace("Host: 127.0.0.1", f"Host: {host}")
    assert short(port, request).startswith(b"HTTP/1.1 400")


def test_a_request_of_http_1_0_is_answered_and_its_connection_closed(port):
    told = said(port, f"GET {PAGE} HTTP/1.0\r\nHost: 127.0.0.1")
    assert told.startswith(b"HTTP/1.0 200 OK")


def test_a_body_nobody_wants_does_not_become_the_next_request(port):
    by_asgi(port, asked())
    told = said(port, f"{asked(PAGE, 'Content-Length: 12')}\r\n\r\nGET /x HTTP/{LAST}")
    assert told.count(b"HTTP/1.1 ") == told.count(b"HTTP/1.1 200 OK") == 2


def test_a_client_that_reads_nothing_holds_up_nobody(port):
    by_asgi(port, asked())
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as deaf:
        deaf.setblocking(False)
        sent, many = 0, f"{asked()}\r\n\r\n".encode() * 200
        for _ in range(100):
            try:
                sent += deaf.send(many)
            except (BlockingIOError, ConnectionError):  # gunicorn may also close it
                break
        assert short(port, asked()).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("value", [b"a\r\nSet-Cookie: b", b"a\nb", b"a\0b"])
def test_a_header_with_a_line_break_is_never_a_line(value):
    with pytest.raises(ValueError, match="line break"):
        lines(b"200 OK", [(b"Name", value)])
    with pytest.raises(ValueError, match="line break"):
        lines(b"200 OK", [(value, b"value")])


@pytest.fixture
def connection(port):
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as opened:
        yield opened


def answer_to(connection: socket.socket, *pieces: str) -> bytes:
    """What comes back, one page; each piece is read by the server before the next one comes."""
    for number, piece in enumerate(pieces):
        if number:
            time.sleep(0.05)
        connection.sendall(piece.encode())
    answer = b""
    while not answer.rstrip().endswith(b"</html>") and (piece := connection.recv(65536)):
        answer += piece
    return re.sub(rb"Date: [^\r]+", b"Date: now", answer)


def whole(*request: str) -> str:
    return f"{asked(*request)}\r\n\r\n"


def test_the_same_bytes_have_the_same_answer_each_time(port, connection):
    page = by_asgi(port, asked())
    assert [answer_to(connection, whole()) for _ in range(4)] == [page] * 4
    other = by_asgi(port, asked("/parties/ukraine/"))
    turns = [whole(), whole("/parties/ukraine/")] * 3
    assert [answer_to(connection, turn) for turn in turns] == [page, other] * 3


def test_known_bytes_within_another_request_are_not_a_request(port, connection):
    """They come as a packet of their own, after the beginning of a request whose header they belong to."""
    page = by_asgi(port, asked())
    for _ in range(3):
        assert answer_to(connection, whole()) == page
    begun = "GET /parties/ukraine/ HTTP/1.1\r\nX-Header: "
    assert answer_to(connection, begun, whole()) == by_asgi(port, asked("/parties/ukraine/"))
    assert answer_to(connection, whole()) == page


def test_known_bytes_after_the_tail_of_a_request_are_not_a_request(port, connection):
    """The beginning comes in one packet with a request before it."""
    page, other = by_asgi(port, asked()), by_asgi(port, asked("/parties/ukraine/"))
    for _ in range(3):
        assert answer_to(connection, whole()) == page
    begun = "GET /parties/ukraine/ HTTP/1.1\r\nX-Header: "
    assert answer_to(connection, whole() + begun) == page
    assert answer_to(connection, whole()) == other
    unwanted = f"{asked(PAGE, f'Content-Length: {len(whole())}')}\r\n\r\n"
    told = answer_to(connection, unwanted, whole())
    assert told.count(b"HTTP/1.1") == 1
    assert told.endswith(page.partition(b"\r\n\r\n")[2])
    assert connection.recv(1) == b""


def test_requests_that_come_faster_than_answers_are_answered_in_turn(port, connection):
    page, other = by_asgi(port, asked()), by_asgi(port, asked("/parties/ukraine/"))
    for address in (PAGE, "/parties/ukraine/"):
        said(port, asked(address), LAST)
    many = [PAGE, "/parties/ukraine/"] * 100
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for address in many:
        connection.sendall(whole(address).encode())
    expected, answer = (page + other) * 100, b""
    while answer.count(b"</html>") < len(many) and (piece := connection.recv(1 << 20)):
        answer += piece
    assert re.sub(rb"Date: [^\r]+", b"Date: now", answer) == expected


def test_a_connection_that_says_nothing_more_is_closed(connection):
    """Three seconds after its last answer, not after its first."""
    for _ in range(5):
        answer_to(connection, whole())
        time.sleep(1)
    began = time.monotonic()
    assert connection.recv(1) == b""
    assert time.monotonic() - began > 1
