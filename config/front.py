"""The ASGI 3 application in front of a WSGI site: who waits for whom, and nobody for a slow client; knows no Django."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Any

from config.bridge import Answer, Head, Headers, Scope, Site, answer, bodiless, environ_of
from config.keeper import Asked, Keeper
from config.logs import named, request_id
from config.streams import Gone, Streams, give_way

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PAGE_THREADS = 1  # measured in docs/decisions/0025
# Lists that are made while they are sent. One record in such a format is a page, whose address has one step more.
STREAMED = re.compile(r"/[^/]+\.(csv|ics|ndjson)")
# Those; ready files, which have tags and ranges of their own; what operators ask.
NO_PAGE = re.compile(f"{STREAMED.pattern}|/(healthz|readyz)|/(static|data/releases/[0-9]+|data/latest)/.+", re.DOTALL)
# Bytes of one message. From 64 KiB on gunicorn calls `writelines` of asyncio, which in Python 3.12.0 to 3.12.8 and
# 3.13.0 to 3.13.1 knows no backpressure (CVE-2024-12254) and, in some more, spoils the place of a closed connection.
PIECE = 60 * 1024
# Bytes of a kept page that is given to a socket as it is; a client that reads nothing costs one of them.
AT_ONCE = 256 * 1024
# Seconds that an unwanted body has to arrive after its answer.
LINGERING = 5.0
NAMED = b"x-request-id"

log = logging.getLogger(__name__)


class Exchange:
    """One request and its answer, within the event loop."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self.receive, self.send = scope, receive, send
        self.status = 0  # of the answer that was begun
        self.gone: asyncio.Task[None] | None = None

    def watch(self) -> None:
        """Notice from now on when the client goes; a body that comes meanwhile is thrown away.

        Not from the start: most answers are one piece, and a task of its own would cost more than it is worth.
        """
        self.gone = self.gone or asyncio.create_task(self._until_gone())

    async def _until_gone(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def put(self, message: Message) -> None:
        """Send, and return when the client can take more; raise Gone if it has gone.

        gunicorn's `send` keeps silent about a client that has gone, and goes on waiting for one that goes meanwhile.
        """
        if self.gone is None:
            return await self.send(message)
        sending = asyncio.ensure_future(self.send(message))
        try:
            await asyncio.wait((sending, self.gone), return_when=asyncio.FIRST_COMPLETED)
            if self.gone.done():
                raise Gone
            sending.result()
        finally:
            sending.cancel()

    async def part(self, head: Head, block: bytes, more: bool = True) -> None:
        """A block of the body, after the head if that has not been sent."""
        if more or len(block) > PIECE:
            self.watch()
        if not self.status:
            self.status = head.status
            await self.put({"type": "http.response.start", "status": head.status, "headers": self.framed(head)})
        for first in range(0, len(block) or 1, PIECE):
            follows = more or first + PIECE < len(block)
            await self.put({"type": "http.response.body", "body": block[first : first + PIECE], "more_body": follows})

    async def whole(self, status: int, headers: Headers, body: bytes) -> None:
        """An answer that is ready, its head as well: what a kept page costs is spent here."""
        if len(body) > PIECE:
            return await self.part(Head(status, headers), body, more=False)
        self.status = status
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    def framed(self, head: Head) -> Headers:
        """With what gunicorn would add in other words: what it is, and how the end of the body is told."""
        headers = head.headers if head.has(b"server") else [*head.headers, (b"Server", b"gunicorn")]
        open_ended = not head.has(b"content-length") and not bodiless(self.scope["method"], head.status)
        if open_ended and self.scope["http_version"] == "1.1":
            headers.append((b"Transfer-Encoding", b"chunked"))
        return headers

    async def finish(self, made: Answer) -> None:
        """What is at hand, and the file if there is one."""
        if made.rest is None:
            await self.part(made.head, made.body, more=False)
            return
        try:
            block = made.body
            while block:
                await self.part(made.head, block)
                block = await in_a_thread(made.rest.read)
            await self.part(made.head, b"", more=False)
        finally:
            in_a_thread(made.rest.close)

    async def linger(self) -> None:
        """Let an unwanted body arrive: a connection that is closed before takes the answer with it (RFC 9112, 9.6)."""
        names = {name: value for name, value in self.scope["headers"]}
        if self.gone is None and (b"transfer-encoding" in names or names.get(b"content-length", b"0") != b"0"):
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGERING):
                    while (await self.receive()).get("more_body", False):
                        pass

    def end(self) -> None:
        if self.gone is not None:
            self.gone.cancel()


def in_a_thread(call: Callable[[], Any]) -> asyncio.Future[Any]:
    """Call in one of asyncio's own threads. A disk may be slow, and the event loop waits for nobody."""
    return asyncio.get_running_loop().run_in_executor(None, call)


