"""gunicorn's `asgi` worker with a short way out: a kept page is written to its connection as soon as it is asked for.

By the way of ASGI it would go through a task, a scope, and two messages whose fifteen headers are looked at one by one;
that is about a quarter of the price. What is not kept, or is asked for in an unusual way, goes by ASGI. Both ways
give the same bytes; a test holds them together, because what is overridden here is gunicorn's own.
"""

from __future__ import annotations

from typing import Any

from gunicorn.asgi import protocol
from gunicorn.workers import gasgi


class Protocol(protocol.ASGIProtocol):  # type: ignore[misc]
    """HTTP/1 on one connection."""

    async def _serve_http_request(self, request: Any, sockname: Any, peername: Any) -> bool:
        """Answer one request; returns whether the connection may be kept."""
        if request.version == (1, 1) and not self._will_close(request, False):
            asked = {"method": request.method, "raw_path": request.raw_path, "headers": request.headers_bytes}
            asked["query_string"] = request.query.encode("latin-1") if request.query else b""
            ready = await self.app.ready(asked)
            if ready is not None and not self._closed:
                lines, body = ready
                self.transport.write(b"".join((lines, protocol._get_cached_date_header(), b"\r\n", body)))
                if self._flow_control.write_paused:
                    await self._flow_control.drain()
                return True
        return bool(await super()._serve_http_request(request, sockname, peername))


class Worker(gasgi.ASGIWorker):  # type: ignore[misc]
    """Serves with this protocol; gunicorn has no setting for it."""

    def init_process(self) -> None:
        # Looked for here, since gunicorn would note of the subclass that its parser in C is there, and ask the class.
        protocol.ASGIProtocol._check_h1c_protocol_available()
        gasgi.ASGIProtocol = Protocol
        super().init_process()
