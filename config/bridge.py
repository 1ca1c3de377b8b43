"""One WSGI call (PEP 3333) from its environ to its answer, within one thread; knows no event loop and no Django."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

Scope = dict[str, Any]
Environ = dict[str, Any]
Site = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[bytes, bytes]]

# Bytes. Handing a block over to the event loop costs about as much as making a hundred rows; a client that reads
# nothing costs one block and what its socket holds.
BLOCK = 240 * 1024
# Bytes of a list that are not held back for more.
BEGINNING = 16 * 1024
# RFC 9112, 3.2.2: a whole address is as good as a path. Not `urlsplit`, which raises an error for some hosts.
WHOLE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/]*)(.*)", re.DOTALL)
# RFC 9110, 7.6.1: said of one connection, by whoever keeps that connection.
HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    b"upgrade".split()
)


class Head(NamedTuple):
    """The status and the headers of an answer, without those of one connection."""

    status: int
    headers: Headers

    def has(self, name: bytes) -> bool:
        return any(name == known.lower() for known, _ in self.headers)

    def get(self, name: bytes) -> bytes:
        """The value of a header; empty if there is none."""
        return next((value for known, value in self.headers if name == known.lower()), b"")


class FileToSend:
    """The `wsgi.file_wrapper` of PEP 3333: an open file that is sent without a thread of pages."""

    def __init__(self, file: Any, block_size: int = BLOCK) -> None:
        self.file = file

    def read(self) -> bytes:
        """The next BLOCK bytes; fewer only at the end of the file."""
        blocks: list[bytes] = []
        left = BLOCK
        while left and (block := self.file.read(left)):
            blocks.append(block)
            left -= len(block)
        return b"".join(blocks)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.read, b"")

    def close(self) -> None:
        close(self.file)


ALWAYS: Environ = {
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.file_wrapper": FileToSend,
}


class Answer(NamedTuple):
    """The head, the last or only bytes that are at hand, and the file whose further blocks are still to be sent."""

    head: Head
    body: bytes
    rest: FileToSend | None = None


# Takes a block that others may follow, and returns when the client can take more.
Pour = Callable[[Head, bytes], None]


def answer(site: Site, environ: Environ, pour: Pour | None = None) -> Answer:
    """Call, read and close in this thread, to which what the answer was made of belongs (a database connection).

    Without `pour` the body is collected; with it only what is left at the end. As with Django, the site has called
    `start_response` when it returns, and makes no use of the `write` that PEP 3333 keeps for old programs.
    """
    told: list[Head] = []
    made = site(environ, lambda status, headers, exc_info=None: told.append(head_of(status, headers)))
    rest = None
    try:
        head = told[-1]
        if bodiless(environ["REQUEST_METHOD"], head.status):
            return Answer(head, b"")
        if isinstance(made, FileToSend):
            body = made.read()
            rest = made if len(body) == BLOCK else None
            return Answer(head, body, rest)
        return Answer(head, b"".join(made) if pour is None else poured(head, made, pour))
    finally:
        if rest is None:
            close(made)


def poured(head: Head, blocks: Iterable[bytes], pour: Pour) -> bytes:
    """Hand over the beginning as soon as there is one, and then BLOCK bytes or more at once; what is left at the end, if
    anything, needs nobody to wait until it has been taken.

    PEP 3333 would have each block sent at once. A list is not waited for row by row.
    """
    waiting: list[bytes] = []
    size, enough = 0, BEGINNING
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if size >= enough:
            pour(head, b"".join(waiting))
            waiting.clear()
            size, enough = 0, BLOCK
    return b"".join(waiting)


def close(made: Any) -> None:
    """PEP 3333: whoever reads an answer closes it, also when it was not read to the end."""
    if hasattr(made, "close"):
        made.close()


def bodiless(method: str, status: int) -> bool:
    """Whether RFC 9110 forbids a body (6.4.1)."""
    return method == "HEAD" or status in (204, 304)


def head_of(status: str, headers: Iterable[tuple[str, str]]) -> Head:
    """The `start_response` of PEP 3333 as ASGI 3 sends it; names stay as Django writes them."""
    pairs = [(name.encode("latin-1"), value.strip().encode("latin-1")) for name, value in headers]
    return Head(int(status[:3]), [pair for pair in pairs if pair[0].lower() not in HOP_BY_HOP])


def environ_of(scope: Scope) -> Environ:
    """The scope of an ASGI 3 request as the environ of PEP 3333.

    The body is not there: the public process answers nothing that has one. Of what a proxy may have said nothing
    is believed.
    """
    name, port = address(scope.get("server"))
    host, path = aim(scope["raw_path"])
    root = scope.get("root_path", "").encode().decode("latin-1")
    return {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": root,
        "PATH_INFO": path.removeprefix(root),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": name,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": address(scope.get("client"))[0],
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        **ALWAYS,
        **variables(scope["headers"]),
        **({} if host is None else {"HTTP_HOST": host.decode("latin-1")}),
    }


def address(told: Any) -> tuple[str, str]:
    """Host and port of one end; gunicorn gives no pair where the socket is a file."""
    return (str(told[0]), str(told[1])) if isinstance(told, (tuple, list)) else ("", "")


def aim(target: bytes) -> tuple[bytes | None, str]:
    """What a request is aimed at: the host of a whole address, which goes before the header Host (RFC 9112, 3.2.2), None
    where there is but a path; and the decoded path, each byte as one character, as PEP 3333 wants it.
    """
    whole = None if target.startswith(b"/") else WHOLE.fullmatch(target)
    host, path = (whole[1], whole[2] or b"/") if whole else (None, target)
    return host, unquote_to_bytes(path).decode("latin-1")


def variables(headers: Headers) -> dict[str, str]:
    """Request headers under their names in the environ. Lines of one name are joined (RFC 9110, 5.3; RFC 6265, 5.4)."""
    found: dict[str, str] = {}
    for name, value in headers:
        if b"_" in name:
            continue  # would be taken for the name with hyphens
        key = name.decode("latin-1").upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        text = value.decode("latin-1")
        found[key] = f"{found[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{text}" if key in found else text
    return found
