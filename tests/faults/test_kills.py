"""Whoever writes is killed with -9 at random moments: each transaction is there or is not, and the next try succeeds."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle

import pytest

from talks.check_release import Check
from tests.faults import subjects
from tests.faults.runs import Command, Post, Run
from tests.faults.states import State, is_sound, settled, state
from tests.faults.subjects import KEPT, PARTY, SAVED
from tests.prepared import a_prepared_place
from tests.servers import Place, ask
from tests.test_admin import Form
from tests.test_at_once import Desk

pytestmark = pytest.mark.live

KILLS = int(os.environ.get("KILLS", "10"))  # 200 in `make test-faults`
SEED = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
KINDS = ("save", "merge", "import_release", "loaddata", "release", "verify_quotations")
SHARE = {kind: len(range(number, KILLS, len(KINDS))) for number, kind in enumerate(KINDS)}
FIRST = 0.03  # seconds within which the first kill of a kind falls, before one was seen to its end: shorter than any
# What became of all kills, by kind: how many, before the end, and in which state they left the database.
became: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with a_prepared_place() as place:
        place.edit(subjects.HERONS)
        subjects.twins(place, SHARE["merge"] + 1)
        subjects.an_editor(place)
        yield place


@pytest.fixture(scope="module")
def packages(place):
    return subjects.packages(place)


@pytest.fixture(scope="module")
def port(place) -> Iterator[int]:
    """A public process that goes on while others are killed."""
    with place.served(WORKERS="1") as (port, _):
        yield port


@contextmanager
def at_the_desk(place: Place) -> Iterator[Callable[..., Post]]:
    """An editor's process and a browser that is logged in; gives what makes a form to send."""
    with place.served("config.settings_editor", TWO_FACTOR="0", WORKERS="1") as (port, server):
        desk = Desk(port)
        desk.log_in()
        yield lambda *given: Post(desk, server, *given)


def kills(place: Place, kind: str, run: Callable[[int], Run], look: Callable[[State, str], None]) -> None:
    """Break the runs of one kind, and let each be tried again, which tells how long one takes.

    `look` is shown the state that was found after a kill, and the words for where that was.
    """
    chance, seconds = random.Random(f"{SEED} {kind}"), FIRST
    for number in range(1, SHARE[kind] + 1):
        where = f"{kind}, kill {number} of {SHARE[kind]}, SEED={SEED}"
        tried, before = run(number), state(place)
        in_the_middle = tried.broken(chance.uniform(0, seconds))
        settled(place)
        found = state(place)
        assert is_sound(place), where
        look(found, where)
        took = tried.complete()
        # What found all done already tells nothing.
        seconds = took if found.rows == before.rows else seconds
        became[kind].update(["kills", judged(before, found, state(place), where)])
        became[kind]["before the end"] += in_the_middle
    assert "ok" in place.manage("doctor")


def judged(before: State, found: State, after: State, where: str) -> str:
    """Whether a kill left the old or the new state; fails if it was neither, or if the edition does not tell which."""
    assert after.differs_in_words(before), f"{where}: the second try did nothing"
    assert found.edition >= before.edition, where
    assert after.edition >= found.edition, where
    if not found.differs(before):
        return "old"
    assert not found.differs_in_words(after), f"{where}: half done: {found.differs(before)}"
    assert found.edition > before.edition, where
    return "new"


def nothing_more(found: State, where: str) -> None:
    pass


def test_an_import_that_is_killed_is_there_or_is_not(place, packages):
    folders = cycle(reversed(packages))
    kills(place, "import_release", lambda _: Command(place, *subjects.take(next(folders))), nothing_more)


def test_loading_that_is_killed_is_there_or_is_not(place, packages):
    folders = cycle(packages)
    kills(place, "loaddata", lambda _: Command(place, *subjects.load(next(folders))), nothing_more)


def test_recording_what_was_verified_is_killed_and_is_there_or_is_not(place):
    def run(_: int) -> Run:
        place.sql(*subjects.UNVERIFIED)
        return Command(place, "verify_quotations", "--record", "--source", "herons")

    kills(place, "verify_quotations", run, nothing_more)


