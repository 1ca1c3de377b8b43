"""What a process refuses to be in production, and that a rightly set up one has nothing to be told."""

from __future__ import annotations

import os
import pwd
import sys
from urllib.parse import urlsplit

import pytest

from tests.prepared import a_prepared_place
from tests.servers import POSTGRES, ask
from tests.test_public_process import packages, python_of

pytestmark = pytest.mark.live
PUBLIC, EDITOR = "config.settings", "config.settings_editor"
KEY = "k3y-that-n0body-kn0ws-" * 3
HOST = {"Host": "talks.example.org"}
SITE = {
    "PRODUCTION": "1", "SECRET_KEY": KEY, "SITE_URL": "https://talks.example.org", "ALLOWED_HOSTS": "talks.example.org",
}  # fmt: skip
READER = "talks_reader_in_production"
YEAR = "max-age=31536000"
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")


class Production:
    """A place as docs/operations.md would have it: nobody else may read it, and the public process may write nothing."""

    def __init__(self, place) -> None:
        self.place, self.nobody = place, pwd.getpwnam("nobody")
        self.public: dict[str, str | None] = dict(SITE)
        self.user = self.python = None
        if POSTGRES:
            place.manage("make_reader", READER, READER_PASSWORD="secret")
            host = urlsplit(place.database)
            self.public["PUBLIC_DATABASE_URL"] = host._replace(
                netloc=f"{READER}:secret@{host.hostname}:{host.port}"
            ).geturl()

    def become_another(self) -> None:
        """On SQLite the system is what keeps the public process from writing."""
        place = self.place
        place.manage("keep_companions")
        self.public |= {"PYTHONPATH": str(packages(place.var.parent / "packages")), "HOME": "/"}
        self.user, self.python = self.nobody, python_of(self.nobody, place.environment(**self.public))
        for path in [place.var / "secret_key", *place.var.glob("talks.sqlite3*")]:
            os.chown(path, 0, self.nobody.pw_gid)

    def served(self):
        python = {"python": self.python} if self.python else {}
        return self.place.served(user=self.user, **python, **self.public)

    def refused(self, process: str = PUBLIC, **environment: str | None) -> str:
        """The one line with which gunicorn does not start."""
        command = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "-b", "127.0.0.1:0"]
        given = {**(self.public if process == PUBLIC else SITE), "DJANGO_SETTINGS_MODULE": process, **environment}
        told = self.place.run(*command, code=None, **given).strip()
        assert "\n" not in told, told
        return told

    def findings(self, process: str, **environment: str | None) -> list[str]:
        """The names of what `check --deploy` finds."""
        given = {**(self.public if process == PUBLIC else SITE), "DJANGO_SETTINGS_MODULE": process, **environment}
        told = self.place.manage_any("check", "--deploy", "--fail-level=WARNING", **given)
        return sorted(line.split("(")[1].split(")")[0] for line in told.splitlines() if line.startswith("?: ("))


@pytest.fixture(scope="module")
def production():
    with a_prepared_place() as place:
        for path in [*place.var.glob("talks.sqlite3*"), *place.var.glob("secret_key")]:
            path.chmod(0o640)
        made = Production(place)
        if not POSTGRES and os.getuid() == 0:
            made.become_another()
        try:
            yield made
        finally:
            if POSTGRES:
                place.sql(f"DROP OWNED BY {READER}", f"DROP ROLE {READER}")


def test_django_finds_nothing_in_the_editors_process(production):
    assert production.findings(EDITOR) == []


def test_django_finds_nothing_in_the_public_process_but_that_this_user_may_write_its_file(production):
    assert production.findings(PUBLIC) == ([] if POSTGRES else ["talks.E004"])


@as_root
def test_a_right_one_starts_and_says_that_it_is_to_be_asked_by_tls_only(production):
    with production.served() as (port, _):
        for address in ("/", "/parties/ukraine/", "/people/", "/nothing/", "/robots.txt", "/statements.csv"):
            answer = ask(port, address, headers=HOST)
            assert answer.headers.get_all("Strict-Transport-Security") == [YEAR], address
        assert ask(port, "/", headers={"Host": "elsewhere.example"}).status == 400


def test_one_that_may_write_does_not_start(production):
    environment = {"PUBLIC_DATABASE_URL": None}
    told = production.refused(**environment)
    assert told.endswith("(talks.E004)")
    assert ("who may write: see manage.py make_reader" if POSTGRES else "run it as a user who may not") in told


@pytest.mark.parametrize("process", [PUBLIC, EDITOR])
@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY: 50 signs or more, made by chance. (talks.E001)"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS: “*” lets anybody give the site another name. (talks.E002)"),
        ({"ALLOWED_HOSTS": "other.example"},
         "ALLOWED_HOSTS: the host of SITE_URL, talks.example.org, is not among them. (talks.E002)"),
    ],
)  # fmt: skip
def test_a_fault_is_told_in_one_line(production, process, environment, told):
    assert production.refused(process, **environment) == told


def test_the_key_of_a_first_start_is_not_for_production(production):
    key = production.place.var / "secret_key"
    assert production.refused(EDITOR, SECRET_KEY=key.read_text()).endswith("made for trying out. (talks.E001)")


@pytest.mark.sqlite
def test_a_database_that_every_user_of_the_machine_may_read_is_not_served(production):
    path = production.place.var / "talks.sqlite3"
    path.chmod(0o644)
    try:
        assert production.refused(EDITOR) == f"Every user of this machine may read {path}: chmod o-r. (talks.E005)"
    finally:
        path.chmod(0o640)


@pytest.mark.once
@pytest.mark.parametrize("address", ["0.0.0.0:9100", "192.0.2.1:9100", ":9100", "127.0.0.1:0", "127.0.0.1:x", "9100"])
def test_numbers_are_not_shown_to_the_world(production, address):
    told = production.place.manage_any("check", METRICS=address)
    assert "METRICS: 127.0.0.1:PORT; from elsewhere they must not be seen." in told


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("LOG_FORMAT", "xml", "LOG_FORMAT: text or json."),
        ("LOG_LEVEL", "loud", "LOG_LEVEL: debug, info, warning, error or critical."),
        ("HSTS_SECONDS", "-1", "HSTS_SECONDS: a number from 0 to 63072000."),
    ],
)
def test_a_value_that_does_not_fit_is_told(production, name, value, told):
    assert told in production.place.manage_any("check", **{name: value})


@pytest.mark.once
def test_a_secret_may_stand_in_a_file(production, tmp_path):
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    look = "from django.conf import settings; print(settings.SECRET_KEY)"
    told = production.place.manage("shell", "--verbosity=0", "--command", look, SECRET_KEY_FILE=str(file))
    assert told.strip() == KEY
    told = production.place.manage_any("check", SECRET_KEY_FILE=str(tmp_path / "none"))
    assert f"SECRET_KEY_FILE: {tmp_path / 'none'} cannot be read." in told
