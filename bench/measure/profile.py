"""`make profile`: where the time of one kind of page goes.

    PAGE   the beginning of a kind's name as `make bench` prints it, or an address; `statement` if left out
    N      how many statements, 1,000 if left out; DATABASE=postgresql for the other database

With py-spy, if it is installed: a drawing of the running site's stacks. Without: the functions with the most time of
their own, and with the most time in all, of the site called within this process.
"""

from __future__ import annotations

import cProfile
import importlib
import os
import pstats
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from io import BytesIO
from itertools import cycle
from typing import Any
from urllib.parse import unquote

from bench.measure import peers
from bench.measure.homes import FOLDER, Home, alone, home_of, postgresql
from bench.measure.load import walked
from bench.measure.pages import KINDS
from bench.measure.setting import LEAST

WARMING, ASKED, LINES, SECONDS = 20, 100, 25, 10


def main() -> None:
    wanted, count = os.environ.get("PAGE") or "statement", int(os.environ.get("N") or LEAST)
    on_postgresql = os.environ.get("DATABASE", "").startswith("postgres")
    with alone(), postgresql() if on_postgresql else nullcontext(("", ())) as (server, beside):
        home = home_of(count, server, beside)
        name, addresses = found(wanted, count)
        print(f"{name}, N = {count:,}, {home.database}", flush=True)
        drawn(home, addresses) if shutil.which("py-spy") else listed(home, addresses)


def found(wanted: str, count: int) -> tuple[str, Iterator[str]]:
    """The name and the addresses of what was asked for; exits with the names that there are."""
    if wanted.startswith("/"):
        return wanted, cycle([wanted])
    for kind in KINDS:
        if kind.name.startswith(wanted):
            return kind.name, kind.walk(count)
    sys.exit("PAGE is an address, or one of:\n" + "\n".join(f"  {kind.name}" for kind in KINDS))


def drawn(home: Home, addresses: Iterator[str]) -> None:
    """py-spy on the one worker of a running site, while it is asked."""
    path = FOLDER / "profile.svg"
    with peers.site(home, "profile", WORKERS="1", CACHE_BYTES="0") as server:
        assert server.process
        command = ["py-spy", "record", "--subprocesses", "-d", str(SECONDS), "-o", path, "-p", str(server.process.pid)]
        with subprocess.Popen(command) as spy:
            walked(server, addresses, SECONDS + 1)
            spy.wait()
    print(f"The stacks are drawn in {path}.")


def listed(home: Home, addresses: Iterator[str]) -> None:
    """cProfile of the WSGI site, called here and now."""
    os.environ.update({**home.environment(), "CACHE_BYTES": "0"})
    site = importlib.import_module("config.wsgi").application
    for _ in range(WARMING):
        called(site, next(addresses))
    with cProfile.Profile() as profile:
        for _ in range(ASKED):
            called(site, next(addresses))
    told = pstats.Stats(profile)
    print(f"{ASKED} pages, {told.total_tt * 1000 / ASKED:.2f} ms each while watched")  # type: ignore[attr-defined]
    for order in ("tottime", "cumtime"):
        told.sort_stats(order).print_stats(LINES)


def called(site: Any, address: str) -> None:
    """One request, its answer read to the end. Raises RuntimeError for anything but a page."""
    path, _, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": unquote(path), "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
    }  # fmt: skip
    told: list[str] = []
    answer = site(environ, lambda status, headers, exc_info=None: told.append(status))
    try:
        b"".join(answer)
    finally:
        answer.close()
    if not told[0].startswith("200"):
        raise RuntimeError(f"{address}: {told[0]}")


if __name__ == "__main__":
    main()
