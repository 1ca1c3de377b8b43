"""More than one machine, on one: a PostgreSQL with a streaming replica, and nginx with the configuration that we ship."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from tests.run import as_postgres, nginx_program, postgres_tools
from tests.servers import ROOT, Running, free_port, until

FLAGS = "-c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60 -c wal_level=replica -c hot_standby=on"
QUIET: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": "/"}
EXAMPLE = ROOT / "config" / "nginx.conf.example"


class Server:
    """A PostgreSQL server in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        tools = postgres_tools()
        assert tools, "PostgreSQL's server is not installed"
        self.tools, self.folder, self.data, self.port = tools, folder, folder / "data", free_port()
        self.before = as_postgres(folder)
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def tool(self, name: str, *arguments: object) -> None:
        subprocess.run([*self.before, str(self.tools / name), *map(str, arguments)], **QUIET)

    def start(self) -> None:
        flags = f"-p {self.port} -k {self.folder} {FLAGS}"
        self.tool("pg_ctl", "-D", self.data, "-w", "-t", 180, "-o", flags, "-l", self.folder / "log", "start")

    def stop(self) -> None:
        """At once, as when the machine goes down; nothing if it is down already."""
        with suppress(subprocess.CalledProcessError):
            self.tool("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")

    def tells(self, question: str) -> Any:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(question).fetchone()[0]  # type: ignore[call-overload,index]


class Replica(Server):
    """A streaming replica of another server."""

    def __init__(self, folder: Path, primary: Server) -> None:
        super().__init__(folder)
        self.primary = primary
        source = ["-h", "127.0.0.1", "-p", primary.port, "-U", "postgres"]
        self.tool("pg_basebackup", *source, "-D", self.data, "-R", "-X", "stream", "-c", "fast", "--no-sync")

    def caught_up(self) -> None:
        """Wait until all that the primary has committed by now can be seen here."""
        place = self.primary.tells("SELECT pg_current_wal_lsn()::text")
        behind = f"SELECT coalesce(pg_last_wal_replay_lsn() >= '{place}'::pg_lsn, false)"
        until(lambda: self.tells(behind), "the replica replays")

    @contextmanager
    def held(self) -> Iterator[None]:
        """While this lasts nothing is replayed: what can be seen here stays as it is."""
        self.tells("SELECT pg_wal_replay_pause()::text")
        until(lambda: self.tells("SELECT pg_get_wal_replay_pause_state()") == "paused", "the replica holds")
        try:
            yield
        finally:
            self.tells("SELECT pg_wal_replay_resume()::text")


@contextmanager
def primary_and_replica(folder: Path) -> Iterator[tuple[Server, Replica]]:
    primary = Server(folder / "primary")
    primary.tool("initdb", "-D", primary.data, "-U", "postgres", "-A", "trust", "--no-sync")
    servers: list[Server] = [primary]
    try:
        primary.start()
        replica = Replica(folder / "replica", primary)
        servers.append(replica)
        replica.start()
        yield primary, replica
    finally:
        for server in reversed(servers):
            server.stop()


@contextmanager
def nginx(place: Any, folder: Path, public: list[int], editor: int, **changed: str) -> Iterator[tuple[int, Running]]:
    """nginx with the shipped file, in which ports and folder are those of the test, and what else is changed by name."""
    folder.mkdir()
    port, kept = free_port(), folder / "kept"
    ports = {"8000": public[0], "8002": public[1], "8001": editor}
    text = EXAMPLE.read_text("utf-8").replace("/var/cache/nginx/talks", str(kept))
    text = re.sub(r"server 127\.0\.0\.1:(\d+)", lambda found: f"server 127.0.0.1:{ports[found[1]]}", text)
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};")
    for before, after in changed.items():
        assert f"{before}=" in text
        text = re.sub(rf"\b{before}=\S+?(;?)(?=\s)", rf"{before}={after}\1", text)
    (folder / "talks.conf").write_text(text, "utf-8")
    paths = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"daemon off; {user} pid {folder}/pid; error_log stderr warn; worker_processes 2;\n"
        f"events {{ worker_connections 256; }}\nhttp {{ access_log off; {paths} include {folder}/talks.conf; }}\n"
    )
    program = nginx_program()
    assert program, "nginx is not installed"
    with place.started(program, "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")) as server:
        server.serves(port)
        yield port, server
