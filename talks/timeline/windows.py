"""The busy stretches of a timeline, side by side at one scale, and the pauses between them.

Days are ordinals, so that none lies beyond the calendar; `x` is a place on the drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from talks import dates
from talks.timeline.lettering import neat, short, width
from talks.timeline.values import Talk

LEFT, RIGHT = 112, 954
NEAR = 24  # WCAG 2.2, 2.5.8: a target has at least so many pixels
PAUSE = 120  # more days than these between two meetings end a busy stretch
STRETCHES = 4  # that fit side by side
SHORTEST = 28  # days of a stretch, so that a single day has room around it
LONG = 400  # days, from which on a flag has to say its year
GAP = 92
STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000)  # months between two ticks


class Tick(NamedTuple):
    """A day on the axis, and where and how its name hangs."""

    x: float
    text: str
    place: float
    anchor: str


@dataclass
class Window:
    """A busy stretch, enlarged: its days, and where on the drawing they begin."""

    first: int
    last: int
    talks: list[Talk]
    left: float = 0.0
    right: float = 0.0
    begin: float = 0.0
    scale: float = 1.0
    lens: tuple[float, float] = (0.0, 0.0)
    heading: str = ""
    ticks: list[Tick] = field(default_factory=list)
    empty: float = 0.0  # where it says that there are no statements; 0 if there are or it has no room

    def x(self, day: float) -> float:
        """Where a day begins."""
        return self.begin + (day - self.first) * self.scale

    @property
    def title(self) -> float:
        """Where its years stand: at its left, as far as they fit on the drawing."""
        return neat(min(self.left + 8, RIGHT - width(self.heading)))

    def flag(self, talk: Talk) -> str:
        """A meeting's day in short: with its year where the window has several."""
        return short(talk.date, self.last - self.first > LONG)

    def months(self) -> list[Tick]:
        """Firsts of months with their names, as many as have room."""
        step = next(step for step in STEPS if step * 28 * self.scale > 88 or step == STEPS[-1])
        found: list[Tick] = []
        # Between windows there is room for a part of a word.
        lowest, highest = self.left - 28, min(self.right + 28, RIGHT + 4)
        reached = float("-inf")
        for day in [*_firsts(self.first, self.last, step)] or [self.first]:
            x, text = self.x(day), _day(day)
            half = width(text) / 2
            # The drawing ends at the right; to the left of a window that is narrower than the words there is a pause.
            over = max(x + half, lowest + 2 * half) > highest
            anchor = "end" if over else "start" if x - half < lowest else "middle"
            place = {"start": lowest, "middle": x, "end": highest}[anchor]
            begins = place - half * {"start": 0, "middle": 1, "end": 2}[anchor]
            if begins > reached:
                found.append(Tick(neat(x), text, neat(place), anchor))
                reached = begins + 2 * half + 4
        return found


@dataclass
class Pause:
    """What lies between two windows: so many days."""

    left: float
    right: float
    days: int
    meetings: bool  # the days are those between two meetings, not merely between two statements

    @property
    def middle(self) -> float:
        return neat((self.left + self.right) / 2)

    @property
    def what(self) -> str:
        """What there is none of in these days."""
        return "meeting" if self.meetings else "statement"


def _firsts(first: int, last: int, step: int) -> Iterator[int]:
    """The first days of every so many months."""
    start = date.fromordinal(first)
    month = start.year * 12 + start.month - 1
    month += -month % step
    while month < 12 * (date.max.year + 1) and (day := date(month // 12, month % 12 + 1, 1).toordinal()) <= last:
        if day >= first:
            yield day
        month += step


def _day(ordinal: int) -> str:
    day = date.fromordinal(ordinal)
    return f"1 Jan {day.year}" if (day.month, day.day) == (1, 1) else dates.words(day.isoformat())[:-5]


def between(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches in which nothing is: each from the last day before it to the first day after it."""
    found, reached = [], None
    for first, last in sorted(spans):
        if reached is not None and first - reached > 1:
            found.append((reached, first))
        reached = last if reached is None else max(reached, last)
    return found


def cuts(talks: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where windows end: at every long pause between meetings, in its longest quiet part, and wherever else there is
    nothing for so long; as many as there is room for.
    """
    quiet = between(spans)
    found = {gap for gap in quiet if gap[1] - gap[0] > PAUSE}
    for start, end in between(talks):
        inside = [gap for gap in quiet if start <= gap[0] and gap[1] <= end]
        if end - start > PAUSE and inside and not found & set(inside):
            found.add(max(inside, key=lambda gap: (gap[1] - gap[0], -gap[0])))
    longest = sorted(found, key=lambda gap: (gap[0] - gap[1], gap[0]))
    if len(longest) >= STRETCHES:
        # Of many pauses only those that stand out: of meetings a year apart none does.
        first, last = longest[STRETCHES - 1]
        longest = [gap for gap in longest if gap[1] - gap[0] > 1.5 * (last - first)]
    return sorted(longest)


def windows_of(talks: Sequence[Talk], said: Sequence[tuple[int, int]]) -> tuple[list[Window], list[Pause]]:
    """The busy stretches side by side, all at one scale, with the pauses between them."""
    met = [(talk.first, talk.last) for talk in talks]
    spans = [*met, *said]
    found = cuts(met, spans)
    bounds = [min(first for first, _ in spans), *(day for cut in found for day in cut), max(last for _, last in spans)]
    windows = [
        Window(first, last, [talk for talk in talks if first <= talk.first <= last])
        for first, last in zip(bounds[::2], bounds[1::2], strict=True)
    ]
    _place(windows)
    pauses = [_pause(one, other, cut) for (one, other), cut in zip(pairwise(windows), found, strict=True)]
    return windows, pauses


def _place(windows: list[Window]) -> None:
    for window in windows:
        window.heading = _years(window)
        lacking = max(0, SHORTEST - (window.last - window.first + 1))
        window.first = max(1, window.first - lacking // 2)
        window.last = min(date.max.toordinal(), window.last + lacking - lacking // 2)
    # A flag flies to the right of its pole and must not leave the window.
    rooms = [max([10.0, *(width(window.flag(talk)) + 8 for talk in window.talks)]) for window in windows]
    days = sum(window.last - window.first + 1 for window in windows)
    scale = (RIGHT - LEFT - GAP * (len(windows) - 1) - sum(rooms) - 10 * len(windows)) / days
    left = float(LEFT)
    for window, room in zip(windows, rooms, strict=True):
        window.scale, window.left, window.begin = scale, neat(left), left + 10
        window.right = neat(window.x(window.last + 1) + room)
        left = window.right + GAP


def _years(window: Window) -> str:
    first, last = (date.fromordinal(day).year for day in (window.first, window.last))
    return f"{first}–{last}" if first != last else str(first)


def _pause(one: Window, other: Window, cut: tuple[int, int]) -> Pause:
    meetings = bool(one.talks and other.talks)
    start, end = (max(t.last for t in one.talks), min(t.first for t in other.talks)) if meetings else cut
    return Pause(neat(one.right + 7), neat(other.left - 7), end - start, meetings)
