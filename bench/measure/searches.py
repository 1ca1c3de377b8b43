"""Searches at the largest N: by the clock on the server, one at a time, when what is asked for has been asked for before.

Each database is alone on the machine while it is asked, so that none takes the memory in which the other's pages stand.
"""

from __future__ import annotations

from functools import partial
from itertools import islice

from bench.measure.load import Walk, walked
from bench.measure.making import one_worker
from bench.measure.pages import KINDS, Kind
from bench.measure.rounds import centile, interleaved
from bench.measure.servers import Server, ask
from bench.measure.setting import Setting
from bench.measure.table import Section, Table, number

MOST = 400  # addresses of a kind that are asked for first


def measure(setting: Setting) -> Section:
    """Every kind of search in turn, in rounds, on one database after the other."""
    count = max(setting.counts)
    kinds = [kind for kind in KINDS if is_search(kind) and setting.wants("searches", kind.name)]
    found = {}
    for home in setting.homes(count):
        with one_worker(home) as server, one_worker(home, counted=True) as counting:
            asked = {kind: counting if kind.counted else server for kind in kinds}
            for kind, one in asked.items():
                warmed(one, kind, count)
            walks = {kind.name: partial(walked, one, kind.walk(count), setting.seconds) for kind, one in asked.items()}
            found[home.database] = interleaved(setting.rounds, walks, f"searches, {home.database}")
    return told(found, count)


def is_search(kind: Kind) -> bool:
    return kind.name.startswith("search") or "of a search" in kind.name


def warmed(server: Server, kind: Kind, count: int) -> None:
    """Ask once for what will be asked for."""
    for address in islice(kind.addresses(count), MOST):
        ask(server.port, address)


def told(found: dict[str, dict[str, list[Walk]]], count: int) -> Section:
    rows, figures = [], {}
    for database, kinds in found.items():
        for name, walks in kinds.items():
            known = [one for walk in walks for one in walk.times]
            half, most = centile(known, 0.5), centile(known, 0.95)
            rows.append([name, database, number(len(known)), number(half, 1, "ms"), number(most, 1, "ms")])
            figures[f"{name} {database}"] = {"p50_ms": half, "p95_ms": most, "requests": len(known)}
    title = f"Searches at N = {count:,}: by the clock, one at a time"
    return Section([Table(title, ["page", "", "requests", "p50", "p95"], rows)], {"searches": figures})
