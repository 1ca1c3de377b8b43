"""The public process as it runs on a real site: gunicorn with `config.settings`, over the wire, and no editor's process.

On PostgreSQL it has nothing but the address of the role that `make_reader` makes.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import importlib.metadata
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import psycopg
import pytest
from django.urls import resolve

from talks.urls import urlpatterns
from tests.prepared import a_prepared_place
from tests.servers import POSTGRES, ROOT, Answer, Running, a_place, ask, children, free_port, until

pytestmark = pytest.mark.live
on_sqlite, on_postgresql = pytest.mark.sqlite, pytest.mark.postgresql

READER, READERS_PASSWORD = f"talks_reader_{os.getpid()}", "only-for-reading"
METHODS = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
PARTY = "/parties/ukraine/"
SECURITY = {"SECURITY_CONTACT": "mailto:security@example.org", "SECURITY_EXPIRES": "2027-06-30T00:00:00Z"}
GONE = "/statements/umerov-awaits-memorandum-pravda/"
UNKNOWN = "/statements/nobody-said-this/"
MOVED = "/statements"
# Which statement is asked for by its address, and the site calls itself this.
OEMBED = "/oembed?url=http://127.0.0.1:8000/statements/umerov-awaits-memorandum/"


@pytest.fixture(scope="module")
def place():
    """A prepared database with a withdrawn statement, a text that we may show and one that we may not."""
    with a_prepared_place() as place:
        place.edit(
            f"Statement.objects.filter(slug={GONE.split('/')[2]!r}).update(status='withdrawn', "
            "withdrawn_on='2026-12-01', withdrawn_because='It was entered twice.')\n"
            "for source, text, shown in zip(Source.objects.all()[:2], ('for nobody', 'for all'), (False, True)):\n"
            "    SourceText.objects.create(source=source, text=text, is_public=shown)"
        )
        place.reader, place.prepared = {}, place.var.with_name("prepared")
        if not POSTGRES:
            place.manage("keep_companions")
            # For another process to begin with; now nobody has the database open.
            shutil.copytree(place.var, place.prepared, ignore=shutil.ignore_patterns("venv"))
            yield place
            return
        place.manage("make_reader", READER, READER_PASSWORD=READERS_PASSWORD)
        host = urlsplit(place.database)
        address = host._replace(netloc=f"{READER}:{READERS_PASSWORD}@{host.hostname}:{host.port or 5432}").geturl()
        place.reader = {"PUBLIC_DATABASE_URL": address, "DATABASE_URL": None}
        try:
            yield place
        finally:
            place.sql(f"DROP OWNED BY {READER}", f"DROP ROLE {READER}")


class Public:
    """The running public process. No answer that it gives may set a cookie."""

    def __init__(self, port: int, server: Running, place) -> None:
        self.port, self.server, self.pid, self.place = port, server, server.pid, place

    def ask(self, address: str, method: str = "GET", headers: dict[str, str] | None = None, body=None) -> Answer:
        answer = ask(self.port, address, method, headers, body)
        assert "Set-Cookie" not in answer.headers, f"{method} {address}: {answer.headers.as_string()}"
        return answer

    @contextmanager
    def only(self, worker: int) -> Iterator[None]:
        """While this lasts no other worker can answer."""
        others = [pid for pid in children(self.pid) if pid != worker]
        for pid in others:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in others:
                os.kill(pid, signal.SIGCONT)

    def workers(self) -> list[int]:
        until(lambda: self.server.has_ended or len(children(self.pid)) == 2, "two workers")
        assert not self.server.has_ended, self.server.output
        return children(self.pid)

    def from_each(self, address: str, method: str = "GET", **headers: str) -> list[Answer]:
        """What each of the two workers answers."""
        answers = []
        for worker in self.workers():
            with self.only(worker):
                answers.append(self.ask(address, method, headers))
        return answers


@contextmanager
def serving(place, **how):
    with place.served(**{**SECURITY, **place.reader, **how}) as (port, server):
        yield Public(port, server, place)


@pytest.fixture(scope="module")
def public(place):
    with serving(place) as public:
        yield public


def kind_of(address: str) -> tuple[str, str, str]:
    """The name, the suffix and what is asked: addresses of one kind are made by the same code."""
    parts = urlsplit(address)
    names = re.findall(r"(\w+)=", parts.query)
    asked = "several" if len(names) > 1 else "".join(names)
    return resolve(unquote(parts.path)).url_name, parts.path.rpartition("/")[2].partition(".")[2], asked


def pages_of(public: Public) -> dict[str, Answer]:
    """The addresses without a slug, a part of the sitemap, and three that links lead to of every other kind."""
    alone = [f"/{pattern.pattern}" for pattern in urlpatterns if "<" not in str(pattern.pattern)]
    alone.append("/sitemap-statements-1.xml")
    waiting = [OEMBED if address == "/oembed" else address for address in alone]
    found: dict[str, Answer] = {}
    taken = Counter(map(kind_of, waiting))
    while waiting:
        address = waiting.pop(0)
        answer = public.ask(address)
        if answer.status == 302:  # to the file of the latest release
            waiting.append(answer.headers["Location"])
            continue
        found[address] = answer
        for link in internal_links(found[address]) - {*waiting, *found}:
            taken[kind_of(link)] += 1
            if taken[kind_of(link)] <= 3:
                waiting.append(link)
    return found


def internal_links(answer: Answer) -> set[str]:
    if not is_html(answer):
        return set()
    links = map(unescape, re.findall(r'<(?:a|link) [^>]*href="(/[^"#]*)', answer.text))
    return {link for link in links if not link.startswith(("//", "/static/"))}


def is_html(answer: Answer) -> bool:
    return answer.headers.get_content_type() == "text/html"


@pytest.fixture(scope="module")
def pages(public):
    return pages_of(public)


@pytest.fixture(scope="module")
def kinds(pages):
    """One address of each kind, whatever it asks."""
    return {kind_of(address)[:2]: address for address in sorted(pages, reverse=True)}.values()


@pytest.fixture(scope="module")
def html(pages, kinds):
    """Those of them that are pages."""
    return [address for address in kinds if is_html(pages[address])]


@pytest.fixture(scope="module")
def stylesheet(pages):
    """The address of the one stylesheet of the front page."""
    return re.search(r'<link rel="stylesheet" href="([^"]+)"', pages["/"].text)[1]


@pytest.fixture(scope="module")
def every(kinds, stylesheet):
    """An address for every kind of answer."""
    return [*kinds, stylesheet, UNKNOWN, GONE, MOVED]


# Serving


def every_kind_is_there(pages: dict[str, Answer]) -> None:
    assert {address: answer.status for address, answer in pages.items() if answer.status != 200} == {}
    redirecting = {"latest-file"}  # which is no answer of its own
    assert {kind_of(address)[0] for address in pages} == {pattern.name for pattern in urlpatterns} - redirecting


def test_every_kind_of_page_is_served_while_no_editors_process_runs(public, pages):
    every_kind_is_there(pages)
    assert public.ask(UNKNOWN).status == 404
    gone = public.ask(GONE)
    assert gone.status == 410
    assert "It was entered twice." in gone.text
    assert public.ask(MOVED).headers["Location"] == "/statements/"


def test_it_knows_neither_accounts_nor_sessions_nor_the_admin(place):
    program = (
        "import config.wsgi, json, sys; from django.conf import settings; from django.apps import apps\n"
        "print(json.dumps([settings.SETTINGS_MODULE, [app.name for app in apps.get_app_configs()], list(sys.modules)]))"
    )
    told = place.run(sys.executable, "-c", program, DJANGO_SETTINGS_MODULE=None, **place.reader)
    settings, apps, modules = json.loads(told)
    assert settings == "config.settings"
    unwanted = {f"django.contrib.{name}" for name in ("admin", "auth", "sessions", "contenttypes", "messages")}
    assert not unwanted & {*apps, *modules}
    assert not [name for name in modules if name.startswith("talks.admin")]


def sees_a_commit(public: Public, commit, told: str) -> None:
    """Both workers have pages in hand, somebody else commits, and the very next answer of each has the new word."""
    before = public.from_each(PARTY)
    assert len({answer.headers["ETag"] for answer in before}) == 1, "workers agree on the tag"
    assert all(told not in answer.text for answer in before)
    commit()
    tag = before[0].headers["ETag"]
    after = public.from_each(PARTY, **{"If-None-Match": tag})
    assert [answer.status for answer in after] == [200, 200]
    assert all(told in answer.text for answer in after)
    assert {answer.headers["ETag"] for answer in after} != {tag}
    assert len({answer.headers["ETag"] for answer in after}) == 1


def renamed(place, told: str):
    return lambda: place.edit(f"Party.objects.filter(slug='ukraine').update(name={told!r})")


def renamed_by_hand(place, told: str):
    return lambda: place.sql(f"UPDATE talks_party SET name = '{told}' WHERE slug = 'ukraine'")


def test_a_commit_of_another_process_is_on_the_next_page_of_both_workers(public):
    sees_a_commit(public, renamed(public.place, "Renamed by an editor"), "Renamed by an editor")
    sees_a_commit(public, renamed_by_hand(public.place, "Renamed by hand"), "Renamed by hand")


def test_a_connection_that_is_kept_open_has_the_new_page_too(public):
    with closing(http.client.HTTPConnection("127.0.0.1", public.port, timeout=30)) as connection:
        for told in ("Kept one", "Kept two"):
            renamed_by_hand(public.place, told)()
            connection.request("GET", PARTY)
            assert told in connection.getresponse().read().decode()


# As another Unix user


def packages(folder: Path) -> Path:
    """The installed requirements of the public process, where another user can read them."""
    names = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text(), re.M)
    for name in set(names) - {"psycopg", "psycopg-binary", "psycopg-pool", "django-extensions"}:
        for file in importlib.metadata.files(name) or ():
            if file.parts[0] != ".." and file.suffix not in (".mo", ".po") and "gis" not in file.parts:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file.locate(), folder / file)
    return folder


def python_of(user, environment) -> str:
    """A Python that this user can run; the tests' own may stand in somebody's home."""
    for python in (str(Path(sys.executable).resolve()), "/usr/bin/python3"):
        try:
            done = subprocess.run(
                [python, "-c", "import sys; assert sys.version_info >= (3, 11); import gunicorn, django"],
                user=user.pw_uid, group=user.pw_gid, extra_groups=[], env=environment, cwd="/", capture_output=True,
            )  # fmt: skip
        except PermissionError:
            continue
        if done.returncode == 0:
            return python
    assert not os.environ.get("NOTHING_SKIPPED"), "no Python that the user nobody can run"
    pytest.skip("there is no Python that the user nobody can run")


@on_sqlite
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_unix_user_who_can_write_nothing_serves_all_and_sees_every_commit(place):
    nobody = pwd.getpwnam("nobody")
    prepared = place.prepared
    with a_place() as place:
        shutil.copytree(prepared, place.var, dirs_exist_ok=True)
        place.reader = {"PYTHONPATH": str(packages(place.var.parent / "packages")), "HOME": "/"}
        python = python_of(nobody, place.environment(**place.reader))
        os.chown(place.var / "secret_key", 0, nobody.pw_gid)  # may read var/, by its group
        files = [place.var, place.code, *place.var.glob("talks.sqlite3*")]
        assert len(files) == 5, "the database and its two companions"
        look = f"import os; print([os.access(path, os.W_OK) for path in {[str(path) for path in files]}])"
        with place.started(python, "-c", look, user=nobody, **place.reader) as seen:
            assert (seen.ended_with(), seen.output) == (0, f"{[False] * 5}\n")
        with serving(place, python=python, user=nobody) as public:
            owners = {os.stat(f"/proc/{pid}").st_uid for pid in [public.pid, *public.workers()]}
            assert owners == {nobody.pw_uid}
            # Both are up, but no page was asked for yet: a writer who closes could take the companions away.
            assert [answer.status for answer in public.from_each("/", "POST")] == [405, 405]
            renamed_by_hand(place, "Before the first page")()
            assert all("Before the first page" in answer.text for answer in public.from_each(PARTY))
            every_kind_is_there(pages_of(public))
            sees_a_commit(public, renamed(place, "After all pages"), "After all pages")
            renamed_by_hand(place, "In time for the next start")()
        place.manage("keep_companions")
        with serving(place, python=python, user=nobody) as public:
            assert "In time for the next start" in public.ask(PARTY).text


# It cannot write

TRY = """
import json, sys
import django
django.setup()
from django.db import connection
told = []
for sql in json.load(sys.stdin):
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            told.append(cursor.fetchall() if cursor.description else "done")
    except Exception as error:
        told.append(f"{type(error.__cause__ or error).__name__}: {error}".strip())
