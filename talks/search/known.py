"""How many statements searches find, kept with the edition in which they were counted: who reads a list on, page by page, or
takes it as JSON, too, does not have it counted again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any

from talks.search.asking import Wanted

ROOM = 5_000  # searches, of 111 bytes each (tracemalloc)

_edition: ContextVar[Any] = ContextVar("edition", default=None)
_lock = Lock()
numbers: dict[bytes, int] = {}


@contextmanager
def within(edition: Any) -> Iterator[None]:
    """All that is asked in here is asked of this edition, in one snapshot. Outside nothing is kept, and nothing known."""
    before = _edition.set(edition)
    try:
        yield
    finally:
        _edition.reset(before)


def number(wanted: Wanted) -> int | None:
    """How many fit, as `Counted.number` tells it; None if that was not counted in this edition, or is forgotten."""
    return None if _edition.get() is None else numbers.get(_key(wanted))


def keep(wanted: Wanted, counted: int) -> None:
    """Know it from now on; what was counted first is forgotten first."""
    if _edition.get() is None:
        return
    with _lock:
        if len(numbers) >= ROOM:
            del numbers[next(iter(numbers))]
        numbers[_key(wanted)] = counted


def _key(wanted: Wanted) -> bytes:
    """The edition and all that is wanted, in as many bytes however much was typed."""
    told = repr((_edition.get(), wanted)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(told, digest_size=16).digest()
