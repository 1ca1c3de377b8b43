"""Cuts the published state into a folder of files, which appears whole or not at all."""

from __future__ import annotations

import fcntl
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from talks import edition, release
from talks.fixtures import FILES
from talks.management.progress import progress
from talks.management.refusals import refused
from talks.models import Release
from talks.release import archive, untold


class Command(BaseCommand):
    help = "Cut the published state into a release; with --into, only write its files somewhere, to compare them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--into", type=Path, help="Write the files into this new folder; no release is made of it.")
        parser.add_argument("--number", type=int, help="With --into: the number it would have.")
        parser.add_argument("--previous", type=Path, help="With --into: the folder of the release before it.")

    def handle(self, *args: Any, into: Path | None, number: int | None, previous: Path | None, **options: Any) -> None:
        if into is None and (number is not None or previous is not None):
            raise CommandError("--number and --previous go with --into; else the next number is taken.")
        try:
            self._write_only(into, number, previous) if into is not None else self._cut_alone(Path(settings.RELEASES))
        except OSError as error:
            raise CommandError(
                f"No release was cut. {error.filename or into or settings.RELEASES}: {error.strerror}"
            ) from error
        except DatabaseError as error:
            raise refused("No release was cut.", error) from error

    def _cut_alone(self, releases: Path) -> None:
        releases.mkdir(parents=True, exist_ok=True)
        with _alone(releases):
            self._cut_next(releases)

    def _write_only(self, into: Path, number: int | None, previous: Path | None) -> None:
        if into.exists():
            raise CommandError(f"{into}: is there already; name a folder that is not.")
        if previous is not None and not (previous / archive.SUMS).is_file():
            raise CommandError(f"{previous}: is no folder of a release: it has no {archive.SUMS}.")
        if number is not None and number < 1:
            raise CommandError(f"--number: {number} is no number of a release; they begin with 1.")
        last = Release.objects.newest_first().first()
        with _scratch(into.absolute().parent, into.name) as folder:
            self._cut(number or (last.number + 1 if last else 1), folder, previous)
            folder.chmod(0o755)
            folder.rename(into)
        self.stdout.write(f"Wrote {into}.")

    def _cut_next(self, releases: Path) -> None:
        last = Release.objects.newest_first().first()
        number = last.number + 1 if last else 1
        previous = releases / str(last.number) if last else None
        if last is not None and not _has_tables(last, releases / str(last.number)):
            raise CommandError(
                f"{previous}: the files of release {last.number} are not there, or are not as it was cut."
            )
        present = edition.present().number
        with _scratch(releases, str(number)) as folder:
            cut = self._cut(number, folder, previous)
            changed = any(count for kinds in cut.changes.values() for count in kinds.values())
            if last and not changed and _fixtures(last.files) == _fixtures(cut.files):
                self.stdout.write(f"Nothing has changed since release {last.number}, so no release was cut.")
                return
            _publish(folder, releases / str(number))
        Release.objects.create(
            number=number,
            as_of=datetime.fromisoformat(cut.as_of),
            cut_at=timezone.now().replace(microsecond=0),
            edition=present,
            counts=cut.counts,
            changes=cut.changes,
            files=cut.files,
        )
        untold.told(releases)
        self.stdout.write(f"Cut release {number}: {sum(cut.counts.values()):,} rows in {len(cut.files)} files.")

    def _cut(self, number: int, folder: Path, previous: Path | None) -> release.Cut:
        try:
            return release.cut(number, folder, previous, settings.SITE_URL, progress)
        except release.NothingPublished:
            raise CommandError("Nothing is published, so there is nothing to cut.") from None
        except (sqlite3.Error, json.JSONDecodeError) as error:
            raise CommandError(f"No release was cut. {error}") from error


def _has_tables(last: Release, folder: Path) -> bool:
    """Whether the rows of a release, which the next one is compared with, are there as they were cut."""
    tables = [(folder / file["name"], file["sha256"]) for file in last.files if file["name"].endswith(".ndjson")]
    return all(path.is_file() and archive.digest(path) == digest for path, digest in tables)


def _fixtures(files: list[dict[str, Any]]) -> list[str]:
    """The digests of the fixture files: a public text of a source stands only there."""
    return [file["sha256"] for file in files if file["name"].removesuffix(".json") in FILES]


def _publish(folder: Path, target: Path) -> None:
    """Give a whole folder its name. One that is there already, without a row that tells of it, must be the same."""
    if target.exists() or target.is_symlink():
        if not _is_same(target, folder):
            raise CommandError(f"{target}: is there already, with other contents; move it away and cut again.")
        return
    for path in [*folder.iterdir(), folder]:
        archive.to_disk(path)
    untold.mark(target, folder)
    folder.rename(target)
    target.chmod(0o755)
    archive.to_disk(target.parent)


def _is_same(target: Path, folder: Path) -> bool:
    plain = target.is_dir() and all(path.is_file() for path in target.iterdir())
    return plain and archive.listed(target) == archive.listed(folder)


@contextmanager
def _scratch(parent: Path, name: str) -> Iterator[Path]:
    """An empty folder beside the one to be; nothing of it is left unless it was renamed."""
    folder = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=parent))
    try:
        yield folder
    finally:
        if folder.exists():
            shutil.rmtree(folder)


@contextmanager
def _alone(releases: Path) -> Iterator[None]:
    """One release at a time; what a killed one left behind is cleared away."""
    with (releases / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError("Another release is being cut.") from None
        untold.take_away(releases)
        for left in releases.glob(".*-*"):
            shutil.rmtree(left)
        yield
