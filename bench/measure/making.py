"""Pages to be made: CPU for each kind on each database and at each N, beside Datasette and beside the smallest N."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import NamedTuple

from bench.measure import peers
from bench.measure.homes import Home, released
from bench.measure.load import Walk, walked
from bench.measure.pages import KINDS, Kind
from bench.measure.rounds import centile, interleaved, middle
from bench.measure.servers import Server, ask
from bench.measure.setting import LEAST, Setting
from bench.measure.table import Section, Table, number, times

SECONDS = 0.2  # for a kind in a round, on one server
DATASETTE = "Datasette"


class Key(NamedTuple):
    """A figure: of which kind, on which database (or of Datasette), at which N."""

    kind: str
    where: str
    count: int


def measure(setting: Setting) -> Section:
    """Every kind at every place in turn, in rounds."""
    kinds = [kind for kind in KINDS if setting.wants("making", kind.name)]
    with ExitStack() as stack:
        servers = started(setting, stack, {kind.counted for kind in kinds})
        asked = {
            Key(kind.name, where, count): (server, addresses)
            for kind in kinds
            for (where, count, counted), server in servers.items()
            if counted == kind.counted and (addresses := answered(server, kind, where, count))
        }
        found = interleaved(
            setting.rounds,
            {key: partial(walked, server, addresses, SECONDS) for key, (server, addresses) in asked.items()},
            "pages to be made",
        )
    return told(kinds, found, setting.counts)


def started(setting: Setting, stack: ExitStack, ways: set[bool]) -> dict[tuple[str, int, bool], Server]:
    """The site at each N on each database, one worker each and no page kept, in each of the ways: with numbers of searches
    kept, and without; Datasette if it was asked for.
    """
    servers = {}
    for count in setting.counts:
        for home in setting.homes(count):
            servers |= {(home.database, count, counted): one_worker(home, counted) for counted in ways}
        if setting.peers and not (why := peers.install_datasette()):
            servers[DATASETTE, count, False] = peers.datasette(setting.sqlite(count), released(setting.sqlite(count)))
    if not any(where == DATASETTE for where, *_ in servers):
        setting.left_out.append(f"Datasette, {why if setting.peers else 'which PEERS=1 installs'}")
    for server in servers.values():
        stack.enter_context(server)
    return servers


def one_worker(home: Home, counted: bool = False) -> Server:
    """One, so that what it knows after the first round is known in all rounds. No page has room in a byte."""
    name = f"making{', counted' if counted else ''}, {home.database}, {home.count:,}"
    return peers.site(home, name, WORKERS="1", CACHE_BYTES="1" if counted else "0")


def answered(server: Server, kind: Kind, where: str, count: int) -> Iterator[str] | None:
    """The addresses of a kind, if they are answered there at all."""
    if where == DATASETTE and not kind.peer:
        return None
    walk = kind.peer_walk(count) if where == DATASETTE else kind.walk(count)
    status = ask(server.port, next(walk))[0]
    if status != 200:
        print(f"  {kind.name}: {status} from {server.name}, left out", file=sys.stderr)
    return walk if status == 200 else None


def told(kinds: list[Kind], found: dict[Key, list[Walk]], counts: list[int]) -> Section:
    cpu = {key: middle(walk.cpu for walk in walks) * 1000 for key, walks in found.items()}
    tables = [beside_datasette(kinds, cpu, counts)] if any(key.where == DATASETTE for key in cpu) else []
    tables += [flat(kinds, cpu, counts, where) for where in ("SQLite", "PostgreSQL") if has(cpu, where)]
    figures = {
        " ".join(map(str, key)): {
            "cpu_ms": cpu[key],
            "p50_ms": centile(times_of(walks), 0.5),
            "p95_ms": centile(times_of(walks), 0.95),
            "bytes": walks[-1].size,
        }
        for key, walks in found.items()
    }
    return Section(tables, {"pages to be made": figures})


def times_of(walks: list[Walk]) -> list[float]:
    return [one for walk in walks for one in walk.times]


def has(cpu: dict[Key, float], where: str) -> bool:
    return any(key.where == where for key in cpu)


def value(cpu: dict[Key, float], kind: Kind, where: str, count: int) -> float:
    return cpu.get(Key(kind.name, where, count), float("nan"))


def beside_datasette(kinds: list[Kind], cpu: dict[Key, float], counts: list[int]) -> Table:
    """The page, its CPU, and that of the nearest page of Datasette."""
    rows = []
    for kind in kinds:
        for count in counts:
            ours, theirs = value(cpu, kind, "SQLite", count), value(cpu, kind, DATASETTE, count)
            if kind.peer:
                cells = [number(ours, 2, "ms"), number(theirs, 2, "ms"), times(ours, theirs)]
                rows.append([kind.name, number(count), *cells])
    return Table("Pages to be made, beside Datasette: CPU", ["page", "N", "the site", "Datasette", "ratio"], rows)


def flat(kinds: list[Kind], cpu: dict[Key, float], counts: list[int], where: str) -> Table:
    """CPU of each kind at each N, and how many times that at the smallest."""
    larger = [count for count in counts if count != LEAST]
    header = ["page", f"N = {LEAST:,}", *(cell for count in larger for cell in (f"N = {count:,}", "ratio"))]
    rows = []
    known = [kind for kind in kinds if Key(kind.name, where, LEAST) in cpu]
    missing = [f"Not answered: {kind.name}." for kind in kinds if kind not in known]
    for kind in known:
        least = value(cpu, kind, where, LEAST)
        cells = [number(least, 2, "ms")]
        for count in larger:
            at = value(cpu, kind, where, count)
            cells += [number(at, 2, "ms"), "" if kind.grows else times(at, least)]
        rows.append([kind.name, *cells])
    return Table(f"Every kind of page, made anew, on {where}: CPU", header, rows, missing)
