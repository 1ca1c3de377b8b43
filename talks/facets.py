"""By what a search can be narrowed further: each value with how many statements it would leave, and its address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from talks import dates, questions
from talks.filters import FOUND, KINDS, NO_SIDE, NONE, StatementFilter
from talks.querysets import Found
from talks.search import COUNTED

_quoted = lru_cache(10_000)(quote_plus)  # pages narrow by the same values again and again

# How many values a facet shows at once, and how many more at most.
SHOWN, MORE = 8, 40


class Choice(NamedTuple):
    """A value of a facet."""

    label: str
    number: int
    address: str


class Facet(NamedTuple):
    """One way to narrow: its values, the most frequent ones before the others."""

    name: str
    label: str
    choices: list[Choice]
    others: list[Choice]


class Results(NamedTuple):
    """What a search has found, as its page says it."""

    number: int  # at most COUNTED
    is_more: bool  # whether there are more than COUNTED
    newest: int  # so many are counted by the facets
    facets: list[Facet]


def results(found: Found, narrowing: StatementFilter) -> Results:
    """Counts over what was found; over the newest, if that is more than COUNTED."""
    there = found.counted
    facets = list(_facets(there.by, narrowing)) if there.number else []
    return Results(min(there.number, COUNTED), there.number > COUNTED, there.newest, facets)


def _facets(counted: dict[str, Counter[Any]], narrowing: StatementFilter) -> Iterable[Facet]:
    by_noun = _by_noun({name: counted[name] for name in ("party", "speaker", "meeting", "source")})
    years: Counter[str] = Counter()
    for month in counted["month"]:
        years[month[:4]] += counted["month"][month]
    yield from _made(narrowing, "party", by_noun["party"])
    yield from _made(narrowing, "speaker", by_noun["speaker"])
    yield from _made(narrowing, "meeting", by_noun["meeting"])
    yield from _made(
        narrowing, "type", _in_turn(counted["kind"], dict(KINDS)), label="How near the words are", sort=False
    )
    yield from _made(narrowing, "publisher", _plain(_top(counted["publisher"])))
    yield from _made(narrowing, "found", _in_turn(counted["found"], dict(FOUND)), sort=False)
    yield from _made(narrowing, "source", by_noun["source"])
    if "month" not in narrowing.given():
        yield from _made(narrowing, "year", {(year, year): years[year] for year in sorted(years)}, sort=False)
    if len(years) == 1:
        yield from _made(narrowing, "month", _months(counted["month"]), sort=False)


def _by_noun(counted: dict[str, Counter[Any]]) -> dict[str, dict[tuple[str, str], int]]:
    """Of each kind of noun, how many each one has, by slug and name; of party and speaker also how many have none."""
    names = _names({name: [key for key, _ in _top(counts)] for name, counts in counted.items()})
    found = {
        name: {names[name, key]: count for key, count in _top(counts) if (name, key) in names}
        for name, counts in counted.items()
    }
    for name in ("party", "speaker"):
        if counted[name][None]:
            found[name][NONE, NO_SIDE] = counted[name][None]
    return found


def _made(
    narrowing: StatementFilter, name: str, counts: dict[tuple[str, str], int], label: str = "", sort: bool = True
) -> Iterable[Facet]:
    """The facet, unless it is in force or has but one value: it would leave all."""
    if name in narrowing.given() or len(counts) < 2:
        return
    ordered = sorted(counts, key=lambda value: -counts[value]) if sort else list(counts)
    address = narrowing.address()
    address += "&" if "?" in address else "?"
    first, others = ordered[:SHOWN], ordered[SHOWN : SHOWN + MORE]

    def choices(values: list[tuple[str, str]]) -> list[Choice]:
        in_turn = sorted(values, key=lambda value: (value[0] == NONE, value[1].casefold())) if sort else values
        return [Choice(text, counts[value, text], f"{address}{name}={_quoted(value)}") for value, text in in_turn]

    yield Facet(name, label or str(narrowing.fields[name].label), choices(first), choices(others))


def _top(counts: Counter[Any]) -> list[tuple[Any, int]]:
    """The most frequent values, ties by value."""
    present = [(value, count) for value, count in counts.items() if value is not None]
    return sorted(present, key=lambda pair: (-pair[1], pair[0]))[: SHOWN + MORE]


def _plain(counts: list[tuple[str, int]]) -> dict[tuple[str, str], int]:
    return {(value, value): count for value, count in counts}


def _in_turn(counts: Counter[str], labels: dict[str, str]) -> dict[tuple[str, str], int]:
    """Values in the order of their labels, which is a meaning."""
    named = {value: f"{label[0].upper()}{label[1:]}" for value, label in labels.items()}
    return {(value, label): counts[value] for value, label in named.items() if counts[value]}


def _months(counts: Counter[str]) -> dict[tuple[str, str], int]:
    return {(month, dates.words(month)): counts[month] for month in sorted(counts)}


def _names(keys: dict[str, list[int]]) -> dict[tuple[str, int], tuple[str, str]]:
    """(kind, row number) to (slug, name), all in one question."""
    found = questions.names(*(keys[kind] for kind in questions.NAMED))
    return {(kind, key): (slug, _said(kind, name)) for kind, key, slug, name in found}


def _said(kind: str, name: str) -> str:
    """A source is told by its publisher and its day."""
    publisher, comma, day = name.rpartition(", ")
    return f"{publisher}{comma}{dates.words(day)}".removesuffix(", ") if kind == "source" else name