print(json.dumps(told, default=str))
"""


def tried(place, statements, settings="config.settings", **environment):
    """What a process with these settings gets for each SQL, one after the other on one connection."""
    environment = {"DJANGO_SETTINGS_MODULE": settings, **environment}
    return json.loads(place.run(sys.executable, "-c", TRY, stdin=json.dumps(statements), **environment))


def as_public(place, *statements):
    return tried(place, statements, **place.reader)


def tables_of(place) -> list[str]:
    schema = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    return sorted(
        name for (name,) in place.sql(schema if POSTGRES else "SELECT name FROM sqlite_master WHERE type = 'table'")
    )


def column_of(table: str) -> str:
    index = {"talks_search": "place", "talks_search_made": "digest", "talks_tally": "kind"}
    words = ("talks_search_words", "talks_search_sample")
    index |= dict.fromkeys(words, "text")
    parts = {f"{table}_{name}": column for table in words for name, column in (("config", "k"), ("idx", "segid"))}
    others = {"django_session": "session_key", "axes_accessattemptexpiration": "access_attempt_id"}
    return {"sqlite_sequence": "name", **others, **index, **parts}.get(table, "id")


def writes(table: str) -> list[str]:
    """Writes that any owner could do, to every row and to none."""
    column = column_of(table)
    return [
        f"INSERT INTO {table} SELECT * FROM {table} WHERE 1 = 0",
        f"UPDATE {table} SET {column} = {column}",
        f"DELETE FROM {table} WHERE 1 = 0",
    ]


def changes(table: str) -> list[str]:
    """Changes of the schema."""
    more = [f"TRUNCATE {table} CASCADE"] if POSTGRES else []
    return [
        f"CREATE INDEX extra ON {table} ({column_of(table)})",
        f"ALTER TABLE {table} ADD COLUMN extra integer",
        f"DROP TABLE {table}",
        *more,
    ]


ELSEWHERE = ["CREATE TABLE extra (id integer)", "CREATE TABLE extra AS SELECT 1", "CREATE VIEW extra AS SELECT 1"]


def test_the_same_writes_are_fine_for_the_editors_process(place):
    # The vocabulary of the search is read out of its index, and nobody writes into it.
    tables = {table for table in tables_of(place) if table.startswith("talks_")} - {"talks_search_vocabulary"}
    statements = [sql for table in sorted(tables) for sql in writes(table)]
    assert len(statements) > 30
    assert set(tried(place, statements, settings="config.settings_editor")) == {"done"}


@on_sqlite
def test_sqlite_refuses_the_public_process_every_write_on_every_table(place):
    tables = tables_of(place)
    statements = [*ELSEWHERE, "CREATE TEMP TABLE extra (id integer)", "VACUUM", "REINDEX", "ANALYZE"]
    statements += [sql for table in tables for sql in writes(table) + changes(table)]
    assert {"talks_statement", "talks_statement_mentions", "talks_edition", "auth_user"} <= set(tables)
    answers = dict(zip(statements, as_public(place, *statements), strict=True))
    # The last are for the vocabulary of the search and SQLite's own table of sequences: they are refused to everybody.
    refusals = re.compile(
        "readonly database|not authorized|authorization denied|may not be (indexed|altered|dropped)|"
        "talks_search_vocabulary may not be modified|"
        # What belongs to editors may not even be read.
        r"access to (auth|axes|django|editing|otp)_\w+\.\w+ is prohibited"
    )
    assert {sql: said for sql, said in answers.items() if not refusals.search(said)} == {}


TRICKS = [
    "PRAGMA query_only = 0", "PRAGMA main.query_only = OFF", "PRAGMA query_only(0)", "PRAGMA writable_schema = 1",
    "PRAGMA journal_mode = DELETE", "PRAGMA journal_mode", "PRAGMA user_version = 7", "PRAGMA schema_version = 7",
    "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA foreign_keys = 0", "PRAGMA temp_store_directory = '/tmp'",
    "PRAGMA locking_mode = EXCLUSIVE", "ATTACH DATABASE '{file}' AS again", "ATTACH DATABASE ':memory:' AS again",
    "ATTACH DATABASE 'file:{file}?mode=rwc' AS again", "ATTACH DATABASE '{new}' AS again", "DETACH DATABASE main",
    "VACUUM INTO '{new}'",
]  # fmt: skip


@on_sqlite
def test_sqlite_refuses_what_could_make_it_writable_again(place, tmp_path):
    file, new = place.var / "talks.sqlite3", tmp_path / "new.sqlite3"
    before = hashlib.sha256(file.read_bytes()).digest()
    tricks = [trick.format(file=file, new=new) for trick in TRICKS]
    answers = as_public(place, *(sql for trick in tricks for sql in (trick, "UPDATE talks_party SET name = 'x'")))
    tried_to = dict(zip(tricks, answers[::2], strict=True))
    assert [sql for sql, said in tried_to.items() if not re.search("not authorized|authorization denied", said)] == []
    assert set(answers[1::2]) == {"OperationalError: attempt to write a readonly database"}
    assert not new.exists()
    assert hashlib.sha256(file.read_bytes()).digest() == before


@on_sqlite
def test_sqlite_is_opened_read_only_and_a_missing_file_is_not_made(place, tmp_path):
    look = "from django.conf import settings; print(settings.DATABASES['default']['NAME'])"
    told = place.run(sys.executable, "-c", look, DJANGO_SETTINGS_MODULE="config.settings")
    assert told.strip() == f"file:{place.var}/talks.sqlite3?mode=ro"
    missing = tmp_path / "none.sqlite3"
    answers = tried(place, ["SELECT 1"], DATABASE_URL=f"sqlite:///{missing}")
    assert answers == ["OperationalError: unable to open database file"]
    assert not missing.exists()


@on_postgresql
def test_postgresql_refuses_the_public_process_every_write_on_every_table(place):
    tables = tables_of(place)
    assert {"talks_statement", "talks_statement_mentions", "talks_edition", "auth_user"} <= set(tables)
    statements = [*ELSEWHERE, *(sql for table in tables for sql in writes(table) + changes(table))]
    statements += ["CREATE TEMP TABLE extra (id integer)"]
    answers = dict(zip(statements, as_public(place, *statements), strict=True))
    refusals = ("ReadOnlySqlTransaction", "InsufficientPrivilege")
    assert {sql: said for sql, said in answers.items() if not said.startswith(refusals)} == {}


@on_postgresql
@pytest.mark.parametrize(
    "trick",
    [["SET default_transaction_read_only = off"], ["SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"],
     ["BEGIN", "SET TRANSACTION READ WRITE"]],
)  # fmt: skip
def test_postgresql_refuses_by_privilege_what_a_writing_transaction_would_do(place, trick):
    statements = [*ELSEWHERE, *(sql for table in tables_of(place) for sql in writes(table) + changes(table))]
    answers = as_public(place, *(step for sql in statements for step in (*trick, sql, "ROLLBACK")))
    step = len(trick) + 2
    assert {answers[number] for number in range(len(answers)) if number % step != len(trick)} == {"done"}
    refused = dict(zip(statements, answers[len(trick) :: step], strict=True))
    assert {sql: said for sql, said in refused.items() if not said.startswith("InsufficientPrivilege")} == {}


@on_postgresql
@pytest.mark.parametrize(
    "trick", ["SET ROLE {owner}", "SET SESSION AUTHORIZATION {owner}", "RESET SESSION AUTHORIZATION"]
)
def test_postgresqls_reader_cannot_become_the_owner(place, trick):
    owner = urlsplit(POSTGRES).username
    answers = as_public(place, trick.format(owner=owner), "SELECT current_user", "SELECT count(*) FROM auth_user")
    assert answers[1] == [[READER]]
    assert answers[2].startswith("InsufficientPrivilege")


@on_postgresql
def test_postgresqls_reader_reads_what_is_public_and_no_private_text_and_no_account(place):
    assert as_public(place, "SELECT text FROM talks_sourcetext") == [[["for all"]]]
    assert place.sql("SELECT count(*) FROM talks_sourcetext") == [(2,)]
    tables = tables_of(place)
    answers = dict(zip(tables, as_public(place, *(f"SELECT 1 FROM {name} LIMIT 1" for name in tables)), strict=True))
    read = {name for name, said in answers.items() if not str(said).startswith("InsufficientPrivilege")}
    assert read == {name for name in tables if name.startswith("talks_")} | {"django_migrations"}
    assert "auth_user" in set(tables) - read


@on_postgresql
def test_postgresqls_reader_owns_nothing_and_is_no_member_of_anything(place):
    with psycopg.connect(place.reader["PUBLIC_DATABASE_URL"], autocommit=True) as connection:
        role = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles "
            "WHERE rolname = current_user"
        ).fetchone()
        member = "SELECT count(*) FROM pg_auth_members JOIN pg_roles r ON r.oid = member WHERE rolname = current_user"
        assert role == (False,) * 5
        assert connection.execute(member).fetchone() == (0,)
        assert connection.execute("SHOW default_transaction_read_only").fetchone() == ("on",)


# HTTP


def test_every_address_refuses_every_method_that_could_write(public, pages, every):
    linked = {link for answer in pages.values() for link in internal_links(answer)}
    addresses = {*pages, *every, *(link for link in linked if "." not in link)}
    assert len(addresses) > 100
    with closing(http.client.HTTPConnection("127.0.0.1", public.port, timeout=30)) as connection:
        for address in sorted(addresses):
            for method in METHODS:
                connection.request(method, address, b"name=x" if method in ("POST", "PUT", "PATCH") else None)
                answer = connection.getresponse()
                answer.read()
                said = (answer.status, answer.headers["Allow"], answer.headers["Set-Cookie"])
                # The collected static files are whitenoise's, and it says the same.
                assert said == (405, "GET, HEAD", None), f"{method} {address}"


@pytest.mark.parametrize("letter", ["x", "Ж", "𝔊"])
@pytest.mark.parametrize("ending", ["/", ".json", ".csv", ".atom"])
def test_ten_thousand_letters_to_search_for_are_answered_with_results(public, letter, ending):
    answer = public.ask(f"/statements{ending}?party=ukraine&q={quote(letter * 10_000)}")
    assert answer.status == 200
    assert ending != "/" or "No statement contains" in answer.text
    found = public.ask(f"/statements{ending}?q={quote('memorandum ' + letter * 9_980)}")
    assert found.status == 200
    assert "umerov-awaits-memorandum" in found.text


def status_line(port: int, request: bytes) -> bytes:
    """What is answered first, also where the rest of the request is not waited for."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as connection:
        with suppress(ConnectionError):
            connection.sendall(request)
        return connection.recv(100).partition(b"\r\n")[0]


