"""Rows as JSON: `{"edition", "total", "next", "records"}` for a list, `{"edition", "record", …}` for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson


def listing(rows: Iterable[dict[str, Any]], about: Any) -> Iterator[str]:
    """A page of a list. `next` is the address of the page after it, or null."""
    more = {"more_than": about.more_than} if about.more_than is not None else {}
    page = {"edition": about.edition, "total": about.total, **more, "next": about.next, "records": list(rows)}
    yield written(page)


def detail(row: dict[str, Any], parts: dict[str, list[dict[str, Any]]], about: Any) -> str:
    """One record, with the rows that belong to it; `as_of` is the day that was asked for, if one was."""
    asked = {"as_of": about.as_of} if about.as_of else {}
    return written({"edition": about.edition, **asked, "record": row, **parts})


def written(content: Any) -> str:
    """JSON for people too: letters as letters, a value a line, a line break at the end."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
