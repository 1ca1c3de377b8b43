"""Requests that were said before, byte for byte: what they ask for is known, and which edition is asked for all at once.

What a request means depends on its bytes alone, so it is parsed once. Browsers of one make, crawlers, feed readers
and proxies say the same again and again.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from config.front import Front
from config.keeper import Asked

# At most so many requests of at most so many bytes: 4 MB, and what they mean.
ROOM = 2048
LONGEST = 2048


class Connection(Protocol):
    """Who said it, and is answered."""

    def reply(self, said: bytes, ready: tuple[bytes, bytes] | None) -> None: ...


class Repeats:
    """Of one worker, within its event loop."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.known: dict[bytes, Asked] = {}
        self.now: list[tuple[Connection, Asked, bytes]] = []
        self.waiting: set[asyncio.Task[None]] = set()

    def learn(self, said: bytes, asked: Asked) -> None:
        """Know from now on what is asked for by these bytes; what was learnt first is forgotten first."""
        if len(said) > LONGEST or said in self.known:
            return
        if len(self.known) == ROOM:
            del self.known[next(iter(self.known))]
        scope = {name: asked.scope[name] for name in ("method", "raw_path")}
        self.known[said] = asked._replace(scope=scope)

    def put(self, connection: Connection, asked: Asked, said: bytes) -> None:
        """Answer when all that has arrived is read: the edition is asked for after the last byte of each."""
        if not self.now:
            asyncio.get_running_loop().call_soon(self.answer)
        self.now.append((connection, asked, said))

    def answer(self) -> None:
        now, self.now = self.now, []
        edition = self.front.keeper.question.at_once()
        if edition is not None:
            self.reply(now, edition)
        else:
            task = asyncio.get_running_loop().create_task(self.later(now))
            self.waiting.add(task)
            task.add_done_callback(self.waiting.discard)

    async def later(self, now: list[tuple[Connection, Asked, bytes]]) -> None:
        self.reply(now, await self.front.keeper.edition())

    def reply(self, now: list[tuple[Connection, Asked, bytes]], edition: object) -> None:
        for connection, asked, said in now:
            connection.reply(said, self.front.ready(asked, edition))
