"""Whose turn it is to make rows of a list, while others wait for their clients."""

from __future__ import annotations

import asyncio
import time

import pytest

from config.bridge import BEGINNING, BLOCK, Head, poured
from config.streams import AT_WORK, STREAM_THREADS, Streams

ASKED = {"REQUEST_METHOD": "GET"}
BLOCKS = 5


class Site:
    """Gives lists of a few blocks, and knows how many of them were being made at the same moment at most."""

    def __init__(self):
        self.at_work: list[int] = []
        self.most = 0

    def __call__(self, environ, start_response):
        start_response("200 OK", [])
        return self.rows()

    def rows(self):
        for number in range(BLOCKS):
            self.at_work.append(number)
            self.most = max(self.most, len(self.at_work))
            time.sleep(0.01)
            self.at_work.pop()
            yield b"x" * BLOCK


def test_few_make_rows_at_the_same_moment_and_each_comes_to_its_end():
    site = Site()

    async def all_at_once():
        streams, taken = Streams(site), []

        async def part(head, block):
            taken.append(len(block))

        begun = [streams.begin(ASKED, part) for _ in range(STREAM_THREADS)]
        assert streams.begin(ASKED, part) is None, "all threads are taken"
        last = [await asyncio.wrap_future(future) for future in begun]
        streams.shutdown()
        return [len(answer.body) for answer in last], taken

    last, taken = asyncio.run(all_at_once())
    assert sum(last) + sum(taken) == STREAM_THREADS * BLOCKS * BLOCK
    assert site.most == AT_WORK


def test_a_client_who_takes_nothing_keeps_nobodys_turn():
    async def beside_deaf_ones():
        streams, hears = Streams(Site()), asyncio.Event()

        async def deaf(head, block):
            await hears.wait()

        async def quick(head, block):
            pass

        waiting = [streams.begin(ASKED, deaf) for _ in range(STREAM_THREADS - 1)]
        await asyncio.wrap_future(streams.begin(ASKED, quick))
        assert not any(future.done() for future in waiting)
        hears.set()
        await asyncio.gather(*map(asyncio.wrap_future, waiting))
        streams.shutdown()

    asyncio.run(beside_deaf_ones())


@pytest.mark.parametrize(
    ("made", "handed", "left"),
    [
        ([], [], 0),
        ([BEGINNING - 1], [], BEGINNING - 1),
        ([BEGINNING], [BEGINNING], 0),
        ([1, BEGINNING, BEGINNING, 5], [BEGINNING + 1], BEGINNING + 5),
        ([BEGINNING, BLOCK - 1, 1, BLOCK, 7], [BEGINNING, BLOCK, BLOCK], 7),
        ([3 * BLOCK, 1], [3 * BLOCK], 1),
    ],
)
def test_the_beginning_of_a_list_goes_at_once_and_the_rest_in_large_blocks(made, handed, left):
    seen: list[int] = []

    def blocks():
        for number, size in enumerate(made):
            assert sum(seen) >= BEGINNING or sum(made[:number]) < BEGINNING, "it waited for more"
            yield b"x" * size

    last = poured(Head(200, []), blocks(), lambda _, block: seen.append(len(block)))
    assert (seen, len(last)) == (handed, left)
