"""Databases of N made statements, kept from run to run under VAR_DIR/bench/N, and made again when they would differ."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.measure import held
from bench.measure.servers import HOST, ROOT, free_port
from tests.run import as_postgres, postgres_tools

VAR = Path(os.environ.get("VAR_DIR") or ROOT / "var").absolute()
FOLDER = VAR / "bench"
SITE = "http://127.0.0.1:8000"  # what the site calls itself, whatever its port
# The addresses of processes that are not measured here; whoever calls may have set them.
OTHERS = ("DATABASE_URL", "PUBLIC_DATABASE_URL", "DATABASE_REPLICA_URLS", "CACHE_URL", "CACHE_BYTES", "WORKERS")


class Home(NamedTuple):
    """A VAR_DIR of its own, and the address of its database if that is not the SQLite file in it."""

    count: int
    folder: Path
    url: str = ""
    beside: tuple[int, ...] = ()

    @property
    def database(self) -> str:
        return "PostgreSQL" if self.url else "SQLite"

    def environment(self, settings: str = "config.settings") -> dict[str, str]:
        """What a process of this home is started with; an empty value is one left out."""
        told = {**dict.fromkeys(OTHERS, ""), "VAR_DIR": str(self.folder), "DJANGO_SETTINGS_MODULE": settings}
        return {**told, "DATABASE_URL": self.url, "SITE_URL": SITE, "LOG_LEVEL": "warning", "WORKERS": "2"}


def manage(home: Home, *arguments: object) -> None:
    python(home, "manage.py", *arguments)


def python(home: Home, *arguments: object) -> None:
    """Run to the end, as the editor's process. Raises RuntimeError with the end of what it printed."""
    environment = {**os.environ, **home.environment("config.settings_editor")}
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, arguments[:3]))}: {done.stderr[-2000:]}")


def wanted(url: str = "") -> str:
    """A digest of all that the made data depends on."""
    files = [ROOT / "bench" / "generate.py", *sorted((ROOT / "talks").glob("**/migrations/*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files) + url.encode()).hexdigest()


@cache
def home_of(count: int, server: str = "", beside: tuple[int, ...] = ()) -> Home:
    """The home of N statements, filled: in SQLite, or on a server of PostgreSQL."""
    folder = FOLDER / str(count)
    url = f"{server}talks_bench_{count}" if server else ""
    home, mark = Home(count, folder, url, beside), folder / ("made.postgresql" if server else "made.sqlite")
    # The port of our own server is another one in every run.
    digest = wanted("" if beside else url)
    if not mark.exists() or mark.read_text() != digest or (server and not exists(url)):
        folder.mkdir(parents=True, exist_ok=True)
        print(f"  making {count:,} statements in {home.database}", file=sys.stderr, flush=True)
        emptied(home)
        python(home, "bench/generate.py", count)
        mark.write_text(digest)
    manage(home, "prepare")
    if server:
        # As autovacuum does it within a minute, which is off while others are measured.
        for command in ("VACUUM (ANALYZE)", "CREATE EXTENSION IF NOT EXISTS pg_prewarm", held.PREWARMED):
            execute(url, command)
    else:
        held.hold(folder / "talks.sqlite3")
    return home


def emptied(home: Home) -> None:
    """Away with what an earlier run has made."""
    if not home.url:
        for path in home.folder.glob("talks.sqlite3*"):
            path.unlink()
        for kept in ("released", "releases"):
            shutil.rmtree(home.folder / kept, ignore_errors=True)
        return
    name = urlsplit(home.url).path.lstrip("/")
    for command in (f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"'):
        execute(server_of(home.url), command)


def server_of(url: str) -> str:
    return url.rpartition("/")[0] + "/postgres"


def execute(url: str, command: str) -> list[tuple]:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(command)
        return found.fetchall() if found.description else []


def exists(url: str) -> bool:
    name = urlsplit(url).path.lstrip("/")
    return bool(execute(server_of(url), f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))


def released(home: Home) -> Path:
    """The `talks.sqlite3` of a release of this home; `manage.py release` makes it, the other files are not kept."""
    path = home.folder / "released" / "talks.sqlite3"
    if not path.exists():
        print(f"  cutting a release of {home.count:,} statements", file=sys.stderr, flush=True)
        into = home.folder / "cut"
        shutil.rmtree(into, ignore_errors=True)
        manage(home, "release", "--into", into, "--number", 1)
        path.parent.mkdir(exist_ok=True)
        (into / "talks.sqlite3").rename(path)
        shutil.rmtree(into)
    return path


@contextmanager
def alone() -> Iterator[None]:
    """One run at a time: two would measure each other."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"Another run is under way in {FOLDER}.")
        yield


@contextmanager
def postgresql() -> Iterator[tuple[str, tuple[int, ...]]]:
    """The address of a server, up to the name of the database, and its first process; ("", ()) where there is none.

    A server of our own, so that nobody else's work is counted. Its data are kept; what is lost with the power is
    made again.
    """
    tools = postgres_tools()
    if tools is None:
        yield "", ()
        return
    folder, port = FOLDER / "postgresql", free_port()
    folder.mkdir(parents=True, exist_ok=True)
    before, data = as_postgres(folder), folder / "data"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/"}
    if not (data / "PG_VERSION").exists():
        subprocess.run([*before, tools / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"], **quiet)
    control = [*before, tools / "pg_ctl", "-D", data, "-w"]
    if (data / "postmaster.pid").exists():  # a run that was killed
        subprocess.run([*control, "-m", "immediate", "stop"], **{**quiet, "check": False, "stderr": subprocess.DEVNULL})
    flags = f"-p {port} -k {folder} -c listen_addresses={HOST} -c fsync=off -c autovacuum=off -c max_connections=60"
    flags += f" -c shared_buffers={held.quarter()}MB"  # as docs/operations.md says
    subprocess.run([*control, "-o", flags, "-l", folder / "log", "start"], **quiet)
    try:
        yield f"postgresql://postgres@{HOST}:{port}/", (int((data / "postmaster.pid").read_text().split()[0]),)
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], **quiet)
