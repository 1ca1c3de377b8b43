"""Slow clients: what 240 of them, who send or read one byte a second, take away from the others."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from typing import NamedTuple

from bench.measure import crawl, peers
from bench.measure.homes import Home, manage
from bench.measure.kept import STATEMENT
from bench.measure.load import Load, Walk, loaded, walked
from bench.measure.rounds import centile, interleaved, middle
from bench.measure.servers import ROOT, Server
from bench.measure.setting import Setting
from bench.measure.table import Section, Table, number

STREAM, FILE = "/statements.csv", "/data/releases/1/talks.sqlite3"
LARGEST = 100_000


class Seen(NamedTuple):
    """What everybody else sees: of a page that is kept, and of pages that are made."""

    kept: Load
    made: Walk


def measure(setting: Setting) -> Section:
    """Without them and with them, in turn."""
    home = setting.sqlite(max(count for count in setting.counts if count <= LARGEST))
    if not (home.folder / "releases" / "1").exists():
        manage(home, "release")
    served: list[dict[str, int]] = []
    addresses = cycle(f"/statements/statement-{n:07}/" for n in range(home.count))
    with peers.site(home, "slow", CACHE_BYTES=str(1 << 22)) as server:
        look = partial(seen, server, addresses, setting.seconds)
        measurements = {"alone": look, "beside slow clients": partial(beside, server, look, served)}
        found = interleaved(setting.rounds, measurements, "slow clients")
        memory = server.memory()["proportional"]
    return told(found, served[-1], memory, home)


def seen(server: Server, addresses: Iterator[str], seconds: float) -> Seen:
    return Seen(loaded(server, STATEMENT, seconds), walked(server, addresses, seconds / 2))


def beside(server: Server, look: partial[Seen], served: list[dict[str, int]]) -> Seen:
    with crawling(server) as counts:
        served.append(counts)
        return look()


@contextmanager
def crawling(server: Server) -> Iterator[dict[str, int]]:
    """The slow clients at work; gives how many of them have which answer."""
    command = [sys.executable, "-m", "bench.measure.crawl", str(server.port), STATEMENT, STREAM, FILE]
    clients = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert clients.stdout
        yield json.loads(clients.stdout.readline())
    finally:
        clients.kill()
        clients.wait()


def told(found: dict[str, list[Seen]], served: dict[str, int], memory: float, home: Home) -> Section:
    rows, figures = [], {}
    for name, seen in found.items():
        made = [time for one in seen for time in one.made.times]
        figures[name] = {
            "rate": middle(one.kept.rate for one in seen), "p50": middle(one.kept.p50 for one in seen),
            "p99": middle(one.kept.p99 for one in seen), "made_p50": centile(made, 0.5), "made_p99": centile(made, 0.99),
            "faults": max(one.kept.faults for one in seen),
        }  # fmt: skip
        cells = [number(value, 1 if key != "rate" else 0) for key, value in figures[name].items() if key != "faults"]
        rows.append([name, *cells, number(figures[name]["faults"])])
    header = ["", "kept: requests/s", "p50 ms", "p99 ms", "made: p50 ms", "p99 ms", "faults"]
    note = (
        f"{crawl.SENDERS} clients send a request and {crawl.READERS} read a page one byte a second, {crawl.STREAMS} read "
        f"the CSV of {home.count:,} statements and {crawl.FILES} a file of a release. Answered: "
        f"{', '.join(f'{name}: {count}' for name, count in served.items())}; {memory:.0f} MB afterwards."
    )
    return Section([Table("Slow clients", header, rows, [note])], {"slow clients": {**figures, "answered": served}})
