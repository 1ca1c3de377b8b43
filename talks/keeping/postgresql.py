"""Copies of a PostgreSQL database by its own programs: pg_dump, pg_restore and psql. Passwords go by the environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from django.db import DatabaseError, connection, transaction

from talks.keeping import EDITION, Held, Refused

HEAD = b"PGDMP"

# The copy is written into a schema of its own, and takes the place of the live tables at the end: they are read all the
# while, and until then nobody is held up but who would write. To other sessions none of the names is changed meanwhile.
# Who cannot have all tables lets go of those that it has, sooner than the server would end a reader's transaction for a
# deadlock.
_BEGIN = """
BEGIN;
SELECT set_config('talks.live', 'public'::regnamespace::oid::text, true), set_config('talks.before', '0', true);
CREATE FUNCTION pg_temp.tables() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.relname) FROM pg_class c
  WHERE c.relnamespace = current_setting('talks.live')::oid AND c.relkind IN ('r', 'p')
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
$$;
CREATE PROCEDURE pg_temp.lock(mode text) LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL lock_timeout = '300ms';
  FOR tries IN 1..300 LOOP
    BEGIN
      EXECUTE 'LOCK TABLE ' || pg_temp.tables() || ' IN ' || mode || ' MODE';
      EXIT;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
      IF tries = 300 THEN RAISE EXCEPTION 'its tables are in use all the time'; END IF;
      PERFORM pg_sleep(0.05);
    END;
  END LOOP;
  SET LOCAL lock_timeout = 0;
END $$;
DO $$
BEGIN
  IF pg_temp.tables() IS NOT NULL THEN
    CALL pg_temp.lock('EXCLUSIVE');
    IF to_regclass('public.talks_edition') IS NOT NULL THEN
      PERFORM set_config('talks.before', coalesce(max(number), 0)::text, true) FROM public.talks_edition;
    END IF;
  END IF;
END $$;
ALTER SCHEMA public RENAME TO talks_live;
CREATE SCHEMA public;
"""
# Without this end, whatever stops the stream, all is rolled back. The schema that was there stays, with its rights and
# with what is not of the site; only a table that the copy does not have goes too.
_END = """
DO $$
DECLARE
  thing record;
BEGIN
  IF pg_temp.tables() IS NOT NULL THEN
    CALL pg_temp.lock('ACCESS EXCLUSIVE');
    EXECUTE 'DROP TABLE ' || pg_temp.tables() || ' CASCADE';
  END IF;
  CREATE TEMPORARY TABLE restored ON COMMIT DROP AS
    SELECT found.type, found.identity FROM pg_depend d, pg_identify_object(d.classid, d.objid, 0) found
    WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = 'public'::regnamespace AND d.deptype = 'n'
    AND NOT EXISTS (SELECT 1 FROM pg_depend o WHERE o.objid = d.objid AND o.classid = d.classid AND o.deptype IN ('a', 'i'));
  FOR thing IN SELECT * FROM restored LOOP
    EXECUTE format('DROP %s IF EXISTS talks_live%s CASCADE', thing.type, substr(thing.identity, 7));
  END LOOP;
  FOR thing IN SELECT * FROM restored LOOP
    EXECUTE format('ALTER %s %s SET SCHEMA talks_live', thing.type, thing.identity);
  END LOOP;
END $$;
DROP SCHEMA public;
ALTER SCHEMA talks_live RENAME TO public;
UPDATE public.talks_edition
SET number = greatest(number, current_setting('talks.before')::bigint) + 1, raised_at = clock_timestamp();
COMMIT;
"""


def copy(part: Path) -> int:
    """Copy the live database into a file; returns the number of the edition that it holds. Raises Refused."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # pg_dump sees the very state whose edition is told.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            cursor.execute(EDITION)
            row = cursor.fetchone()
            if row is None:
                raise Refused("The database has no edition, so there is nothing to copy.")
            _run("pg_dump", "--format=custom", "--no-password", f"--snapshot={snapshot}", f"--file={part}")
    except DatabaseError as error:
        raise Refused(f"PostgreSQL refused: {error}") from error
    return row[0]


def check(part: Path) -> None:
    """Read a copy from end to end. Raises Refused."""
    _run("pg_restore", "--list", str(part))
    # The list stands at the beginning of the file; this unpacks the rows, too.
    _run("pg_restore", f"--file={os.devnull}", str(part))


