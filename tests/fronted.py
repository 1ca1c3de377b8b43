"""The front of the public process with its keeper and Django in one thread, for tests that ask many times.

It works in the test's own transaction, and tells what was asked of the database.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import brotli
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, connections, transaction

from config.front import NO_PAGE, Front
from config.keeper import Keeper
from config.shelf import Shelf
from talks import edition, parameters

UNPACKED = {b"": bytes, b"gzip": gzip.decompress, b"br": brotli.decompress}


class Present:
    """The edition of the test's own database, as it was before the request."""

    def __init__(self) -> None:
        self.told: Any = None

    def at_once(self) -> Any:
        return self.told

    async def present(self) -> Any:
        return self.told


class Site:
    """Django, whatever thread it is called in, within the test's own transaction."""

    def __init__(self) -> None:
        self.handler, self.connection = WSGIHandler(), connections["default"]

    def __call__(self, environ: Any, start_response: Any) -> Any:
        connections["default"] = self.connection
        return self.handler(environ, start_response)


class Got(NamedTuple):
    """What was sent; names of headers are in small letters."""

    status: int
    headers: list[tuple[str, bytes]]
    body: bytes
    questions: int

    def get(self, name: str) -> bytes:
        return dict(self.headers).get(name, b"")

    @property
    def unpacked(self) -> bytes:
        return UNPACKED[self.get("content-encoding")](self.body) if self.body else b""


class Sent:
    """The two ends of a request without a body, as ASGI 3 has them."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.body_was_read = False

    async def send(self, message: dict[str, Any]) -> None:
        self.messages.append(message)

    async def receive(self) -> dict[str, Any]:
        if self.body_was_read:
            await asyncio.Event().wait()  # the client stays
        self.body_was_read = True
        return {"type": "http.request", "body": b"", "more_body": False}

    def got(self, questions: int) -> Got:
        head, *body = self.messages
        headers = [(name.decode("latin-1").lower(), value) for name, value in head["headers"]]
        return Got(head["status"], headers, b"".join(message["body"] for message in body), questions)


class House:
    """A front before Django. Without its keeper every answer is made anew."""

    def __init__(self, kept: bool = True) -> None:
        site, self.present = Site(), Present()
        ours = b"testserver".__eq__
        keeper = Keeper(site, self.present, Shelf(10**7, 10**6), parameters.plain, ours, NO_PAGE.fullmatch, 60)
        self.front = Front(site, {}, keeper if kept else None)
        # A thread of streams would close the connection (`config.databases.leave_after_a_stream`), which is the test's.
        self.front.streams.shutdown()
        self.front.streams.pool = self.front.pages

    def forget(self) -> House:
        """As if nobody had asked before."""
        if self.front.keeper:
            self.front.keeper.shelf = Shelf(10**7, 10**6)
        return self

    def ask(self, target: bytes, method: str = "GET", *headers: tuple[bytes, bytes]) -> Got:
        """One request; what it did in the database is undone, so that a fault is not every later request's."""
        path, _, query = target.partition(b"?")
        scope = {"type": "http", "http_version": "1.1", "method": method, "path": "", "raw_path": path}
        scope |= {"query_string": query, "headers": [(b"host", b"testserver"), *headers], "server": None}
        sent, questions = Sent(), [0]

        def counted(execute: Any, *question: Any) -> Any:
            questions[0] += 1
            return execute(*question)

        self.present.told = tuple(edition.present())
        with transaction.atomic():
            with connection.execute_wrapper(counted):
                asyncio.run(self.front({**scope, "client": None}, sent.receive, sent.send))
            transaction.set_rollback(True)
        return sent.got(questions[0])


@contextmanager
def houses() -> Iterator[tuple[House, House]]:
    """One that keeps pages and one that does not; their threads share the test's connection."""
    connection.inc_thread_sharing()
    for told in (request_started, request_finished):
        told.disconnect(close_old_connections)  # as Django's own client does
    both = House(), House(kept=False)
    try:
        yield both
    finally:
        for house in both:
            house.front.pages.shutdown()
        for told in (request_started, request_finished):
            told.connect(close_old_connections)
        connection.dec_thread_sharing()
