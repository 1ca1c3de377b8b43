"""Many meetings, condensed: a column for each year (or month, or day) with how many there were, and the way to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from urllib.parse import urlencode

from talks import dates
from talks.timeline.lanes import THIRD
from talks.timeline.lettering import fitted, neat
from talks.timeline.values import Side
from talks.timeline.windows import LEFT, RIGHT

ALL = "Meetings"
ACROSS = 20  # columns in a row
WIDEST = 84
ROW, HEAD, BAR = 66, 30, 38
UNITS = {4: "year", 7: "month", 10: "day"}  # by the letters that a date has so far
LEADING = ("year", "month")  # columns that lead on, to a list of theirs


class Tallied(NamedTuple):
    """How many meetings have these first and last days, as far as they are counted: `2024` to `2025`, of which lane."""

    lane: int
    first: str
    last: str
    number: int


class Bar(NamedTuple):
    """How many meetings of one lane a column has: a bar with its figure above."""

    y: float
    height: float
    figure: str


@dataclass
class Year:
    """A column: a year, a month or a day; or, without counts, a stretch in which there was no meeting."""

    label: str
    words: str
    told: str
    address: str
    counts: Counter[int]
    x: float = 0.0
    thick: float = 0.0
    middle: float = 0.0
    bars: list[Bar] = field(default_factory=list)

    @property
    def bar(self) -> float:
        """Where its bars begin."""
        return neat(self.middle - self.thick / 2)

    @property
    def name(self) -> str:
        """What a link to it says."""
        return f"{self.words}: {self.told}"


@dataclass
class Band:
    """A row of columns over the lanes; many years take several."""

    top: float
    wide: float
    years: list[Year]
    names: list[list[tuple[float, str]]]
    lines: Sequence[float]

    @property
    def height(self) -> float:
        return HEAD + ROW * len(self.names)

    @property
    def title(self) -> str:
        ends = [year.words for year in self.years if year.counts]
        return f"Meetings, {ends[0]} to {ends[-1]}" if len(ends) > 1 else f"Meetings, {''.join(ends)}"

    @property
    def end(self) -> float:
        return neat(self.years[-1].x + self.wide)


@dataclass
class Condensed:
    """A timeline whose meetings are too many to stand one by one."""

    title: str
    description: str
    bands: list[Band]
    note: str = ""

    left, right = LEFT, RIGHT

    @property
    def height(self) -> float:
        return self.bands[-1].top + self.bands[-1].height + 10

    @property
    def years(self) -> list[Year]:
        return [year for band in self.bands for year in band.years]


def unit(period: str) -> int:
    """How many letters of a date are counted by: a year without a period, a month of a year, a day of a month."""
    return {0: 4, 4: 7}.get(len(period), 10)


def condense(sides: Sequence[Side], tallied: Sequence[Tallied], way: str, period: str) -> Condensed:
    """The drawing: lane 0 counts all meetings, -1 those of third parties, others have a party's key.

    `way` is the list that the columns lead into, ready for a `year` or a `month`; days have none.
    """
    letters = unit(period)
    counted: dict[int, Counter[int]] = {}
    total = 0
    for one in tallied:
        total += 0 if one.lane else one.number
        for place in range(_place(one.first), _place(one.last) + 1):
            if _text(place, letters).startswith(period):
                counted.setdefault(place, Counter())[one.lane] += one.number
    names = {0: ALL, **{side.key: side.name for side in sides}}
    if any(one.lane < 0 for one in tallied):
        names[-1] = THIRD
    places = sorted(counted)
    years = [_year(place, counted[place], names, way, letters) for place in places]
    for number in range(len(places) - 1, 0, -1):
        if places[number] - places[number - 1] > 1:
            years.insert(number, _nothing(places[number] - places[number - 1] - 1, UNITS[letters]))
    bands = _bands(years, names)
    title = f"{total:,} meetings, {years[0].words} to {years[-1].words}" if len(years) > 1 else f"{total:,} meetings"
    told = f"A column for each {UNITS[letters]}: how many meetings there were in all, and how many each party took part in."
    return Condensed(title, told, bands)


def _place(beginning: str) -> int:
    """The number of a year, a month or a day in the row of all."""
    parts = [int(part) for part in beginning.split("-")]
    if len(parts) == 3:
        return date(*parts).toordinal()
    return parts[0] * 12 + parts[1] - 1 if len(parts) == 2 else parts[0]


def _text(place: int, letters: int) -> str:
    if letters == 10:
        return date.fromordinal(place).isoformat()
    return f"{place // 12:04}-{place % 12 + 1:02}" if letters == 7 else f"{place:04}"


def _year(place: int, counts: Counter[int], names: dict[int, str], way: str, letters: int) -> Year:
    text = _text(place, letters)
    words = dates.words(text)
    label = {4: words, 7: words[:3], 10: words.split()[0]}[letters]
    number = counts[0]
    told = [f"{number:,} meeting{'s' if number > 1 else ''}"]
    told += [f"{name} {counts[lane]:,}" for lane, name in names.items() if lane and counts[lane]]
    address = way + urlencode({UNITS[letters]: text}) if UNITS[letters] in LEADING else ""
    return Year(label, words, ", ".join(told), address, counts)


def _nothing(number: int, what: str) -> Year:
    plural = f"{number:,} {what}s" if number > 1 else f"1 {what}"
    return Year("…", plural, f"{plural} without a meeting in this data", "", Counter())


def _bands(years: Sequence[Year], names: dict[int, str]) -> list[Band]:
    wide = neat(min(WIDEST, (RIGHT - LEFT) / min(len(years), ACROSS)))
    most = max(year.counts[0] for year in years)
    bands: list[Band] = []
    for start in range(0, len(years), ACROSS):
        top = 10 + len(bands) * (HEAD + ROW * len(names) + 24)
        some = list(years[start : start + ACROSS])
        lines = [top + HEAD + ROW * (row + 1) for row in range(len(names))]
        for number, year in enumerate(some):
            year.x, year.middle = neat(LEFT + number * wide), neat(LEFT + (number + 0.5) * wide)
            year.thick = neat(wide / 2)
            counts = [(line, year.counts[lane]) for line, lane in zip(lines, names, strict=True)]
            year.bars = [_bar(line, count, most) for line, count in counts if count]
        bands.append(
            Band(top, wide, some, [_lines(line, name) for line, name in zip(lines, names.values(), strict=True)], lines)
        )
    return bands


def _lines(bottom: float, name: str) -> list[tuple[float, str]]:
    lines = fitted(name)
    return [(bottom - 10 - 16 * (len(lines) - 1 - number), line) for number, line in enumerate(lines)]


def _bar(bottom: float, number: int, most: int) -> Bar:
    height = neat(max(2, BAR * number / most))
    return Bar(neat(bottom - height), height, f"{number:,}" if number < 10_000 else f"{number // 1000:,}k")
