"""A server that is measured: started, waited for, watched and stopped."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Self

from bench.measure import processes

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0  # seconds for the start
HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class Server:
    """One server on loopback. `beside` are processes that work for it and are counted with it, such as PostgreSQL.

    The command names its port as `{port}`. What the server prints stands in `log`.
    """

    def __init__(
        self,
        name: str,
        command: Iterable[object],
        log: Path,
        environment: dict[str, str] | None = None,
        beside: Iterable[int] = (),
        tried: str = "/",
    ) -> None:
        self.name, self.log, self.beside, self.tried = name, log, tuple(beside), tried
        self.port = free_port()
        self.command = [str(word).replace("{port}", str(self.port)) for word in command]
        self.environment = {**os.environ, **(environment or {})}
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> Self:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait(self) -> None:
        """Return when it answers. Raises RuntimeError with the end of its log if it does not."""
        assert self.process
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            with suppress(OSError, http.client.HTTPException):
                if ask(self.port, self.tried)[0] < 500:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"{self.name} did not start:\n{self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        """Ask it to end, with its children; after a while, make it."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    @property
    def roots(self) -> tuple[int, ...]:
        return (*([self.process.pid] if self.process else []), *self.beside)

    def cpu(self) -> float:
        return processes.cpu(self.roots)

    def memory(self) -> dict[str, float]:
        """Of the server alone: what PostgreSQL holds is shared by all who ask it."""
        return processes.memory(self.roots[:1])

    def has(self, address: str, headers: dict[str, str] | None = None) -> bool:
        """Whether it answers an address with 200."""
        return ask(self.port, address, headers)[0] == 200


def ask(port: int, address: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    """One request on a connection of its own: status, headers in small letters, body."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        connection.request("GET", address, headers=headers or {})
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()
