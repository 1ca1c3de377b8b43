"""Load: wrk for many requests at once, and a plain walk of one request after another."""

from __future__ import annotations

import http.client
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bench.measure.servers import HOST, PATIENCE, Server

SCRIPT = Path(__file__).with_name("walk.lua")
FEWEST = 3


class Load(NamedTuple):
    """What wrk found: requests a second, milliseconds, CPU seconds of the server for a request, faults."""

    rate: float
    p50: float
    p99: float
    cpu: float
    faults: int


class Walk(NamedTuple):
    """What a walk found: CPU seconds of the server for a request, the milliseconds of each, bytes of the last body."""

    cpu: float
    times: list[float]
    size: int


def command(server: Server, address: str, seconds: float, connections: int, headers: dict[str, str]) -> list[str]:
    """wrk with one thread, which is enough for what is measured here and leaves the rest of two cores to the server."""
    told = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    size = ["-t", "1", "-c", str(connections), "-d", f"{seconds:.0f}s", "--timeout", "30s"]
    return ["wrk", *size, "-s", str(SCRIPT), *told, f"http://{HOST}:{server.port}{address}"]


def read(output: str) -> dict[str, Any]:
    """The line of JSON that walk.lua writes."""
    line = next(line for line in output.splitlines() if line.startswith("JSON "))
    return json.loads(line.removeprefix("JSON "))


def loaded(
    server: Server,
    address: str,
    seconds: float = 2,
    connections: int = 16,
    headers: dict[str, str] | None = None,
    anew: bool = False,
) -> Load:
    """One address, asked for by many connections at once; `anew` in other bytes each time. A 304 is no fault."""
    before = server.cpu()
    line = [*command(server, address, seconds, connections, headers or {}), *(("--", "-", "0", "anew") if anew else ())]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    used, told = server.cpu() - before, read(done.stdout)
    count = max(told["requests"], 1)
    return Load(
        told["requests"] / told["seconds"], told["p50"], told["p99"], used / count, told["refused"] + told["broken"]
    )


@contextmanager
def walking(server: Server, addresses: Path, left_out: int, seconds: float, connections: int) -> Iterator[None]:
    """Ask for the addresses of a file, one after another, while the block runs."""
    line = [*command(server, "/", seconds, connections, {}), "--", str(addresses), str(left_out)]
    walk = subprocess.Popen(line, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        walk.terminate()
        walk.wait()


def walked(server: Server, addresses: Iterator[str], seconds: float, headers: dict[str, str] | None = None) -> Walk:
    """One request after another on one connection, for so long, and at least three of them.

    Raises RuntimeError for an answer that is no 200, which would be cheaper than a page.
    """
    connection = http.client.HTTPConnection(HOST, server.port, timeout=PATIENCE)
    times: list[float] = []
    size, before, end = 0, server.cpu(), time.perf_counter() + seconds
    try:
        while time.perf_counter() < end or len(times) < FEWEST:
            address, began = next(addresses), time.perf_counter()
            connection.request("GET", address, headers=headers or {})
            response = connection.getresponse()
            size = len(response.read())
            times.append((time.perf_counter() - began) * 1000)
            if response.status != 200:
                raise RuntimeError(f"{server.name}{address}: {response.status}")
    finally:
        connection.close()
    return Walk((server.cpu() - before) / len(times), times, size)
