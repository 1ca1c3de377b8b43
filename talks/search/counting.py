"""What a search has found, counted by all that it can be narrowed by.

The database gives it as one text, `counted` of `talks_search` for each statement (`talks.guards.search` writes it): ten
thousand rows of nine values would take most of the time of a page.
"""

from __future__ import annotations

import json
import sys
from array import array
from bisect import bisect_right
from collections import Counter
from operator import neg
from typing import Any, NamedTuple

# A row's words, of eight hexadecimal digits each. The first two are its key.
WORDS = ("day", "row", "meeting", "source", "speaker", "party", "kind", "found", "month")
# Types of quotations and states of evidence, as they are numbered from 1.
KINDS = ("direct", "mixed", "indirect", "narration")
STATES = ("none", "unchecked", "yes", "lost")
NOUNS = ("meeting", "source", "speaker", "party")


class Counted(NamedTuple):
    """How many there are, at most one more than are counted; of these, or of the newest if there are more, the days
    (since 1970) and row numbers, newest first; and of what a statement is counted by, how many have each value.

    Of nouns a value is the row number, None if there is none. A month is `2025-06`.
    """

    number: int
    days: array[int]
    rows: array[int]
    by: dict[str, Counter[Any]]

    def first(self, most: int) -> list[int] | None:
        """The row numbers of the first so many of the list by day and then by slug, and of all others of the last of
        these days. None if they may not be all of that day.
        """
        known = len(self.rows)
        end = bisect_right(self.days, -self.days[most - 1], key=neg) if most <= known else known
        return self.rows[:end].tolist() if end < known or known == self.number else None


def read(number: int, text: str | None, publishers: str | None) -> Counted:
    """From the words of all rows that are counted by something, newest first, and their publishers as a JSON list."""
    words = array("I", bytes.fromhex(text or ""))
    if sys.byteorder == "little":
        words.byteswap()
    width = len(WORDS)
    of = {name: words[n::width] for n, name in enumerate(WORDS)}
    by = {name: _named(Counter(of[name]), name) for name in WORDS[2:]}
    by["publisher"] = Counter(json.loads(publishers or "[]"))
    return Counted(number, array("i", of["day"].tobytes()), of["row"], by)


def walked(number: int, places: str | None) -> Counted:
    """From the keys of the newest, with commas between them."""
    keys = [int(place) for place in (places or "").split(",") if place]
    days, rows = (key >> 32 for key in keys), (key & 0xFFFFFFFF for key in keys)
    return Counted(number, array("i", days), array("I", rows), {})


def _named(counts: Counter[int], name: str) -> Counter[Any]:
    """The values that the numbers stand for."""
    return Counter({_value(name, number): count for number, count in counts.items()})


def _value(name: str, number: int) -> Any:
    if name in NOUNS:
        return number or None
    if name == "month":  # its digits are those of the year and of the month
        return f"{number >> 8:04x}-{number & 0xFF:02x}"
    return {"kind": KINDS, "found": STATES}[name][number - 1]
