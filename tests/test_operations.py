"""Every command of docs/operations.md is typed by a test, in the document's own words; only names of places are others."""

from __future__ import annotations

import re
import shlex
import shutil

import pytest

from tests import test_promotion  # it says which commands it runs
from tests.prepared import a_migrated_place, a_prepared_place
from tests.said import DOCUMENT, RUN, commands, runs, typed
from tests.servers import POSTGRES, ROOT, a_place

pytestmark = pytest.mark.live

# What another test does already: which one, and the words of the command that stand in the file that does it.
ELSEWHERE = {
    "make run": ("test_start.py::test_the_first_start_serves_the_site_and_the_admin_and_says_where", ()),
    "config/nginx.conf.example": (
        "test_several_machines.py::test_an_edit_is_seen_through_nginx_when_its_documented_seconds_are_over",
        ("nginx(",),
    ),
    "PROXY_SECONDS=10": (
        "test_several_machines.py::test_an_edit_is_seen_through_nginx_when_its_documented_seconds_are_over",
        ("PROXY_SECONDS",),
    ),
    "manage.py make_reader": (
        "test_backup.py::test_a_readers_role_can_read_what_was_restored_and_one_that_is_missing_is_told",
        ('"make_reader"',),
    ),
    "config/talks-public@.service": ("test_units.py::test_a_unit_starts_what_it_says", ()),
    "config/talks-editor.service": ("test_units.py::test_a_unit_starts_what_it_says", ()),
}
# Code in a sentence that nobody types.
NO_COMMAND = {
    "workers × 10": "a sum",
    "workers × 4": "a sum",
    "foreign keys": "a line that `doctor` prints",
    "proxy_cache talks": "a line of nginx's file",
    "add_header Cache-Control": "a line of nginx's file",
    "max-age=0, must-revalidate": "a header",
}
SITE = {"SITE_URL": "https://talks.example.org", "ALLOWED_HOSTS": "talks.example.org", "PRODUCTION": "1"}
SITE |= {"SECRET_KEY": "only for this test, and as long as a secret has to be: 0123456789"}
DOCTOR = "var/venv/bin/python manage.py doctor"


# The document.


def unknown(text: str) -> set[str]:
    """Its commands that no test is known to run."""
    return set(commands(text)) - RUN.keys() - ELSEWHERE.keys() - NO_COMMAND.keys()


@pytest.mark.once
def test_every_command_of_the_document_is_run_by_a_test():
    text = DOCUMENT.read_text("utf-8")
    assert test_promotion.__name__
    assert unknown(text) == set()
    assert (RUN.keys() | ELSEWHERE.keys() | NO_COMMAND.keys()) - set(commands(text)) == set(), "it says so no longer"


@pytest.mark.once
def test_a_command_that_no_test_knows_is_named():
    text = "Type `manage.py migrate`, `manage.py\nmigrate`, then:\n\n    rm -r var   # all\n    make run\n\nor `manage.py gewgaw now`.\n"
    assert unknown(text) == {"rm -r var", "manage.py gewgaw now"}


@pytest.mark.once
@pytest.mark.parametrize("command", ELSEWHERE)
def test_a_test_that_is_said_to_run_a_command_does(command):
    (name, _, test), words = ELSEWHERE[command][0].partition("::"), ELSEWHERE[command][1]
    text = (ROOT / "tests" / name).read_text("utf-8")
    assert re.search(rf"^def {test}\(", text, re.M)
    assert [word for word in words if word not in text] == []


# What it says.


@pytest.fixture(scope="module")
def place():
    with a_prepared_place() as place:
        yield place


def environment_file(place, folder):
    """What stands in /etc/talks/editor.env, as a shell and systemd both read it."""
    path = folder / "talks.env"
    values = {**SITE, "VAR_DIR": str(place.var), "DATABASE_URL": place.database}
    path.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items() if value), "utf-8")
    return path


@runs(
    "umask 027",
    "set -a; . /etc/talks/editor.env; set +a",
    "python3 config/start.py manage prepare",
    "python3 config/start.py manage make_editor",
)
def test_a_version_is_put_up_and_an_account_made(said, place, tmp_path):
    account = {"EDITOR_NAME": "olena", "EDITOR_PASSWORD": "nine-orange-herons"}
    words = {"/etc/talks/editor.env": environment_file(place, tmp_path)}
    told = typed(place, said, words=words, VAR_DIR=None, DATABASE_URL=None, **account)
    assert "“olena” can log in" in told


