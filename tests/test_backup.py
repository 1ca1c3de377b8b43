"""`manage.py backup` and `restore`: real files, real servers, others who write, and processes that are killed."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from tests.prepared import a_migrated_place, a_prepared_place
from tests.servers import PATIENCE, POSTGRES, Answer, ask, descendants, until

pytestmark = pytest.mark.live

PARTY = "/parties/ukraine/"
PAGES = [
    *("/", PARTY, "/statements/", "/statements/umerov-awaits-memorandum/", "/meetings/istanbul-2025-06-02/"),
    *("/statements/?q=memorandum", "/statements.csv", "/people.json", "/meetings.svg", "/data/", "/sitemap.xml"),
]
FAT = 12  # megabytes that nobody reads, so that a copy has several steps


@pytest.fixture(scope="module")
def place():
    """A site with the built-in data, and with much that only editors have."""
    with a_prepared_place() as place:
        fill = "INSERT INTO django_session (session_key, session_data, expire_date) VALUES ('fat{}', {}, '2030-01-01')"
        # Not to be pressed together.
        data = "(SELECT string_agg(md5(g::text || random()::text), '') FROM generate_series(1, 32768) g)"
        place.sql(*(fill.format(number, data if POSTGRES else "hex(randomblob(524288))") for number in range(FAT)))
        yield place


@pytest.fixture(scope="module")
def copy(place, tmp_path_factory):
    """A copy of that site, with what the command said of it."""
    file = tmp_path_factory.mktemp("copies") / "talks.copy"
    told = place.manage("backup", str(file))
    return file, told


def run(place, *arguments: str, code: int = 0, **environment: str) -> str:
    return place.run(sys.executable, "manage.py", *arguments, code=code, **environment)


def edition(place) -> int:
    return place.sql("SELECT number FROM talks_edition")[0][0]


def name_of(place, slug: str = "ukraine") -> str:
    return place.sql(f"SELECT name FROM talks_party WHERE slug = '{slug}'")[0][0]


def rename(place, name: str) -> None:
    place.sql(f"UPDATE talks_party SET name = '{name}' WHERE slug = 'ukraine'")


def refused(place, *arguments: str, **environment: str) -> str:
    """What `restore` says when it refuses; the database is as it was."""
    before = (edition(place), name_of(place))
    told = run(place, "restore", *map(str, arguments), code=1, **environment)
    assert (edition(place), name_of(place)) == before
    assert told.startswith("CommandError: Nothing was restored. "), told
    assert "Traceback" not in told
    return told


def test_a_copy_is_for_its_owner_alone_and_has_its_digest_beside_it(place, copy):
    file, told = copy
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert told == f"{file}: {file.stat().st_size} bytes, SHA-256 {digest}, edition {edition(place)}\n"
    assert sorted(path.name for path in file.parent.iterdir()) == ["talks.copy", "talks.copy.sha256"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()} == {0o600}
    subprocess.run(["sha256sum", "--check", "--strict", "talks.copy.sha256"], cwd=file.parent, check=True)


@contextmanager
def writing(place):
    """Somebody writes the same number into two tables, again and again; gives a list of those that were written."""
    written: list[int] = []
    over = threading.Event()

    def write() -> None:
        change = ("UPDATE talks_party SET name = '{}' WHERE slug = 'ukraine'",
                  "UPDATE talks_person SET name = '{}' WHERE slug = 'rustem-umerov'")  # fmt: skip
        with closing(opened(place)) as connection:
            while not over.is_set():
                for statement in ("BEGIN", *change, "COMMIT"):
                    connection.execute(statement.format(len(written)))
                written.append(len(written))

    names = name_of(place), place.sql("SELECT name FROM talks_person WHERE slug = 'rustem-umerov'")[0][0]
    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield written
    finally:
        over.set()
        thread.join()
        rename(place, names[0])
        place.sql(f"UPDATE talks_person SET name = '{names[1]}' WHERE slug = 'rustem-umerov'")


def opened(place):
    if POSTGRES:
        return psycopg.connect(place.database, autocommit=True)
    return sqlite3.connect(place.var / "talks.sqlite3", timeout=PATIENCE, isolation_level=None)


def test_a_copy_that_is_made_while_somebody_writes_holds_one_state(place, tmp_path):
    file = tmp_path / "copy"
    with writing(place) as written:
        until(lambda: written, "somebody writes")
        begun = len(written)
        told = place.manage("backup", str(file))
        ended = len(written)
    assert ended > begun + 1, "whoever writes had to wait for the copy"
    number = int(told.rpartition(" ")[2])
    with a_migrated_place() as other:
        assert f"Restored edition {number} of " in other.manage("restore", str(file))
        same = "SELECT talks_party.name, talks_person.name FROM talks_party, talks_person WHERE talks_party.slug = 'ukraine' "
        ((party, person),) = other.sql(f"{same} AND talks_person.slug = 'rustem-umerov'")
        assert party == person
        # The edition that was told is the one of this very state.
        assert edition(place) - 2 - number == 2 * (len(written) - 1 - int(party))


def test_a_copy_whose_process_is_killed_leaves_no_file_and_the_next_clears_up(place, tmp_path):
    file, part = tmp_path / "copy", tmp_path / ".copy.backup-part"
    with place.started(sys.executable, "manage.py", "backup", str(file)) as process:
        until(lambda: part.exists() or process.has_ended, "the copy begins")
        os.kill(process.pid, signal.SIGKILL)
        process.ended_with()
        assert not file.exists()
    assert part.exists()
    place.manage("backup", str(tmp_path / "next"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["next", "next.sha256"]


def test_a_copy_that_is_damaged_is_refused_and_nothing_changes(place, copy, tmp_path):
    file, told = tmp_path / "copy", tmp_path / "copy.sha256"
    content = copy[0].read_bytes()
    told.write_text(copy[0].with_name("talks.copy.sha256").read_text())
    middle = len(content) // 2
    file.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    assert f"{file}: is damaged: its SHA-256 is " in refused(place, file, "--yes")
    # Damaged before its digest was taken.
    file.write_bytes(content[:middle])
    told.write_text(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  copy\n")
    refused(place, file, "--yes")


def test_a_database_that_is_not_empty_is_not_replaced_unasked(place, copy):
    told = refused(place, copy[0])
    assert told.endswith("is not empty, and there is no terminal to ask at: say --yes to replace it.\n")


def at_a_terminal(place, file, typed: str) -> tuple[str, int]:
    """What `restore` says to somebody who types this, and its exit status."""
    ours, theirs = os.openpty()
    command = [sys.executable, "manage.py", "restore", str(file)]
    os.write(ours, f"{typed}\n".encode())
    done = subprocess.run(
        command, cwd=place.code, env=place.environment(), stdin=theirs, text=True, timeout=PATIENCE,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    return done.stdout, done.returncode


def test_it_is_replaced_when_its_name_is_typed_and_readers_are_shown_what_was_restored_at_once(place, copy):
    name = place.database.rpartition("/")[2] if POSTGRES else "talks.sqlite3"
    before = name_of(place)
    with place.served(WORKERS="1") as (port, _):
        old = ask(port, PARTY)
        rename(place, "Gewgaws")
        changed = ask(port, PARTY)
        assert "Gewgaws" in changed.text
        number = edition(place)
        told, status = at_a_terminal(place, copy[0], "yes")
        assert status == 1
        assert f"That is not “{name}”." in told
        assert (edition(place), name_of(place)) == (number, "Gewgaws")
        told, status = at_a_terminal(place, copy[0], name)
        assert status == 0, told
        assert told.endswith(f"it is edition {number + 1} now.\n")
        # The very next request, also by whoever has the page of then or of before.
        again = ask(port, PARTY, headers={"If-None-Match": f"{old.headers['ETag']}, {changed.headers['ETag']}"})
        assert again.status == 200
        assert without_edition(again) == without_edition(old)
        assert edition(place) == number + 1
        assert name_of(place) == before
        rename(place, "Baubles")
        assert "Baubles" in ask(port, PARTY).text
    run(place, "restore", str(copy[0]), "--yes")


def without_edition(answer: Answer) -> tuple[int, str, list[bytes]]:
    """What a reader gets, line by line, but for the number of the edition."""
    lines = re.sub(rb'([Ee]dition"?:? )\d+', rb"\1N", answer.body).splitlines()
    return answer.status, answer.headers["Content-Type"], lines


@contextmanager
def asking(port: int, *readers: Iterable[str]):
    """Readers who ask for pages all the time; gives the statuses of the answers."""
    statuses: list[int] = []
    over = threading.Event()

    def read(pages: Iterable[str]) -> None:
        for page in itertools.cycle(pages):
            if over.wait(0.02):
                return
            statuses.append(ask(port, page).status)

    threads = [threading.Thread(target=read, args=[pages]) for pages in readers]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_a_new_site_that_is_asked_all_the_time_serves_the_pages_of_the_old_one(place, copy):
    with place.served(WORKERS="1") as (port, _):
        pages = {page: without_edition(ask(port, page)) for page in PAGES}
    assert {status for status, *_ in pages.values()} == {200}
    with a_migrated_place() as other:
        os.symlink(place.var / "static", other.var / "static")
        with other.served(WORKERS="1") as (port, _):
            with asking(port, PAGES[:4], PAGES[4:]) as statuses:
                until(lambda: len(statuses) > 20, "the new site is asked")
                # Nothing is in it, so nothing is asked.
                other.manage("restore", str(copy[0]))
                for page in PAGES:
                    assert without_edition(ask(port, page)) == pages[page]
            assert set(statuses) <= {200, 404}


@pytest.mark.postgresql
def test_nobody_who_reads_waits_for_a_restore_that_lasts(place, copy):
    """Longer than the two seconds that the public process would wait for a lock: each index takes a moment to make. The
    pages that are asked for are not kept.
    """
    searches = (f"/statements/?q=peace+{number}" for number in itertools.count())
    with slow_indexes(place), place.served(WORKERS="1") as (port, _):
        rename(place, "Doodads")
        begun = time.monotonic()
        with asking(port, searches) as statuses:
            place.manage("restore", str(copy[0]), "--yes")
        assert time.monotonic() - begun > 5
        assert len(statuses) > 20
        assert set(statuses) == {200}
        assert "Doodads" not in ask(port, PARTY).text


@contextmanager
def slow_indexes(place):
    place.sql("CREATE SCHEMA slow")
    place.sql(
        "CREATE FUNCTION slow.down() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.05); END $$"
    )
    place.sql("CREATE EVENT TRIGGER slow ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION slow.down()")
    try:
        yield
    finally:
        place.sql("DROP SCHEMA slow CASCADE")


def test_a_restore_that_is_killed_leaves_the_database_as_it_was(place, copy):
    assert any(is_left_as_it_was(place, copy[0]) for _ in range(20))
    run(place, "restore", str(copy[0]), "--yes")
    assert name_of(place) != "Gewgaws"
    assert not list(place.var.glob(".*"))


def is_left_as_it_was(place, copy: Path) -> bool:
    """Kill one in the middle. Whether it was: where all is restored soon, a kill may come too late."""
    rename(place, "Gewgaws")
    before = (edition(place), name_of(place))
    with place.started(sys.executable, "manage.py", "restore", str(copy), "--yes") as process:
        until(lambda: being_restored(place) or process.has_ended, "it is being restored")
        os.kill(process.pid, signal.SIGKILL)
        process.ended_with()
        if POSTGRES:
            until(lambda: not being_restored(place), "the server has noticed")
    if (edition(place), name_of(place)) == before:
        return True
    assert (edition(place) > before[0], name_of(place)) == (True, "Ukraine")
    return False


def being_restored(place) -> bool:
    """Whether something was written of what is not committed yet."""
    if POSTGRES:
        locks = "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND database = (SELECT oid FROM pg_database "
        return bool(place.sql(f"{locks} WHERE datname = current_database()) AND granted"))
    wal = place.var / "talks.sqlite3-wal"
    return wal.exists() and wal.stat().st_size > 1 << 20


def test_a_copy_of_a_newer_build_is_refused_and_one_of_an_older_build_is_told(place, tmp_path):
    newer, older = tmp_path / "newer", tmp_path / "older"
    place.sql("INSERT INTO django_migrations (app, name, applied) VALUES ('talks', '0999_of_the_next', '2030-01-01')")
    place.manage("backup", str(newer))
    place.sql("DELETE FROM django_migrations WHERE name = '0999_of_the_next'")
    told = refused(place, newer, "--yes")
    assert told.endswith("a newer build made it: talks 0999_of_the_next is no migration of this one.\n")
    ((kept,),) = place.sql("SELECT max(name) FROM django_migrations WHERE app = 'talks'")
    place.sql(f"DELETE FROM django_migrations WHERE app = 'talks' AND name = '{kept}'")
    place.manage("backup", str(older))
    place.sql(f"INSERT INTO django_migrations (app, name, applied) VALUES ('talks', '{kept}', '2030-01-01')")
    told = place.manage("restore", str(older), "--yes")
    assert told.endswith("now.\nThe copy is older than this code: run “manage.py migrate”.\n")


@pytest.mark.postgresql
def test_a_password_is_on_no_command_line(place, tmp_path):
    url = place.database.replace("postgres@", "postgres:orange-heron@")
    assert url != place.database
    with opened(place) as connection:
        # The program waits for this table until it was looked at.
        connection.execute("BEGIN")
        connection.execute("LOCK TABLE talks_party IN ACCESS EXCLUSIVE MODE")
        with place.started(sys.executable, "manage.py", "backup", str(tmp_path / "copy"), DATABASE_URL=url) as process:
            until(lambda: process.has_ended or dumping(process.pid), "the program has begun")
            lines = [line(pid) for pid in (process.pid, *descendants(process.pid))]
            connection.execute("ROLLBACK")
            assert process.ended_with() == 0, process.output
    assert any("pg_dump" in line for line in lines)
    assert not [line for line in lines if "heron" in line]


def dumping(pid: int) -> bool:
    """Whether pg_dump itself has taken the place of whatever led to it."""
    return any("/pg_dump\0--format" in line(child) and "perl" not in line(child) for child in descendants(pid))


def line(pid: int) -> str:
    """The command line of a process."""
    with suppress(OSError):  # it ended while we looked
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


@pytest.mark.postgresql
def test_a_readers_role_can_read_what_was_restored_and_one_that_is_missing_is_told(place, tmp_path):
    file = tmp_path / "copy"
    role = f"reader_{os.getpid()}"
    place.manage("make_reader", role)
    try:
        place.manage("backup", str(file))
        assert f"Restored edition {edition(place)} of" in place.manage("restore", str(file), "--yes")
        granted = f"SELECT has_table_privilege('{role}', 'talks_statement', 'SELECT')"
        assert place.sql(granted) == [(True,)]
    finally:
        place.sql(f"DROP OWNED BY {role}", f"DROP ROLE {role}")
    assert f'role "{role}" does not exist' in refused(place, file, "--yes")
