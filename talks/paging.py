"""Long lists, page by page, by key and not by offset: a page costs the same wherever it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.http import QueryDict

from talks.querysets import Chosen

SIZE = 30


def instant(text: str) -> datetime:
    """An instant with its time zone, as UTC. Raises ValueError where it has none, or the calendar does not have it."""
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError(f"“{text}” has no time zone")
    try:
        return read.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"“{text}” is not in the calendar") from None


class Order(NamedTuple):
    """What a list is sorted by before the slug, and how its value is read from an address."""

    field: str
    descending: bool = False
    read: Callable[[str], Any] = str


BY_SLUG = Order("slug")
NEWEST_SAID = Order("said_from", True, date.fromisoformat)
NEWEST_MET = Order("date_from", True, date.fromisoformat)
NEWEST_SENT = Order("meeting__date_from", True, date.fromisoformat)
LATEST = Order("changed_at", True, instant)
OLDEST_SAID = Order("said_from", False, date.fromisoformat)
BEST = Order("best")  # only of what a search has found
NEWEST_CORRECTED = Order("corrected_at", True, instant)


class Page(NamedTuple):
    """The rows of one page, and the keys of its neighbours (empty where there is none)."""

    rows: list[Any]
    previous: str
    next: str
    key: str = ""


def paginate(
    queryset: Any,
    order: Order,
    parameters: QueryDict,
    size: int = SIZE,
    fetch: Callable[[Any], list[Any]] = list,
) -> Page:
    """The page that `after` or `before` in the address asks for, else the first; `fetch` makes rows of a slice.

    A key is a value of the order and a slug, joined by `~`. Raises ValueError for a key that is none.
    """
    after, before = parameters.get("after", ""), parameters.get("before", "")
    if after and before:
        raise ValueError("after and before exclude each other")
    if order == BEST:
        return _ranked(queryset, after, before, size, fetch)
    value, slug = _read(after or before, order)
    if before:
        rows = fetch(queryset.stretch(order.field, not order.descending, size + 1, value, slug))
        more, rows = len(rows) > size, rows[:size][::-1]
        return Page(rows, _key(rows[0], order) if more and rows else "", _key(rows[-1], order) if rows else "")
    rows = fetch(queryset.stretch(order.field, order.descending, size + 1, value, slug))
    more, rows = len(rows) > size, rows[:size]
    return Page(rows, _key(rows[0], order) if after and rows else "", _key(rows[-1], order) if more else "")


def _ranked(found: Any, after: str, before: str, size: int, fetch: Callable[[Any], list[Any]]) -> Page:
    """A page of results by relevance. Their number is bounded, so a key is looked up among all of them."""
    ranked = found.ranked()
    start, stop = 0, size
    if after or before:
        slug = _read(after or before, BEST)[1]
        if slug not in ranked:
            raise ValueError(f"“{slug}” is not in this list")
        at = list(ranked).index(slug)
        start, stop = (at + 1, at + 1 + size) if after else (max(0, at - size), at)
    rows = fetch(Chosen(list(ranked.values())[start:stop]))
    previous, following = rows and start > 0, rows and stop < len(ranked)
    return Page(rows, f"best~{_slug(rows[0])}" if previous else "", f"best~{_slug(rows[-1])}" if following else "")


def _slug(row: Any) -> str:
    return str(row["slug"] if isinstance(row, dict) else row.slug)


def _read(key: str, order: Order) -> tuple[Any, str]:
    if not key:
        return None, ""
    value, separator, slug = key.rpartition("~")
    if not separator or not slug or "\0" in key:
        raise ValueError(f"“{key}” is no page key")
    return order.read(value), slug


def _key(row: Any, order: Order) -> str:
    """The key of a noun, or of its row as data, where a path has dots."""
    if isinstance(row, dict):
        return f"{row[order.field.replace('__', '.')]}~{row['slug']}"
    value = row
    for name in order.field.split("__"):
        value = getattr(value, name)
    return f"{value}~{row.slug}"
