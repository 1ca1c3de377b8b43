"""The editors' pages: lists with filters and searches, autocomplete, queues and forms, at each N."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from bench.measure.homes import Home
from bench.measure.rounds import interleaved, middle
from bench.measure.servers import ROOT
from bench.measure.setting import LEAST, Setting
from bench.measure.table import Section, Table, number, times

WANTED = "admin,autocomplete,desk,to review,to check"
AT_MOST, EACH = 2, 5  # rounds of everything, and of each page within them

# Of one page: milliseconds of CPU of the process, milliseconds by the clock, bytes.
Figures = dict[str, tuple[float, float, int]]


def measure(setting: Setting) -> Section:
    """`bench/pages.py` at each N on each database, in turn."""
    homes = {(home.database, home.count): home for count in setting.counts for home in setting.homes(count)}
    words = setting.only.get("desk") or WANTED
    asked = {key: partial(made, home, words) for key, home in homes.items()}
    found = interleaved(min(setting.rounds, AT_MOST), asked, "the desk", warming=False)
    return told(found, setting.counts)


def made(home: Home, words: str) -> Figures:
    """Every page of the desk, made in a process of its own."""
    path: Path = home.folder / "desk.json"
    environment = {**os.environ, **home.environment()}
    command = [sys.executable, "bench/pages.py", words, "--json", path, "--rounds", str(EACH)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return json.loads(path.read_text())


def told(found: dict[tuple[str, int], list[Figures]], counts: list[int]) -> Section:
    """CPU on SQLite; on PostgreSQL the clock, because most of the work is done by a server that others may share."""
    tables, figures = [], {}
    larger = [count for count in counts if count != LEAST]
    for database, place, unit in (("SQLite", 0, "CPU"), ("PostgreSQL", 1, "by the clock")):
        if (database, LEAST) not in found:
            continue
        rows = []
        for name in found[database, LEAST][0]:
            at = {count: of(found[database, count], name, place) for count in counts}
            figures.update({f"{name} {database} {count}": value for count, value in at.items()})
            cells = [cell for n in larger for cell in (number(at[n], 1, "ms"), times(at[n], at[LEAST]))]
            rows.append([name.replace("|", "/"), number(at[LEAST], 1, "ms"), *cells])
        header = ["page", f"N = {LEAST:,}", *(cell for count in larger for cell in (f"N = {count:,}", "ratio"))]
        tables.append(Table(f"The editors' pages on {database}: {unit}", header, rows))
    return Section(tables, {"the desk": figures})


def of(rounds: list[Figures], name: str, place: int) -> float:
    """The median of one page's figure."""
    return middle(one[name][place] for one in rounds if name in one)
