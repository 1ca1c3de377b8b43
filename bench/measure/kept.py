"""Pages that are made already: requests a second, latencies, CPU and memory, beside the unit and peers."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple

from bench.measure import peers
from bench.measure.load import Load, loaded, walking
from bench.measure.rounds import interleaved, middle
from bench.measure.servers import Server, ask
from bench.measure.setting import Setting
from bench.measure.table import Section, Table, number, times

MEETING, STATEMENT = "/meetings/meeting-000/", "/statements/statement-0000004/"
MISSING = 4  # connections that cause misses
WALKED = 200_000
FILLING = 12  # seconds, in which more pages are made than are kept


class Row(NamedTuple):
    """One row of the table: whom to ask, what for, and while what happens."""

    server: Server
    address: str
    headers: dict[str, str] = {}
    missed: Path | None = None
    anew: bool = False


def measure(setting: Setting) -> Section:
    """Every row in turn, in rounds."""
    largest = max(n for n in setting.counts if n <= 100_000)
    with ExitStack() as stack:
        servers = started(setting, stack, largest)
        rows = {name: row for name, row in rows_of(servers, setting, largest).items() if setting.wants("kept", name)}
        rows["unit"] = Row(servers["unit"], "/")
        places = count(step=WALKED // (setting.rounds * 8 + 8))
        found = interleaved(
            setting.rounds,
            {name: partial(asked, row, setting.seconds, lambda: next(places)) for name, row in rows.items()},
            "pages already made",
        )
        for database in ("SQLite", "PostgreSQL"):
            if database in servers:
                filled(servers[database], setting.folder / "misses.txt", next(places))
        sizes = {name: size_of(row) for name, row in rows.items()}
        memory = {server.name: server.memory() for server in servers.values()}
        return told(found, sizes, memory)


def started(setting: Setting, stack: ExitStack, largest: int) -> dict[str, Server]:
    """The unit, the peers that are installed, and the site on each database."""
    nginx = peers.nginx()
    if nginx is None:
        setting.left_out.append("nginx, which is not installed here")
    servers = {"unit": peers.unit(), "whitenoise": peers.whitenoise(), **({"nginx": nginx} if nginx else {})}
    homes = setting.homes(largest)
    servers["django"] = peers.kept_by_django(homes[0])
    servers.update({home.database: peers.site(home) for home in homes})
    for server in servers.values():
        stack.enter_context(server)
    return servers


def rows_of(servers: dict[str, Server], setting: Setting, largest: int) -> dict[str, Row]:
    """Name of the row → what is asked."""
    rows = {"WhiteNoise, a file, gthread": Row(servers["whitenoise"], "/hello.html")}
    if "nginx" in servers:
        rows["nginx, a file"] = Row(servers["nginx"], "/hello.html")
    rows["Django's per-site cache, statement"] = Row(servers["django"], STATEMENT)
    misses = missing(setting.folder / "misses.txt", largest)
    for database in ("SQLite", "PostgreSQL"):
        if database in servers:
            server = servers[database]
            rows[f"kept statement, {database}"] = Row(server, STATEMENT)
            rows[f"kept statement, no two requests alike, {database}"] = Row(server, STATEMENT, anew=True)
            rows[f"kept meeting, {database}"] = Row(server, MEETING)
            rows[f"kept statement, gzip, {database}"] = Row(server, STATEMENT, {"Accept-Encoding": "gzip"})
            rows[f"304, {database}"] = Row(server, STATEMENT, {"If-None-Match": tag_of(server, STATEMENT)})
            rows[f"kept statement while {MISSING} connections cause misses, {database}"] = Row(
                server, STATEMENT, missed=misses
            )
    return rows


def missing(path: Path, largest: int) -> Path:
    """A file of addresses that nobody has asked for: statements, and pages of the list of them, half and half."""
    path.write_text(
        "".join(
            f"/statements/statement-{number % largest:07}/\n"
            if number % 2 and number < largest
            else f"/statements/?after={2015 + number % 10}-0{number % 9 + 1}-15~statement-{number:07}\n"
            for number in range(1000, WALKED)
        )
    )
    return path


def tag_of(server: Server, address: str) -> str:
    return ask(server.port, address)[1].get("etag", "")


def size_of(row: Row) -> int:
    """Bytes of the body, as it is asked for."""
    return len(ask(row.server.port, row.address, row.headers)[2])


def asked(row: Row, seconds: float, place: Callable[[], int]) -> Load:
    """One measurement."""
    if row.missed is None:
        return loaded(row.server, row.address, seconds, headers=row.headers, anew=row.anew)
    with walking(row.server, row.missed, place(), seconds + 5, MISSING):
        return loaded(row.server, row.address, seconds, headers=row.headers)


def filled(server: Server, addresses: Path, left_out: int) -> None:
    """Ask for so many pages that the cache has no room for more."""
    with walking(server, addresses, left_out, FILLING, 16):
        time.sleep(FILLING)


def told(found: dict[str, list[Load]], sizes: dict[str, int], memory: dict[str, dict[str, float]]) -> Section:
    middles = {
        name: Load(*(middle(getattr(one, field) for one in loads) for field in Load._fields))  # type: ignore[arg-type]
        for name, loads in found.items()
    }
    unit = middles["unit"]
    rows = [
        [
            name, number(sizes[name] / 1000, 1), number(load.rate), times(load.rate, unit.rate), number(load.p50, 1, "ms"),
            number(load.p99, 1, "ms"), number(load.cpu * 1e6, 0, "µs"), times(load.cpu, unit.cpu),
        ]
        for name, load in sorted(middles.items(), key=lambda item: item[0] != "unit")
    ]  # fmt: skip
    faults = [f"{name}: {load.faults:.0f} faults in a round." for name, load in middles.items() if load.faults]
    notes = ["CPU while misses are caused is that of both, shared out among the pages that were kept.", *faults]
    header = ["page", "kB", "requests/s", "beside the unit", "p50", "p99", "CPU", "beside the unit"]
    table = Table("Pages already made: 16 connections, kept alive", header, rows, notes)
    holding = [[name, number(used["proportional"], 0, "MB"), number(used["resident"], 0, "MB")]
               for name, used in memory.items()]  # fmt: skip
    title = f"Memory after these rounds, and {FILLING} seconds of misses by 16 connections"
    weights = Table(title, ["process tree", "shared counted once", "counted each"], holding)
    figures = {name: load._asdict() for name, load in middles.items()}
    return Section([table, weights], {"pages already made": figures, "memory": memory})
