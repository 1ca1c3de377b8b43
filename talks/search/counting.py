"""What a search has found, counted by all that it can be narrowed by.

The database gives it as one text, `counted` of `talks_search` for each statement (`talks.guards.search` writes it): ten
thousand rows of nine values would take most of the time of a page.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections import Counter
from typing import Any, NamedTuple

# A row's words, of eight hexadecimal digits each. The first two are its key.
WORDS = ("day", "row", "meeting", "source", "speaker", "party", "kind", "found", "month")
# Types of quotations and states of evidence, as they are numbered from 1.
KINDS = ("direct", "mixed", "indirect", "narration")
STATES = ("none", "unchecked", "yes", "lost")
NOUNS = ("meeting", "source", "speaker", "party")


class Counted(NamedTuple):
    """How many there are, at most one more than are counted; the keys of the first ones, newest first; and of what a
    statement is counted by, how many have each value.

    Of nouns a value is the row number, None if there is none. A month is `2025-06`.
    """

    number: int
    places: list[int]
    by: dict[str, Counter[Any]]


def read(text: str, publishers: str, most: int, first: int) -> Counted:
    """From the words of all rows, newest first, and their publishers as a JSON list. Counts the first `most` of them,
    and gives the keys of the `first` ones.
    """
    words = array("I", bytes.fromhex(text))
    if sys.byteorder == "little":
        words.byteswap()
    width = len(WORDS)
    of = {name: Counter(words[n : most * width : width]) for n, name in enumerate(WORDS) if n > 1}
    days, rows = array("i", words[0 : first * width : width].tobytes()), words[1 : first * width : width]
    by = {name: _named(of[name], name) for name in WORDS[2:]}
    by["publisher"] = Counter(json.loads(publishers)[:most])
    return Counted(len(words) // width, [day << 32 | row for day, row in zip(days, rows, strict=True)], by)


def _named(counts: Counter[int], name: str) -> Counter[Any]:
    """The values that the numbers stand for."""
    return Counter({_value(name, number): count for number, count in counts.items()})


def _value(name: str, number: int) -> Any:
    if name in NOUNS:
        return number or None
    if name == "month":  # its digits are those of the year and of the month
        return f"{number >> 8:04x}-{number & 0xFF:02x}"
    return {"kind": KINDS, "found": STATES}[name][number - 1]
