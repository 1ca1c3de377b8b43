"""Rows as CSV (RFC 4180, UTF-8, CR LF), whole lists, a line at a time.

A text that begins with = + - @ TAB CR or ' gets one ' in front, lest a spreadsheet take it for a formula. `plain`
takes it off again. This is the only exception to the rule that a text is the same in every format.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "'")
BATCH = 50  # rows written at a time


def listing(rows: Iterable[dict[str, Any]], about: Any) -> Iterator[str]:
    """The header, then every row; never paged."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(about.columns)
    for number, row in enumerate(rows, 1):
        writer.writerow([cell(row[name]) for name in about.columns])
        if number % BATCH == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def detail(row: dict[str, Any], parts: dict[str, list[dict[str, Any]]], about: Any) -> str:
    """One record as a list of one."""
    return "".join(listing([row], about))


def cell(value: Any) -> str:
    """A value as a cell: as it is shown, with a mark in front where a spreadsheet would take it for a formula."""
    text = shown(value)
    return f"'{text}" if isinstance(value, str | list) and text.startswith(DANGEROUS) else text


def shown(value: Any) -> str:
    """A value as text: nothing for None, true and false as words, lists joined by |."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "|".join(value) if isinstance(value, list) else str(value)


def plain(text: str) -> str:
    """A text as it was before it became a cell."""
    return text[1:] if text.startswith("'") else text
