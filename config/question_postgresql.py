"""The question of `config.question` to PostgreSQL; a module of its own, so that SQLite does without psycopg."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import psycopg
from psycopg import pq

from config.question import NONE, ROW

NAME = b"edition"
# Seconds that nothing is asked of a server that was not there a moment ago, and for which its answer is awaited.
PAUSE = 0.5
PATIENCE = 2.0
# What Django tells libpq of a database; the rest is for its own cursors.
LIBPQ = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}

log = logging.getLogger(__name__)


class OnPostgreSQL:
    """One question for all requests that were waiting when it was sent, on one connection, prepared.

    Whoever comes while a question is on its way waits for the next one: the answer on its way may be older than what
    was committed meanwhile. libpq is spoken to directly (psycopg.pq): one write and one read for each question.
    """

    def __init__(self, connect: Callable[[], Awaitable[psycopg.AsyncConnection[Any]]], servers: int = 1) -> None:
        self.connect, self.servers = connect, servers
        self.connection: psycopg.AsyncConnection[Any] | None = None
        self.waiting: asyncio.Future[Any] | None = None
        self.asker: asyncio.Task[None] | None = None
        self.silent_until, self.socket = 0.0, -1
        self.results: list[pq.abc.PGresult] = []
        self.complete: asyncio.Future[None]

    def at_once(self) -> Any:
        return None

    async def present(self) -> Any:
        if self.waiting is None:
            self.waiting = asyncio.get_running_loop().create_future()
        waiting = self.waiting
        if self.asker is None:
            self.asker = asyncio.create_task(self.ask())
        return await asyncio.shield(waiting)  # one of them may go, the others still wait

    async def ask(self) -> None:
        """Ask for all that wait, and once more for those that came meanwhile, until nobody waits."""
        while self.waiting is not None:
            stood = self.connection is not None
            await self.connected()
            waiting, self.waiting = self.waiting, None
            edition = await self.told(self.connection.pgconn) if self.connection else None
            if edition is None and stood:
                # It had died unnoticed, and the server may long be there again, or another one in its place.
                self.silent_until = 0.0
                await self.connected()
                edition = await self.told(self.connection.pgconn) if self.connection else None
            if not waiting.done():
                waiting.set_result(edition)
        self.asker = None

    async def connected(self) -> None:
        """Open the connection if there is none, but not again and again."""
        loop = asyncio.get_running_loop()
        if self.connection is not None or loop.time() < self.silent_until:
            return
        try:
            async with asyncio.timeout(PATIENCE * self.servers):  # of several, those may be dead that are tried first
                self.connection = await self.connect()
                pg = self.connection.pgconn
                pg.nonblocking = 1
                self.socket = pg.socket
                loop.add_reader(self.socket, self.readable, pg)
                await self.exchanged(pg, partial(pg.send_prepare, NAME, ROW.encode()))
        except (psycopg.Error, OSError) as error:  # a TimeoutError is an OSError
            await self.lost(error)

    async def told(self, pg: pq.abc.PGconn) -> Any:
        """The row as the server writes it."""
        try:
            async with asyncio.timeout(PATIENCE):
                (result,) = await self.exchanged(pg, partial(pg.send_query_prepared, NAME, None))
            if result.status != pq.ExecStatus.TUPLES_OK:
                raise psycopg.OperationalError(result.error_message.decode(errors="replace"))
            return (result.get_value(0, 0), result.get_value(0, 1)) if result.ntuples else NONE
        except (psycopg.Error, OSError, ValueError) as error:
            return await self.lost(error)

    async def exchanged(self, pg: pq.abc.PGconn, send: Callable[[], None]) -> list[pq.abc.PGresult]:
        """Send something, and wait for all that comes back for it."""
        self.results, self.complete = [], asyncio.get_running_loop().create_future()
        send()
        if pg.flush():
            raise psycopg.OperationalError("the server takes nothing")
        await self.complete
        return self.results

    def readable(self, pg: pq.abc.PGconn) -> None:
        """Take in what has come; called by the event loop."""
        try:
            pg.consume_input()
            while not self.complete.done() and not pg.is_busy():
                result = pg.get_result()
                if result is None:
                    self.complete.set_result(None)
                else:
                    self.results.append(result)
        except psycopg.Error as error:
            self.deafen()
            if not self.complete.done():
                self.complete.set_exception(error)

    def deafen(self) -> None:
        """Hear no more of the connection. By its number, which libpq no longer tells of one that has broken; once, since
        the number may be somebody else's then.
        """
        if self.socket >= 0:
            asyncio.get_running_loop().remove_reader(self.socket)
            self.socket = -1

    async def lost(self, error: Exception) -> None:
        """Give up a connection that does not work; the next question after the pause opens another one."""
        log.warning("The edition cannot be read: %s", str(error).strip() or type(error).__name__)
        loop = asyncio.get_running_loop()
        self.silent_until = loop.time() + PAUSE
        connection, self.connection = self.connection, None
        if connection is not None:
            self.deafen()
            await connection.close()


def on_postgresql(parameters: dict[str, Any]) -> OnPostgreSQL:
    """The question to the server that Django's parameters of a connection name."""
    known = {name: value for name, value in parameters.items() if name in LIBPQ}
    servers = str(known.get("host", "")).count(",") + 1
    return OnPostgreSQL(partial(psycopg.AsyncConnection.connect, autocommit=True, **known), servers)
