"""Lets somebody stand by at every write of a noun through Django. In the public process nobody does, and nothing is
written; in the editor's the ledger does (`talks.editing.ledger`). Knows no model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol


class Watch(Protocol):
    """Somebody who stands by at a write."""

    def before(self, model: Any, keys: Iterable[Any]) -> None:
        """The rows of these numbers are about to be written or deleted; None among them is a row to be made."""

    def joining(self, rows: Iterable[Any]) -> None:
        """These rows are about to be written; those that belong to a noun change it."""

    def made(self, model: Any, keys: Iterable[Any]) -> None:
        """The rows of these numbers were written; those that were not told before are new."""


class Nobody:
    """What stands by where nobody does."""

    def before(self, model: Any, keys: Iterable[Any]) -> None:
        """Nothing is looked at."""

    def joining(self, rows: Iterable[Any]) -> None:
        """Nothing is looked at."""

    def made(self, model: Any, keys: Iterable[Any]) -> None:
        """Nothing is looked at."""


@contextmanager
def unwatched() -> Iterator[Watch]:
    """A write that nobody stands by at."""
    yield Nobody()


# Set once, at the start of the editor's process.
stand_by: Callable[[], AbstractContextManager[Watch]] | None = None


def writing() -> AbstractContextManager[Watch]:
    """Around a write, which is then one transaction together with what is noted of it."""
    return stand_by() if stand_by else unwatched()


def is_watched() -> bool:
    """Whether it is worth finding out which rows a write concerns."""
    return stand_by is not None
