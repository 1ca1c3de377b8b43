"""Pages that are ready for one edition, each in every encoding that was asked for; knows no Django and no event loop."""

from __future__ import annotations

import gzip
import re
from collections import OrderedDict
from functools import lru_cache
from typing import Any, NamedTuple

import brotli

from config.bridge import Answer, Head, Headers

# Bytes that a page takes besides its bodies: headers, keys, objects. tracemalloc says 3,300 with one encoding, 4,820 with
# all three.
OVERHEAD = 4820
SMALLEST_TO_COMPRESS = 200
# A statement's page of 20,274 bytes: gzip at 9 makes 4,912 of it in 0.4 ms, brotli at 5 makes 4,580 in 0.4 to 0.6 ms; at
# 11 it would be 4,073 in 30 ms.
GZIP_LEVEL, BROTLI_QUALITY = 9, 5
# Said of a body and not of a page; or, in a 304, of what the client has.
OF_THE_BODY = frozenset((b"content-length", b"content-encoding", b"etag"))
IN_A_304 = frozenset((b"cache-control", b"date", b"etag", b"expires", b"server", b"vary"))


BREAK = re.compile(rb"[\r\n\0]")


class Variant(NamedTuple):
    """A page in one encoding: its tag, its body, the headers of a 200 and of a 304, and both as they are sent."""

    tag: bytes
    body: bytes
    headers: Headers
    unchanged: Headers
    lines: bytes
    unchanged_lines: bytes

    def matches(self, known: bytes) -> bool:
        """Whether an If-None-Match header names it; compared weakly (RFC 9110, 13.1.2)."""
        return known == self.tag or known.strip() == b"*" or self.tag in map(without_weakness, known.split(b","))

    def is_one_of(self, wanted: bytes) -> bool:
        """Whether an If-Match header names it; compared strongly (RFC 9110, 13.1.1)."""
        return wanted.strip() == b"*" or self.tag in map(bytes.strip, wanted.split(b","))


class Page:
    """A page as it was made, and what was made of it since."""

    __slots__ = ("counted", "head", "plain", "tag", "variants")

    def __init__(self, made: Answer, more: Headers) -> None:
        others = [pair for pair in made.head.headers if pair[0].lower() not in OF_THE_BODY]
        self.tag = made.head.get(b"etag")
        self.head, self.plain = Head(made.head.status, [*others, *more]), made.body
        self.variants: dict[str, Variant] = {}
        self.counted = 0  # bytes for which it has room on a shelf

    def variant(self, encoding: str) -> Variant:
        """The page in this encoding; made if it is not there yet."""
        return self.variants.get(encoding) or self.encoded(encoding)

    def encoded(self, encoding: str) -> Variant:
        """Add a variant. Its tag is a strong one: that of the page, and the encoding (RFC 9110, 8.8.3)."""
        body = compressed(self.plain, encoding) if len(self.plain) >= SMALLEST_TO_COMPRESS else self.plain
        tag, told = self.tag, [(b"Content-Length", b"%d" % len(body))]
        if body is not self.plain:
            tag = tagged(tag, encoding)
            told.append((b"Content-Encoding", encoding.encode()))
        unchanged = [pair for pair in self.head.headers if pair[0].lower() in IN_A_304]
        headers, unchanged = [*self.head.headers, (b"ETag", tag), *told], [*unchanged, (b"ETag", tag)]
        made = Variant(tag, body, headers, unchanged, lines(b"200 OK", headers), lines(b"304 Not Modified", unchanged))
        self.variants[encoding] = made
        return made

    def size(self) -> int:
        """How many bytes it takes, with all its variants."""
        bodies = [made.body for made in self.variants.values() if made.body is not self.plain]
        return OVERHEAD + len(self.plain) + sum(map(len, bodies))


def compressed(body: bytes, encoding: str) -> bytes:
    """The same bytes each time; gzip without the time that its format has room for."""
    if encoding == "gzip":
        return gzip.compress(body, GZIP_LEVEL, mtime=0)
    return brotli.compress(body, quality=BROTLI_QUALITY) if encoding == "br" else body


def lines(status: bytes, headers: Headers) -> bytes:
    """A status line and headers as HTTP/1.1 has them. Raises ValueError where one would begin a line of its own."""
    if any(BREAK.search(name) or BREAK.search(value) for name, value in headers):
        raise ValueError("A header has a line break or a NUL.")
    return b"".join((b"HTTP/1.1 ", status, b"\r\n", *(b"%s: %s\r\n" % pair for pair in headers)))


def without_weakness(tag: bytes) -> bytes:
    return tag.strip().removeprefix(b"W/")


def tagged(tag: bytes, encoding: str) -> bytes:
    """The tag of the same page in another encoding: "abc" and "abc-gzip"."""
    return b'%s-%s"' % (tag[:-1], encoding.encode())


class Shelf:
    """Pages of one edition by their address, in a bounded number of bytes; what was not asked for longest goes first.

    A page of more than `largest` bytes is not kept. A new edition clears all: nobody asks for an old one again.
    """

    def __init__(self, room: int, largest: int | None = None) -> None:
        self.room, self.bytes = room, 0
        self.largest = room if largest is None else min(largest, room)
        self.edition: Any = None
        self.pages: OrderedDict[str, Page] = OrderedDict()

    def find(self, edition: Any, address: str) -> Page | None:
        """The page of this edition at this address, if it is kept."""
        if edition != self.edition:
            self.edition, self.bytes = edition, 0
            self.pages.clear()
            return None
        page = self.pages.get(address)
        if page is not None:
            self.pages.move_to_end(address)
        return page

    def put(self, edition: Any, address: str, page: Page) -> None:
        """Keep a page that was made after this edition had been read.

        One that came too late, or is too large, is not kept.
        """
        if edition != self.edition:
            return
        before = self.pages.pop(address, None)
        self.bytes -= before.counted if before else 0
        page.counted = page.size() + len(address)
        if page.counted <= self.largest:
            self.pages[address] = page
            self.bytes += page.counted
        while self.bytes > self.room:
            self.bytes -= self.pages.popitem(last=False)[1].counted

    def grown(self, address: str, page: Page) -> None:
        """Count what a page has more since it was put here, if it was."""
        if self.pages.get(address) is page:
            self.put(self.edition, address, page)


@lru_cache(1024)
def chosen(accepted: bytes) -> str:
    """The encoding for an Accept-Encoding header (RFC 9110, 12.5.3): the smallest that it names with a weight."""
    offers = dict(weighed(offer) for offer in accepted.decode("latin-1").lower().split(","))
    return "br" if offers.get("br") else "gzip" if offers.get("gzip") else "identity"


def weighed(offer: str) -> tuple[str, bool]:
    """The name of an offered encoding, and whether its weight is above zero."""
    name, _, weight = offer.partition(";")
    return name.strip(), weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
