"""The marks of values in the index, by which a list is narrowed: a letter for the column, then letters and figures, a
figure at the end (`talks/guards/search.py` writes them).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Any

NOTHING = "xnothing0"  # a mark that no statement has
# The letters of nouns, which a row has by number, and of columns that have a text.
NOUNS = {"m": "meeting", "o": "source", "s": "speaker", "p": "party"}
OTHERS = {"k": "kind", "f": "found", "b": "publisher"}
_LETTERS = {noun: letter for letter, noun in NOUNS.items()}
_DATED = re.compile(r"xd([0-9]{4})([0-9]{2})?")  # the mark of a year, or of a month


def mark(name: str, value: object) -> str:
    """The mark of a value of one of the filters."""
    if letter := _LETTERS.get(name):
        return f"x{letter}{value or 0}"
    if name == "publisher":
        return f"xb{str(value).encode().hex()}0"
    if name in ("year", "month"):
        return f"xd{str(value).replace('-', '')}"
    return f"x{ {'type': 'k', 'found': 'f'}[name] }{value}0"


def noun(mark: str) -> tuple[str, int]:
    """The noun of which this is the mark, and its row number; `("", 0)` for that of any other value."""
    return (NOUNS[mark[1]], int(mark[2:])) if mark[1] in NOUNS else ("", 0)


def is_dated(mark: str) -> bool:
    """Whether it is that of a year or of a month."""
    return _DATED.fullmatch(mark) is not None


def days(mark: str) -> tuple[date, date]:
    """The first and last day of a year or month, from its mark."""
    year, month = int(mark[2:6]), int(mark[6:] or 0)
    last = monthrange(year, month or 12)[1]
    return date(year, month or 1, 1), date(year, month or 12, last)


def by_values(sql: str, marks: tuple[str, ...]) -> tuple[str, list[Any], str]:
    """FROM and WHERE of what has these marks besides, by the columns that they were made of; the values, the column that is in order."""
    values: list[Any] = []
    for one in marks:
        letter, value = one[1], one[2:]
        if letter in NOUNS:
            sql += f" AND e.{NOUNS[letter]}_id {'= %s' if int(value) else 'IS NULL'}"
            values += [int(value)] if int(value) else []
        elif letter in OTHERS:
            sql += f" AND e.{OTHERS[letter]} = %s"
            values.append(bytes.fromhex(value[:-1]).decode() if letter == "b" else value[:-1])
        elif not is_dated(one):
            sql += " AND 1 = 0"
    return sql, values, "e.place"
