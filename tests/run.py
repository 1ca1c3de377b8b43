"""Runs the tests on SQLite and, where a server is found, on a private PostgreSQL; says what was left out and why.

With NOTHING_SKIPPED=1, leaving out a part is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
PORT = os.environ.get("TEST_POSTGRES_PORT", "54329")


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
        flags = f"-p {PORT} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=60"
        # Nothing of it is to outlive a crash.
        flags += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        control = [*before, tools / "pg_ctl", "-D", data, "-w"]
        subprocess.run([*control, "-o", flags, "-l", folder / "log", "start"], **quiet)
        try:
            yield f"postgresql://postgres@127.0.0.1:{PORT}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **quiet)


def browser() -> str | None:
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
    environment = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    command = [sys.executable, "-m", "pytest", *arguments]
    told = {"stdout": output, "stderr": subprocess.STDOUT} if output else {}
    return subprocess.Popen(command, cwd=ROOT, env={**environment, **database}, **told)


def on_postgres(tools: Path, arguments: list[str], sqlite: subprocess.Popen) -> tuple[int, int]:
    """The tests on PostgreSQL while those on SQLite go on, for two cores; what they print comes afterwards."""
    with private_postgres(tools) as url, tempfile.TemporaryFile("w+") as output:
        running = pytest(arguments, output, DATABASE_URL=url)
        try:
            codes = sqlite.wait(), running.wait()
        finally:
            running.terminate()
        output.seek(0)
        print("\nTests on PostgreSQL", flush=True)
        shutil.copyfileobj(output, sys.stdout)
        return codes


def deselect(markers: Iterable[str]) -> list[str]:
    return ["-m", " and ".join(f"not {marker}" for marker in sorted(markers))] if markers else []


# Much of the time is spent waiting for servers and browsers: with two processes for each database, two cores are busy.
# A file stays together, for its places are made once.
AT_ONCE = ["-n", "2", "--dist", "loadfile"]


def main(arguments: list[str]) -> int:
    arguments = arguments or AT_ONCE
    left_out: list[str] = []
    without: list[str] = []
    if browser() is None:
        left_out.append("browser: no Chromium was found (Debian's package “chromium”)")
        without.append("browser")
    if nginx_program() is None:
        left_out.append("nginx: none was found (Debian's package “nginx-light”)")
        without.append("nginx")
    if not os.environ.get("REPORT"):
        left_out.append("report: REPORT names no file (the report's text is not part of the project)")
        without.append("report")
    if any(argument.endswith("validators") for argument in arguments) and html_checker() is None:
        left_out.append("html: no Nu HTML checker (Debian's packages “npm” and “default-jre-headless”)")
        without.append("html")
    print("Tests on SQLite", flush=True)
    sqlite = pytest([*arguments, *deselect(without)])
    tools = postgres_tools()
    try:
        if tools is None:
            left_out.append("PostgreSQL: no server was found (Debian's package “postgresql”)")
            results = {"SQLite": sqlite.wait()}
        else:
            # The browser sees the same bytes from either database, so it is asked once.
            codes = on_postgres(tools, [*arguments, *deselect({*without, "browser", "html"})], sqlite)
            results = dict(zip(("SQLite", "PostgreSQL"), codes, strict=True))
    finally:
        sqlite.terminate()
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