@pytest.mark.once
@runs("ln -sfn /srv/talks/2 /srv/talks/current")
def test_the_link_is_moved_to_the_next_version(said, place, tmp_path):
    for number in "12":
        (tmp_path / number).mkdir()
    (tmp_path / "current").symlink_to(tmp_path / "1")
    typed(place, said, words={"/srv/talks": tmp_path})
    assert (tmp_path / "current").readlink() == tmp_path / "2"
    assert list((tmp_path / "1").iterdir()) == []


@pytest.fixture(scope="module")
def copy(place, tmp_path_factory):
    """A copy, made by the document's first command."""
    folder = tmp_path_factory.mktemp("backups")
    typed(place, ("var/venv/bin/python manage.py backup /srv/backups/talks-$(date +%F).copy",),
          words={"/srv/backups": folder})  # fmt: skip
    (file,) = folder.glob("*.copy")
    return file


@runs("var/venv/bin/python manage.py backup /srv/backups/talks-$(date +%F).copy", "sha256sum -c",
      "var/venv/bin/python manage.py restore FILE")  # fmt: skip
def test_a_copy_is_made_checked_and_put_into_another_database(said, place, copy):
    _, check, restore = said
    typed(place, (f"cd {copy.parent} && {check} {copy.name}.sha256",))
    with a_migrated_place() as other:
        assert "Restored edition" in typed(other, (restore,), words={"FILE": copy})
        statements = "SELECT count(*) FROM talks_statement"
        assert other.sql(statements) == place.sql(statements)


@runs(
    "R=$(mktemp -d) && cp -a VAR_DIR/releases $R/ && export VAR_DIR=$R DATABASE_URL=sqlite:///$R/talks.sqlite3",
    f"var/venv/bin/python manage.py restore FILE && {DOCTOR}",
)
def test_the_rehearsal_ends_with_a_sound_database(said, place, copy, tmp_path):
    with a_place() as empty:
        words = {"VAR_DIR/releases": place.var / "releases", "FILE": copy}
        if POSTGRES:
            words["sqlite:///$R/talks.sqlite3"] = empty.database
        told = typed(place, said, words=words, TMPDIR=str(tmp_path)).splitlines()
    assert [line for line in told if ": ok" not in line] == [told[0]]
    assert told[0].startswith("Restored edition")
    assert len(told) == 9


def spoil(place) -> None:
    """What the four lines look at whose remedy is a command: a trigger, the edition, the index of the search, the tally."""
    trigger = "talks_edition_talks_party ON talks_party" if POSTGRES else "talks_edition_talks_party_update"
    place.sql(f"DROP TRIGGER {trigger}", "DELETE FROM talks_tally", "UPDATE talks_search SET found = 'x'")


def faults(told: str) -> set[str]:
    return {line.partition(":")[0] for line in told.splitlines() if ": ok" not in line}


@runs(DOCTOR, "DROP TABLE talks_search_made", "manage.py migrate")
def test_what_is_not_ok_is_mended_as_the_table_says(said, tmp_path):
    doctor, drop, migrate = said
    with a_prepared_place() as place:
        spoil(place)
        assert faults(typed(place, (doctor,), code=1)) == {"triggers", "edition", "search", "tally"}
        place.sql(drop)
        typed(place, (migrate,))
        assert faults(typed(place, (doctor,))) == set()


@pytest.mark.postgresql
@runs("CREATE EXTENSION amcheck")
def test_a_superuser_lets_the_doctor_see_more(said):
    with a_migrated_place() as place:
        place.sql(*said)
        assert "integrity: ok\n" in typed(place, (DOCTOR,), code=None)


@runs("manage.py collectstatic --no-input", "manage.py release", "rsync -a")
def test_another_machine_gets_static_files_and_releases_of_its_own(said, tmp_path):
    collect, release, copied = said
    with a_prepared_place() as place:
        shutil.rmtree(place.var / "static")
        typed(place, (collect,))
        assert list((place.var / "static" / "css").glob("*.css"))
        place.sql("UPDATE talks_party SET name = 'Renamed' WHERE slug = 'ukraine'")
        assert "Cut release 2" in typed(place, (release,))
        if not shutil.which("rsync"):
            copied = "cp -a"  # what it does where both ends are one machine
        typed(place, (f"{copied} {place.var}/releases/ {tmp_path}/there",))
    assert sorted(path.name for path in (tmp_path / "there").glob("[0-9]*")) == ["1", "2"]
