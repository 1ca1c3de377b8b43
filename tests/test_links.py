"""Asking for sources' addresses: against a server that is slow, broken, redirecting, huge and lying."""

from __future__ import annotations

import gzip
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from html import unescape
from io import StringIO
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from django.core.management import call_command

from talks import fetching, webpage
from talks.fetching import AGENT, Fetched, Fetcher
from talks.models import LinkCheck, Meeting, Passage, Person, Source, Statement

WORDS = "The river belongs to both banks, and won’t dry up"
PAGE = f"<html><body><p>He said: “{WORDS}.”</p></body></html>"
SECONDS = 0.4
Page = bytes | Callable[["Site", socket.socket, "Asked"], None]


class Asked(NamedTuple):
    """One request as the server saw it."""

    method: str
    target: str
    headers: dict[str, str]
    at: float


def answer(body: str | bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """An answer as it goes over the wire. A header that is empty is left out."""
    content = body.encode() if isinstance(body, str) else body
    given = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(content)), "Connection": "close"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in given.items() if value)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def moved(to: str, status: str = "302 Found") -> bytes:
    return answer(status=status, Location=to)


class Site:
    """A server on this machine that says exactly what it is told to."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []
        self.now = self.most = self.connections = self.sent = 0
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self._serve)]
        self.threads[0].start()

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def methods(self, target: str) -> list[str]:
        return [asked.method for asked in self.asked if asked.target == target]

    def close(self) -> None:
        self.ended.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()
        self.listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while not self.ended.is_set():
                connection, _ = self.listener.accept()
                self.connections += 1
                self.threads.append(threading.Thread(target=self._talk, args=(connection,)))
                self.threads[-1].start()

    def _talk(self, connection: socket.socket) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        with suppress(OSError, ValueError), connection:
            connection.settimeout(5)
            head = b""
            while b"\r\n\r\n" not in head:
                if not (piece := connection.recv(65536)):
                    break
                head += piece
            if head:
                self._answer(connection, head)
        self.now -= 1

    def _answer(self, connection: socket.socket, head: bytes) -> None:
        first, *lines = head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
        method, target, _ = first.split(" ")
        asked = Asked(method, target, dict(line.split(": ", 1) for line in lines), time.monotonic())
        self.asked.append(asked)
        page = self.pages.get(target, answer("No such page.", "404 Not Found"))
        if callable(page):
            page(self, connection, asked)
        else:
            connection.sendall(page.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if method == "HEAD" else page)

    def drip(self, connection: socket.socket, content: bytes, pause: float = 0.02) -> None:
        """Send a byte at a time, for as long as somebody listens."""
        for byte in content:
            connection.sendall(bytes([byte]))
            if self.ended.wait(pause):
                return


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher(allow_private=True, pause=0, seconds=SECONDS)


# What is not asked for at all.


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "LOCALHOST",
     "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "[fe80::1]", "[fd00::1]", "240.0.0.1", "255.255.255.255"],
)  # fmt: skip
def test_nothing_on_a_private_network_is_asked_for(site, host):
    told = Fetcher(False, 0, SECONDS).fetch(f"http://{host}:{site.port}/")
    assert told.problem.startswith("refused: ")
    assert "public network" in told.problem
    assert (told.status, told.body) == (0, b"")
    assert site.connections == 0


@pytest.mark.parametrize(
    "host", ["224.0.0.1", "[ff02::1]", "[fec0::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::127.0.0.1]"]
)
def test_neither_groups_nor_private_addresses_within_others_are_asked_for(site, host):
    told = Fetcher(False, 0, SECONDS).fetch(f"http://{host}:{site.port}/")
    assert told.problem.startswith("refused: ")


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://127.0.0.1:{port}/x", "javascript:alert(1)", "gopher://127.0.0.1:{port}/", "data:text/html,x",
     "//127.0.0.1:{port}/", "/x", "", "http://", "http:///x", "http://user:pass@127.0.0.1:{port}/", "http://user@127.0.0.1:{port}/"],
)  # fmt: skip
def test_only_plain_addresses_of_the_web_are_asked_for(site, fetcher, url):
    told = fetcher.fetch(url.format(port=site.port))
    assert told.problem.startswith("refused: ")
    assert (told.status, site.connections) == (0, 0)


@pytest.mark.parametrize(
    "url",
    ["http://[::1", "http://127.0.0.1:99999/", "http://127.0.0.1:x/", "http://a\0b/", f"http://{'a' * 300}.example/"],
)
def test_an_impossible_address_is_a_problem_and_no_fault(fetcher, url):
    told = fetcher.fetch(url)
    assert told.status == 0
    assert told.problem


@pytest.mark.parametrize("to", ["http://10.0.0.1/", "http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "ftp://127.0.0.1/",
                                "javascript:alert(1)", "http://user:pass@127.0.0.1/"])  # fmt: skip
def test_a_redirect_is_judged_like_a_first_address(site, monkeypatch, to):
    # Only this server's own address is let through; all others are judged as they always are.
    class Outside(Fetcher):
        def _connect(self, scheme: str, host: str, port: int | None) -> Any:
            self.allow_private = port == site.port
            return super()._connect(scheme, host, port)

    site.pages["/"] = moved(to)
    told = Outside(False, 0, SECONDS).fetch(site.address("/"))
    assert told.problem.startswith("refused: ")
    assert (told.status, told.redirects) == (0, (site.address("/"),))
    assert site.methods("/") == ["HEAD"]


# Good and bad answers.


def test_a_good_page_is_asked_for_twice_only_if_its_words_are_wanted(site, fetcher):
    site.pages["/page"] = answer(PAGE)
    assert fetcher.fetch(site.address("/page"), with_body=False)[:3] == (200, site.address("/page"), b"")
    assert site.methods("/page") == ["HEAD"]
    assert fetcher.fetch(site.address("/page")).body == PAGE.encode()
    assert site.methods("/page") == ["HEAD", "HEAD", "GET"]


def test_we_say_who_we_are_and_ask_for_plain_bytes(site, fetcher):
    fetcher.fetch(site.address("/page?a=b&c=d#e"))
    assert {asked.target for asked in site.asked} == {"/robots.txt", "/page?a=b&c=d"}
    for asked in site.asked:
        assert asked.headers["User-Agent"] == AGENT
        assert asked.headers["User-Agent"].startswith("TalksInContext-LinkCheck/")
        assert asked.headers["Accept-Encoding"] == "identity"
        assert asked.headers["Host"] == f"127.0.0.1:{site.port}"


@pytest.mark.parametrize(
    "status", ["404 Not Found", "410 Gone", "500 Internal Server Error", "403 Forbidden", "999 Odd"]
)
def test_a_bad_status_is_given_as_it_is(site, fetcher, status):
    site.pages["/page"] = answer("No.", status)
    assert fetcher.fetch(site.address("/page"), with_body=False).status == int(status[:3])


@pytest.mark.parametrize("status", ["405 Method Not Allowed", "501 Not Implemented", "403 Forbidden", "404 Not Found"])
def test_where_head_is_refused_get_is_tried(site, fetcher, status):
    def page(site: Site, connection: socket.socket, asked: Asked) -> None:
        connection.sendall(answer("", status) if asked.method == "HEAD" else answer(PAGE))

    site.pages["/page"] = page
    told = fetcher.fetch(site.address("/page"), with_body=False)
    assert (told.status, told.problem) == (200, "")
    assert site.methods("/page") == ["HEAD", "GET"]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_redirects_are_followed_and_recorded(site, fetcher, status):
    site.pages |= {"/a": moved("/b?x=1", status), "/b?x=1": moved(site.address("/c"), status), "/c": answer(PAGE)}
    told = fetcher.fetch(site.address("/a"))
    assert (told.status, told.url, told.body) == (200, site.address("/c"), PAGE.encode())
    assert told.redirects == (site.address("/a"), site.address("/b?x=1"))


def test_a_redirect_to_a_dead_page_is_told_with_its_status(site, fetcher):
    site.pages["/a"] = moved("/gone")
    told = fetcher.fetch(site.address("/a"))
    assert (told.status, told.url) == (404, site.address("/gone"))


@pytest.mark.parametrize("steps", [5, 6])
def test_five_redirects_are_followed_and_not_a_sixth(site, fetcher, steps):
    site.pages |= {f"/{number}": moved(f"/{number + 1}") for number in range(steps)}
    site.pages[f"/{steps}"] = answer(PAGE)
    told = fetcher.fetch(site.address("/0"))
    assert (told.status, told.problem) == ((200, "") if steps == 5 else (302, "too many redirects"))


@pytest.mark.parametrize("to", ["/a", "/b"])
def test_a_redirect_loop_ends(site, fetcher, to):
    site.pages |= {"/a": moved(to), "/b": moved("/a")}
    told = fetcher.fetch(site.address("/a"))
    assert told.problem == "too many redirects"
    assert len(site.asked) <= 14


@pytest.mark.parametrize(
    ("location", "target"),
    [
        (b"/next X-Evil: 1", "/next%20X-Evil:%201"),
        (b"/next\r\n X-Evil: 1", "/next%20X-Evil:%201"),
        (b"/next%0d%0aX-Evil:%201", "/next%0d%0aX-Evil:%201"),
        (b"/next\x0bX-Evil: 1", "/next%0BX-Evil:%201"),
        (b"/next\x00X-Evil: 1", "/next%00X-Evil:%201"),
        (b"/next\rX-Evil: 1", None),
        ("/naïve".encode(), "/na%C3%AFve"),
        (b"/na%C3%AFve", "/na%C3%AFve"),
    ],
)
def test_a_location_adds_no_header_and_is_asked_for_as_it_was_sent(site, fetcher, location, target):
    site.pages["/a"] = b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
    fetcher.fetch(site.address("/a"), with_body=False)
    assert all("Evil" not in name for asked in site.asked for name in asked.headers)
    targets = [asked.target for asked in site.asked if asked.target not in ("/a", "/robots.txt")]
    assert targets
    assert all(name.isascii() and name.isprintable() and " " not in name for name in targets)
    assert target is None or set(targets) == {target}


# Servers that do not behave.


def test_nobody_there_is_a_problem(fetcher):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = fetcher.fetch(f"http://127.0.0.1:{port}/")
    assert told.status == 0
    assert "refused" in told.problem
    assert not told.problem.startswith("refused")


def silent(site: Site, connection: socket.socket, asked: Asked) -> None:
    site.ended.wait(20)


def hang_up(site: Site, connection: socket.socket, asked: Asked) -> None:
    connection.close()


def test_no_answer_is_a_problem_within_the_time_set(site, fetcher):
    site.pages["/page"] = silent
    told = fetcher.fetch(site.address("/page"))
    assert (told.status, told.problem) == (0, "no answer in time")


@pytest.mark.parametrize("page", [hang_up, b"", b"\0\0\0\0\r\n\r\n", b"HTTP/9.9 200\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 99 x\r\n\r\n",
                                  b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 300 + b"\r\n", b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70_000 + b"\r\n\r\n",
                                  b"\x1b[2J\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
                         ids=["hangs up", "empty", "nul", "version", "no number", "low number", "many headers", "long header", "escape", "chunks"])  # fmt: skip
def test_an_answer_that_is_none_is_a_problem_and_no_fault(site, fetcher, page):
    site.pages["/page"] = page
    told = fetcher.fetch(site.address("/page"))
    assert told.problem
    assert told.problem.isprintable()


def test_a_tls_address_that_speaks_no_tls_is_a_problem(site, fetcher):
    told = fetcher.fetch(site.address("/").replace("http", "https"))
    assert told.status == 0
    assert told.problem


def slow_body(site: Site, connection: socket.socket, asked: Asked) -> None:
    connection.sendall(answer("", Content_Length="100000"))
    if asked.method == "GET":
        site.drip(connection, b"x" * 150)


def slow_head(site: Site, connection: socket.socket, asked: Asked) -> None:
    site.drip(connection, b"HTTP/1.1 200 OK\r\nX: " + b"x" * 150)


def slow_chunk(site: Site, connection: socket.socket, asked: Asked) -> None:
    connection.sendall(answer("", Content_Length="", Transfer_Encoding="chunked"))
    if asked.method == "GET":
        site.drip(connection, b"5;" + b"x" * 150)


def endless_100(site: Site, connection: socket.socket, asked: Asked) -> None:
    site.drip(connection, b"HTTP/1.1 100 Continue\r\n\r\n" * 7)


@pytest.mark.parametrize("page", [slow_body, slow_head, slow_chunk, endless_100])
def test_a_server_that_sends_a_byte_at_a_time_does_not_hold_us(site, page):
    fetcher = Fetcher(True, 0, 0.2)
    site.pages["/page"] = page
    told = fetcher.fetch(site.address("/page"))
    assert told.problem


def endless(site: Site, connection: socket.socket, asked: Asked) -> None:
    connection.sendall(answer("", Content_Length=""))
    while asked.method == "GET" and not site.ended.is_set():
        site.sent += connection.send(b"x" * 65536)


def test_a_page_without_end_is_read_to_a_bound(site):
    site.pages["/page"] = endless
    told = Fetcher(True, 0, 10).fetch(site.address("/page"))
    assert told.status == 200
    assert told.problem == f"larger than {fetching.LARGEST:,} bytes"
    assert len(told.body) == fetching.LARGEST
    assert site.sent < 4 * fetching.LARGEST


def test_a_page_shorter_than_it_says_is_not_taken_for_the_whole_page(site, fetcher):
    site.pages["/page"] = answer(PAGE[:20], Content_Length="5000")
    assert fetcher.fetch(site.address("/page")).problem


@pytest.mark.parametrize("length", ["20", "abc", "-5"])
def test_a_page_longer_than_it_says_is_no_fault(site, fetcher, length):
    site.pages["/page"] = answer(PAGE, Content_Length=length)
    assert fetcher.fetch(site.address("/page")).status == 200


# robots.txt.


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ("User-agent: *\nDisallow: /\n", False),
        ("User-agent: *\nDisallow: /private\n", True),
        ("User-agent: TalksInContext-LinkCheck\nDisallow: /\n", False),
        ("User-agent: other\nDisallow: /\n", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: TalksInContext-LinkCheck\nAllow: /\n", True),
        ("\0\0 no rules \xff at all", True),
        ("", True),
    ],
)
def test_robots_txt_is_obeyed(site, fetcher, rules, allowed):
    site.pages |= {"/robots.txt": answer(rules), "/page": answer(PAGE)}
    told = fetcher.fetch(site.address("/page"))
    assert told.problem == ("" if allowed else "refused by robots.txt")
    assert site.methods("/page") == (["HEAD", "GET"] if allowed else [])


@pytest.mark.parametrize(
    ("status", "allowed"), [("404 Not Found", True), ("410 Gone", True), ("500 Error", False), ("503 Unavailable", False), ("429 Slow", False)]
)  # fmt: skip
def test_without_robots_txt_all_is_allowed_and_where_it_fails_nothing(site, fetcher, status, allowed):
    site.pages |= {"/robots.txt": answer("x", status), "/page": answer(PAGE)}
    assert (fetcher.fetch(site.address("/page")).status == 200) is allowed
    assert bool(site.methods("/page")) is allowed


def test_a_robots_txt_that_does_not_come_allows_nothing(site, fetcher):
    site.pages |= {"/robots.txt": silent, "/page": answer(PAGE)}
    fetcher.fetch(site.address("/page"))
    assert site.methods("/page") == []


def test_a_robots_txt_that_has_moved_is_read_where_it_is(site, fetcher):
    site.pages |= {"/robots.txt": moved("/rules.txt", "301 Moved"), "/page": answer(PAGE)}
    site.pages["/rules.txt"] = answer("User-agent: *\nDisallow: /page\n")
    fetcher.fetch(site.address("/page"))
    assert site.methods("/page") == []


def test_a_huge_robots_txt_is_read_as_far_as_it_goes(site, fetcher):
    site.pages["/robots.txt"] = answer("User-agent: *\nDisallow: /page\n" + "# x\n" * 2_000_000)
    site.pages["/page"] = answer(PAGE)
    fetcher.seconds = 10
    assert fetcher.fetch(site.address("/page")).problem == "refused by robots.txt"


def test_robots_txt_is_asked_for_once(site, fetcher):
    site.pages |= {f"/{number}": answer(PAGE) for number in range(3)}
    for number in range(3):
        fetcher.fetch(site.address(f"/{number}"))
    assert site.methods("/robots.txt") == ["GET"]


def test_a_redirect_into_what_robots_txt_forbids_is_not_followed(site, fetcher):
    site.pages |= {
        "/robots.txt": answer("User-agent: *\nDisallow: /page\n"),
        "/a": moved("/page"),
        "/page": answer(PAGE),
    }
    assert fetcher.fetch(site.address("/a")).problem == "refused by robots.txt"
    assert site.methods("/page") == []


def test_between_two_requests_to_one_host_there_is_a_pause(site):
    fetcher = Fetcher(True, 0.4, SECONDS)
    site.pages |= {"/a": moved("/b"), "/b": answer(PAGE)}
    fetcher.fetch(site.address("/a"))
    times = [asked.at for asked in site.asked]
    assert len(times) == 5
    assert min(after - before for before, after in pairwise(times)) > 0.2
    assert site.most == 1


# The words of a page.


@pytest.mark.parametrize(
    "markup",
    [
        f"<p>{WORDS}</p>",
        "<p>The river <b>belongs</b> to <a href='/x'>both banks</a>, and won&rsquo;t dry&nbsp;up</p>",
        "<p>The river belongs to both banks,\n   and\twon&#8217;t dry up</p>",
        "<p>The river be<i>longs</i> to both banks, and won&#x2019;t dry up",
        "<div>The river belongs to both banks, and won't dry up</div>",
        "<script>if (a < b) {}</script><style>p > a {}</style><p>The river<!-- not --> belongs to both banks, and won’t dry up",
        "<svg/><template>x</template><p>The river belongs to<br>both banks, and won’t dry\u00a0up</p>",
    ],
)
def test_words_are_found_through_markup_entities_and_other_marks(site, report_of, markup):
    check = report_of(answer(f"<html><head><title>x</title></head><body>{markup}</body></html>"))
    assert (check.status, check.problem, check.found, check.missing) == (200, "", 1, 0)


@pytest.mark.parametrize(
    "markup",
    [f"<script>var x = '{WORDS}';</script>", f"<style>/* {WORDS} */</style>", f"<!-- {WORDS} -->", f"<p title='{WORDS}'>x</p>",
     "<p>The river belongs to both sides, and won’t dry up</p>", "", f"<template><p>{WORDS}</p></template>"],
)  # fmt: skip
def test_words_that_no_reader_sees_are_missing(site, report_of, markup):
    check = report_of(answer(f"<html><body>{markup}</body></html>"))
    assert (check.status, check.found, check.missing) == (200, 0, 1)


RUSSIAN = "Река принадлежит обоим берегам"


@pytest.mark.parametrize(
    ("charset", "written", "found"),
    [
        ("windows-1251", "windows-1251", True),
        ("koi8-r", "koi8-r", True),
        ("utf-16", "utf-16", True),
        ("utf-16-le", "utf-16-le", True),
        ("iso-2022-jp", "iso-2022-jp", True),
        ("no-such-thing", "utf-8", True),
        ("iso-8859-1", "utf-8", True),
        ("", "utf-8", True),
        ("utf-8", "windows-1251", False),
        ("iso-2022-jp", "windows-1251", False),
    ],
)
def test_an_encoding_is_taken_from_the_header_unless_that_cannot_be(charset, written, found):
    assert (RUSSIAN in webpage.words(f"<p>{RUSSIAN}</p>".encode(written), charset)) is found


@pytest.mark.parametrize(
    "meta", ['<meta charset="windows-1251">', "<META http-equiv=x content='text/html; charset=windows-1251'>"]
)
def test_without_a_header_the_page_names_its_encoding(meta):
    assert RUSSIAN in webpage.words(f"<head>{meta}</head><p>{RUSSIAN}</p>".encode("windows-1251"))


@pytest.mark.parametrize(
    "charset",
    ["idna", "punycode", "undefined", "unicode_escape", "hex", "rot13", "utf-7", "mbcs", "a\0b", "..", "x" * 3000],
)
def test_no_name_of_an_encoding_is_a_fault(charset):
    assert isinstance(webpage.words(b"<p>caf\xe9 \\z \\u12 words</p>", charset), str)


@pytest.mark.parametrize(
    "markup",
    [
        "<![foo[ x",
        "<![ x",
        "<![CDATA[ x",
        "<!DOCTYPE [",
        "<!x",
        "<a b='",
        "&#99999999999;",
        "&#xD800;",
        "</",
        "<%",
        "\0",
    ],
)
def test_no_markup_is_a_fault(markup):
    assert "before" in webpage.words(f"<p>before</p>{markup}".encode())


@pytest.mark.parametrize("piece", ["<a ", "<!--", "<", "</", "<a='", "<div>"])
def test_odd_markup_does_not_hold_us(piece):
    # Quadratic, this would take hours.
    assert isinstance(webpage.words(piece.encode() * (1_000_000 // len(piece))), str)


# What is recorded and shown.


@pytest.fixture
def asking(settings, db):
    settings.LINKS_ALLOW_PRIVATE, settings.LINKS_PAUSE, settings.LINKS_SECONDS = True, 0, SECONDS
    # Nobody else is asked by tests.
    Source.objects.update(url="")
    return settings


def published(site: Site, path: str = "/page", slug: str = "local") -> Source:
    return Source.objects.create(
        slug=slug, publisher=f"Local {slug}", kind="news_report", title="x", status="published", url=site.address(path)
    )


def quoted(source: Source, *words: str) -> None:
    """Published direct quotations taken from a source."""
    speaker, meeting = Person.objects.get(slug="rustem-umerov"), Meeting.objects.get(slug="istanbul-2025-06-02")
    for number, text in enumerate(words):
        statement = Statement.objects.create(
            slug=f"{source.slug}-{number}", status="published", quotation_type="direct", text=text, speaker=speaker,
            said_on="2025", meeting=meeting, source=source,
        )  # fmt: skip
        Passage.objects.create(statement=statement, exact=text)


@pytest.fixture
def report_of(site, asking) -> Callable[[Page], LinkCheck]:
    """What is recorded of a page that should have the words."""

    def run(page: Page) -> LinkCheck:
        site.pages["/page"] = page
        quoted(published(site), WORDS)
        check_links()
        return LinkCheck.objects.get()

    return run


def check_links(*arguments: str) -> str:
    out = StringIO()
    call_command("check_links", *arguments, stdout=out)
    return out.getvalue()


def shown(client, slug: str = "local") -> str:
    """What the source's page says of its link, as a reader reads it."""
    html = client.get(f"/sources/{slug}/").content.decode()
    facts = re.search(r'<dl class="facts">.*?</dl>', html, re.DOTALL)[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", "", facts)).split())


def test_a_good_link_is_recorded_and_shown(client, site, report_of):
    check = report_of(answer(PAGE))
    assert (check.source.slug, check.status, check.final_url, check.problem) == ("local", 200, "", "")
    assert (check.found, check.missing) == (1, 0)
    assert check.checked_at.microsecond == 0
    assert "it answered. Its quotations stand in the page" in shown(client)


def test_a_page_without_the_words_is_told(client, site, asking):
    site.pages["/page"] = answer(f"<p>{WORDS}</p>")
    quoted(published(site), WORDS, "Nobody left the hall", "We wait")
    assert "2 of its quotations no longer stand in it" in check_links()
    assert "2 of its quotations no longer stand in the page" in shown(client)


@pytest.mark.parametrize(
    ("page", "status", "problem"),
    [(answer("x", "404 Not Found"), 404, "answered 404"), (answer("x", "410 Gone"), 410, "answered 410"),
     (answer("x", "500 Error"), 500, "answered 500"), (silent, 0, "no answer in time"), (moved("/page"), 302, "too many redirects")],
    ids=["404", "410", "500", "silent", "loop"],
)  # fmt: skip
def test_a_dead_link_is_recorded_and_said(client, report_of, page, status, problem):
    check = report_of(page)
    assert (check.status, check.problem, check.found, check.missing) == (status, problem, 0, 0)
    assert f"it did not work ({problem})" in shown(client)
    assert "no longer stand" not in shown(client)


@pytest.mark.parametrize("status", ["302 Found", "304 Not Modified", "300 Choices"])
def test_an_answer_that_leads_nowhere_says_why(client, report_of, status):
    check = report_of(answer("", status))
    assert check.problem
    assert "()" not in shown(client)


def test_where_redirects_led_is_recorded_and_shown(client, site, report_of):
    site.pages["/new"] = answer(PAGE)
    check = report_of(moved("/new"))
    assert (check.status, check.final_url, check.found) == (200, site.address("/new"), 1)
    assert f"it answered, at {site.address('/new')}" in shown(client)


@pytest.mark.parametrize(
    "to", ["javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "file:///etc/passwd"]
)
def test_a_redirect_to_what_is_no_page_is_no_link_for_readers(client, report_of, to):
    check = report_of(moved(to))
    assert check.problem.startswith("refused: ")
    html = client.get("/sources/local/").content.decode()
    # The site's own icon is a picture in its address; no link for readers is one.
    assert not re.search(r'<a[^>]* href="(?:javascript|data|file):', html)


@pytest.mark.parametrize("to", ["/a\0b", "/" + "x" * 5000, "/\x1b[2J", "/<script>"])
def test_a_strange_address_can_be_recorded_and_shown(client, site, report_of, to):
    check = report_of(moved(to))
    assert check.status in (0, 404)
    assert "\0" not in check.final_url + check.problem
    assert "<script>" not in client.get("/sources/local/").content.decode()


@pytest.mark.parametrize("page", [b"\0\0\0 nothing\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=idna\r\n\r\n<p>caf\xe9",
                                  answer("<![foo[ x"), answer(gzip.compress(PAGE.encode()), Content_Encoding="gzip"), answer(b"\0\xff" * 50)],
                         ids=["nul", "idna", "marked section", "gzip", "bytes"])  # fmt: skip
def test_one_bad_page_does_not_keep_the_others_from_being_asked_for(site, asking, page):
    site.pages |= {"/bad": page, "/good": answer(PAGE)}
    quoted(published(site, "/bad", "a-bad"), WORDS)
    quoted(published(site, "/good", "b-good"), WORDS)
    check_links()
    found = dict(LinkCheck.objects.values_list("source__slug", "found"))
    assert found["b-good"] == 1
    assert "a-bad" in found


def test_gzip_that_nobody_asked_for_is_not_taken_for_a_page_without_the_words(report_of):
    check = report_of(answer(gzip.compress(PAGE.encode()), Content_Encoding="gzip"))
    assert check.missing == 0
    assert check.found or check.problem


def test_a_page_cut_short_is_not_taken_for_a_page_without_the_words(report_of):
    check = report_of(answer(PAGE[:20], Content_Length="5000"))
    assert (check.found, check.missing) == (0, 0)
    assert check.problem


def test_a_document_that_is_no_web_page_is_not_taken_for_one_without_the_words(report_of):
    check = report_of(answer(b"%PDF-1.7\n" + gzip.compress(WORDS.encode()), Content_Type="application/pdf"))
    assert (check.status, check.missing) == (200, 0)


def test_a_page_too_large_is_not_taken_for_a_page_without_the_words(client, asking, report_of):
    asking.LINKS_SECONDS = 10
    check = report_of(endless)
    assert (check.status, check.found, check.missing) == (200, 0, 0)
    assert "larger than" in check.problem
    assert "no longer stand" not in shown(client)


def test_the_latest_check_stands_first_and_an_earlier_one_after_it(client, site, asking):
    site.pages["/page"] = answer(PAGE)
    source = published(site)
    check_links()
    LinkCheck.objects.update(checked_at="2026-01-02T03:04:05Z")
    del site.pages["/page"]
    check_links()
    assert source.link_checks.count() == 2
    read = shown(client)
    assert read.index("it did not work (answered 404)") < read.index("2 January 2026") < read.index("it answered")


def test_a_check_makes_a_new_edition_of_the_sources_page(client, site, asking):
    published(site)
    before = client.get("/sources/local/").headers["ETag"]
    check_links()
    assert client.get("/sources/local/").headers["ETag"] != before


def test_only_published_sources_with_a_page_of_their_own_are_asked_for(site, asking):
    site.pages |= {f"/{name}": answer(PAGE) for name in ("page", "draft", "bare")}
    published(site)
    Source.objects.filter(pk=published(site, "/draft", "draft").pk).update(status="draft")
    Source.objects.filter(pk=published(site, "/bare", "bare").pk).update(kind="bare_reference")
    assert check_links().split() == ["local", "200"]
    assert {asked.target for asked in site.asked} == {"/robots.txt", "/page"}
    assert site.methods("/page") == ["HEAD"]


def test_only_the_sources_named_are_asked_for(site, asking):
    published(site, "/a", "a")
    published(site, "/b", "b")
    check_links("--source", "b")
    assert [check.source.slug for check in LinkCheck.objects.all()] == ["b"]


def test_sources_of_one_host_are_asked_for_one_at_a_time_with_a_pause(site, asking):
    asking.LINKS_PAUSE = 0.4
    for number in range(3):
        site.pages[f"/{number}"] = answer(PAGE)
        quoted(published(site, f"/{number}", f"local-{number}"), f"{WORDS} {number}")
    check_links()
    times = [asked.at for asked in site.asked]
    assert len(times) == 7
    assert min(after - before for before, after in pairwise(times)) > 0.2
    assert site.most == 1


def test_private_addresses_are_asked_for_only_where_a_setting_allows_it(client, site, asking):
    asking.LINKS_ALLOW_PRIVATE = False
    published(site)
    check_links()
    check = LinkCheck.objects.get()
    assert check.status == 0
    assert check.problem.startswith("refused: ")
    assert site.connections == 0
    assert "it did not work (refused: 127.0.0.1 is not on the public network)" in shown(client)


def test_what_was_fetched_is_a_plain_record():
    assert Fetched(200, "http://a.example/") == (200, "http://a.example/", b"", "", "", (), "")
