"""What releases cost: prints figures and ratios, judges nothing.

    python bench/release.py [N]     N statements, 100,000 if left out; everything in a temporary folder, on SQLite

Rows a second of CSV and NDJSON beside Django's dumpdata of the same statements, round by round; the whole release
with its peak memory; taking 10,000 statements in, by import_release, by our loaddata and by Django's.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS, TAKEN_IN = 3, 10_000
OURS, DJANGO = "loaddata (ours)", "loaddata (Django's)"
TABLE = """
import sys, time
from itertools import islice
from pathlib import Path
from django.core.management import call_command
from django.core.management.commands import dumpdata
from talks.records import STATEMENTS
from talks.release.tables import CsvFile, NdjsonFile
from talks.snapshot import snapshot
kind, path = sys.argv[1:]
began = time.perf_counter()
if kind == "dumpdata":
    call_command(dumpdata.Command(), "talks.statement", output=path, verbosity=0)
else:
    file = CsvFile(Path(path), STATEMENTS) if kind == "CSV" else NdjsonFile(Path(path))
    with snapshot():
        rows = STATEMENTS.rows(STATEMENTS.public())
        while batch := list(islice(rows, 2000)):
            file.write(batch)
    file.close()
print(time.perf_counter() - began)
"""
DJANGOS = """
import sys
from django.core.management import call_command
from django.core.management.commands import loaddata
call_command(loaddata.Command(), *sys.argv[1:], verbosity=0)
"""


def run(folder: Path, *command: object) -> tuple[float, str, int]:
    """Seconds, output and peak resident kilobytes of a command of its own."""
    environment = {**os.environ, "VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings_editor"}
    timed = ["/usr/bin/env", "time", "-f", "%M", *map(str, command)]
    began = time.perf_counter()
    done = subprocess.run(timed, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return time.perf_counter() - began, done.stdout, int(done.stderr.split()[-1])


def python(folder: Path, script: str, *arguments: object) -> tuple[float, str, int]:
    set_up = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import django; django.setup()\n"
    return run(folder, sys.executable, "-c", set_up + script, *arguments)


def manage(folder: Path, *arguments: object) -> tuple[float, str, int]:
    return run(folder, sys.executable, "manage.py", *arguments)


def tables(folder: Path, count: int) -> None:
    seconds: dict[str, list[float]] = {"CSV": [], "NDJSON": [], "dumpdata": []}
    memory = dict.fromkeys(seconds, 0)
    for _ in range(ROUNDS):
        for kind, found in seconds.items():
            _, told, peak = python(folder, TABLE, kind, folder / kind)
            found.append(float(told))
            memory[kind] = max(memory[kind], peak)
    base = statistics.median(seconds["dumpdata"])
    for kind, found in seconds.items():
        middle = statistics.median(found)
        print(f"{kind:22} {count / middle:10,.0f} rows/s  {base / middle:5.1f} x dumpdata  {memory[kind] // 1024} MB")


def whole(folder: Path, count: int) -> Path:
    target = folder / "cut"
    seconds, _, peak = manage(folder, "release", "--into", target, "--number", 1)
    size = sum(path.stat().st_size for path in target.iterdir()) / 1e6
    print(
        f"{'release':22} {count / seconds:10,.0f} statements/s, {seconds:.0f} s, {size:,.0f} MB, peak {peak // 1024} MB"
    )
    return target


def taking_in(scratch: Path) -> dict[str, list[float]]:
    """Seconds that 10,000 statements take into an empty database, by each of the three, round by round."""
    origin, empty = scratch / "origin", scratch / "empty"
    python_generate(origin, TAKEN_IN)
    release = origin / "cut"
    manage(origin, "release", "--into", release, "--number", 1)
    manage(empty, "migrate", "--verbosity", 0)
    readme = (release / "README.md").read_text()
    order = [release / name for name in re.search(r"^    (\S+\.json(?: \S+\.json)*)$", readme, re.M)[1].split()]
    ways: dict[str, Callable[[Path], float]] = {
        "import_release": lambda folder: manage(folder, "import_release", release, "--apply")[0],
        OURS: lambda folder: manage(folder, "loaddata", *order)[0],
        DJANGO: lambda folder: python(folder, DJANGOS, *order)[0],
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS):
        for name, take in ways.items():
            folder = scratch / f"{number}-{name.replace(' ', '-')}"
            shutil.copytree(empty, folder)
            found[name].append(take(folder))
            shutil.rmtree(folder)
    return found


def tell_taking_in(found: dict[str, list[float]]) -> None:
    base = statistics.median(found[DJANGO])
    for kind, seconds in found.items():
        middle = statistics.median(seconds)
        print(f"{kind:22} {TAKEN_IN / middle:10,.0f} statements/s  {base / middle:5.1f} x Django's loaddata")


def python_generate(folder: Path, count: int) -> None:
    run(folder, sys.executable, "bench/generate.py", count)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="talks-bench-") as name:
        scratch = Path(name)
        python_generate(scratch / "big", count)
        tables(scratch / "big", count)
        whole(scratch / "big", count)
        tell_taking_in(taking_in(scratch))


if __name__ == "__main__":
    main()
