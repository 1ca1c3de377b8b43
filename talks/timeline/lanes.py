"""What was said, in a lane for each party: blocks on their days, those that stand too near together as one link."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from talks import dates
from talks.timeline.lettering import fitted, neat
from talks.timeline.values import Said, Scope, Side, Talk
from talks.timeline.windows import NEAR, Window

BLOCK, PITCH = 9, 13
FILLED = {"direct": BLOCK, "mixed": BLOCK / 2}
THIRD, MORE = "Third parties", "More statements"


@dataclass
class Mark:
    """A statement as a block; `line` is where its days begin and end, if they are more than one."""

    said: Said
    first: int
    last: int
    x: float = 0.0
    y: float = 0.0
    line: tuple[float, float] | None = None

    def block(self, wide: float) -> str:
        """Its block as part of a path, as wide as that."""
        return f"M{neat(self.x - BLOCK / 2)} {self.y}h{neat(wide)}v{BLOCK}h{neat(-wide)}z"


@dataclass
class Group:
    """Marks that stand too near for a link each: one link."""

    address: str
    label: str
    left: float
    right: float
    marks: list[Mark]

    @property
    def wide(self) -> float:
        return neat(self.right - self.left)

    @property
    def frames(self) -> str:
        """The blocks of all its marks, as one path: full and half ones are filled besides."""
        return "".join(mark.block(BLOCK) for mark in self.marks)

    @property
    def fillings(self) -> str:
        shown = [mark for mark in self.marks if mark.said.kind in FILLED]
        return "".join(mark.block(FILLED[mark.said.kind]) for mark in shown)

    @property
    def lines(self) -> str:
        """The days of marks that may have been said on any of several."""
        lines = [(mark.line, neat(mark.y + BLOCK / 2)) for mark in self.marks if mark.line]
        return "".join(f"M{line[0]} {y}H{line[1]}" for line, y in lines)

    @property
    def top(self) -> float:
        """Its marks with room around them: no less than a target is high."""
        return neat(min(mark.y for mark in self.marks) - (NEAR - BLOCK) / 2)

    @property
    def high(self) -> float:
        return neat(max(mark.y for mark in self.marks) + (NEAR + BLOCK) / 2 - self.top)


@dataclass
class Lane:
    """A row for what one party said, or all third parties."""

    side: Side
    lines: list[str] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    count: int = 0
    top: float = 0.0
    height: float = 58.0
    beyond: bool = False  # whether it leads to what is not drawn

    @property
    def title(self) -> str:
        """What the list of its links is called."""
        return MORE if self.beyond else f"Statements, {self.side.name}"

    @property
    def middle(self) -> float:
        return neat(self.top + self.height / 2)

    @property
    def bottom(self) -> float:
        return neat(self.top + self.height)

    @property
    def texts(self) -> list[tuple[float, str]]:
        """Its name in lines, each with its place."""
        first = self.middle + 5 - 8 * (len(self.lines) - 1)
        return [(neat(first + 16 * number), line) for number, line in enumerate(self.lines)]


def leading(counted: Counter[Side]) -> list[Side]:
    """The parties that took part most often, three at most, by name."""
    often = sorted(counted, key=lambda side: (-counted[side], side.name, side.slug))[:3]
    return sorted(often, key=lambda side: (side.name, side.slug))


def lanes_of(talks: Iterable[Talk]) -> list[Lane]:
    """A lane for each of the parties that took part most often, and one for all others."""
    sides = [*leading(Counter(side for talk in talks for side in talk.sides)), Side(0, THIRD, "")]
    return [Lane(side, fitted(side.name)) for side in sides]


def groups_of(
    lane: Lane, marks: Sequence[Mark], windows: Sequence[Window], slugs: dict[int, str], scope: Scope
) -> None:
    """Place a lane's marks on their days; those that stand nearer than a target is wide become one group."""
    for window in windows:
        inside = sorted(_inside(window, marks), key=lambda mark: (mark.x, mark.first, mark.said.address))
        for cluster in clustered(inside):
            rows = _stack(cluster)
            lane.height = max(lane.height, rows * PITCH + 20)
            left, right = neat(cluster[0].x - NEAR / 2), neat(cluster[-1].x + NEAR / 2)
            address = _address(lane, cluster, slugs, scope)
            lane.groups.append(Group(address, label_of(lane.side.name, cluster), left, right, cluster))


def _inside(window: Window, marks: Iterable[Mark]) -> Iterator[Mark]:
    for mark in marks:
        if window.first <= mark.first <= window.last:
            start, end = window.x(mark.first), window.x(mark.last + 1)
            mark.x = neat((start + end) / 2)
            mark.line = (neat(start), neat(end)) if mark.last > mark.first else None
            yield mark


def clustered(marks: Iterable[Mark]) -> list[list[Mark]]:
    """Marks, sorted from left to right, in groups that stand at least a target apart."""
    found: list[list[Mark]] = []
    for mark in marks:
        if found and mark.x - found[-1][-1].x < NEAR:
            found[-1].append(mark)
        else:
            found.append([mark])
    return found


def _stack(cluster: list[Mark]) -> int:
    """Put each mark into the first row where it has room; `y` is its distance from the lane's middle."""
    rows: list[float] = []
    placed = []
    for mark in cluster:
        row = next((number for number, x in enumerate(rows) if mark.x - x >= BLOCK + 2), len(rows))
        rows[row : row + 1] = [mark.x]
        placed.append(row)
    for mark, row in zip(cluster, placed, strict=True):
        mark.y = row * PITCH - (len(rows) * PITCH - (PITCH - BLOCK)) / 2
    return len(rows)


def _address(lane: Lane, cluster: Sequence[Mark], slugs: dict[int, str], scope: Scope) -> str:
    if len(cluster) == 1:
        return cluster[0].said.address
    meetings = {mark.said.meeting for mark in cluster}
    return scope.to_statements(meeting=slugs[meetings.pop()] if len(meetings) == 1 else "", party=lane.side.slug)


def label_of(name: str, cluster: Sequence[Mark], most: int = 8) -> str:
    """What a group holds, in words."""
    first, last = (date.fromordinal(pick).isoformat() for pick in _ends(cluster))
    told = [f"{mark.said.who}, {mark.said.kind}" for mark in cluster]
    if len(cluster) == 1:
        return f"{name}, {dates.words(cluster[0].said.date)}: {told[0]}"
    days = dates.words(first if first == last else f"{first}/{last}")
    rest = f"; and {len(told) - most} more" if len(told) > most else ""
    return f"{name}, {days}: {len(told)} statements: {'; '.join(told[:most])}{rest}"


def _ends(cluster: Sequence[Mark]) -> tuple[int, int]:
    return min(mark.first for mark in cluster), max(mark.last for mark in cluster)
