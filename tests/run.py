"""Runs the tests on SQLite and, where a server is found, on a private PostgreSQL; says what was left out and why.

With NOTHING_SKIPPED=1, leaving out a part is a failure. With VALIDATORS=1, all tests and those of tests/validators.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO

import psycopg

ROOT = Path(__file__).resolve().parent.parent
PORT = os.environ.get("TEST_POSTGRES_PORT", "54329")
VALIDATORS = os.path.join("tests", "validators")
AT_ONCE = 4  # parts: two cores are busy with them, since those with servers wait much
# What no test is to find in its environment: somebody's databases; and what makes each of the hundreds of processes that
# the tests start compile the whole project again.
LEFT_OUT = ("DATABASE_URL", "PYTHONDONTWRITEBYTECODE")


def postgres_tools() -> Path | None:
    """The folder of PostgreSQL's server tools, newest first; none if there is no server here."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    found = shutil.which("initdb")
    folders += [Path(found).resolve().parent] if found else []
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def as_postgres(folder: Path) -> list[str]:
    """A command's beginning that leaves root behind, as PostgreSQL demands."""
    if os.getuid() != 0:
        return []
    shutil.chown(folder, "postgres")
    return ["runuser", "-u", "postgres", "--"]


@contextmanager
def private_postgres(tools: Path) -> Iterator[str]:
    """A PostgreSQL of our own for as long as the tests run; gives its DATABASE_URL."""
    with tempfile.TemporaryDirectory(prefix="talks-postgres-") as name:
        folder = Path(name)
        before, data = as_postgres(folder), folder / "data"
        quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/"}
        subprocess.run([*before, tools / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"], **quiet)
        flags = f"-p {PORT} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=120"
        # Nothing of it is to outlive a crash.
        flags += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        control = [*before, tools / "pg_ctl", "-D", data, "-w"]
        subprocess.run([*control, "-o", flags, "-l", folder / "log", "start"], **quiet)
        try:
            yield f"postgresql://postgres@127.0.0.1:{PORT}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **quiet)


def browser() -> str | None:
    """Chromium; where it is there too, the one without windows, which shows the same and takes a quarter less time."""
    return browser_with_windows() and (shutil.which("chromium-headless-shell") or browser_with_windows())


def browser_with_windows() -> str | None:
    """It alone asks for a page's icon."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def nginx_program() -> str | None:
    """Debian keeps it where a user's PATH does not lead."""
    return shutil.which("nginx", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin")))


def html_checker() -> Path | None:
    """The Nu HTML checker that `make test-validators` installs; none without it or without Java."""
    var = Path(os.environ.get("VAR_DIR") or ROOT / "var")
    jar = var / "nu" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    return jar if jar.exists() and shutil.which("java") else None


def pytest(arguments: list[str], output: IO[str] | None = None, **database: str) -> subprocess.Popen:
    """The tests on one database, in a process of their own that may go on beside another one."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith(LEFT_OUT)}
    command = [sys.executable, "-m", "pytest", *arguments]
    told = {"stdout": output, "stderr": subprocess.STDOUT} if output else {}
    return subprocess.Popen(command, cwd=ROOT, env={**environment, **database}, **told)


class Part:
    """Some of the tests on one database. What the first part prints is seen at once, of the others when they have ended."""

    def __init__(self, name: str, arguments: list[str], marked: str, seen: bool = False, **database: str) -> None:
        self.name = name
        self.arguments = [*arguments, *(["-m", marked] if marked else [])]
        self.database = database
        self.output = None if seen else tempfile.TemporaryFile("w+")  # noqa: SIM115  (closed when it is shown)
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        self.process = pytest(self.arguments, self.output, **self.database)

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def ended(self) -> int:
        """The exit status, when it has ended and was shown."""
        code = self.process.wait()
        if self.output:
            print(f"\nTests on {self.name}", flush=True)
            self.output.seek(0)
            shutil.copyfileobj(self.output, sys.stdout)
            self.output.close()
        return code


def in_turn(parts: list[Part]) -> dict[str, int]:
    """The exit status of each part. The next one is started when one has ended, so that no core waits for the last."""
    try:
        for number, part in enumerate(parts):
            while number - sum(one.has_ended() for one in parts) >= AT_ONCE:
                time.sleep(0.2)
            part.start()
        return {part.name: part.ended() for part in parts}
    finally:
        for part in parts:
            if part.process:
                part.process.terminate()


def in_parts(tools: Path | None, arguments: list[str], without: set[str]) -> dict[str, int]:
    """The tests on SQLite, and beside them those on PostgreSQL; the exit status of each part.

    All of them in two parts for each database, since those that start servers and browsers wait much of their time.
    """
    groups = {"": ""} if arguments else {"": "not live and not browser", ", with servers": "live or browser"}
    chosen = [(name, arguments, marked) for name, marked in groups.items()]
    if not arguments and os.environ.get("VALIDATORS"):
        chosen.append((", validators", [VALIDATORS], ""))
    with private_postgres(tools) if tools else nullcontext("") as url:
        parts, others = [], []
        for number, (name, which, marked) in enumerate(chosen):
            parts.append(Part(f"SQLite{name}", which, both(marked, without), seen=not parts))
            if url:
                # The browser sees the same bytes from either database, so it is asked once.
                fewer = both(marked, {*without, "browser", "html"})
                others.append(Part(f"PostgreSQL{name}", which, fewer, DATABASE_URL=a_database(url, number)))
        # The longest first: a short one at the end leaves no core alone for long.
        return in_turn([*parts[:2], *others[:2], *parts[2:], *others[2:]])


def a_database(url: str, number: int) -> str:
    """The address of a new database on the server of this one, so that no part makes the test database of another."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE part_{number}")
    return f"{url.rpartition('/')[0]}/part_{number}"


def both(marked: str, without: Iterable[str]) -> str:
    """An expression for pytest's -m: what is marked so, but for those that have one of these marks."""
    return " and ".join([*([f"({marked})"] if marked else []), *(f"not {marker}" for marker in sorted(without))])


def main(arguments: list[str]) -> int:
    left_out: list[str] = []
    without: set[str] = set()
    if browser() is None:
        left_out.append("browser: no Chromium was found (Debian's package “chromium”)")
        without.add("browser")
    if nginx_program() is None:
        left_out.append("nginx: none was found (Debian's package “nginx-light”)")
        without.add("nginx")
    if not os.environ.get("REPORT"):
        left_out.append("report: REPORT names no file (the report's text is not part of the project)")
        without.add("report")
    is_validated = os.environ.get("VALIDATORS") or any(argument.endswith("validators") for argument in arguments)
    if is_validated and html_checker() is None:
        left_out.append("html: no Nu HTML checker (Debian's packages “npm” and “default-jre-headless”)")
        without.add("html")
    tools = postgres_tools()
    if tools is None:
        left_out.append("PostgreSQL: no server was found (Debian's package “postgresql”)")
    print("Tests on SQLite", flush=True)
    results = in_parts(tools, arguments, without)
    print("\nSummary")
    for name, code in results.items():
        print(f"  {name}: {'passed' if code == 0 else 'FAILED'}")
    for line in left_out:
        print(f"  left out: {line}")
    if left_out and os.environ.get("NOTHING_SKIPPED"):
        print("  FAILED: here nothing may be left out")
        return 1
    return max(results.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
