"""A progress bar on a terminal, and nothing anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
WIDTH = 40


def progress(items: Iterable[Item], total: int, label: str, least: int = 2000) -> Iterator[Item]:
    """Hand the items on; draw a bar on standard error if that is a terminal and there are many."""
    if total < least or not sys.stderr.isatty():
        yield from items
        return
    drawn = 0.0
    for done, item in enumerate(items, 1):
        yield item
        if time.monotonic() - drawn > 0.1 or done == total:
            drawn = time.monotonic()
            filled = "█" * (WIDTH * done // max(total, 1))
            sys.stderr.write(f"\r{label} {filled:<{WIDTH}} {done:,} of {total:,}")
    sys.stderr.write("\n")
