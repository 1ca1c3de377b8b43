"""Lists that are made while they are sent: how many at once, and which of them make rows at the same moment."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from config.bridge import Answer, Head, Site, answer

# Measured in docs/decisions/0025 and 0028.
STREAM_THREADS = 8
# Whoever makes a page shares the interpreter with so many of them; the others wait for their clients, or their turn.
AT_WORK = 2
# Priority (nice(2)) of threads that make something, below that of the event loop, which has what is ready.
GIVING_WAY = 10

Part = Callable[[Head, bytes], Awaitable[None]]


class Gone(Exception):
    """The client has gone."""


class Streams:
    """A pool of threads, each with one list for as long as it lasts."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.pool = ThreadPoolExecutor(STREAM_THREADS, "stream", give_way)
        self.room = threading.BoundedSemaphore(STREAM_THREADS)
        self.turns = threading.Semaphore(AT_WORK)

    def begin(self, environ: dict[str, Any], part: Part) -> Future[Answer] | None:
        """What is left at the end of a list, of which `part` sends all else; none where all threads are taken. To be called
        within the event loop.
        """
        if not self.room.acquire(blocking=False):
            return None
        loop = asyncio.get_running_loop()
        future = self.pool.submit(copy_context().run, self._made, environ, part, loop)
        future.add_done_callback(lambda _: self.room.release())
        return future

    def shutdown(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)

    def _made(self, environ: dict[str, Any], part: Part, loop: asyncio.AbstractEventLoop) -> Answer:
        def pour(head: Head, block: bytes) -> None:
            """Give a block to the event loop, and wait until the client has room for more."""
            self.turns.release()
            try:
                asyncio.run_coroutine_threadsafe(part(head, block), loop).result()
            except CancelledError:
                raise Gone from None  # the process ends
            finally:
                self.turns.acquire()

        with self.turns:
            return answer(self.site, environ, pour)


def give_way() -> None:
    """Let this thread have what the event loop leaves of the processor. Linux knows of single threads, others need not."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), GIVING_WAY)