@pytest.mark.parametrize("length", [128 * 1024 + 1, 200_000, 2_000_000])
def test_an_address_that_no_search_can_have_is_refused(public, length):
    before, after = b"GET /statements/?q=", b" HTTP/1.1"
    line = before + b"x" * (length - len(before) - len(after)) + after
    assert status_line(public.port, line + b"\r\nHost: 127.0.0.1\r\n\r\n") == b"HTTP/1.1 414 URI Too Long"
    longest = line[: 128 * 1024 - len(after)] + after
    assert status_line(public.port, longest + b"\r\nHost: 127.0.0.1\r\n\r\n") == b"HTTP/1.1 200 OK"


def test_no_answer_ever_sets_a_cookie(public, every):
    asks = {
        "Cookie": "talks_editor=1; csrftoken=x; sessionid=y", "Authorization": "Basic eDp5", "X-Forwarded-For": "x",
        "Accept-Language": "uk", "Range": "bytes=0-9",
    }  # fmt: skip
    for address in [*every, "/admin/", "/static/nothing.css", "/%00", "/statements/?type=poem", "//"]:
        for method, more in (
            ("GET", {}),
            ("POST", {}),
            ("GET", {"Host": "elsewhere.example"}),
            ("GET", {"If-None-Match": "*"}),
        ):
            public.ask(address, method, {**asks, **more})


