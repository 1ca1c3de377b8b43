"""The next build is put in place while the last one serves: its migrations are applied under a public process that does
not know them, and nobody who asks is told of it.
"""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from tests.harmless import Reader
from tests.prepared import a_prepared_place
from tests.servers import POSTGRES, Place, ask, until

pytestmark = pytest.mark.live

STATEMENT = "/statements/umerov-awaits-memorandum/"
PAGES = [
    STATEMENT,
    "/statements/",
    "/statements.csv",
    "/statements.ndjson",
    "/meetings/istanbul-2025-06-02/",
    "/readyz",
]
numbers = count(1)

FIELD = 'models.CharField(max_length=20, null=True, blank=True, help_text="Where the paper stands.")'
INDEX = 'models.Index(fields=["shelf"], name="statement_on_shelf")'
COLUMN = """from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [{after}]
    operations = [migrations.AddField("{model}", "shelf", {field})]
"""
BESIDE = """from django.db import migrations, models

from talks import beside

class Migration(migrations.Migration):
    atomic = beside.ATOMIC
    dependencies = [("talks", "{after}")]
    operations = [beside.AddIndex("statement", {index})]
"""


def last(folder: Path) -> str:
    return max(path.stem for path in folder.glob("[0-9]*.py"))


def write_next_build(code: Path) -> None:
    """One column more, which may be empty, and an index on it, each in a migration of its own."""
    model = code / "talks" / "models" / "statement.py"
    text = model.read_text("utf-8")
    text = text.replace("    lead_order = models", f"    shelf = {FIELD}\n    lead_order = models", 1)
    model.write_text(text.replace("        indexes = [", f"        indexes = [\n            {INDEX},", 1), "utf-8")
    ours, desk = code / "talks" / "migrations", code / "talks" / "editing" / "migrations"
    after = {"talks": last(ours), "editing": last(desk)}
    column = {"ours": COLUMN.format(model="statement", field=FIELD, after=("talks", after["talks"]))}
    column["desk"] = COLUMN.format(model="historicalstatement", field=FIELD, after=("editing", after["editing"]))
    (ours / "9998_a_column.py").write_text(column["ours"])
    (ours / "9999_an_index.py").write_text(BESIDE.format(after="9998_a_column", index=INDEX))
    (desk / "9998_a_column.py").write_text(column["desk"])


@contextmanager
def next_build(place: Place, folder: Path):
    """A newer checkout beside the place's own, with the same VAR_DIR and database."""
    other = Place.__new__(Place)
    other.code, other.var, other.database = folder / "next", place.var, place.database
    shutil.copytree(place.code, other.code)
    folder.chmod(0o755)
    write_next_build(other.code)
    yield other


@contextmanager
def asked_all_the_time(port: int):
    """Two readers who ask for pages that are kept and one that is not; gives what was answered badly, and all asked."""
    wrong: list[str] = []
    asked: list[str] = []
    over = threading.Event()

    def read() -> None:
        while not over.wait(0.3):
            for address in (*PAGES, f"/statements/?q=memorandum+{next(numbers)}"):  # the last is kept by nobody
                answer = ask(port, address)
                asked.append(address)
                if answer.status != 200:
                    wrong.append(f"{address}: {answer.status} {answer.text[:200]}")

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield wrong, asked
    finally:
        over.set()
        for thread in threads:
            thread.join()


def more(asked: list[str]) -> None:
    """Wait until each address was asked for twice more."""
    wanted = len(asked) + 4 * (len(PAGES) + 1)
    until(lambda: len(asked) >= wanted, "readers ask")


JUDGE = """from django.core.management import call_command
call_command("makemigrations", "--check", "--dry-run", verbosity=0)
for app, name in (("talks", "9998_a_column"), ("editing", "9998_a_column"), ("talks", "9999_an_index")):
    call_command("sqlmigrate", app, name, no_color=True)
"""


def test_the_last_build_answers_all_who_ask_while_the_next_ones_migrations_are_applied_and_after_them(tmp_path):
    with a_prepared_place() as place, next_build(place, tmp_path) as newer, place.served() as (port, _):
        if POSTGRES:
            assert list(Reader().complaints(newer.edit(JUDGE))) == [], "its migrations are as they should be"
        with asked_all_the_time(port) as (wrong, asked):
            more(asked)
            newer.manage("migrate", "--verbosity=0")
            more(asked)
            # The editor's process of the last build writes on, too, and knows nothing of the column.
            place.edit("statement = Statement.objects.first()\nstatement.cue = 'gewgawed'\nstatement.save()")
            more(asked)
            with newer.served(WORKERS="1") as (beside, _):
                for page in PAGES:
                    old, new = ask(port, page), ask(beside, page)
                    assert (new.status, new.body) == (old.status, old.body) == (200, old.body), page
        assert wrong == []
        assert place.sql("SELECT count(*) FROM talks_statement WHERE shelf IS NOT NULL") == [(0,)]
        assert place.sql("SELECT count(*) FROM editing_historicalstatement WHERE cue = 'gewgawed'") == [(1,)]
