"""Rounds: everything once in turn, then everything again, so that a busy minute of the machine falls upon all alike."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")


def interleaved(
    count: int, measurements: dict[Key, Callable[[], Found]], what: str, warming: bool = True
) -> dict[Key, list[Found]]:
    """Every measurement so many times, A B C A B C; once before, which warms up and is thrown away, unless what is
    measured are commands that begin anew each time.
    """
    found: dict[Key, list[Found]] = {key: [] for key in measurements}
    for number in range(0 if warming else 1, count + 1):
        print(f"  {what}: {f'round {number} of {count}' if number else 'warming up'}", file=sys.stderr, flush=True)
        for key, measure in measurements.items():
            one = measure()
            if number:
                found[key].append(one)
    return found


def middle(values: Iterable[float]) -> float:
    """The median; of an empty list, not a number."""
    known = list(values)
    return statistics.median(known) if known else float("nan")


def centile(values: Iterable[float], share: float) -> float:
    """The value below which this share of all lies."""
    known = sorted(values)
    return known[min(int(len(known) * share), len(known) - 1)] if known else float("nan")
