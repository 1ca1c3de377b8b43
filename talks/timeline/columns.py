"""The meetings of a timeline: a flag with the day on a pole, and a span where it is no single day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from talks.timeline.lettering import neat, width
from talks.timeline.values import Talk
from talks.timeline.windows import NEAR, PAUSE, Window

FEW = 2  # levels of flags above the lowest


# How many statements of which lane are about each meeting.
Counts = dict[int, list[tuple[str, int]]]


@dataclass
class Column:
    """A meeting on the drawing: `x` is its pole, `left` and `right` the edges of its days."""

    talk: Talk
    text: str  # on the flag
    said: str  # what was said about it, in words
    x: float
    left: float
    right: float
    precise: bool  # its days are known, be they one or more
    wide: float  # the flag
    level: int = 0
    y: float = 0.0
    pause: int = 0  # the days since the meeting before it, if they are many

    @property
    def span(self) -> float:
        """How wide its days are; 0 for a single day, which is a line."""
        return neat(self.right - self.left) if self.talk.first < self.talk.last else 0

    @property
    def label(self) -> str:
        return f"{self.talk.title}: {self.said}"


def columns_of(windows: Iterable[Window], counts: Counts, more: set[int], none: str) -> list[Column]:
    """The meetings with their flags on levels, so that neither a flag nor a pole crosses another flag.

    `more`: those of which not all statements are drawn; `none`: among which statements one may have none.
    """
    found: list[Column] = []
    for window in windows:
        columns = [
            _column(window, talk, _said(counts.get(talk.key, []), talk.key in more, none)) for talk in window.talks
        ]
        columns.sort(key=lambda column: (column.x, column.talk.slug))
        if _rise(columns) > FEW:
            _shorten(columns)
            _rise(columns)
        found += columns
    for earlier, later in pairwise(found):
        days = later.talk.first - earlier.talk.last
        later.pause = days if days > PAUSE else 0
    return found


def _rise(columns: list[Column]) -> int:
    """Put each flag above those that it would cover or whose poles it would cross; gives the highest level."""
    for number in range(len(columns) - 1, -1, -1):
        column = columns[number]
        under = [other.level for other in columns[number + 1 :] if other.x < column.x + column.wide]
        column.level = 1 + max(under) if under else 0
    return max((column.level for column in columns), default=0)


def _shorten(columns: list[Column]) -> None:
    """Leave out the month where the flag before says it already."""
    texts = [column.text.split() for column in columns]
    for column, before, words in zip(columns[1:], texts, texts[1:], strict=False):
        if len(words) == 2 and words[0].isdigit() and before[-1:] == words[-1:]:
            column.text = words[0]
            column.wide = max(NEAR, width(column.text) + 8)


def _column(window: Window, talk: Talk, said: str) -> Column:
    text, days = window.flag(talk), talk.date.split("/")
    left, right = window.x(talk.first), window.x(talk.last + 1)
    x = (left + right) / 2 if talk.first == talk.last else left
    precise = all(len(side.rstrip("~?%")) == 10 for side in days)
    return Column(talk, text, said, neat(x), neat(left), neat(right), precise, max(NEAR, width(text) + 8))


def _said(counts: list[tuple[str, int]], more: bool, none: str) -> str:
    if more:
        return f"More than {sum(number for _, number in counts)} statements"
    name, number = counts[0] if counts else ("", 0)
    told = [f"{name} {number} statement{'s' if number > 1 else ''}"] + [
        f"{name} {number}" for name, number in counts[1:]
    ]
    return ", ".join(told) if counts else f"No statements {none}"
