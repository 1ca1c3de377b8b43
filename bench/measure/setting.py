"""What a run of the benchmark is about: how much, how often, and which parts of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NamedTuple

from bench.measure.homes import FOLDER, Home, home_of

LEAST = 1000


class Setting(NamedTuple):
    """`counts` are the sizes, smallest first; `only` the parts that are wanted, each with a word that is in the names of
    its wanted rows; `server` is PostgreSQL up to the name of a database, if there is one.
    """

    counts: list[int]
    rounds: int
    seconds: float
    only: dict[str, str]
    peers: bool
    left_out: list[str]
    server: str = ""
    beside: tuple[int, ...] = ()

    @property
    def folder(self) -> Path:
        return FOLDER

    def sqlite(self, count: int) -> Home:
        return home_of(count)

    def postgresql(self, count: int) -> Home | None:
        return home_of(count, self.server, self.beside) if self.server else None

    def homes(self, count: int) -> list[Home]:
        """The homes of so many statements on each database."""
        return [home for home in (self.sqlite(count), self.postgresql(count)) if home]

    def wants(self, part: str, row: str = "") -> bool:
        """Whether a row of a part, or a part, is to be measured."""
        return not self.only or (part in self.only and (not row or self.only[part] in row))


def read() -> Setting:
    """From the environment; exits with one line if a value does not fit."""
    try:
        counts = {int(word.replace("_", "")) for word in os.environ.get("N", "1000,100000").split(",")} | {LEAST}
        rounds = int(os.environ.get("ROUNDS") or 5)
        seconds = float(os.environ.get("SECONDS_EACH") or 2)
    except ValueError as error:
        sys.exit(f"N, ROUNDS, SECONDS_EACH: {error}.")
    if min(counts) < LEAST or rounds < 1 or seconds < 1:
        sys.exit(f"N is {LEAST:,} or more, ROUNDS and SECONDS_EACH are 1 or more.")
    named = [word.partition(":") for word in os.environ.get("ONLY", "").split(",") if word.strip()]
    only = {part.strip(): word.strip() for part, _, word in named}
    return Setting(sorted(counts), rounds, seconds, only, os.environ.get("PEERS") == "1", [])
