"""Numbers for Prometheus: what the front answered, beside what django-prometheus counts of the pages that are made.

Each worker writes its own into a file of its own, and gunicorn's first process adds them up for whoever asks
(`config/gunicorn.py`), so that the numbers of all workers are one, and those of a worker that ended are not lost.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import prometheus_client

from config.front import Front

# Between two writings; a kept page is counted by adding one to a number in memory, which costs a tenth of the file's.
SECONDS = 1.0

ANSWERS = prometheus_client.Counter(
    "talks_answers", "Answers of the public process: what was asked for, and the status (0: the client went).", ("kind", "status")
)  # fmt: skip
KEPT_BYTES = prometheus_client.Gauge(
    "talks_kept_bytes", "Bytes of pages that are kept, with what they need besides.", multiprocess_mode="livesum"
)
EDITION = prometheus_client.Gauge(
    "talks_edition", "The edition that was asked for last.", multiprocess_mode="livemax"
)  # fmt: skip
SILENT = prometheus_client.Gauge(
    "talks_database_silent", "Whether a worker has no answer from its database (1) or has (0).", multiprocess_mode="livemax"
)  # fmt: skip


class Teller:
    """Writes down what a worker's front has counted, within its event loop."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.told: Counter[tuple[str, int]] = Counter()

    def begin(self) -> None:
        self.tell()
        asyncio.get_running_loop().call_later(SECONDS, self.begin)

    def tell(self) -> None:
        """What is new since the last time."""
        counts = Counter(self.front.counts)
        for (kind, status), number in (counts - self.told).items():
            ANSWERS.labels(kind, str(status)).inc(number)
        self.told = counts
        keeper = self.front.keeper
        if keeper is not None:
            KEPT_BYTES.set(keeper.shelf.bytes)
            EDITION.set(int(keeper.shelf.edition[0]) if keeper.shelf.edition else 0)
            SILENT.set(keeper.silent_since is not None)