def lasting(headers) -> list[tuple[str, str]]:
    """What is said of the page itself, not of this moment and this connection."""
    return sorted(item for item in headers.items() if item[0] not in ("Date", "Connection", "Transfer-Encoding"))


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_head_is_a_get_without_its_body(public, every, encoding):
    for address in every:
        got = public.ask(address, headers={"Accept-Encoding": encoding})
        asked = public.ask(address, "HEAD", headers={"Accept-Encoding": encoding})
        assert asked.status == got.status
        assert lasting(asked.headers) == lasting(got.headers), address
        # A stream has no length beforehand.
        assert got.headers["Transfer-Encoding"] or int(got.headers["Content-Length"]) == len(got.body)


def test_nothing_follows_the_headers_of_a_head(public, every):
    for address in every:
        request = "{} " + address + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: {}\r\n\r\n"
        with closing(socket.create_connection(("127.0.0.1", public.port), timeout=30)) as wire:
            wire.sendall((request.format("HEAD", "keep-alive") + request.format("GET", "close")).encode())
            answers = b"".join(iter(lambda wire=wire: wire.recv(65536), b""))
        first, second = answers.split(b"\r\n\r\n", 2)[:2]
        assert second.startswith(b"HTTP/1.1 "), address
        assert first.splitlines()[0] == second.splitlines()[0]


