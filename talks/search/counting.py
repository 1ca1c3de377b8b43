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
    """How many there are, at most one more than are counted; the keys and slugs of all that is of the newest days, as far as
    a list begins with them; of so many of the newest, how many have each value that they can be narrowed by.

    Of nouns a value is the row number, None if there is none. A month is `2025-06`.
    """

    number: int
    places: list[tuple[int, str]]  # in the order of the list
    newest: int
    by: dict[str, Counter[Any]]

    def first(self, most: int) -> list[int] | None:
        """The row numbers of the first so many of the list, newest first and then by slug. None if they are not known."""
        if most > len(self.places) < self.number:
            return None
        return [place & 0xFFFFFFFF for place, _ in self.places[:most]]


def read(number: int, places: str | None, text: str | None = "", publishers: str | None = "") -> Counted:
    """From keys and slugs with commas between them, the words of the newest rows, and their publishers as a JSON list."""
    words = array("I", bytes.fromhex(text or ""))
    if sys.byteorder == "little":
        words.byteswap()
    width = len(WORDS)
    by = {name: _named(Counter(words[n::width]), name) for n, name in enumerate(WORDS) if n > 1}
    by["publisher"] = Counter(json.loads(publishers or "[]"))
    return Counted(number, _in_order(places or ""), len(words) // width, by)


def _in_order(places: str) -> list[tuple[int, str]]:
    """By day, newest first, and then by slug, as lists are."""
    told = [place.partition(" ") for place in places.split(",") if place]
    return sorted(((int(key), slug) for key, _, slug in told), key=lambda one: (one[0] >> 32, one[1]), reverse=True)


def _named(counts: Counter[int], name: str) -> Counter[Any]:
    """The values that the numbers stand for."""
    return Counter({_value(name, number): count for number, count in counts.items()})


def _value(name: str, number: int) -> Any:
    if name in NOUNS:
        return number or None
    if name == "month":  # its digits are those of the year and of the month
        return f"{number >> 8:04x}-{number & 0xFF:02x}"
    return {"kind": KINDS, "found": STATES}[name][number - 1]
