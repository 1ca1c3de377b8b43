"""What is broken off: a command of `manage.py`, and a form that is sent to a real editor's process."""

from __future__ import annotations

import http.client
import os
import re
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.servers import Place, Running, children, until
from tests.test_at_once import Desk

MOMENT = 0.002  # seconds between two looks; nothing is judged by it


class Run:
    """Something that can be begun, and ends by itself or is killed."""

    def begin(self) -> None: ...

    def is_at_work(self) -> bool:
        """Whether it has begun with what may break; before that a kill breaks nothing."""
        return True

    def has_ended(self) -> bool: ...

    def kill(self) -> None: ...

    def finish(self) -> None:
        """Wait for its end, and see that it ended well."""

    def complete(self) -> float:
        """Let it run to its end; gives the seconds for which it was at work."""
        self.begin()
        wait(lambda: self.is_at_work() or self.has_ended())
        began = time.monotonic()
        wait(self.has_ended)
        seconds = time.monotonic() - began
        self.finish()
        return seconds

    def broken(self, after: float) -> bool:
        """Kill it so many seconds after it began to work; gives whether that was before its end."""
        self.begin()
        wait(lambda: self.is_at_work() or self.has_ended())
        time.sleep(after)
        was_running = not self.has_ended()
        self.kill()
        return was_running


def wait(holds: Any) -> None:
    """As `until`, but with many more looks."""
    until(lambda: holds() or any(_look(holds) for _ in range(200)), "a run goes on")


def _look(holds: Any) -> bool:
    time.sleep(MOMENT)
    return bool(holds())


class Command(Run):
    """A command of `manage.py`, in a process group of its own."""

    def __init__(self, place: Place, *arguments: str) -> None:
        self.place, self.arguments = place, arguments

    def begin(self) -> None:
        self.held = self.place.started(sys.executable, "manage.py", *self.arguments)
        self.running: Running = self.held.__enter__()

    def is_at_work(self) -> bool:
        """From the moment at which it has opened the database; where nobody can look, from its start."""
        if not Path("/proc/self/fd").exists():
            return True
        with suppress(OSError):  # it ended while we looked
            return any(_is_database(entry) for entry in Path(f"/proc/{self.running.pid}/fd").iterdir())
        return False

    def has_ended(self) -> bool:
        return self.running.has_ended

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.running.pid, signal.SIGKILL)
        self.running.ended_with()
        self.held.__exit__(None, None, None)

    def finish(self) -> None:
        code, told = self.running.ended_with(), self.running.output
        self.held.__exit__(None, None, None)
        assert code == 0, told


def _is_database(entry: Path) -> bool:
    with suppress(OSError):
        target = os.readlink(entry)
        return target.startswith("socket:") or ".sqlite3" in target
    return False


class Post(Run):
    """A form that is sent to the editor's process, whose worker is killed; its master starts another one."""

    def __init__(self, desk: Desk, server: Running, address: str, values: Any, fine: tuple[int, ...] = (302,)) -> None:
        self.desk, self.server, self.address, self.values, self.fine = desk, server, address, values, fine

    def begin(self) -> None:
        self.status, self.html = 0, ""
        filled = self.values()
        until(lambda: len(children(self.server.pid)) == 1, "a worker")
        (self.worker,) = children(self.server.pid)
        self.sending = threading.Thread(target=self._send, args=[filled])
        self.sending.start()

    def _send(self, filled: dict[str, Any]) -> None:
        with suppress(OSError, http.client.HTTPException):
            self.status, self.html = self.desk.send("POST", self.address, filled)

    def has_ended(self) -> bool:
        return not self.sending.is_alive()

    def kill(self) -> None:
        os.kill(self.worker, signal.SIGKILL)
        self.sending.join()
        until(lambda: children(self.server.pid) not in ([], [self.worker]), "a new worker")

    def finish(self) -> None:
        self.sending.join()
        assert self.status in self.fine, (self.status, re.sub(r"<[^>]+>|\s+", " ", self.html)[-2000:])
