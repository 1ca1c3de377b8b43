"""Copies the live database into a file, while others read and write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from talks import keeping
from talks.keeping import files


class Command(BaseCommand):
    help = (
        "Copy the live database into a new file, with its digest beside it in FILE.sha256. Accounts are in it: nobody "
        "but its owner can read it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="The file to be; one that is there is never written over.")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        file, keeper = file.absolute(), keeping.keeper()
        try:
            files.refuse_present(file)
            with files.beside(file) as part:
                edition = keeper.copy(part)
                keeper.check(part)
                size, digest = files.publish(part, file)
        except keeping.Refused as error:
            raise CommandError(f"No copy was made. {error}") from None
        except OSError as error:
            raise CommandError(f"No copy was made. {error.filename or file}: {error.strerror}") from error
        self.stdout.write(f"{file}: {size} bytes, SHA-256 {digest}, edition {edition}")
