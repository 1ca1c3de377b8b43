"""What a tree of processes has used: CPU seconds and memory, from /proc (proc(5))."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

TICK = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


class Process(NamedTuple):
    """The parent, and the CPU seconds of a process with those of its children that have ended."""

    parent: int
    seconds: float


def running() -> dict[int, Process]:
    """Every process by its number."""
    found = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                # The name of the command stands in brackets, and may have spaces and brackets of its own.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                found[int(entry.name)] = Process(int(fields[1]), sum(map(int, fields[11:15])) / TICK)
    return found


def tree(roots: Iterable[int], among: dict[int, Process]) -> set[int]:
    """The processes of these numbers that run, and all below them."""
    found = {root for root in roots if root in among}
    grown = True
    while grown:
        more = {number for number, process in among.items() if process.parent in found} - found
        found |= more
        grown = bool(more)
    return found


def cpu(roots: Iterable[int]) -> float:
    """CPU seconds that the trees of these processes have used since they began."""
    among = running()
    return sum(among[number].seconds for number in tree(roots, among))


def memory(roots: Iterable[int]) -> dict[str, float]:
    """Megabytes of these trees: `resident`, what is shared counted for each, and `proportional`, counted once."""
    kilobytes = {"Rss": 0, "Pss": 0}
    for number in tree(roots, running()):
        with suppress(OSError):
            told = (PROC / str(number) / "smaps_rollup").read_text()
            for name in kilobytes:
                line = re.search(rf"^{name}: +(\d+) kB$", told, re.M)
                kilobytes[name] += int(line[1]) if line else 0
    return {"resident": kilobytes["Rss"] / 1024, "proportional": kilobytes["Pss"] / 1024}
