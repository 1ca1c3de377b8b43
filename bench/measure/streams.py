"""Whole lists as streams: rows a second, the first byte, memory; beside Django's dumpdata and Datasette's CSV."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bench import release
from bench.measure import peers
from bench.measure.homes import released
from bench.measure.rounds import interleaved, middle
from bench.measure.servers import HOST, PATIENCE, Server
from bench.measure.setting import Setting
from bench.measure.table import Section, Table, number, times

FORMATS = ("csv", "ndjson")
AT_MOST = 3  # rounds: a dump takes long
DUMPED = 100_000  # more are not dumped
BEAT = 0.05  # seconds between two looks at the memory
DUMP = "Django's dumpdata, 100,000 at most"


class Stream(NamedTuple):
    """What was found of one stream: seconds to the first byte and to the last, CPU seconds, peak megabytes."""

    first: float
    whole: float
    cpu: float
    memory: float
    size: int


def measure(setting: Setting) -> Section:
    """Each list of the largest N in turn, in rounds; dumpdata of so many as it can do in a minute."""
    largest = max(setting.counts)
    dumped = max(count for count in setting.counts if count <= DUMPED)
    with ExitStack() as stack:
        measurements: dict[tuple[str, int], Callable[[], Stream]] = {}
        for home in (home for count in setting.counts for home in setting.homes(count)):
            server = stack.enter_context(peers.site(home, f"streams, {home.database}, {home.count:,}"))
            for ending in FORMATS:
                if offered(server, f"/statements.{ending}"):
                    name = f"{ending.upper()}, {home.database}"
                    measurements[name, home.count] = partial(streamed, server, f"/statements.{ending}")
        if setting.peers and not peers.install_datasette():
            home = setting.sqlite(largest)
            server = stack.enter_context(peers.datasette(home, released(home)))
            address = "/talks/statements.csv?_stream=on"
            measurements["CSV, Datasette", largest] = partial(streamed, server, address)
        folder = setting.sqlite(dumped).folder
        measurements[DUMP, dumped] = partial(dump, folder)
        found = interleaved(min(setting.rounds, AT_MOST), measurements, "streams", warming=False)
    return told(found)


def offered(server: Server, address: str) -> bool:
    """Whether there is such a list. It is begun and broken off: no measured stream is the first that a server ever makes."""
    connection = http.client.HTTPConnection(HOST, server.port, timeout=PATIENCE)
    try:
        connection.request("GET", address)
        response = connection.getresponse()
        return response.status == 200 and response.read(1) != b""
    finally:
        connection.close()


def streamed(server: Server, address: str) -> Stream:
    """Read one stream to its end. Raises RuntimeError if it is refused."""
    connection = http.client.HTTPConnection(HOST, server.port, timeout=PATIENCE)
    size, before, began = 0, server.cpu(), time.perf_counter()
    try:
        with watched(server) as seen:
            connection.request("GET", address)
            response = connection.getresponse()
            if response.status != 200:
                raise RuntimeError(f"{server.name}{address}: {response.status}")
            first = 0.0
            while block := response.read1(1 << 18):
                first = first or time.perf_counter() - began
                size += len(block)
    finally:
        connection.close()
    return Stream(first, time.perf_counter() - began, server.cpu() - before, max(seen), size)


@contextmanager
def watched(server: Server) -> Iterator[list[float]]:
    """Megabytes of the process tree, looked at again and again while the block runs."""
    seen, over = [server.memory()["proportional"]], threading.Event()

    def look() -> None:
        while not over.wait(BEAT):
            seen.append(server.memory()["proportional"])

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def dump(folder: Path) -> Stream:
    """`dumpdata` of the statements into a file, by a command of its own."""
    path = folder / "dumped.json"
    _, printed, peak = release.python(folder, release.TABLE, "dumpdata", path)
    size = path.stat().st_size
    path.unlink()
    return Stream(float("nan"), float(printed), float("nan"), peak / 1024, size)


def told(found: dict[tuple[str, int], list[Stream]]) -> Section:
    speed = {key: key[1] / middle(one.whole for one in streams) for key, streams in found.items()}
    dumped = next((value for (name, _), value in speed.items() if name == DUMP), float("nan"))
    rows, figures = [], {}
    for (name, count), streams in found.items():
        middles = Stream(*(middle(getattr(one, field) for one in streams) for field in Stream._fields))  # type: ignore[arg-type]
        rows.append([
            name, number(count), number(speed[name, count]), times(speed[name, count], dumped),
            number(middles.first * 1000, 0, "ms"), number(middles.cpu / count * 1e6, 1, "µs"),
            number(max(one.memory for one in streams), 0, "MB"), number(middles.size / 1e6, 1, "MB"),
        ])  # fmt: skip
        figures[f"{name} {count}"] = {**middles._asdict(), "rows_a_second": speed[name, count]}
    header = [
        "list of statements",
        "N",
        "rows/s",
        "beside dumpdata",
        "first byte",
        "CPU of a row",
        "peak memory",
        "size",
    ]
    note = "Memory is that of the whole process tree of the server; that of dumpdata is one process alone."
    return Section([Table("Streams", header, rows, [note])], {"streams": figures})