def listed(port: int) -> list[int]:
    """The releases that readers are told of."""
    page = ask(port, "/data/")
    assert page.status == 200
    return sorted({int(number) for number in re.findall(r'"/data/releases/(\d+)/"', page.text)})


def check_listed(place: Place, port: int, where: str) -> list[int]:
    """Every release that is listed is whole, and no other one answers; gives those that are."""
    numbers, told = listed(port), []
    assert numbers, where
    for number in numbers:
        assert Check(place.var / "releases" / str(number), [], told.append, told.append).run() == 0, (where, told)
        page = ask(port, f"/data/releases/{number}/")
        for address in set(re.findall(rf'"(/data/releases/{number}/[^"]+)"', page.text)):
            assert ask(port, address, "HEAD").status == 200, (where, address)
    assert ask(port, f"/data/releases/{max(numbers) + 1}/").status == 404, where
    return numbers


def test_no_reader_is_told_of_a_release_that_is_not_whole(place, port):
    def run(number: int) -> Run:
        place.sql(f"UPDATE talks_party SET name = 'Ukraine {number}' WHERE slug = '{PARTY}'")
        assert f"Ukraine {number}" in ask(port, f"/parties/{PARTY}/").text
        return Command(place, "release")

    kills(place, "release", run, lambda found, where: check_listed(place, port, where) and None)
    assert check_listed(place, port, "at the end") == list(range(1, SHARE["release"] + 2))
    assert not [path for path in (place.var / "releases").iterdir() if re.match(r"\.\d", path.name)]


def test_saving_that_is_killed_is_there_or_is_not_and_readers_are_shown_which(place, port):
    ((number,),) = place.sql(f"SELECT id FROM talks_statement WHERE slug = '{SAVED}'")
    address = f"/admin/talks/statement/{number}/change/"

    def run(round_: int) -> Run:
        def filled() -> dict:
            form = Form(post.desk.send("GET", address)[1])
            form.fill("", channel=f"Round {round_}", public_kind="correction", reason="A test.")
            return form.values

        post = make(address, filled)
        return post

    def shown(found: State, where: str) -> None:
        ((channel,),) = place.sql(f"SELECT channel FROM talks_statement WHERE slug = '{SAVED}'")
        assert channel in ask(port, f"/statements/{SAVED}/").text, where

    with at_the_desk(place) as make:
        kills(place, "save", run, shown)
    counted = f"(SELECT count(*) FROM talks_correction WHERE noun = '{SAVED}' AND reason = 'A test.')"
    assert place.sql(f"SELECT {counted}") == [(SHARE["save"],)], "each is told once"


def test_a_merger_that_is_killed_is_there_or_is_not_and_readers_are_led_accordingly(place, port):
    ((kept,),) = place.sql(f"SELECT id FROM talks_person WHERE slug = '{KEPT}'")
    merged = {number: key for key, number in place.sql("SELECT id, name FROM talks_person WHERE name LIKE 'Twin %'")}
    last = [0]

    def run(number: int) -> Run:
        last[0] = number
        address = f"/admin/talks/person/{merged[f'Twin {number}']}/merge/?into={kept}"
        values = {"reason": "One passport."}
        # Gone, if the broken try had merged them.
        post = make(address, lambda: {**values, "csrfmiddlewaretoken": post.desk.cookies["csrftoken"]}, (302, 404))
        return post

    def led(found: State, where: str) -> None:
        there = place.sql(f"SELECT count(*) FROM talks_person WHERE slug = 'twin-{last[0]}'")
        assert ask(port, f"/people/twin-{last[0]}/").status == (200 if there == [(1,)] else 301), where

    with at_the_desk(place) as make:
        kills(place, "merge", run, led)
    assert place.sql("SELECT count(*) FROM talks_person WHERE name LIKE 'Twin %'") == [(1,)], "the one of number 0"


def test_most_of_the_kills_came_before_the_end():
    """A kill that comes too late tries nothing, and would let all tests above pass."""
    for kind, counted in became.items():
        print(f"{kind}: {dict(counted)}")
    done = sum((counted for counted in became.values()), Counter())
    if done["kills"] < KILLS:
        pytest.skip("not all kinds were run")
    assert done["before the end"] * 2 > done["kills"], f"{done}, SEED={SEED}"
