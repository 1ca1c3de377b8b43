"""Answers pages before the site is asked: kept for one edition, made once, never older than the request.

The law says that a page depends on its address and the edition. So nothing else of a request reaches the site, and
what it answers with 200 may be given to everybody until the database tells of another edition.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import copy_context
from functools import partial
from typing import Any, NamedTuple

from config.bridge import Answer, Headers, Scope, Site, aim, answer, environ_of
from config.question import Question
from config.shelf import Page, Shelf, Variant, chosen

SERVER: Headers = [(b"Server", b"gunicorn")]
# An answer that anybody may have. It has to say so itself.
PUBLIC = re.compile(rb"\bpublic\b")
EDITION = re.compile(rb"\bedition-([0-9]+)\b")
PRIVATE = re.compile(rb"\b(private|no-store)\b")

log = logging.getLogger(__name__)


class Asked(NamedTuple):
    """A request for a page, with all of it that its answer may depend on."""

    scope: Scope
    path: str
    query: str
    address: str
    encoding: str
    unless: bytes  # If-None-Match
    only_if: bytes  # If-Match
    has_body: bool  # which nobody wants, and is let arrive

    def environ(self) -> dict[str, Any]:
        """What the site is told: an address, and the host that was asked, which is one of its own."""
        host = [pair for pair in self.scope["headers"] if pair[0] == b"host"]
        plain = {"method": "GET", "headers": host, "query_string": self.query.encode("latin-1")}
        environ = {**environ_of({**self.scope, **plain}), "PATH_INFO": self.path}
        del environ["wsgi.file_wrapper"]  # a page is whole when it is kept
        return environ


class Keeper:
    """Pages of one process.

    `plain` gives an address's query with its known parameters in order, None if it has others; `is_ours` tells
    whether a Host header names this site, `is_elsewhere` whether a path is one of no page.
    """

    def __init__(
        self,
        site: Site,
        question: Question,
        shelf: Shelf,
        plain: Callable[[str, str], str | None],
        is_ours: Callable[[bytes], bool],
        is_elsewhere: Callable[[str], object],
        stale_seconds: float,
    ) -> None:
        self.site, self.question, self.shelf = site, question, shelf
        self.plain, self.is_ours, self.is_elsewhere, self.stale_seconds = plain, is_ours, is_elsewhere, stale_seconds
        self.making: dict[tuple[Any, str], asyncio.Future[Page | Answer]] = {}
        self.silent_since: float | None = None

    def asked(self, scope: Scope) -> Asked | None:
        """The request if it is one for a page; None if the site has to see all of it."""
        unless = only_if = host = accepted = b""
        has_body = False
        for name, value in scope["headers"]:
            if name == b"host":
                host = value
            elif name == b"accept-encoding":
                accepted = accepted + b"," + value if accepted else value
            elif name == b"if-none-match":
                unless = unless + b"," + value if unless else value
            elif name == b"if-match":
                only_if = only_if + b"," + value if only_if else value
            elif name == b"transfer-encoding" or (name == b"content-length" and value != b"0"):
                has_body = True
        (named, path), query = aim(scope["raw_path"]), scope["query_string"].decode("latin-1")
        host = host if named is None else named
        if scope["method"] not in ("GET", "HEAD") or self.is_elsewhere(path) or not self.is_ours(host):
            return None
        known = self.plain(path, query) if query else ""
        if known is None:
            return None
        address = f"{path}?{known}" if known else path
        return Asked(scope, path, known, address, chosen(accepted), unless, only_if, has_body)

    async def edition(self) -> Any:
        """The present edition; None if the database does not answer."""
        edition = self.question.at_once()
        return edition if edition is not None else await self.question.present()

    def ready(self, asked: Asked, edition: Any) -> Variant | None:
        """The page if it is kept for this edition, and in the encoding that is wanted."""
        page = self.shelf.find(edition, asked.address) if edition is not None else None
        return page.variants.get(asked.encoding) if page is not None else None

    async def answered(self, asked: Asked, pages: Executor) -> Variant | Answer | None:
        """The page, or what the site says instead of one; None while neither can be had. Never one that is older
        than the request, but for `stale_seconds` after the database fell silent.
        """
        edition = await self.edition()
        if edition is None:
            return self.left_over(asked)
        self.silent_since = None
        page = self.shelf.find(edition, asked.address)
        made = page if page is not None else await self.made(edition, asked, pages)
        if isinstance(made, Answer):
            return made
        variant = made.variants.get(asked.encoding)
        if variant is None:
            variant = await asyncio.wrap_future(pages.submit(made.encoded, asked.encoding))
            self.shelf.grown(asked.address, made)
        return variant

    async def made(self, edition: Any, asked: Asked, pages: Executor) -> Page | Answer:
        """What the site answers. Whoever asks for the same while it is being made gets the same."""
        key = (edition, asked.address)
        making = self.making.get(key)
        if making is None:
            making = asyncio.wrap_future(pages.submit(copy_context().run, self.make, asked))
            self.making[key] = making
            making.add_done_callback(partial(self.finished, key))
        return await asyncio.shield(making)  # one of them may go, the others still wait

    def make(self, asked: Asked) -> Page | Answer:
        """Ask the site, in a thread; encode the page for the one who asked first."""
        made = answer(self.site, asked.environ())
        if not may_be_kept(made):
            return made
        page = Page(made, SERVER)
        page.encoded(asked.encoding)
        return page

    def finished(self, key: tuple[Any, str], making: asyncio.Future[Page | Answer]) -> None:
        """Keep a page under the edition that was read before it was made, if that is the one that it was made of.

        It is a newer one after a commit in between, and may be an older one where a replica that had to be left
        behind is still read by somebody; either is right for those who asked, and for nobody after them.
        """
        del self.making[key]
        if making.cancelled() or making.exception() is not None:
            return
        page = making.result()
        if isinstance(page, Page) and edition_of(page) == int(key[0][0]):
            self.shelf.put(*key, page)

    def left_over(self, asked: Asked) -> Variant | None:
        """The page as it was when the database was last heard of, for a while."""
        now = asyncio.get_running_loop().time()
        if self.silent_since is None:
            self.silent_since = now
            log.error("The database is silent; kept pages go on for %g seconds.", self.stale_seconds)
        page = self.shelf.pages.get(asked.address) if now - self.silent_since < self.stale_seconds else None
        return page.variant(asked.encoding) if page else None


def edition_of(page: Page) -> int | None:
    """The number of the edition that a page says it was made of."""
    told = EDITION.search(page.head.get(b"surrogate-key"))
    return int(told[1]) if told else None


def may_be_kept(made: Answer) -> bool:
    """Whether an answer may be given to anybody: a 200 that says so, and nothing in it is one reader's."""
    head = made.head
    allowed = head.get(b"cache-control")
    named = head.get(b"vary").lower() in (b"", b"accept-encoding")
    said_so = PUBLIC.search(allowed) is not None and PRIVATE.search(allowed) is None
    return head.status == 200 and said_so and named and head.has(b"etag") and not head.has(b"set-cookie")
