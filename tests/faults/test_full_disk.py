"""The disk is full while somebody writes: it is told in one line, nothing is lost, and all goes on when there is space."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import NamedTuple

import pytest

from talks.check_release import Check
from tests.faults import subjects
from tests.faults.clusters import Cluster, a_cluster
from tests.faults.disks import Disk, a_small_disk
from tests.faults.states import is_sound, state
from tests.faults.subjects import PARTY, SAVED
from tests.prepared import a_prepared_place
from tests.servers import PATIENCE, POSTGRES, Place, ask, borrow_environment
from tests.test_admin import Form
from tests.test_at_once import Desk

pytestmark = pytest.mark.live

SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
# Bytes that are left: none, and too few for any of these commands.
ROOMS = (0, 8192, 40960)
ROUNDS = 1 if int(os.environ.get("KILLS", "10")) < 100 else len(ROOMS)
PAGES = ("/", "/statements/", f"/statements/{SAVED}/", f"/parties/{PARTY}/", "/statements.csv", "/data/")
stopped: set[str] = set()  # the commands that a full disk has stopped
# The last is PostgreSQL to whoever connects.
ENDED = "the database system is in recovery mode"  # because its own log found no room
FULL = re.compile(r"disk is full|No space left on device|could not write init file", re.IGNORECASE)


class Site(NamedTuple):
    """A place on a small disk with the port of its public process; on PostgreSQL the server that is there too."""

    disk: Disk
    place: Place
    port: int
    cluster: Cluster | None


@contextmanager
def placed(disk: Disk) -> Iterator[tuple[Cluster | None, Place]]:
    """A prepared place whose VAR_DIR, and the server of whose database, lie on this disk."""
    if POSTGRES:
        with a_cluster(disk.folder) as (cluster, place):
            yield cluster, place
        return
    with a_prepared_place() as model:
        place = Place(disk.folder, "")
        shutil.copytree(model.var, place.var, ignore=shutil.ignore_patterns("venv"), dirs_exist_ok=True)
    borrow_environment(place.var / "venv", place.code / "requirements.txt")
    try:
        yield None, place
    finally:
        place.sweep()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with a_small_disk(128 if POSTGRES else 48) as disk, placed(disk) as (cluster, place):
        place.edit(subjects.HERONS)
        subjects.an_editor(place)
        with place.served(WORKERS="1") as (port, _):
            site = Site(disk, place, port, cluster)
            assert refusing(site) == {}
            yield site


@pytest.fixture(scope="module")
def packages(site):
    return subjects.packages(site.place)


def refusing(site: Site) -> dict[str, str]:
    """The pages that the public process does not have, with what it says instead."""
    answers = {page: ask(site.port, page) for page in PAGES}
    return {page: f"{one.status} {one.text[:200]}" for page, one in answers.items() if one.status != 200}


@contextmanager
def full(site: Site, room: int) -> Iterator[None]:
    """While this lasts so many bytes are left. The public process answers; afterwards the database is sound."""
    # What was written before would be written over, which needs no space.
    site.place.sql("VACUUM FULL" if site.cluster else "PRAGMA wal_checkpoint(TRUNCATE)")
    # PostgreSQL writes down what it knows of its tables at the next connection, and lets nobody in if it cannot.
    site.place.sql("SELECT 1")
    site.disk.fill(room)
    try:
        assert refusing(site) == {}
        yield
        # A server of PostgreSQL that cannot write its log ends, and is started again when there is space.
        assert site.cluster or refusing(site) == {}
    finally:
        site.disk.free()
    if site.cluster:
        site.cluster.stands()
    assert is_sound(site.place)


def tried(place: Place, *arguments: str) -> tuple[int, str]:
    """The exit status of a command, and what it says on standard error."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=place.code, env=place.environment(), capture_output=True,
        text=True, timeout=PATIENCE,
    )  # fmt: skip
    return done.returncode, done.stderr


def told(site: Site, name: str, command: Callable[[], list[str]]) -> None:
    """A command on a full disk, and again when there is space.

    PostgreSQL may have room in its own files, or give some back meanwhile: then the command is done at once.
    """
    rooms = random.Random(f"{SEED} {name}").sample(ROOMS, ROUNDS)
    for room in rooms:
        arguments, where = command(), f"{name} with {room} bytes left, SEED={SEED}"
        before = state(site.place)
        with full(site, room):
            code, line = tried(site.place, *arguments)
        if code or not site.cluster:
            assert state(site.place).differs(before) == [], where
        # A server that ended before it was asked tells nothing of the command, so that is tried once more.
        if site.cluster and ENDED in line and len(rooms) < 2 * ROUNDS:
            rooms.append(room)
            continue
        if code or not site.cluster:
            refused(code, line, where)
            stopped.add(name)
            site.place.manage(*arguments)
        assert state(site.place).differs(before) or name == "backup", where
        assert refusing(site) == {}, where