def test_a_page_that_the_client_has_is_not_sent_again(public, kinds):
    for address in kinds:
        for encoding in ("identity", "gzip"):
            wants = {"Accept-Encoding": encoding}
            got = public.ask(address, headers=wants)
            again = public.ask(address, headers={**wants, "If-None-Match": got.headers["ETag"]})
            head = public.ask(address, "HEAD", {**wants, "If-None-Match": got.headers["ETag"]})
            assert (again.status, again.body) == (304, b""), address
            assert lasting(head.headers) == lasting(again.headers)
            # RFC 9110, 8.6: the length of the 200, or none.
            assert again.headers["Content-Length"] in (None, got.headers["Content-Length"])
            for name in ("ETag", "Cache-Control", "Vary"):
                assert again.headers[name] == got.headers[name]


def test_both_workers_send_the_same_bytes_and_the_same_headers(public, kinds):
    for address in kinds:
        first, second = public.from_each(address)
        assert first.body == second.body
        assert lasting(first.headers) == lasting(second.headers)


def test_gzip_is_sent_where_it_is_asked_for_and_unpacks_to_the_same(public, html, stylesheet):
    for address in [*html, stylesheet]:
        plain = public.ask(address, headers={"Accept-Encoding": "identity"})
        packed = public.ask(address, headers={"Accept-Encoding": "gzip"})
        assert plain.headers["Content-Encoding"] is None
        assert packed.headers["Content-Encoding"] == "gzip", address
        assert gzip.decompress(packed.body) == plain.body
        assert len(packed.body) < len(plain.body)
        assert packed.headers["ETag"] != plain.headers["ETag"] or address == stylesheet
        assert "Accept-Encoding" in plain.headers["Vary"]
        assert packed.headers["Vary"] == plain.headers["Vary"]


