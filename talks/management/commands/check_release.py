"""Checks a folder of a release, as the program in it does for whoever has no Django."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from talks.check_release import Check


class Command(BaseCommand):
    help = (
        "Check that a folder of a release is whole and that its files agree: digests, columns, counts, values, foreign "
        "keys, evidence. Exit status 0 if it is, 1 if not, 2 if there is no such folder."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="The folder of the release.")
        parser.add_argument(
            "--document", action="append", type=Path, default=[], metavar="FILE",
            help="The document of a source, by its digest; its passages are looked for in it.",
        )  # fmt: skip

    def handle(self, *args: Any, folder: Path, document: list[Path], **options: Any) -> None:
        if status := Check(folder, document, self.stdout.write, self.stderr.write).run():
            raise SystemExit(status)
