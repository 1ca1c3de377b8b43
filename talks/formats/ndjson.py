"""Rows as JSON, an object on each line (NDJSON), whole lists; the same lines as a release has of the same rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

BATCH = 50  # rows written at a time
# One encoder for all rows: json.dumps would make one for each.
ENCODE = json.JSONEncoder(ensure_ascii=False).encode


def listing(rows: Iterable[dict[str, Any]], about: Any) -> Iterator[str]:
    """Every row; never paged."""
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield lines(batch)


def lines(rows: Iterable[dict[str, Any]]) -> str:
    return "".join([f"{ENCODE(row)}\n" for row in rows])
