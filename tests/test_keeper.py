"""Kept pages without a server: made once for an edition, in a bounded number of bytes, and never for one reader."""

from __future__ import annotations

import asyncio
import gzip
import threading

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.bridge import Answer, Head
from config.front import Front
from config.keeper import Keeper, may_be_kept
from config.shelf import OVERHEAD, Page, Shelf, chosen

PUBLIC = [("Cache-Control", "public, max-age=0"), ("Vary", "Accept-Encoding"), ("ETag", '"tag"')]
TEXT = b"All that was said. " * 100


class Told:
    """An edition that is what the test says it is."""

    def __init__(self) -> None:
        self.number: int | None = 1

    def at_once(self):
        return None if self.number is None else (self.number, "raised")

    async def present(self):
        return self.at_once()


class Site:
    """A WSGI site that notes what it is asked; its pages tell of the edition that they are made of."""

    def __init__(self, told: Told) -> None:
        self.told, self.asked, self.body, self.status, self.more = told, [], TEXT, "200 OK", []
        self.meanwhile = lambda: None

    def __call__(self, environ, start_response):
        self.asked.append(environ)
        self.meanwhile()
        start_response(self.status, [*PUBLIC, ("Surrogate-Key", f"site edition-{self.told.number}"), *self.more])
        return [self.body]


class House:
    """A front with a keeper before a site, and what comes out of it."""

    def __init__(self, room: int = 10**6, stale: float = 60) -> None:
        self.told = Told()
        self.site, self.shelf = Site(self.told), Shelf(room)
        plain = {"": "", "a=1&b=2": "a=1&b=2", "b=2&a=1": "a=1&b=2"}
        self.keeper = Keeper(
            self.site, self.told, self.shelf, lambda path, query: plain.get(query),
            lambda host: host == b"here", lambda path: path.endswith(".csv"), stale,
        )  # fmt: skip
        self.front = Front(self.site, {}, self.keeper)

    async def asks(self, address: str = "/", method: str = "GET", **headers: str):
        """(status, headers, body) of one request."""
        path, _, query = address.partition("?")
        pairs = [
            (name.replace("_", "-").encode(), value.encode()) for name, value in {"host": "here", **headers}.items()
        ]
        scope = {"type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode()}
        scope |= {"query_string": query.encode(), "headers": pairs, "server": ("127.0.0.1", 80), "client": None}
        sent = []

        async def send(message):
            sent.append(message)

        async def receive():
            await asyncio.Event().wait()

        await self.front(scope, receive, send)
        told = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], told, b"".join(message["body"] for message in sent[1:])

    def asked(self, *requests, **headers):
        """The answers to several requests at once."""

        async def all_of_them():
            return await asyncio.gather(*(self.asks(*request, **headers) for request in requests))

        return asyncio.run(all_of_them())

    def asked_in_turn(self, *requests, **headers):
        async def one_by_one():
            return [await self.asks(*request, **headers) for request in requests]

        return asyncio.run(one_by_one())


@pytest.fixture
def house():
    return House()


def test_fifty_who_ask_at_once_wait_for_one_making(house):
    waiting = threading.Event()
    house.site.meanwhile = lambda: waiting.wait(0.2)
    answers = house.asked(*[("/",)] * 50)
    assert len(house.site.asked) == 1
    assert {(status, body) for status, _, body in answers} == {(200, TEXT)}


def test_a_page_is_made_once_for_an_edition_and_again_for_the_next(house):
    house.asked_in_turn(("/",), ("/",))
    assert len(house.site.asked) == 1
    house.told.number = 2
    house.asked_in_turn(("/",), ("/",))
    assert len(house.site.asked) == 2


def test_a_page_that_was_made_of_another_edition_than_the_one_asked_before_is_not_kept(house):
    def a_commit_in_between():
        house.told.number = 2

    house.site.meanwhile = a_commit_in_between
    house.asked_in_turn(("/",))
    assert not house.shelf.pages
    house.asked_in_turn(("/",), ("/",))
    assert len(house.site.asked) == 2


