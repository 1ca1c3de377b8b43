"""Rows as JSON: `{"edition", "total", "next", "records"}` for a list, `{"edition", "record", …}` for one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any


def listing(rows: Iterable[dict[str, Any]], about: Any) -> Iterator[str]:
    """A page of a list. `next` is the address of the page after it, or null."""
    page = {"edition": about.edition, "total": about.total, "next": about.next, "records": list(rows)}
    yield written(page)


def detail(row: dict[str, Any], parts: dict[str, list[dict[str, Any]]], about: Any) -> str:
    """One record, with the rows that belong to it."""
    return written({"edition": about.edition, "record": row, **parts})


def written(content: Any) -> str:
    """JSON for people too: letters as letters, a value a line, a line break at the end."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
