"""PostgreSQL is killed with -9 while an editor's process writes: what was acknowledged is there, and nothing by halves."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from config.question_postgresql import PAUSE
from tests.faults.clusters import Cluster, a_cluster
from tests.servers import Place, Running, ask, until
from tests.test_at_once import SLUG

pytestmark = [pytest.mark.live, pytest.mark.postgresql]

KILLS = max(2, int(os.environ.get("KILLS", "10")) // 5)
SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
PAGE = f"/statements/{SLUG}/"
# Numbers what it writes, tells what was committed, and goes on when the server is there again.
WRITER = f"""
import itertools, time
from django.db import Error, connection
from talks.editing import ledger
from talks.models import Statement
for number in itertools.count():
    try:
        with ledger.change("olena", "A test.", "correction"):
            statement = Statement.objects.get(slug={SLUG!r})
            statement.channel = f"Number {{number}}"
            statement.save()
    except Error:
        connection.close()
        time.sleep(0.05)
        print("failed", number, flush=True)
    else:
        print("committed", number, flush=True)
"""
# One question, so that all of it is one state.
ASKED = f"""
SELECT channel, (SELECT number FROM talks_edition),
  (SELECT array_agg(h.channel ORDER BY h.history_id) FROM editing_historicalstatement h WHERE h.id = s.id),
  (SELECT array_agg(c.after ORDER BY c.id) FROM talks_correction c WHERE c.noun = s.slug AND c."column" = 'channel')
FROM talks_statement s WHERE slug = '{SLUG}'
"""


class Found(NamedTuple):
    """What one state of the database holds of the statement."""

    channel: str
    edition: int
    history: list[str]
    told: list[str] | None


def found(place: Place) -> Found:
    return Found(*place.sql(ASKED)[0])


def said(writer: Running, word: str) -> list[str]:
    """The channels that the writer says this word of, from whole lines."""
    lines = writer.output.rpartition("\n")[0].splitlines()
    assert all(line.startswith(("committed ", "failed ")) for line in lines), writer.output
    return [f"Number {line.split()[1]}" for line in lines if line.startswith(f"{word} ")]


@pytest.fixture(scope="module")
def standing() -> Iterator[tuple[Cluster, Place]]:
    with tempfile.TemporaryDirectory(prefix="talks-killed-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        with a_cluster(Path(name)) as (cluster, place):
            yield cluster, place


def judge(before: Found, after: Found, acknowledged: list[str], where: str) -> None:
    """Fails unless all that was acknowledged is there, each change in all its tables or in none."""
    new = after.history[len(before.history) :]
    assert set(acknowledged) <= set(new), f"{where}: lost {sorted(set(acknowledged) - set(new))}"
    assert after.told == [*(before.told or []), *new], where
    assert after.channel == (new or before.history)[-1], where
    assert len(new) == len(set(new)), where


def break_off(cluster: Cluster, writer: Running, port: int, after: float, where: str) -> list[str]:
    """Kill the server while it is written to, and start it again; gives what had been acknowledged."""
    had, failed = len(said(writer, "committed")), len(said(writer, "failed"))
    until(lambda: writer.has_ended or len(said(writer, "committed")) > had + 2, "the writer writes")
    time.sleep(PAUSE)  # so long a server that was silent is not asked again
    assert ask(port, PAGE).status == 200, where
    time.sleep(after)
    cluster.kill()
    acknowledged = said(writer, "committed")
    # With so many edits hardly a page is kept, and one that is not cannot be shown.
    assert ask(port, PAGE).status in (200, 503), where
    until(lambda: len(said(writer, "failed")) > failed, "the writer notices")
    cluster.start()
    return acknowledged


def test_what_was_acknowledged_is_there_after_the_server_was_killed(standing):
    cluster, place = standing
    chance, begun = random.Random(SEED), found(place)
    command = [sys.executable, "manage.py", "shell", "--verbosity=0", "--command", WRITER]
    with place.served(WORKERS="1") as (port, _), place.started(*command) as writer:
        for number in range(1, KILLS + 1):
            where = f"kill {number} of {KILLS}, SEED={SEED}"
            acknowledged = break_off(cluster, writer, port, chance.uniform(0, 0.2), where)
            judge(begun, found(place), acknowledged, where)
        had = len(said(writer, "committed"))
        until(lambda: len(said(writer, "committed")) > had, "the writer writes again")
        writer.process.kill()
        writer.ended_with()
        after = found(place)
        judge(begun, after, said(writer, "committed"), f"at the end, SEED={SEED}")
        raised = (after.edition - begun.edition) / (len(after.history) - len(begun.history))
        assert raised == int(raised) > 0, f"each change raises the edition by the same, SEED={SEED}"
        time.sleep(PAUSE)
        assert after.channel in ask(port, PAGE).text, f"the last change is shown, SEED={SEED}"
    assert "ok" in place.manage("doctor")