def test_a_page_asks_for_one_stylesheet_which_is_kept_for_ever(public, pages, stylesheet):
    for address, answer in pages.items():
        if not is_html(answer) or address.startswith("/embed/"):  # which has two small ones, by a test of its own
            continue
        linked = re.findall(r'<link [^>]*rel="stylesheet"[^>]*>', answer.text)
        assert linked == [f'<link rel="stylesheet" href="{stylesheet}">'], address
        assert "<style" not in answer.text
    answer = public.ask(stylesheet)
    assert (answer.status, answer.headers.get_content_type()) == (200, "text/css")
    assert re.fullmatch(r"/static/css/site\.[0-9a-f]{12}\.css", stylesheet)
    directives = answer.headers["Cache-Control"].split(", ")
    assert {"public", "immutable"} <= set(directives)
    assert [int(word.partition("=")[2]) >= 365 * 24 * 3600 for word in directives if word.startswith("max-age")] == [
        True
    ]
    assert "@import" not in answer.text
    assert "url(" not in answer.text
    again = public.ask(stylesheet, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_pages_tell_browsers_to_load_nothing_from_elsewhere_and_nothing_inline(public, html):
    for address in [*html, UNKNOWN, GONE]:
        headers = public.ask(address).headers
        policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["base-uri"] == "'none'"
        assert policy.pop("frame-ancestors") == ("*" if address.startswith("/embed/") else "'none'")
        assert not [value for value in policy.values() if "unsafe" in value or "http" in value or "*" in value]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Server" not in headers or "/" not in headers["Server"], "the version of the server is nobody's business"


# A database that does not fit


def refused_to_start(place) -> str:
    """The one line that the public process prints when it does not start at all."""
    port = free_port()
    (place.var / "static").mkdir(exist_ok=True)
    command = ["-m", "gunicorn", "-c", "python:config.gunicorn", "-b", f"127.0.0.1:{port}", "config.wsgi"]
    with place.started(sys.executable, *command, DJANGO_SETTINGS_MODULE="config.settings") as server:
        lines = lambda: server.output.count("\n")  # noqa: E731
        until(lambda: server.has_ended or lines() > 8, "the process ends")
        assert server.has_ended, f"it goes on trying:\n{server.output}"
        assert server.ended_with() != 0
        assert server.output.count("\n") == 1, server.output
        return server.output


def test_it_refuses_to_start_on_a_database_without_its_triggers():
    with a_place() as place:
        if not POSTGRES:
            place.sql("PRAGMA journal_mode = WAL", "CREATE TABLE other (id integer)")
            place.manage("keep_companions")
        assert refused_to_start(place).startswith("The database lacks "), "it was never prepared"
        place.manage("migrate", "--verbosity=0")
        place.sql("DROP TRIGGER talks_edition_talks_party" + (" ON talks_party" if POSTGRES else "_update"))
        assert refused_to_start(place).startswith("The database lacks 1 of its triggers (such as talks_edition_talks_p")
        place.manage("migrate", "--verbosity=0")
        place.manage("keep_companions")
        place.reader = {}
        with serving(place) as public:
            assert public.ask("/", "POST").status == 405, "it started"
