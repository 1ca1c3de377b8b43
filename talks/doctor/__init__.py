"""Is the database sound? Examinations that find what is spoiled before readers do. None changes anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db import DatabaseError, connection

from talks.doctor import postgresql, published, raising, sqlite
from talks.doctor.remark import Remark
from talks.guards import held
from talks.snapshot import snapshot

Examination = Callable[[], Iterator[str]]


def examinations() -> dict[str, Examination]:
    """All of them by name; each yields what is wrong, and where, or a remark."""
    dialect = postgresql if connection.vendor == "postgresql" else sqlite
    return {
        "integrity": _seen_once(dialect.integrity),
        "foreign keys": _seen_once(dialect.foreign_keys),
        "triggers": _told(held.triggers),
        "edition": _told(raising.raised),
        "search": _told(held.search) if connection.vendor == "postgresql" else _seen_once(held.search),
        "tally": _seen_once(held.counts),
        "releases": _seen_once(published.releases),
        "quotations": _seen_once(published.quotations),
    }


def _seen_once(examination: Examination) -> Examination:
    """One that reads a single state, and holds up nobody who writes."""

    def examined() -> Iterator[str]:
        with snapshot():
            yield from examination()

    return _told(examined)


def _told(examination: Examination) -> Examination:
    """One whose end by an error of the database is told as what it found."""

    def examined() -> Iterator[str]:
        try:
            yield from examination()
        except DatabaseError as error:
            yield f"cannot be examined further: {' '.join(str(error).split())}"

    return examined


__all__ = ["Examination", "Remark", "examinations"]
