"""How long others wait while a database of PostgreSQL is migrated: who reads, and who writes statements."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import psycopg

from bench.measure.homes import Home, execute, home_of, manage
from bench.measure.setting import Setting
from bench.measure.table import Section, Table

# So far back. The migration 0002 changes seven tables in one transaction, for which editors stop (docs/operations.md).
SINCE = {"talks": "0002", "editing": "0001"}
ANOTHER_BUILD = "UPDATE talks_search_made SET digest = 'of another build'"
MISCOUNTED = "UPDATE talks_tally SET number = number + 1"
READ = (
    "SELECT s.slug FROM talks_search e JOIN talks_statement s ON s.id = e.statement_id "
    "WHERE e.document @@ 'ceasefir'::tsquery ORDER BY e.place DESC LIMIT 50"
)
WRITTEN = "UPDATE talks_statement SET cue = cue WHERE id = (SELECT max(id) FROM talks_statement)"


class Waited(NamedTuple):
    """Seconds: what a step took, and the longest time that one reading and one writing took meanwhile."""

    took: float
    reading: float
    writing: float


def measure(setting: Setting) -> Section | None:
    """Migrations taken back and put back, at the largest N, and the index of the search made anew."""
    if not setting.server:
        return None
    home = home_of(max(setting.counts), setting.server, setting.beside)
    found = {name: _step(home, act) for name, act in _steps(home)}
    rows = [
        [name, f"{one.took:,.1f} s", *(f"{seconds * 1000:,.0f} ms" for seconds in one[1:])]
        for name, one in found.items()
    ]
    title = f"Migrating N = {home.count:,} on PostgreSQL: how long others wait"
    table = Table(title, ["", "took", "longest reading", "longest writing"], rows)
    return Section([table], {"migrating": {name: one._asdict() for name, one in found.items()}})


def _steps(home: Home) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "nobody migrates", lambda: time.sleep(5)
    yield "migrate, nothing to do", lambda: manage(home, "migrate")
    for app, first in SINCE.items():
        yield f"{app}, back to {first}", lambda app=app, first=first: manage(home, "migrate", app, first)
        yield f"{app}, all after it", lambda app=app: manage(home, "migrate", app)
    execute(home.url, MISCOUNTED)
    yield "the tally, counted anew", lambda: manage(home, "migrate")
    execute(home.url, ANOTHER_BUILD)
    yield "the index of the search, made anew", lambda: manage(home, "migrate")


def _step(home: Home, act: Callable[[], object]) -> Waited:
    print(f"  migrating {home.count:,}", file=sys.stderr, flush=True)
    with _others(home.url, READ) as reading, _others(home.url, WRITTEN) as writing:
        began = time.monotonic()
        act()
        took = time.monotonic() - began
    return Waited(took, max(reading), max(writing))


@contextmanager
def _others(url: str, sql: str) -> Iterator[list[float]]:
    """Somebody who asks this again and again, fifty times a second at most; gives how long each time took.

    Raises psycopg.Error if it was refused.
    """
    taken: list[float] = []
    faults: list[psycopg.Error] = []
    over = threading.Event()

    def ask() -> None:
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                while not over.wait(0.02):
                    began = time.monotonic()
                    connection.execute(sql)
                    taken.append(time.monotonic() - began)
        except psycopg.Error as error:
            faults.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield taken
    finally:
        over.set()
        asking.join()
    if faults:
        raise faults[0]
