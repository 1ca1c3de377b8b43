"""The unit of all comparisons: a bare WSGI application that answers 12 KB, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

SIZE = 12 * 1024
BODY = (b"<!doctype html><title>hello</title>\n" + b"Talks are held in a city. " * SIZE)[:SIZE]
HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(SIZE))]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", HEADERS)
    return [BODY]