class Front:
    """Gives out kept pages, and hands other requests to the WSGI site: pages to few threads, streams to others, so
    that none waits for a client.

    `constant` are the headers of the answers that are made here, those for which the site could not be asked.
    """

    def __init__(self, site: Site, constant: Mapping[str, str], keeper: Keeper | None = None) -> None:
        self.site, self.keeper = site, keeper
        self.constant = {"Content-Type": "text/plain; charset=utf-8", **constant}
        self.pages = ThreadPoolExecutor(PAGE_THREADS, "page", give_way)
        self.streams = Streams(site)
        self.counts: Counter[tuple[str, int]] = Counter()
        self.at_start: Callable[[], None] | None = None  # called within the event loop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            asked = self.keeper.asked(scope) if self.keeper else None
            await self.exchanged(Exchange(scope, receive, send), asked)
        elif scope["type"] == "lifespan":
            await self.lived(receive, send)
        else:
            await send({"type": "websocket.close"})

    def simply(self, scope: Scope) -> Asked | None:
        """What is asked for, if it is a page, and no more is to be considered than whether the client has it already."""
        asked = self.keeper.asked(scope) if self.keeper else None
        return asked if asked is None or not (asked.only_if or asked.has_body) else None

    def ready(self, asked: Asked, edition: Any) -> tuple[bytes, bytes] | None:
        """The lines of the head but for the date, and the body, of a page that is kept; None if it is not."""
        found = self.keeper.ready(asked, edition) if self.keeper else None
        if found is None or len(found.body) > AT_ONCE:
            return None
        known = bool(asked.unless) and found.matches(asked.unless)
        self.noted(asked.scope, "page", 304 if known else 200)
        if known:
            return found.unchanged_lines, b""
        return found.lines, b"" if asked.scope["method"] == "HEAD" else found.body

    async def lived(self, receive: Receive, send: Send) -> None:
        """The `lifespan` of ASGI 3. What a start needs is done when the site is imported."""
        ended = False
        while not ended:
            message = await receive()
            ended = message["type"] == "lifespan.shutdown"
            if not ended and self.at_start is not None:
                self.at_start()
            await send({"type": f"{message['type']}.complete"})
        log.info(
            "Answered: %s", ", ".join(f"{kind} {status} × {n}" for (kind, status), n in sorted(self.counts.items()))
        )
        self.pages.shutdown(wait=False, cancel_futures=True)
        self.streams.shutdown()

    async def exchanged(self, exchange: Exchange, asked: Asked | None) -> None:
        """Answer, whatever happens; that a client goes is no fault."""
        given = next((value.decode("latin-1") for name, value in exchange.scope["headers"] if name == NAMED), None)
        request_id.set(named(given))
        try:
            if asked is not None and self.keeper is not None:
                await self.kept(exchange, asked, self.keeper)
            else:
                await self.answered(exchange)
            if asked is None or asked.has_body:
                await exchange.linger()
        except Gone:
            pass
        except Exception:
            log.exception("The front failed for %r.", exchange.scope["path"])
            if not exchange.status:
                with suppress(Gone):
                    await exchange.finish(self.reply(exchange, 500, "Something is broken here.\n"))
        finally:
            exchange.end()
            self.noted(exchange.scope, "page" if asked else "other", exchange.status)

    def noted(self, scope: Scope, kind: str, status: int) -> None:
        """Count an answer by kind and status; 0 is a client that went before. No reader's address is written down."""
        self.counts[kind, status] += 1
        if log.isEnabledFor(logging.INFO):
            log.info(
                "%s %s", scope["method"], scope["raw_path"].decode("latin-1"), extra={"kind": kind, "status": status}
            )

    async def kept(self, exchange: Exchange, asked: Asked, keeper: Keeper) -> None:
        """A page, or that the client has it already; as RFC 9110 puts conditions in turn (13.2.2)."""
        found = await keeper.answered(asked, self.pages)
        if found is None:
            told = "The database does not answer; please ask again.\n"
            await exchange.finish(self.reply(exchange, 503, told, {"Retry-After": "5"}))
        elif isinstance(found, Answer):
            bare = bodiless(exchange.scope["method"], found.head.status)
            await exchange.finish(found._replace(body=b"") if bare else found)
        elif asked.only_if and not found.is_one_of(asked.only_if):
            await exchange.finish(self.reply(exchange, 412, "The page is another one now.\n"))
        elif asked.unless and found.matches(asked.unless):
            await exchange.whole(304, found.unchanged, b"")
        else:
            await exchange.whole(200, found.headers, b"" if exchange.scope["method"] == "HEAD" else found.body)

    async def answered(self, exchange: Exchange) -> None:
        """Ask the site in a thread of the right kind; send what it leaves to be sent when the thread is free again."""
        environ = environ_of(exchange.scope)
        if not STREAMED.fullmatch(environ["PATH_INFO"]):
            await exchange.finish(await taken(self.pages.submit(copy_context().run, answer, self.site, environ)))
        elif future := self.streams.begin(environ, exchange.part):
            await exchange.finish(await taken(future))
        else:
            told = "All streams are taken; please ask again.\n"
            await exchange.finish(self.reply(exchange, 503, told, {"Retry-After": "1"}))

    def reply(self, exchange: Exchange, status: int, told: str, more: Mapping[str, str] | None = None) -> Answer:
        """A short answer of our own."""
        body = told.encode()
        headers = {**self.constant, **(more or {}), "Content-Length": str(len(body))}
        head = Head(status, [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()])
        return Answer(head, b"" if bodiless(exchange.scope["method"], status) else body)


async def taken(future: Future[Answer]) -> Answer:
    """The answer that a thread makes; if nobody waits for it any more, its file is closed."""
    try:
        return await asyncio.wrap_future(future)
    except asyncio.CancelledError:
        future.add_done_callback(left_alone)
        raise


def left_alone(future: Future[Answer]) -> None:
    """Close the file of an answer that came too late."""
    if not future.cancelled() and future.exception() is None and (rest := future.result().rest):
        rest.close()
