"""Writes the published data back into fixture files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from talks.fixtures import FILES, writer


class Command(BaseCommand):
    help = "Write the published data as fixture files, one for each noun; the same data gives the same bytes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder",
            nargs="?",
            type=Path,
            default=settings.BASE_DIR / "fixtures",
            help="Where to; fixtures/ if left out.",
        )

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with transaction.atomic():  # one snapshot for all files
            for name in FILES:
                with (folder / f"{name}.json").open("w", encoding="utf-8", newline="\n") as file:
                    file.writelines(writer.lines(name))
        self.stdout.write(f"Wrote {len(FILES)} files to {folder}.")