def test_a_page_that_was_not_kept_is_not_kept_in_another_encoding_either(house):
    waiting = threading.Event()

    def a_commit_in_between():
        waiting.wait(0.2)
        house.told.number = 2

    house.site.meanwhile = a_commit_in_between

    async def both():
        return await asyncio.gather(house.asks(accept_encoding="gzip"), house.asks(accept_encoding="br"))

    answers = asyncio.run(both())
    assert [headers["content-encoding"] for _, headers, _ in answers] == ["gzip", "br"]
    assert len(house.site.asked) == 1
    assert not house.shelf.pages


def test_what_is_answered_is_counted(house):
    house.asked_in_turn(("/",), ("/", "HEAD"), ("/?x=1",), ("/all.csv",))
    house.asked_in_turn(("/",), if_none_match="*")
    assert house.front.counts == {("page", 200): 2, ("page", 304): 1, ("other", 200): 2}


def test_an_older_page_of_a_replica_that_lags_is_not_kept(house):
    house.told.number = 5
    house.site.told = Told()
    house.asked_in_turn(("/",), ("/",))
    assert len(house.site.asked) == 2
    assert not house.shelf.pages


def test_one_page_for_every_order_of_its_parameters(house):
    house.asked_in_turn(("/?a=1&b=2",), ("/?b=2&a=1",))
    assert [environ["QUERY_STRING"] for environ in house.site.asked] == ["a=1&b=2"]


def test_unknown_parameters_are_the_site_s_to_answer_and_fill_nothing(house):
    house.asked_in_turn(*[(f"/?x={n}",) for n in range(20)])
    assert len(house.site.asked) == 20
    assert not house.shelf.pages


def test_one_page_for_every_way_to_write_its_path(house):
    house.asked_in_turn(("/%70eople/",), ("/p%65ople/",), ("/people/",))
    assert list(house.shelf.pages) == ["/people/"]
    assert len(house.site.asked) == 1


def test_the_site_sees_nothing_of_the_reader_who_asks_first(house):
    house.asked_in_turn(
        ("/", "HEAD"), cookie="session=1", authorization="Basic x", user_agent="x", accept="a/b", x_forwarded_host="evil",
        accept_encoding="gzip", if_none_match='"x"', accept_language="de", range="bytes=0-1",
    )  # fmt: skip
    (environ,) = house.site.asked
    assert environ["REQUEST_METHOD"] == "GET"
    assert {name for name in environ if name.startswith("HTTP_")} == {"HTTP_HOST"}


def test_another_host_is_answered_by_the_site_and_not_from_what_is_kept(house):
    house.asked_in_turn(("/",))
    house.site.status = "400 Bad Request"
    ((status, _, _),) = house.asked_in_turn(("/",), host="elsewhere")
    assert status == 400
    # RFC 9112, 3.2.2: that of a whole address is the one that counts.
    ((status, _, _),) = house.asked_in_turn(("http://elsewhere/",))
    assert status == 400


@pytest.mark.parametrize(
    ("status", "more"),
    [
        ("404 Not Found", []), ("500 Error", []), ("301 Moved", [("Location", "/b")]), ("206 Partial", []),
        ("200 OK", [("Set-Cookie", "a=b")]), ("200 OK", [("Cache-Control", "private")]),
        ("200 OK", [("Vary", "Cookie")]),
    ],
)  # fmt: skip
def test_errors_redirects_and_what_is_one_reader_s_are_never_kept(house, status, more):
    names = {name for name, _ in more}
    house.site.status = status
    house.site.more = [*more]
    saved, PUBLIC[:] = PUBLIC[:], [pair for pair in PUBLIC if pair[0] not in names]
    try:
        answers = house.asked_in_turn(("/",), ("/",))
    finally:
        PUBLIC[:] = saved
    assert [answer[0] for answer in answers] == [int(status[:3])] * 2
    assert not house.shelf.pages
    assert len(house.site.asked) == 2


