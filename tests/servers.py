"""Real processes for the tests: a copy of the project, databases of their own, servers, and what they answer.

The copy stands still while the tests run, and another Unix user can read it. Nothing here knows a model.
"""

from __future__ import annotations

import atexit
import hashlib
import http.client
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from email.message import Message
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
CODE = ("config", "talks", "templates", "static", "fixtures", "manage.py", "requirements.txt", "LICENSE")
CODE += ("requirements-fast.txt",)
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE")
PATIENCE = 180

# The server that the tests were pointed at; empty on SQLite.
POSTGRES = os.environ.get("DATABASE_URL", "") if "postgres" in os.environ.get("DATABASE_URL", "") else ""
_numbers = count(1)


class Answer(NamedTuple):
    """What came over the wire."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(
    port: int, address: str, method: str = "GET", headers: dict[str, str] | None = None, body: Any = None
) -> Answer:
    """One request on a connection of its own."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request(method, address, body, headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def until(holds: Callable[[], object], what: str) -> None:
    """Wait for it; patience is long, because a slow machine is no fault."""
    for _ in range(PATIENCE * 20):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited in vain: {what}")


def parents() -> dict[int, int]:
    """Every living process and the one that started it. (`ps` is missing on a bare Debian, `/proc` on a Mac.)"""
    if not Path("/proc/self/stat").exists():
        told = subprocess.run(["ps", "-Ao", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
        rows = [line.split() for line in told.splitlines()]
        return {int(pid): int(parent) for pid, parent, state in rows if not state.startswith("Z")}
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue  # it ended while we looked
        if state != "Z":
            found[int(path.parent.name)] = int(parent)
    return found


def children(pid: int) -> list[int]:
    return sorted(child for child, parent in parents().items() if parent == pid)


def descendants(pid: int) -> list[int]:
    return [found for child in children(pid) for found in (child, *descendants(child))]


class Running:
    """A command that goes on; its output is kept in a file."""

    def __init__(self, process: subprocess.Popen, log: Path) -> None:
        self.process, self.pid, self.log = process, process.pid, log

    @property
    def output(self) -> str:
        return self.log.read_text("utf-8")

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def ended_with(self) -> int:
        return self.process.wait(PATIENCE)

    def serves(self, port: int) -> None:
        """Wait until it answers on this port."""
        until(lambda: self.has_ended or not is_free(port), f"port {port}\n{self.output}")
        assert not self.has_ended, self.output


class Place:
    """The copy of the project with a VAR_DIR and a database of its own, both empty at first."""

    def __init__(self, folder: Path, database: str) -> None:
        self.code, self.var, self.database = checkout(), folder / "var", database

    @property
    def start(self) -> str:
        return str(self.code / "config" / "start.py")

    def environment(self, **more: str | None) -> dict[str, str]:
        """Nothing of the tests' own environment but what every program needs. None leaves a name out."""
        kept = {name: os.environ.get(name) for name in KEPT}
        wanted = {**kept, "VAR_DIR": str(self.var), "DATABASE_URL": self.database or None, **more}
        return {name: value for name, value in wanted.items() if value is not None}

    def run(self, *command: str, code: int | None = 0, stdin: str = "", **environment: str | None) -> str:
        """Run a command to its end; gives what it printed, errors too. `code` None takes any exit status."""
        done = subprocess.run(
            command, cwd=self.code, env=self.environment(**environment), input=stdin, text=True, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE,
        )  # fmt: skip
        assert code is None or done.returncode == code, done.stdout
        return done.stdout

    def manage(self, *arguments: str, **environment: str | None) -> str:
        return self.run(sys.executable, "manage.py", *arguments, **environment)

    def manage_any(self, *arguments: str, **environment: str | None) -> str:
        """With whatever exit status."""
        return self.run(sys.executable, "manage.py", *arguments, code=None, **environment)

    def edit(self, program: str) -> str:
        """What an editor does, in a process of its own: Python with the models at hand."""
        return self.manage("shell", "--verbosity=0", "--command", f"from talks.models import *\n{program}")

    def sql(self, *statements: str) -> list[tuple]:
        """SQL typed by hand, past Django, each statement committed at once; gives the rows of the last."""
        rows: list[tuple] = []
        if POSTGRES:
            with psycopg.connect(self.database, autocommit=True) as connection:
                for statement in statements:
                    cursor = connection.execute(statement)  # type: ignore[call-overload]
                    rows = cursor.fetchall() if cursor.description else []
            return rows
        with closing(sqlite3.connect(self.var / "talks.sqlite3", timeout=PATIENCE, isolation_level=None)) as connection:
            for statement in statements:
                rows = connection.execute(statement).fetchall()
        return rows

    def sweep(self) -> None:
        """End what outlived the process that started it; known by its VAR_DIR."""
        for pid in parents():
            if f"VAR_DIR={self.var}\0".encode() in _environment_of(pid):
                os.kill(pid, signal.SIGKILL)

    @contextmanager
    def started(self, *command: str, user: Any = None, **environment: str | None) -> Iterator[Running]:
        """A command that goes on, as another Unix user if one of `pwd` is given; all of it is gone afterwards."""
        other = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        log = self.var.parent / f"output-{next(_numbers)}"
        with log.open("w") as output:
            process = subprocess.Popen(
                command, cwd=self.code, env=self.environment(**environment), stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True, **other,
            )  # fmt: skip
        try:
            yield Running(process, log)
        finally:
            _end(process)

    @contextmanager
    def served(
        self,
        settings: str = "config.settings",
        python: str = sys.executable,
        user: Any = None,
        application: str | None = None,
        port: int = 0,
        **environment: str | None,
    ) -> Iterator[tuple[int, Running]]:
        """gunicorn as `start.py` starts it, for one of the two processes or for another application; gives its port, a
        free one unless one is named.
        """
        port = port or free_port()
        command = [python, "-m", "gunicorn", "-c", "python:config.gunicorn", "-b", f"127.0.0.1:{port}"]
        command += [application] if application else []
        with self.started(*command, user=user, DJANGO_SETTINGS_MODULE=settings, **environment) as server:
            server.serves(port)
            yield port, server


def _environment_of(pid: int) -> bytes:
    with suppress(OSError):  # it ended while we looked, or is somebody else's
        return Path(f"/proc/{pid}/environ").read_bytes()
    return b""


def _end(process: subprocess.Popen) -> None:
    # gunicorn's processes have sessions of their own, so a group to kill is not enough.
    family = descendants(process.pid)
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in set(family) & set(parents()):
        os.kill(pid, signal.SIGKILL)


@cache
def checkout() -> Path:
    """A copy of the project as it stands now, which any user can read; gone when the tests end."""
    folder = Path(tempfile.mkdtemp(prefix="talks-code-", dir="/tmp"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    without = shutil.ignore_patterns("__pycache__", ".*", "*.pyc")
    for entry in CODE:
        source, target = ROOT / entry, folder / entry
        shutil.copytree(source, target, ignore=without) if source.is_dir() else shutil.copy(source, target)
    return folder


@contextmanager
def a_place(like: Place | None = None) -> Iterator[Place]:
    """A fresh VAR_DIR whose virtual environment is that of the tests, so that nothing is installed; or a copy of a
    place that nobody uses meanwhile, with its database.
    """
    with tempfile.TemporaryDirectory(prefix="talks-live-", dir="/tmp") as name, _database(like) as url:
        folder = Path(name)
        folder.chmod(0o755)
        place = Place(folder, url)
        if like:
            shutil.copytree(like.var, place.var, ignore=shutil.ignore_patterns("venv"))
        borrow_environment(place.var / "venv", place.code / "requirements.txt")
        try:
            yield place
        finally:
            place.sweep()


def borrow_environment(venv: Path, requirements: Path) -> None:
    """The tests' own environment under another name, marked as `start.py` marks one that it made."""
    venv.mkdir(parents=True)
    for entry in ("bin", "lib", "lib64", "pyvenv.cfg"):
        if (Path(sys.prefix) / entry).exists():
            (venv / entry).symlink_to(Path(sys.prefix) / entry)
    mark = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    (venv / f"{requirements.name}.installed").write_text(mark)


@contextmanager
def _database(like: Place | None) -> Iterator[str]:
    """The address of a new database on the tests' server; on SQLite none is needed, it is a file of VAR_DIR."""
    if not POSTGRES:
        yield ""
        return
    name = f"talks_live_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        model = urlsplit(like.database).path.lstrip("/") if like else "template1"
        server.execute(f"CREATE DATABASE {name} TEMPLATE {model}")  # type: ignore[call-overload]
        try:
            yield urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}"))
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]
