"""Takes a release into a database that is not empty: says what it would do, and does it when told to."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, DatabaseError, transaction

from talks import guards
from talks.fixtures import reader, store
from talks.management.progress import progress
from talks.management.refusals import refused
from talks.models import Statement
from talks.models.base import Noun
from talks.release.importing import LASTING, Block, Plan, plan
from talks.release.package import Package, Refused

SHOWN = 40


class Command(BaseCommand):
    help = (
        "Take a release (a folder or a zip file) into this database. Without --apply nothing is written: it is said "
        "what would be added, changed and left alone, and what was edited here too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("package", type=Path, help="The folder or zip file of a release.")
        doing = parser.add_mutually_exclusive_group()
        doing.add_argument("--apply", action="store_true", help="Write it, in one transaction.")
        doing.add_argument("--dry-run", action="store_true", help="Only say what would be done; the default.")
        edited = parser.add_mutually_exclusive_group()
        edited.add_argument("--keep-ours", action="store_true", help="Leave alone what was edited here too.")
        edited.add_argument("--take-theirs", action="store_true", help="Write over what was edited here too.")

    def handle(self, *args: Any, package: Path, apply: bool, **options: Any) -> None:
        try:
            opened = Package(package)
            try:
                opened.check_digests()
                self._take(opened, apply, options)
            finally:
                opened.close()
        except (Refused, reader.Problems) as error:
            raise CommandError(f"Nothing was imported.\n{error}") from None
        except DatabaseError as error:
            raise refused("Nothing was imported.", error) from error

    def _take(self, package: Package, apply: bool, options: dict[str, Any]) -> None:
        # The comparison and the writing see one state: an edit in between would be written over unseen.
        with transaction.atomic():
            if apply:
                store.hold(DEFAULT_DB_ALIAS)
            found = plan(package)
            self._tell(found)
            taken = found.added + found.changed
            if options["take_theirs"]:
                taken += [block for block, why in found.conflicting if why not in LASTING]
            undecided = found.conflicting and not options["take_theirs"] and not options["keep_ours"]
            if undecided and apply:
                raise CommandError("Nothing was imported: choose --keep-ours or --take-theirs for the conflicts.")
            # What fits depends on that choice.
            stock, there = self._stock([] if undecided else taken)
            if not apply:
                self.stdout.write("Nothing was written; --apply does it.")
            elif taken:
                self._write(stock, there)
                self.stdout.write(f"Imported {len(taken):,} records.")
            else:
                self.stdout.write("There was nothing to import.")

    def _stock(self, blocks: list[Block]) -> tuple[reader.Stock, store.Existing]:
        """The rows of these blocks as checked objects. Raises reader.Problems."""
        rows = [row for block in blocks for row in block.rows]
        needed = {row.key[0] for row in rows if row.model is Statement}
        needed |= {str(name) for row in rows for name in _named(row.fields.get("variant_of"))}
        listed = (value for row in rows for value in _named(row.fields.get("statements")))
        needed |= {str(name) for value in listed for name in _named(value)}
        # A name with a NUL is no name of ours; PostgreSQL does not even let itself be asked for it.
        there = store.existing(DEFAULT_DB_ALIAS, {name for name in needed if "\0" not in name})
        stock = reader.Stock(progress(rows, len(rows), "checking"))
        stock.build({place: item for place, item in there.items() if not store.leaves(place, item, stock)})
        marks = {block.place: block.mark for block in blocks}
        for (model, key), item in stock.objects.items():
            if isinstance(item, Noun):
                item.imported_sha256 = marks[model, key[0]]
        return stock, there

    def _write(self, stock: reader.Stock, there: store.Existing) -> None:
        from talks.editing import ledger  # which only the editor's process has

        with ledger.importing():
            store.write(stock, there, DEFAULT_DB_ALIAS, whole=True)
        guards.tidy()

    def _tell(self, found: Plan) -> None:
        for label, blocks in (("would be added", found.added), ("would be changed", found.changed)):
            counted = Counter(block.name.partition("/")[0] for block in blocks)
            detail = ", ".join(f"{count:,} {record}" for record, count in counted.items())
            self.stdout.write(f"{len(blocks):,} {label}{f': {detail}' if detail else ''}")
        self.stdout.write(f"{found.same:,} are the same")
        for block in found.changed[:SHOWN]:
            self.stdout.write(f"  changed: {block.name}")
        self.stdout.write(f"{len(found.conflicting):,} in conflict")
        for block, why in found.conflicting[:SHOWN]:
            self.stdout.write(f"  conflict: {block.name}: {why}")


def _named(reference: Any) -> list[Any]:
    return reference if isinstance(reference, list) else []
