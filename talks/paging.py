"""Long lists, page by page, by key and not by offset: a page costs the same wherever it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.http import QueryDict

SIZE = 50


class Order(NamedTuple):
    """What a list is sorted by before the slug, and how its value is read from an address."""

    field: str
    descending: bool = False
    read: Callable[[str], Any] = str


BY_SLUG = Order("slug")
NEWEST_SAID = Order("said_from", True, date.fromisoformat)
NEWEST_MET = Order("date_from", True, date.fromisoformat)
NEWEST_SENT = Order("meeting__date_from", True, date.fromisoformat)
LATEST = Order("changed_at", True, datetime.fromisoformat)
NEWEST_CORRECTED = Order("corrected_at", True, datetime.fromisoformat)


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
    value, slug = _read(after or before, order)
    if before:
        rows = fetch(queryset.beyond(order.field, value, slug, not order.descending)[: size + 1])
        more, rows = len(rows) > size, rows[:size][::-1]
        return Page(rows, _key(rows[0], order) if more and rows else "", _key(rows[-1], order) if rows else "")
    if after:
        queryset = queryset.beyond(order.field, value, slug, order.descending)
    else:
        sign = "-" if order.descending else ""
        queryset = queryset.order_by(f"{sign}{order.field}", f"{sign}slug")
    rows = fetch(queryset[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    return Page(rows, _key(rows[0], order) if after and rows else "", _key(rows[-1], order) if more else "")


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
