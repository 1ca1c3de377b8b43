"""A PostgreSQL server of the test's own, which may be killed, with a prepared place whose database is there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.machines import Server
from tests.prepared import a_prepared_place
from tests.servers import Place, borrow_environment, descendants, is_free, parents, until

# As it is shipped: what was committed is on the disk. A small log, because the disk may be small; it hardly shrinks, or
# a disk that was full would have room again.
FLAGS = "-c listen_addresses=127.0.0.1 -c max_connections=60 -c min_wal_size=8MB -c max_wal_size=8MB"


class Cluster(Server):
    """A server that keeps what was committed, whatever becomes of it."""

    def start(self) -> None:
        flags = f"-p {self.port} -k {self.folder} {FLAGS}"
        log = self.folder / "log"
        try:
            self.tool("pg_ctl", "-D", self.data, "-w", "-t", 180, "-o", flags, "-l", log, "start")
        except subprocess.CalledProcessError as error:
            raise AssertionError(log.read_text()[-3000:]) from error

    @property
    def pid(self) -> int:
        """The process that all others of the server come from; 0 if there is none."""
        with suppress(OSError, ValueError, IndexError):
            found = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            return found if found in parents() else 0
        return 0

    def kill(self) -> None:
        """Every process of it ends at once, and says nothing to anybody; also those that were begun meanwhile."""
        first = self.pid
        family = {first, *descendants(first)}

        def gone() -> bool:
            family.update(pid for pid in parents() if self.is_ours(pid))
            left = family & set(parents())
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return not left and is_free(self.port)

        until(gone, "the server is gone")
        # Where nobody buries the dead, as in a container, its number is taken for a server that runs.
        for lock in (self.data / "postmaster.pid", self.folder / f".s.PGSQL.{self.port}.lock"):
            lock.unlink(missing_ok=True)

    def is_ours(self, pid: int) -> bool:
        """Whether a process stands in the server's folder, as all of its processes do."""
        with suppress(OSError):  # it ended while we looked
            return os.readlink(f"/proc/{pid}/cwd") == str(self.data)
        return False

    def stands(self) -> None:
        """Start it if it has ended."""
        if not self.pid or is_free(self.port):
            self.stop()
            self.start()


@contextmanager
def a_cluster(folder: Path) -> Iterator[tuple[Cluster, Place]]:
    """A place in this folder with the built-in data, and a server in its VAR_DIR, on which its database is."""
    place = Place(folder, "")
    place.var.mkdir(exist_ok=True)
    cluster = Cluster(place.var / "server")
    place.database = cluster.url
    cluster.tool("initdb", "-D", cluster.data, "-U", "postgres", "-A", "trust", "--no-sync", "--wal-segsize=1")
    try:
        cluster.start()
        with a_prepared_place() as model:
            copy = cluster.folder / "copy"
            cluster.tool("pg_dump", "--format=custom", f"--dbname={model.database}", f"--file={copy}")
            cluster.tool("pg_restore", f"--dbname={cluster.url}", copy)
            copy.unlink()
            shutil.copytree(model.var, place.var, ignore=shutil.ignore_patterns("venv"), dirs_exist_ok=True)
        borrow_environment(place.var / "venv", place.code / "requirements.txt")
        try:
            yield cluster, place
        finally:
            place.sweep()
    finally:
        cluster.stop()
