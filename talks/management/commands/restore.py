"""Puts a copy in the place of the live database, while others read it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from talks import keeping
from talks.keeping import Held, Refused, files


class Command(BaseCommand):
    help = (
        "Put a copy that “backup” made in the place of the live database, in one transaction. The edition is raised "
        "above every one that was given out, so that no page of before is shown any more."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="The copy; its digest stands beside it in FILE.sha256.")
        parser.add_argument("--yes", action="store_true", help="Replace a database that is not empty without asking.")

    def handle(self, *args: Any, file: Path, yes: bool, **options: Any) -> None:
        try:
            held, number = self._restore(file, yes)
        except Refused as error:
            raise CommandError(f"Nothing was restored. {error}") from None
        except OSError as error:
            raise CommandError(f"Nothing was restored. {error.filename or file}: {error.strerror}") from error
        self.stdout.write(f"Restored edition {held.edition} of {file}; it is edition {number} now.")
        if keeping.missing(held):
            self.stdout.write("The copy is older than this code: run “manage.py migrate”.")

    def _restore(self, file: Path, yes: bool) -> tuple[Held, int]:
        keeper, folder = keeping.keeper(), Path(settings.RELEASES).parent
        folder.mkdir(parents=True, exist_ok=True)
        # What was held against its digest is what is restored, whatever becomes of the file meanwhile.
        with files.beside(folder / "restored") as scratch:
            files.take(file, scratch)
            held = keeper.look(file, scratch)
            if newer := keeping.unknown(held):
                raise Refused(f"{file}: a newer build made it: {newer[0]} is no migration of this one.")
            if not yes and not keeping.is_empty():
                self._ask(held)
            return held, keeper.put(scratch)

    def _ask(self, held: Held) -> None:
        """Raises Refused unless whoever sits there types the name of the database."""
        name = keeping.name()
        if not sys.stdin.isatty():
            raise Refused(f"“{name}” is not empty, and there is no terminal to ask at: say --yes to replace it.")
        self.stdout.write(f"“{name}” is not empty. All that is in it is replaced by edition {held.edition}.")
        try:
            typed = input("The name of the database, to go on: ")
        except EOFError:
            typed = ""
        if typed.strip() != name:
            raise Refused(f"That is not “{name}”.")
