"""Places as `prepare` leaves them, each a copy of one that was made once: making it takes seconds, copying none."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache

from tests.servers import Place, a_place


@contextmanager
def a_prepared_place() -> Iterator[Place]:
    """A place with the built-in data, their release and the static files."""
    with a_place(like=_model()) as place:
        yield place


@contextmanager
def a_migrated_place() -> Iterator[Place]:
    """A place with an empty database."""
    with a_place(like=_empty()) as place:
        yield place


@cache
def _empty() -> Place:
    place = _lasting().enter_context(a_place())
    place.manage("migrate", "--verbosity=0")
    return place


@cache
def _model() -> Place:
    place = _lasting().enter_context(a_migrated_place())
    place.manage("prepare")
    return place


@cache
def _lasting() -> ExitStack:
    """What it holds is there until the tests end."""
    lasting = ExitStack()
    atexit.register(lasting.close)
    return lasting
