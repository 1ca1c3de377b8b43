"""The files of a copy: what is never written over, what is cleared away, and what is refused before anything is read."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing

import pytest
from django.core.management import CommandError, call_command

from talks import keeping
from talks.keeping import Refused, files, postgresql, sqlite


def sealed(file) -> None:
    """Give a file the digest that it has."""
    files.sums(file).write_text(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n")


def test_a_file_that_is_there_is_never_written_over(tmp_path):
    file = tmp_path / "copy"
    file.write_text("kept")
    with pytest.raises(CommandError, match="is there already; a copy is never written over"):
        call_command("backup", file)
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]
    assert file.read_text() == "kept"


def test_a_file_that_is_made_meanwhile_is_not_written_over_either(tmp_path):
    file = tmp_path / "copy"
    with files.beside(file) as part:
        part.write_text("copied")
        file.write_text("kept")
        with pytest.raises(Refused, match="is there already"):
            files.publish(part, file)
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]
    assert file.read_text() == "kept"


def test_a_folder_that_is_not_there_is_told_in_one_line(tmp_path):
    with pytest.raises(CommandError, match=r"^No copy was made\. .*: No such file or directory$"):
        call_command("backup", tmp_path / "nowhere" / "copy")


def test_a_name_that_no_list_of_digests_can_have_is_refused(tmp_path):
    with pytest.raises(Refused, match="choose a name"):
        files.refuse_present(tmp_path / "a\\b")


def test_what_a_killed_process_left_is_cleared_away_and_what_another_one_writes_is_not(tmp_path):
    for name in (".old.backup-part", ".old.backup-part-wal", ".other"):
        (tmp_path / name).touch()
    with files.beside(tmp_path / "one") as part:
        with files.beside(tmp_path / "two"):
            assert part.exists()
            with pytest.raises(Refused, match="another process is writing this copy"), files.beside(tmp_path / "one"):
                pass
        assert part.exists()
        assert sorted(path.name for path in tmp_path.iterdir()) == [".one.backup-part", ".other"]
    assert [path.name for path in tmp_path.iterdir()] == [".other"]


@pytest.mark.parametrize("told", ["nonsense", "", f"{'0' * 64}\n", f"{'0' * 64}  a\n{'0' * 64}  b\n"])
def test_a_digest_that_is_none_is_refused(tmp_path, told):
    file = tmp_path / "copy"
    file.write_text("copied")
    files.sums(file).write_text(told)
    with pytest.raises(Refused, match="is not one digest and one name"):
        files.take(file, tmp_path / "scratch")


def test_a_copy_without_its_digest_is_refused(tmp_path):
    file = tmp_path / "copy"
    file.write_text("copied")
    with pytest.raises(Refused, match=r"copy\.sha256: is missing"):
        files.take(file, tmp_path / "scratch")


def test_a_copy_with_its_digest_is_taken(tmp_path):
    file, scratch = tmp_path / "copy", tmp_path / "scratch"
    file.write_text("copied")
    sealed(file)
    files.take(file, scratch)
    assert scratch.read_text() == "copied"


@pytest.mark.parametrize("keeper", [sqlite, postgresql])
def test_a_file_of_something_else_is_refused(tmp_path, keeper):
    file = tmp_path / "copy"
    file.write_text("nonsense")
    with pytest.raises(Refused, match="is no copy of a"):
        keeper.look(file, file)


def test_a_database_of_another_site_is_refused(tmp_path):
    file = tmp_path / "copy"
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE django_migrations (app, name)")
    with pytest.raises(Refused, match="has no edition, so it is no copy of this site"):
        sqlite.look(file, file)


def test_a_copy_whose_keys_lead_nowhere_is_refused(tmp_path):
    file = tmp_path / "copy"
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id))")
        database.execute("CREATE TABLE b (id INTEGER PRIMARY KEY)")
        database.execute("INSERT INTO a VALUES (1, 2)")
        database.commit()
    with pytest.raises(Refused, match="row 1 of a names no b"):
        sqlite.check(file)


def test_a_program_that_is_not_installed_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="pg_restore is not installed"):
        postgresql.check(tmp_path / "copy")


def test_migrations_of_a_copy_are_held_against_those_of_the_code():
    ours = frozenset(keeping._ours())
    assert keeping.unknown(keeping.Held(1, ours)) == keeping.missing(keeping.Held(1, ours)) == []
    newer = keeping.Held(1, ours | {("talks", "0999_of_the_next")})
    assert keeping.unknown(newer) == ["talks 0999_of_the_next"]
    older = keeping.Held(1, ours - {("talks", "0003_what_waits_at_the_desk")})
    assert keeping.missing(older) == ["talks 0003_what_waits_at_the_desk"]
