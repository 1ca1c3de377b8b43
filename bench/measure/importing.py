"""Taking a release in, beside Django's loaddata; on SQLite."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench import release
from bench.measure.rounds import middle
from bench.measure.setting import Setting
from bench.measure.table import Section, Table, number, times


def measure(setting: Setting) -> Section:
    """By import_release, by the loaddata of this project and by Django's, in turn, into empty databases."""
    print("  importing", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="talks-bench-") as name:
        found = release.taking_in(Path(name))
    middles = {name: middle(seconds) for name, seconds in found.items()}
    django = release.TAKEN_IN / middles[release.DJANGO]
    rows = []
    for name, seconds in middles.items():
        rate = release.TAKEN_IN / seconds
        rows.append([name, number(rate), times(rate, django)])
    title = f"Taking in {release.TAKEN_IN:,} statements and what they need, into an empty SQLite database"
    table = Table(title, ["", "statements/s", "beside Django's loaddata"], rows)
    return Section([table], {"importing": found})
