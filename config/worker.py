"""gunicorn's `asgi` worker with a short way out: a kept page is written to its connection as soon as it is asked for.

By the way of ASGI it would go through a task, a scope, and two messages whose fifteen headers are looked at one by one.
And a request that says what another one said before, byte for byte, is not parsed anew. What is not kept, or is asked
for in an unusual way, goes by ASGI. All ways give the same bytes; a test holds them together, because what is
overridden here is gunicorn's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gunicorn.asgi import protocol
from gunicorn.workers import gasgi

if TYPE_CHECKING:
    from config.repeats import Repeats

# Of a request that came in more than one piece.
PIECES = b""


class Protocol(protocol.ASGIProtocol):  # type: ignore[misc]
    """HTTP/1 on one connection."""

    def __init__(self, worker: Any) -> None:
        super().__init__(worker)
        self.said: bytes | None = None  # what the parser was fed since the last request
        self.held: bytes | None = None  # a request that is waiting to be answered without the parser
        self.replied = 0.0

    def data_received(self, data: bytes) -> None:
        """Of a known request only the answer is still to be found; the parser is as it was after the last one."""
        if self.held is not None:  # the next one, before the answer: in turn, by the parser
            data, self.held = self.held + data, None
        elif self._awaiting_request and self.said is None and self.may_reply():
            asked = self.worker.repeats.known.get(data)
            if asked is not None:
                self.held = data
                self.worker.repeats.put(self, asked, data)
                return
        super().data_received(data)

    def may_reply(self) -> bool:
        """Whether nothing else is to be thought of on this connection: a full socket, calls that go on, the end."""
        worker = self.worker
        full = self._flow_control.write_paused
        return not full and not self._finishing_calls and worker.alive and worker.nr < worker.max_requests

    def reply(self, said: bytes, ready: tuple[bytes, bytes] | None) -> None:
        """Answer the request that was held, if it still is; by the parser if it has no answer."""
        if self.held is not said or self._closed:
            return
        self.held = None
        if ready is None:
            super().data_received(said)
            return
        self.write(ready)
        self.worker.nr += 1
        self.replied = self.worker.loop.time()
        if self._keepalive_handle is None:
            self._arm_keepalive_timer()

    def write(self, ready: tuple[bytes, bytes]) -> None:
        lines, body = ready
        self.transport.write(b"".join((lines, protocol._get_cached_date_header(), b"\r\n", body)))

    def _keepalive_timeout(self) -> None:
        """Not before the connection was idle for so long: a timer for each answer would cost more than to look here."""
        left = self.replied + self._keepalive - self.worker.loop.time()
        if left > 0:
            self._keepalive_handle = self.worker.loop.call_later(left, self._keepalive_timeout)
        else:
            super()._keepalive_timeout()

    def _feed_callback_parser(self, data: bytes) -> bool:
        self.said = data if self.said is None else PIECES
        return bool(super()._feed_callback_parser(data))

    async def _serve_http_request(self, request: Any, sockname: Any, peername: Any) -> bool:
        """Answer one request; returns whether the connection may be kept."""
        try:
            return await self.short(request) or bool(await super()._serve_http_request(request, sockname, peername))
        finally:
            self.said = None  # what came meanwhile is fed again

    async def short(self, request: Any) -> bool:
        """Whether it was answered by the short way."""
        if request.version != (1, 1) or self._will_close(request, False):
            return False
        scope = {"method": request.method, "raw_path": request.raw_path, "headers": request.headers_bytes}
        scope["query_string"] = request.query.encode("latin-1") if request.query else b""
        asked = self.app.simply(scope)
        ready = self.app.ready(asked, await self.app.keeper.edition()) if asked is not None else None
        if ready is None or self._closed:
            return False
        if self.said and self._body_receiver._complete and not self._callback_parser.remaining():
            self.worker.repeats.learn(self.said, asked)
        self.write(ready)
        if self._flow_control.write_paused:
            await self._flow_control.drain()
        return True


class Worker(gasgi.ASGIWorker):  # type: ignore[misc]
    """Serves with this protocol; gunicorn has no setting for it."""

    repeats: Repeats

    def init_process(self) -> None:
        # Looked for here, since gunicorn would note of the subclass that its parser in C is there, and ask the class.
        protocol.ASGIProtocol._check_h1c_protocol_available()
        gasgi.ASGIProtocol = Protocol
        super().init_process()

    def load_wsgi(self) -> None:
        super().load_wsgi()
        from config.repeats import Repeats  # not by gunicorn's first process, which keeps what it has at a reload

        self.repeats = Repeats(self.asgi)