def refused(code: int, said: str, where: str) -> None:
    """Fails unless a command has told in one line what is full."""
    assert code not in (0, None), where
    assert "Traceback" not in said, f"{where}: {said}"
    # PostgreSQL adds a line of its own.
    assert [line[:5] for line in said.splitlines()[1:]] in ([], ["HINT:"]), f"{where}: {said}"
    assert FULL.search(said), f"{where}: {said}"


def test_an_import_on_a_full_disk(site, packages):
    folders = cycle(reversed(packages))
    told(site, "import_release", lambda: subjects.take(next(folders)))


def test_loading_on_a_full_disk(site, packages):
    folders = cycle(packages)
    told(site, "loaddata", lambda: subjects.load(next(folders)))


def test_recording_what_was_verified_on_a_full_disk(site):
    def command() -> list[str]:
        site.place.sql(*subjects.UNVERIFIED)
        return ["verify_quotations", "--record", "--source", "herons"]

    told(site, "verify_quotations", command)


def test_a_release_on_a_full_disk_is_not_there_and_leaves_nothing(site):
    def command() -> list[str]:
        site.place.sql(f"UPDATE talks_party SET name = name || '!' WHERE slug = '{PARTY}'")
        return ["release"]

    told(site, "release", command)
    releases = [path for path in (site.place.var / "releases").iterdir() if path.name != ".lock"]
    assert sorted(path.name for path in releases) == [str(number) for number in range(1, ROUNDS + 2)]
    for path in releases:
        assert Check(path, [], print, print).run() == 0


def test_a_copy_on_a_full_disk_is_not_there_and_leaves_nothing(site):
    numbers = iter(range(ROUNDS))
    copies = site.disk.var / "copies"
    copies.mkdir()
    told(site, "backup", lambda: ["backup", str(copies / f"copy-{next(numbers)}")])
    there = sorted(path.name for path in copies.iterdir())
    assert there == sorted(f"copy-{number}{end}" for number in range(ROUNDS) for end in ("", ".sha256"))


def test_saving_on_a_full_disk(site):
    ((number,),) = site.place.sql(f"SELECT id FROM talks_statement WHERE slug = '{SAVED}'")
    address = f"/admin/talks/statement/{number}/change/"
    with site.place.served("config.settings_editor", TWO_FACTOR="0", WORKERS="1") as (port, _):
        desk = Desk(port)
        desk.log_in()
        for room in random.Random(f"{SEED} save").sample(ROOMS, ROUNDS):
            form = Form(desk.send("GET", address)[1])
            form.fill("", channel=f"With {room} left", public_kind="correction", reason="A test.")
            before = state(site.place)
            with full(site, room):
                status, _ = desk.send("POST", address, form.values)
            if status != 302 or not site.cluster:  # which may have room in its own files
                assert status in (500, 503, 507), f"{room} bytes left, SEED={SEED}"
                assert state(site.place).differs(before) == []
                assert desk.send("POST", address, form.values)[0] == 302
            assert f"With {room} left" in ask(site.port, f"/statements/{SAVED}/").text


@pytest.mark.parametrize("command", ["prepare", "verify_quotations"])
def test_where_nobody_has_the_database_open_a_full_disk_is_told_in_one_line_too(command):
    with a_small_disk(128 if POSTGRES else 48) as disk, placed(disk) as (cluster, place):
        place.sql("VACUUM FULL" if cluster else "PRAGMA wal_checkpoint(TRUNCATE)")
        for companion in place.var.glob("talks.sqlite3-*"):
            companion.unlink()
        disk.fill()
        code, said = tried(place, command)
        disk.free()
        if cluster:
            cluster.stands()
        if code:
            refused(code, said, command)
        assert code or cluster
        assert tried(place, "prepare") == (0, "")
        assert is_sound(place)


def test_the_disk_was_full_enough():
    """A disk with room tries nothing, and on PostgreSQL would let all tests above pass."""
    assert len(stopped) >= 3, stopped
