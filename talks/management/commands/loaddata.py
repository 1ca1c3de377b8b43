"""loaddata as this project needs it: files in any order, checked first, all or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core import serializers
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import loaddata
from django.db import DatabaseError

from talks.fixtures import reader, store
from talks.management.refusals import refused


class Command(loaddata.Command):
    help = (
        "Load fixture files of this project, in any order. References and rules are checked first; "
        "what does not fit is told with file, slug, field and value, and nothing is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--force",
            action="store_true",
            help="Load into a database that is not empty, over the records of the same slug.",
        )

    def handle(self, *labels: str, **options: Any) -> None:
        self.force = options["force"]
        try:
            super().handle(*labels, **options)
        except DatabaseError as error:  # a full disk may be noticed only when all of it is committed
            raise refused("Nothing was loaded.", error) from error

    def loaddata(self, fixture_labels: Any) -> None:
        """Read, check and write; `handle` of Django's command calls this within a transaction."""
        if not self.force and not store.is_empty(self.using):
            raise CommandError("The database is not empty. With --force, records of the same slug are written over.")
        there = store.existing(self.using) if self.force else {}
        try:
            stock = reader.Stock(row for path in self.paths(fixture_labels) for row in reader.read(path))
            stock.build(there)
        except reader.Problems as problems:
            raise CommandError(f"Nothing was loaded.\n{problems}") from None
        from talks.editing import ledger  # which only the editor's process has

        with ledger.importing():
            count = store.write(stock, there, self.using)
        if self.verbosity >= 1:
            self.stdout.write(f"Loaded {count} records.")

    def paths(self, labels: Any) -> list[Path]:
        """The files that the labels name, found as Django's command finds them."""
        self.serialization_formats = serializers.get_public_serializer_formats()
        self.compression_formats: Any = {None: (open, "rb")}
        return [Path(path) for label in labels for path, _, _ in self.find_fixtures(label)]
