"""Clients that send or read one byte a second, for as long as this runs; a process of its own.

    python -m bench.measure.crawl PORT PAGE STREAM FILE

Prints one line when all have connected and had time to be answered: how many of the streams and of the files are
being read.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections import Counter

SENDERS, READERS, STREAMS, FILES = 100, 100, 20, 20
HOST = "127.0.0.1"
BUFFER = 2048  # bytes that the kernel takes in advance
BEAT = 1.0  # seconds
SETTLING = 4.0

statuses: Counter[str] = Counter()


async def connected(port: int) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    client.setblocking(False)
    await asyncio.get_running_loop().sock_connect(client, (HOST, port))
    return client


async def sends(port: int, address: str) -> None:
    """A request whose head never ends, one byte after another; again when the server has had enough of it."""
    loop = asyncio.get_running_loop()
    while True:
        with await connected(port) as client:
            try:
                for byte in b"GET %s HTTP/1.1\r\nHost: localhost\r\nX-Slow: %s" % (address.encode(), b"x" * 10_000):
                    await loop.sock_sendall(client, bytes([byte]))
                    await asyncio.sleep(BEAT)
            except OSError:
                await asyncio.sleep(BEAT)


async def reads(port: int, address: str, kind: str) -> None:
    """A whole request, and its answer one byte after another; again when it has ended or was refused."""
    loop = asyncio.get_running_loop()
    while True:
        with await connected(port) as client:
            try:
                await loop.sock_sendall(client, f"GET {address} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                head = b"".join([await loop.sock_recv(client, 1) for _ in range(12)])
                name = f"{kind} {head[9:12].decode('ascii', 'replace')}"
                statuses[name] += 1
                try:
                    while name.endswith("200") and await loop.sock_recv(client, 1):
                        await asyncio.sleep(BEAT)
                finally:
                    statuses[name] -= 1
            except OSError:
                pass
        await asyncio.sleep(BEAT)


async def crawl(port: int, page: str, stream: str, file: str) -> None:
    tasks = [sends(port, page) for _ in range(SENDERS)]
    tasks += [reads(port, page, "page") for _ in range(READERS)]
    tasks += [reads(port, stream, "stream") for _ in range(STREAMS)]
    tasks += [reads(port, file, "file") for _ in range(FILES)]
    running = [asyncio.create_task(task) for task in tasks]
    await asyncio.sleep(SETTLING)
    print(json.dumps({name: count for name, count in sorted(statuses.items()) if count}), flush=True)
    await asyncio.gather(*running)


if __name__ == "__main__":
    asyncio.run(crawl(int(sys.argv[1]), *sys.argv[2:5]))
