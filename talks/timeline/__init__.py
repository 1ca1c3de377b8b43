"""Meetings and what was said about them in time, as numbers and words for one template. Knows plain values only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from talks import dates
from talks.timeline.columns import Column, columns_of
from talks.timeline.lanes import MORE, Lane, Mark, groups_of, lanes_of, leading
from talks.timeline.lettering import neat, width
from talks.timeline.values import Said, Scope, Side, Talk
from talks.timeline.windows import LEFT, NEAR, RIGHT, Pause, Window, windows_of
from talks.timeline.years import Condensed, Tallied, condense, unit

__all__ = [
    "EACH",
    "MOST",
    "Condensed",
    "Drawing",
    "Said",
    "Scope",
    "Side",
    "Talk",
    "Tallied",
    "condense",
    "draw",
    "leading",
    "unit",
]  # fmt: skip

MOST = 24  # meetings that are drawn one by one
EACH = 20  # statements of each
FLAGS = 118  # where the highest flags begin


class Whole(NamedTuple):
    """The whole period at one scale: years with their places, meetings with place and width."""

    years: list[tuple[float, str]]
    talks: list[tuple[float, float]]


@dataclass
class Drawing:
    """A timeline whose meetings stand one by one."""

    title: str
    description: str
    whole: Whole
    windows: list[Window]
    pauses: list[Pause]
    columns: list[Column]
    lanes: list[Lane]
    top: float  # of the lanes
    scope: Scope
    note: str = ""

    left, right, flags = LEFT, RIGHT, FLAGS

    @property
    def bottom(self) -> float:
        return self.lanes[-1].bottom

    @property
    def middle(self) -> float:
        """Where a pause says how long it is."""
        return neat((self.top + self.bottom) / 2)

    @property
    def depth(self) -> float:
        """How high all lanes are together."""
        return neat(self.bottom - self.top)

    @property
    def height(self) -> float:
        return neat(self.bottom + 66)


def draw(talks: Sequence[Talk], said: Sequence[Said], scope: Scope) -> Drawing | None:
    """The drawing of these meetings, oldest first, and of what was said about each, newest first: the first twenty.

    None if there is no meeting.
    """
    if not talks:
        return None
    lanes = lanes_of(talks)
    shown, more = _shown(talks, said, scope)
    windows, pauses = windows_of(talks, [(mark.first, mark.last) for mark in shown])
    slugs = {talk.key: talk.slug for talk in talks}
    lane_of = {lane.side.key: lane for lane in lanes}
    for lane in lanes:
        own = [mark for mark in shown if lane_of.get(mark.said.party or 0, lanes[-1]) is lane]
        groups_of(lane, own, windows, slugs, scope)
    if scope.personal:
        lanes = [lane for lane in lanes if lane.groups or lane.side.key] or lanes
    columns = columns_of(windows, _counts(lanes), {mark.said.meeting for mark in more}, scope.said)
    if more:
        lanes.append(_more(more, windows, slugs, scope))
    top = _heights(columns, lanes)
    for window in windows:
        _furnish(window, lanes, columns)
    title, description = _told(columns, pauses, scope)
    return Drawing(title, description, _whole(columns, shown, windows), windows, pauses, columns, lanes, top, scope)


def _shown(talks: Sequence[Talk], said: Sequence[Said], scope: Scope) -> tuple[list[Mark], list[Mark]]:
    """A mark for each statement, and one for each meeting that has more than are drawn."""
    counted: Counter[int] = Counter()
    shown = []
    for one in said:
        counted[one.meeting] += 1
        if counted[one.meeting] <= EACH:
            shown.append(Mark(one, *one.days))
    beyond = [talk for talk in talks if counted[talk.key] > EACH]
    more = [
        Mark(Said(talk.key, 0, "more", talk.date, talk.title, scope.to_statements(meeting=talk.slug)), *talk.days)
        for talk in beyond
    ]
    return shown, more


def _counts(lanes: Sequence[Lane]) -> dict[int, list[tuple[str, int]]]:
    """How many statements of each lane are about each meeting."""
    found: dict[int, list[tuple[str, int]]] = {}
    for lane in lanes:
        counted = Counter(mark.said.meeting for group in lane.groups for mark in group.marks)
        for meeting, number in counted.items():
            found.setdefault(meeting, []).append((lane.side.name, number))
    return found


def _more(marks: list[Mark], windows: Sequence[Window], slugs: dict[int, str], scope: Scope) -> Lane:
    """A lane with the way to what is not drawn."""
    lane = Lane(Side(0, MORE, ""), MORE.split(), height=44, beyond=True)
    groups_of(lane, marks, windows, slugs, scope)
    for group in lane.groups:
        titles = "; ".join(mark.said.who for mark in group.marks)
        group.label = f"More statements than the newest {EACH} that are drawn: {titles}"
        for mark in group.marks:
            mark.line = None
    return lane


def _heights(columns: Sequence[Column], lanes: Sequence[Lane]) -> float:
    """Put flags and lanes under one another; gives where the lanes begin."""
    highest = max(column.level for column in columns)
    for column in columns:
        column.y = FLAGS + (highest - column.level) * NEAR
    top = FLAGS + (highest + 1) * NEAR + 4
    reached: float = top
    for lane in lanes:
        lane.top, reached = neat(reached), reached + lane.height
        for group in lane.groups:
            for mark in group.marks:
                mark.y = neat(lane.top + lane.height / 2 + mark.y)
    return top


def _furnish(window: Window, lanes: Sequence[Lane], columns: Sequence[Column]) -> None:
    """Months under a window, its years over it, and a word where nothing was said."""
    window.ticks = window.months()
    if any(window.left <= group.left <= window.right for lane in lanes for group in lane.groups):
        return
    poles = [x for column in columns if column.talk in window.talks for x in (column.left, column.x, column.right)]
    edges = sorted([window.left, *poles, window.right])
    room, middle = max((after - before, (after + before) / 2) for before, after in pairwise(edges))
    window.empty = neat(middle) if room > width("No statements") + 8 else 0


def _whole(columns: Sequence[Column], marks: Sequence[Mark], windows: Sequence[Window]) -> Whole:
    """The period from the first to the last day of all, in whole years; with the place of each window in it."""
    spans = [column.talk.days for column in columns]
    days = [day for span in [*spans, *((mark.first, mark.last) for mark in marks)] for day in span]
    first, last = (date.fromordinal(day).year for day in (min(days), max(days)))
    start, end = date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal() + 1
    scale = (RIGHT - LEFT) / (end - start)
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if step * 365 * scale > 44)
    years = [year for year in range(first, last + 1) if year % step == 0 or year == first == last]
    for window in windows:
        window.lens = (_at(max(window.first, start), start, scale), _at(min(window.last + 1, end), start, scale))
    return Whole(
        [(_at(date(year, 1, 1).toordinal(), start, scale), str(year)) for year in years],
        [(_at(one, start, scale), neat(max(2.5, (other - one + 1) * scale))) for one, other in spans],
    )


def _at(day: int, start: int, scale: float) -> float:
    return neat(LEFT + (day - start) * scale)


def _told(columns: Sequence[Column], pauses: Sequence[Pause], scope: Scope) -> tuple[str, str]:
    """Title and description."""
    first = min(columns, key=lambda column: column.talk.first).talk
    last = max(columns, key=lambda column: column.talk.last).talk
    ends = [date.fromordinal(day).isoformat() for day in (first.first, last.last)]
    days = dates.words("/".join(ends) if ends[0] != ends[1] else ends[0])
    title = f"{len(columns)} meeting{'s' if len(columns) > 1 else ''}, {days}"
    told = "Above, the whole period at one scale. Below, its busy stretches enlarged, all at the same scale, with the"
    told += " statements in this data as marks in a lane for each party."
    for pause in pauses:
        told += f" {pause.days:,} days have no {pause.what} {scope.met if pause.meetings else scope.said}."
    return title, told
