"""What somebody asks for, and how, changes nothing of what others are given: no page, no redirect, no header.

Each hostile request goes first to pages that nobody has asked for. What a reader gets after it is held, byte for byte,
against what a process says that was never asked by anybody else.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.hostile import SLUGS
from tests.machines import nginx
from tests.prepared import a_prepared_place
from tests.servers import Place
from tests.wire import request, said

pytestmark = [pytest.mark.live, pytest.mark.once]

EVIL = "evil.example"
# The last are redirects: a foreign parameter, a stroke, the latest release, another day.
PAGES = (
    "/statements/umerov-awaits-memorandum/", "/statements/?q=memorandum", "/people.atom", "/parties.csv", "/nowhere/",
    "/meetings.svg", "/people.json?utm_source=a", "/statements", "/data/latest/statements.csv",
    "/meetings/istanbul-2025-06-02/?as_of=2025-06-03", "/parties/?utm_source=a",
)  # fmt: skip
SAID = [
    f"X-Forwarded-Host: {EVIL}", f"X-Host: {EVIL}", f"X-Forwarded-Server: {EVIL}", f"X-HTTP-Host-Override: {EVIL}",
    "X-Request-Id: evil.example", "X-Forwarded-Proto: https", "X-Forwarded-Scheme: https", "X-Forwarded-Ssl: on",
    "Front-End-Https: on", "X-Forwarded-Port: 1", "X-Forwarded-Prefix: /evil", "X-Script-Name: /evil",
    "SCRIPT_NAME: /evil", "X-Forwarded-Path: /evil", "X-Forwarded-For: 127.0.0.1",
    f"Forwarded: for=127.0.0.1;host={EVIL};proto=https", "X-Original-URL: /parties/russia/",
    "X-Rewrite-URL: /parties/russia/", "X-HTTP-Method-Override: DELETE", "X-HTTP-Method: HEAD",
    "X-Method-Override: POST", "Accept-Language: uk", "Accept: application/json",
    "Cookie: sessionid=evil; csrftoken=evil", "Authorization: Basic ZXZpbDpldmls", "Range: bytes=0-9",
    "If-None-Match: *", 'If-Match: "none"', "If-Modified-Since: Mon, 01 Jan 2035 00:00:00 GMT", "Accept-Encoding: gzip",
    "Accept-Encoding: br", "Cache-Control: no-store, max-age=0", "Pragma: no-cache",
    "Connection: close, X-Forwarded-Host", f"Origin: https://{EVIL}", "Content-Type: multipart/form-data; boundary=x",
    "X-Requested-With: XMLHttpRequest", "Expect: 100-continue", "Upgrade: h2c", f"Host: {EVIL}",
    "Transfer-Encoding: identity", f"Referer: https://{EVIL}/", "User-Agent: () { :; }; /bin/false",
]  # fmt: skip
OF_A_FORM = "Content-Type: application/x-www-form-urlencoded"
FORM = b"_method=DELETE&q=evil&party=russia"
OTHER = b"GET /parties/russia/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "
SMUGGLED = b"0\r\n\r\n" + OTHER
IN_A_CHUNK = b"%x\r\n%s\r\n0\r\n\r\n" % (len(OTHER), OTHER)


LAST = "Connection: close"
CLOSING = request("/about/", LAST)


def with_query(page: str, more: str) -> str:
    return f"{page}{'&' if '?' in page else '?'}{more}"


def escaped(page: str) -> str:
    return "/" + "".join(f"%{ord(sign):02x}" for sign in page[1:].partition("?")[0])


def said_with(line: str) -> Callable[[str], bytes]:
    return lambda page: request(page, line, *([] if line.startswith("Connection") else [LAST]))


def with_body(body: bytes, *lines: str, method: str = "GET") -> Callable[[str], bytes]:
    return lambda page: request(page, *lines, LAST, method=method, body=body)


# Each makes of a page a request that means ill; nearly all end the connection, and what is left over is lost with it.
ASKING: dict[str, Callable[[str], bytes]] = {
    **{line: said_with(line) for line in SAID},
    "another host": lambda page: request(page, LAST, host=EVIL),
    "a host with a port": lambda page: request(page, LAST, host="127.0.0.1:1"),
    "a whole address": lambda page: request(f"http://{EVIL}{page}", LAST),
    "a whole address of TLS": lambda page: request(f"https://{EVIL}{page}", LAST),
    "another authority": lambda page: request(f"//{EVIL}{page}", LAST),
    "a foreign parameter": lambda page: request(with_query(page, "utm_source=evil"), LAST),
    "an unknown parameter": lambda page: request(with_query(page, "callback=evil&x=1"), LAST),
    "a parameter twice": lambda page: request(with_query(page, "q=evil&q=memorandum&party=russia&party="), LAST),
    "a hidden parameter": lambda page: request(f"{page};q=evil", LAST),
    "a fragment": lambda page: request(f"{page}#evil", LAST),
    "an escaped path": lambda page: request(escaped(page), LAST),
    "a head": lambda page: request(page, LAST, method="HEAD"),
    "a form": with_body(FORM, f"Content-Length: {len(FORM)}", method="POST"),
    "a get with a body": with_body(FORM, OF_A_FORM, f"Content-Length: {len(FORM)}"),
    "a get in chunks": with_body(b"4\r\nevil\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
    "a request in a body": lambda page: request(page, f"Content-Length: {len(OTHER)}", body=OTHER + CLOSING),
    "a length and chunks": with_body(SMUGGLED, f"Content-Length: {len(SMUGGLED)}", "Transfer-Encoding: chunked"),
    "chunks and a length": with_body(IN_A_CHUNK, "Transfer-Encoding: chunked", "Content-Length: 4"),
    "chunks by another name": with_body(SMUGGLED, f"Content-Length: {len(SMUGGLED)}", "Transfer-Encoding : chunked"),
    "two lengths": with_body(OTHER, "Content-Length: 0", f"Content-Length: {len(OTHER)}"),
}


class Public(NamedTuple):
    """Ports: of a process that anybody asks, and of one that only readers ask; both read one database."""

    place: Place
    anybody: int
    readers: int

    def forget(self) -> None:
        """A new edition: neither has any page."""
        self.place.sql("UPDATE talks_party SET name = name WHERE slug = 'ukraine'")


@pytest.fixture(scope="module")
def public() -> Iterator[Public]:
    with a_prepared_place() as place, place.served(WORKERS="1") as (one, _), place.served(WORKERS="1") as (other, _):
        yield Public(place, one, other)


def read(port: int, page: str, encoding: str = "identity") -> bytes:
    """What somebody gets who means no harm."""
    return said(port, request(page, f"Accept-Encoding: {encoding}", LAST))


@pytest.mark.parametrize("how", ASKING)
def test_a_reader_gets_what_he_would_have_got_if_nobody_had_asked_before(public, how):
    public.forget()
    for page in PAGES:
        said(public.anybody, ASKING[how](page))
    for page in PAGES:
        answer = read(public.anybody, page)
        assert answer == read(public.readers, page), page
        assert EVIL.encode() not in answer
    assert read(public.anybody, PAGES[0], "gzip") == read(public.readers, PAGES[0], "gzip")


def test_each_request_gets_the_answer_of_its_own_address_however_it_is_asked_again(public):
    """Requests that are known byte for byte are answered by a way of their own."""
    public.forget()
    for how, asking in ASKING.items():
        for page in PAGES[:2]:
            first, again, third = (said(public.anybody, asking(page)) for _ in range(3))
            assert first == again == third, how
    assert read(public.anybody, PAGES[0]) == read(public.readers, PAGES[0])


def test_a_whole_address_is_of_this_site_or_refused_whatever_the_host_is_said_to_be(public):
    """RFC 9112, 3.2.2."""
    public.forget()
    page = PAGES[0]
    for _ in range(2):  # made, and kept
        ours = said(public.anybody, request(f"http://127.0.0.1{page}", LAST, host=EVIL))
        assert ours == said(public.anybody, request(page, LAST))
        assert said(public.anybody, request(f"http://{EVIL}{page}", LAST)).startswith(b"HTTP/1.1 400 ")


# Through nginx, which keeps pages too, and whose connections to the public process are everybody's.


@pytest.fixture(scope="module")
def proxied(public) -> Iterator[tuple[int, int]]:
    """Two nginx as it is shipped, each before one of two processes that allow it to keep pages."""
    with ExitStack() as stack:
        ports = []
        for _ in range(2):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="talks-nginx-", dir="/tmp")))
            folder.chmod(0o755)
            port, _ = stack.enter_context(public.place.served(WORKERS="1", PROXY_SECONDS="600"))
            before = nginx(public.place, folder / "nginx", [port, port], port, rate="9999r/s")
            proxy, _ = stack.enter_context(before)
            ports.append(proxy)
        yield ports[0], ports[1]


def passed(port: int, page: str, encoding: str = "identity") -> bytes:
    """The same, without what nginx says of its own doing."""
    return re.sub(rb"X-Cache: [A-Z]+\r\n", b"", read(port, page, encoding))


# Each has a page of its own, since nginx keeps what it has.
OWN_PAGES = [f"/{record}/{slug}/" for record in ("statements", "people", "sources") for slug in SLUGS[record]]


@pytest.mark.nginx
def test_through_nginx_a_reader_gets_what_he_would_have_got_if_nobody_had_asked_before(proxied):
    assert len(OWN_PAGES) >= len(ASKING)
    for (how, asking), page in zip(ASKING.items(), OWN_PAGES, strict=False):
        for _ in range(2):
            said(proxied[0], asking(page))
        for encoding in ("identity", "gzip", "br"):
            answer = passed(proxied[0], page, encoding)
            assert answer == passed(proxied[1], page, encoding), (how, page)
            assert EVIL.encode() not in answer


@pytest.mark.nginx
def test_through_nginx_a_page_has_the_same_bytes_however_its_query_is_written(proxied):
    """What was written in another way was asked with a body, which nginx hands on."""
    for page in ("/statements/?type=&q=said", "/statements.atom?type=direct&q=said", "/meetings/?year=1&year=2022"):
        for _ in range(2):
            said(proxied[0], ASKING["a get with a body"](page))
        assert passed(proxied[0], page) == passed(proxied[1], page), page