def test_streams_are_never_kept(house):
    house.asked_in_turn(("/all.csv",), ("/all.csv",))
    assert len(house.site.asked) == 2
    assert not house.shelf.pages


def test_each_encoding_has_its_bytes_and_its_tag(house):
    answers = {name: house.asked_in_turn(("/",), accept_encoding=name)[0] for name in ("identity", "gzip", "br")}
    assert len(house.site.asked) == 1
    unpacked = {"identity": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
    for name, (status, headers, body) in answers.items():
        assert (status, unpacked[name](body)) == (200, TEXT)
        assert headers.get("content-encoding", "identity") == name
        assert headers["content-length"] == str(len(body))
        assert headers["vary"] == "Accept-Encoding"
    assert [headers["etag"] for _, headers, _ in answers.values()] == ['"tag"', '"tag-gzip"', '"tag-br"']


def test_what_would_not_become_smaller_is_sent_as_it_is(house):
    house.site.body = b"short"
    ((_, headers, body),) = house.asked_in_turn(("/",), accept_encoding="gzip")
    assert (body, headers["etag"], "content-encoding" in headers) == (b"short", '"tag"', False)


def test_head_tells_what_get_would(house):
    for encoding in ("identity", "gzip", "br"):
        got, head = house.asked_in_turn(("/",), ("/", "HEAD"), accept_encoding=encoding)
        assert head == (200, got[1], b"")


@pytest.mark.parametrize("known", ['"tag"', 'W/"tag"', '"a", "tag"', "*", '"a",W/"tag"'])
def test_a_page_that_the_client_has_is_not_sent_again(house, known):
    for method in ("GET", "HEAD"):
        ((status, headers, body),) = house.asked_in_turn(("/", method), if_none_match=known)
        assert (status, body, headers["etag"]) == (304, b"", '"tag"')
        assert {"cache-control", "vary"} <= set(headers)
        assert not {"content-length", "content-type", "content-encoding"} & set(headers)


@pytest.mark.parametrize("known", ['"other"', '"tag-gzip"', "tag", '"tag', ""])
def test_a_page_that_the_client_has_not_is_sent(house, known):
    ((status, _, body),) = house.asked_in_turn(("/",), if_none_match=known)
    assert (status, body) == (200, TEXT)


def test_a_precondition_is_compared_strongly_and_comes_before_the_other(house):
    assert [house.asked_in_turn(("/",), if_match=tag)[0][0] for tag in ('"tag"', "*", '"a", "tag"')] == [200] * 3
    assert [house.asked_in_turn(("/",), if_match=tag)[0][0] for tag in ('W/"tag"', '"other"')] == [412] * 2
    assert house.asked_in_turn(("/",), if_match='"other"', if_none_match='"tag"')[0][0] == 412


def test_one_who_goes_does_not_take_the_page_from_the_others(house):
    waiting = threading.Event()
    house.site.meanwhile = lambda: waiting.wait(5)

    async def one_goes():
        first, second = (asyncio.create_task(house.asks()) for _ in range(2))
        await asyncio.sleep(0.05)
        first.cancel()
        await asyncio.sleep(0)
        waiting.set()
        return await second

    assert asyncio.run(one_goes())[0] == 200
    assert len(house.site.asked) == 1


def test_while_the_database_is_silent_kept_pages_go_on_and_others_are_refused_at_once(house, caplog):
    house.asked_in_turn(("/",))
    house.told.number = None
    kept, other, file = house.asked_in_turn(("/",), ("/other/",), ("/all.csv",))
    assert kept[::2] == (200, TEXT)
    assert (other[0], other[1]["retry-after"]) == (503, "5")
    assert len([record for record in caplog.records if "silent" in record.message]) == 1
    assert len(house.site.asked) == 2  # the page before, and the list, which the site answers as it can
    assert file[0] == 200
    house.told.number = 2
    assert house.asked_in_turn(("/",))[0][0] == 200
    assert len(house.site.asked) == 3


def test_kept_pages_of_a_silent_database_end(house):
    house = House(stale=0)
    house.asked_in_turn(("/",))
    house.told.number = None
    assert house.asked_in_turn(("/",))[0][0] == 503


def test_a_fault_of_the_site_is_one_answer_and_the_next_request_asks_again(house):
    def breaks():
        raise RuntimeError("broken")

    house.site.meanwhile = breaks
    assert [answer[0] for answer in house.asked(("/",), ("/",))] == [500, 500]
    house.site.meanwhile = lambda: None
    assert house.asked_in_turn(("/",))[0][0] == 200


def page_of(size: int) -> Page:
    head = Head(200, [(b"ETag", b'"t"'), (b"Cache-Control", b"public")])
    return Page(Answer(head, bytes(size)), [])


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 30_000), st.sampled_from(["identity", "gzip", "br"]))))
def test_the_shelf_never_holds_more_bytes_than_it_has_room_for(steps):
    shelf = Shelf(5 * OVERHEAD + 60_000)
    shelf.find(1, "")
    for number, size, encoding in steps:
        page = shelf.find(1, str(number)) or page_of(size)
        shelf.put(1, str(number), page)
        page.variant(encoding)
        shelf.grown(str(number), page)
        held = sum(page.size() + len(address) for address, page in shelf.pages.items())
        assert shelf.bytes == held <= shelf.room


