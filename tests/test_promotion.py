"""A replica made as docs/operations.md says, and what it says to do when the primary is lost."""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.machines import Replica, Server
from tests.said import runs
from tests.servers import Place, ask, borrow_environment

pytestmark = [pytest.mark.live, pytest.mark.postgresql]

PASSWORD = "only-for-a-replica"
PAGE = "/parties/ukraine/"


class AsSaid(Replica):
    """A replica that is made by the document's command, as the document's role, with the document's settings."""

    def __init__(self, folder: Path, primary: Server, command: str, setting: str) -> None:
        Server.__init__(self, folder)
        self.primary = primary
        words = {"PRIMARY": f"127.0.0.1 -p {primary.port}", "/var/lib/postgresql/15/main": str(self.data)}
        for word, here in words.items():
            command = command.replace(word, here)
        environment = {**os.environ, "PGPASSWORD": PASSWORD}
        subprocess.run([*self.before, "sh", "-c", f"{self.tools}/{command}"], check=True, cwd="/", env=environment)
        with (self.data / "postgresql.auto.conf").open("a") as file:
            file.write(f"{setting}\n")


def a_primary(folder: Path, role: str, line: str) -> Server:
    """A primary with the document's role and its line in pg_hba.conf, before any that would let everybody in."""
    primary = Server(folder)
    primary.tool("initdb", "-D", primary.data, "-U", "postgres", "-A", "trust", "--no-sync")
    rules = primary.data / "pg_hba.conf"
    ours = line.replace("REPLICA", "127.0.0.1")
    rules.write_text(f"{ours}\n{ours.replace('scram-sha-256', 'reject')}\n{rules.read_text()}")
    primary.start()
    primary.tool("psql", "-q", "-h", primary.folder, "-p", primary.port, "-c", role.replace("…", PASSWORD))
    return primary


def prepared(folder: Path, primary: Server, stack: ExitStack) -> Place:
    """A site with the built-in data on this server."""
    place = Place(folder, primary.url)
    borrow_environment(place.var / "venv", place.code / "requirements.txt")
    stack.callback(place.sweep)
    place.manage("prepare")
    return place


@runs(
    "CREATE ROLE replicator REPLICATION LOGIN PASSWORD '…'",
    "host replication replicator REPLICA/32 scram-sha-256",
    "hot_standby_feedback = on",
    "pg_basebackup -h PRIMARY -U replicator -D /var/lib/postgresql/15/main -R -X stream -c fast",
    "SELECT now() - pg_last_xact_replay_timestamp();",
    "DATABASE_REPLICA_URLS=postgresql://talks_reader:…@replica1/talks,postgresql://talks_reader:…@replica2/talks",
    "pg_ctl promote",
)
def test_when_the_primary_is_lost_a_replica_takes_its_place(said):
    role, line, setting, basebackup, lag, urls, promote = said
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="talks-promotion-", dir="/tmp")))
        folder.chmod(0o755)
        primary = a_primary(folder / "primary", role, line)
        stack.callback(primary.stop)
        place = prepared(folder, primary, stack)
        replica = AsSaid(folder / "replica", primary, basebackup, setting)
        stack.callback(replica.stop)
        replica.start()
        place.sql("UPDATE talks_party SET name = 'Before the loss' WHERE slug = 'ukraine'")
        replica.caught_up()
        assert replica.tells("SHOW hot_standby_feedback") == "on"
        assert primary.tells("SELECT usename FROM pg_stat_replication") == "replicator"
        assert replica.tells(lag) is not None
        name = urls.partition("=")[0]
        with place.served(DATABASE_URL=None, **{name: f"{replica.url},{primary.url}"}) as (port, _):
            assert "Before the loss" in ask(port, PAGE).text
            primary.stop()
            replica.tool(*promote.split(), "-D", replica.data, "-w")
            place.database = replica.url
            place.edit("Party.objects.filter(slug='ukraine').update(name='After the loss')")
            assert "After the loss" in ask(port, PAGE).text