def look(file: Path, scratch: Path) -> Held:
    """What a copy holds; its bytes are read in `scratch`. Raises Refused."""
    with scratch.open("rb") as begun:
        if begun.read(len(HEAD)) != HEAD:
            raise Refused(f"{file}: is no copy of a PostgreSQL database.")
    check(scratch)
    editions, migrations = _rows(scratch, "talks_edition"), _rows(scratch, "django_migrations")
    if not editions:
        raise Refused(f"{file}: has no edition, so it is no copy of this site.")
    applied = frozenset((row["app"], row["name"]) for row in migrations)
    return Held(int(editions[0]["number"]), applied)


def put(scratch: Path) -> int:
    """Put a copy in the place of the live tables, in one transaction; returns the number of its edition then.

    What pg_restore would do is written as SQL and put between our own beginning and end, so that the edition is raised
    in the same transaction. Raises Refused; the live database is as it was then.
    """
    connection.close()
    told = ["--no-owner", "--schema=public", "--file=-", str(scratch)]
    with tempfile.TemporaryFile() as said, _started(["pg_restore", *told], said, stdout=subprocess.PIPE) as source:
        obeying = ["psql", "--no-psqlrc", "--quiet", "--no-password", f"--output={os.devnull}"]
        with _started([*obeying, "--set=ON_ERROR_STOP=1"], said, stdin=subprocess.PIPE) as target:
            with suppress(BrokenPipeError):
                _told(target.stdin, source)
            with suppress(BrokenPipeError):
                target.stdin.close()  # type: ignore[union-attr]
            ended = target.wait()
        if ended or source.poll() != 0:
            raise Refused(f"PostgreSQL refused: {_last(said)}")
    with connection.cursor() as cursor:
        cursor.execute(EDITION)
        return cursor.fetchone()[0]


def _told(script: Any, source: subprocess.Popen) -> None:
    """Write our beginning, what a program prints, and our end if that program did not fail."""
    script.write(_BEGIN.encode())
    shutil.copyfileobj(source.stdout, script)  # type: ignore[arg-type]
    if source.wait() == 0:
        script.write(_END.encode())


def _rows(file: Path, table: str) -> list[dict[str, str]]:
    """The rows of a small table of a copy, whose values need no escapes."""
    text = _run("pg_restore", "--data-only", "--schema=public", f"--table={table}", "--file=-", str(file))
    rows: list[dict[str, str]] = []
    columns: list[str] = []
    for line in text.splitlines():
        if line.startswith(f"COPY public.{table} ("):
            columns = line.partition("(")[2].partition(")")[0].split(", ")
        elif line == "\\.":
            columns = []
        elif columns:
            rows.append(dict(zip(columns, line.split("\t"), strict=True)))
    return rows


def _run(program: str, *arguments: str) -> str:
    """What a program prints. Raises Refused with the last line of what it says when it fails."""
    with tempfile.TemporaryFile() as said:
        with _started([program, *arguments], said, stdout=subprocess.PIPE) as process:
            printed = process.communicate()[0]
        if process.returncode:
            raise Refused(f"{program} failed: {_last(said)}")
    return printed.decode("utf-8", "replace")


@contextmanager
def _started(command: list[str], said: IO[bytes], **streams: Any) -> Iterator[subprocess.Popen]:
    """A program of PostgreSQL's that is led to the live database; it has ended afterwards. Raises Refused."""
    program = shutil.which(command[0])
    if program is None:
        raise Refused(f"{command[0]} is not installed; it comes with PostgreSQL’s client programs.")
    with subprocess.Popen([program, *command[1:]], stderr=said, env=_environment(), **streams) as process:  # noqa: S603
        try:
            yield process
        finally:
            process.kill()  # nothing, if it has ended


def _environment() -> dict[str, str]:
    """The way to the live database as libpq reads it from the environment; a command line can be seen by everybody."""
    from psycopg import pq

    parameters = connection.get_connection_params()
    found = {
        option.envvar.decode(): str(parameters[option.keyword.decode()])
        for option in pq.Conninfo.get_defaults()
        if option.envvar and parameters.get(option.keyword.decode()) is not None
    }
    return {**os.environ, **found, "PGCLIENTENCODING": "UTF8"}


def _last(said: IO[bytes]) -> str:
    """The last thing that a program said on its standard error, on one line."""
    said.seek(0)
    lines = [line.strip() for line in said.read().decode("utf-8", "replace").splitlines() if line.strip()]
    telling = [line for line in lines if "error:" in line.lower() or line.startswith("ERROR")]
    return (telling or lines or ["it was ended."])[0]
