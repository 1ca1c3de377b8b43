"""HTTP/1.1 as bytes: what is sent is sent as it is, and what comes back is read as strictly as a browser reads it."""

from __future__ import annotations

import http.client
import io
import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from tests.servers import PATIENCE, Answer

# Ends a conversation; its answer tells whether the server is still in step.
LAST = b"GET /robots.txt HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def request(
    target: str | bytes, *headers: str, method: str = "GET", host: str = "127.0.0.1", body: bytes = b""
) -> bytes:
    """A request; headers are whole lines."""
    named = target.encode("latin-1") if isinstance(target, str) else target
    lines = [method.encode() + b" " + named + b" HTTP/1.1", f"Host: {host}".encode("latin-1")]
    return b"\r\n".join([*lines, *(line.encode("latin-1") for line in headers), b"", body])


def said(port: int, sent: bytes, patience: float = PATIENCE) -> bytes:
    """All that comes back until the server closes, be it before it has all that was sent. Raises TimeoutError if nothing
    comes for so many seconds.
    """
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        with suppress(ConnectionError):
            connection.sendall(sent)
        with suppress(ConnectionError):
            while piece := connection.recv(65536):
                answer += piece
    return re.sub(rb"\r\nDate: [^\r]+", b"\r\nDate: now", answer)


class Stream(io.BytesIO):
    """Answers one after the other; whoever has read one of them does not close it for the others."""

    def makefile(self, *_: Any) -> Stream:
        return self

    def close(self) -> None:
        pass


def answers(told: bytes, methods: Sequence[str] = ()) -> list[Answer]:
    """The answers in what came back; of methods beyond those that are named each is a GET. Raises HTTPException."""
    stream, found = Stream(told), []
    while stream.tell() < len(told):
        method = methods[len(found)] if len(found) < len(methods) else "GET"
        response = http.client.HTTPResponse(stream, method=method)  # type: ignore[arg-type]
        response.begin()
        if method == "HEAD" and response.headers["Connection"] == "close" and response.status >= 400:
            stream.seek(len(told))  # gunicorn says in words what it could not read, and ends the connection
        found.append(Answer(response.status, response.headers, response.read()))
    return found