def test_what_was_not_asked_for_longest_goes_first():
    shelf = Shelf(3 * (OVERHEAD + 1))
    shelf.find(1, "")
    for name in "abc":
        shelf.put(1, name, page_of(0))
    shelf.find(1, "a")
    shelf.put(1, "d", page_of(0))
    assert list(shelf.pages) == ["c", "a", "d"]


def test_a_page_that_would_take_all_the_room_is_answered_and_not_kept():
    house = House(room=OVERHEAD + len(TEXT) - 1)
    assert house.asked_in_turn(("/",))[0][::2] == (200, TEXT)
    assert (house.shelf.bytes, len(house.shelf.pages)) == (0, 0)


def test_one_large_page_does_not_take_the_places_of_many():
    shelf = Shelf(10**6, 20_000)
    shelf.find(1, "")
    for size in (10, 20_000):
        shelf.put(1, str(size), page_of(size))
    assert list(shelf.pages) == ["10"]


def test_a_new_edition_takes_the_old_pages_away():
    shelf = Shelf(10**6)
    shelf.find(1, "")
    shelf.put(1, "a", page_of(10))
    assert shelf.find(2, "a") is None
    assert (shelf.bytes, len(shelf.pages)) == (0, 0)
    shelf.put(1, "late", page_of(10))
    assert not shelf.pages


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", "identity"), ("gzip", "gzip"), ("GZIP;q=0.5", "gzip"), ("deflate, gzip", "gzip"), ("gzip;q=0", "identity"),
        ("gzip, deflate, br", "br"), ("br;q=0, gzip", "gzip"), ("br; q=0.00, gzip ;q = 0.0", "identity"),
        ("x-gzip", "identity"), ("*", "identity"), ("identity", "identity"), ("brotli", "identity"),
    ],
)  # fmt: skip
def test_an_encoding_is_sent_only_where_it_is_accepted(header, wanted):
    assert chosen(header.encode()) == wanted


def test_an_answer_that_does_not_say_that_it_is_public_is_not_kept():
    assert may_be_kept(Answer(Head(200, [(b"ETag", b'"a"'), (b"Cache-Control", b"public")]), b""))
    assert not may_be_kept(Answer(Head(200, [(b"ETag", b'"a"')]), b""))
    assert not may_be_kept(Answer(Head(200, [(b"Cache-Control", b"public")]), b""))
    assert not may_be_kept(Answer(Head(200, [(b"ETag", b'"a"'), (b"Cache-Control", b"public, no-store")]), b""))
