"""What all tests of a file find in the database, arranged once and not once for each: whatever a test does, it undoes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction


@contextmanager
def lasting(blocker: Any) -> Iterator[None]:
    """What is written in this block is there until it ends: each test's own transaction is a savepoint within this one.

    `blocker`: what keeps tests from the database that do not ask for it, pytest-django's `django_db_blocker`.
    """
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
