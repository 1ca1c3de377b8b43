"""Holds the quotations against the texts of their sources, held here or brought along as files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, transaction
from django.utils import timezone

from talks import evidence
from talks.evidence import Selector
from talks.fixtures import reader
from talks.fixtures.claims import Shelf, shelf
from talks.management.progress import progress
from talks.management.refusals import refused
from talks.models import Passage, Source, SourceText, Statement
from talks.verification import Claim, Verdict, judge

HELD, PUBLIC = "held here", "the files"
AT_ONCE = 500  # statements that are written in one step


class Document(NamedTuple):
    """A text to hold statements against: of which source, from where, and the digest of its bytes."""

    source: str
    origin: str
    digest: str
    text: str


class Command(BaseCommand):
    help = (
        "Look for every quotation in the text of its source. Checks the sources whose text is held here, and with "
        "--document also those whose digest is that of a file. Changes nothing unless --record is given. "
        "Exit status 0 only if nothing failed."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--document", action="append", default=[], metavar="[SLUG=]FILE",
            help="A source's text as a file; with SLUG its statements are compared whatever its digest.",
        )  # fmt: skip
        parser.add_argument(
            "--fixtures", type=Path, metavar="FOLDER", help="Check the files of a folder, without a database."
        )
        parser.add_argument("--json", action="store_true", help="Print the results as JSON.")
        parser.add_argument(
            "--source", action="append", default=[], metavar="SLUG", help="Of the texts held here only this source's."
        )
        parser.add_argument("--record", action="store_true", help="Record what was found as checked today.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.problems: list[str] = []
        if options["record"] and options["fixtures"]:
            raise CommandError("--record: there is no database to record in with --fixtures.")
        try:
            library = shelf(options["fixtures"]) if options["fixtures"] else None
        except (reader.Problems, OSError) as error:
            raise CommandError(str(error)) from None
        store: Any = Files(library) if library else Database()
        documents = [*self.brought(options["document"], store), *store.held(options["source"])]
        self.compare_digests(documents, store)
        for slug in options["source"]:
            if slug not in {document.source for document in documents}:
                self.problems.append(f"--source: {slug}: no text of a source of this name is held.")
        judged = list(self.judge(documents, store))
        verdicts = [verdict for _, verdict in judged]
        self.report(documents, verdicts, options["json"])
        if options["record"]:
            try:
                record([(document, verdict) for document, verdict in judged if verdict.result == "verified"])
            except DatabaseError as error:
                raise refused("Nothing was recorded.", error) from error
        if self.problems or not all(verdict.holds for verdict in verdicts):
            raise SystemExit(1)

    def brought(self, arguments: list[str], store: Any) -> Iterator[Document]:
        """The documents of the command line, one for each source that they are of."""
        for argument in arguments:
            slug, separator, name = argument.partition("=")
            path = Path(name if separator else argument)
            try:
                content = path.read_bytes()
                text, digest = evidence.read(content), evidence.digest(content)
            except (OSError, ValueError) as error:
                self.problems.append(f"--document: {path}: {error}")
                continue
            sources = [slug] if separator else store.with_digest(digest)
            recorded = store.digest_of(slug) if separator else None
            if separator and recorded is None:
                self.problems.append(f"--document: {slug}: there is no source of this name.")
                continue
            if not sources or (separator and recorded != digest):
                self.say_both_digests(path, digest, slug, recorded, store)
            yield from (Document(source, str(path), digest, text) for source in sources)

    def say_both_digests(self, path: Path, digest: str, slug: str, recorded: str | None, store: Any) -> None:
        """A file that is not the document which was checked: its digest, and those that there are."""
        known = {slug: recorded} if slug and recorded is not None else store.digests()
        lines = [f"--document: {path}: no source has its digest, SHA-256 {digest}."]
        lines += [f"    {name}: {value or 'no digest recorded'}" for name, value in list(known.items())[:20]]
        self.problems.append("\n".join(lines))

    def compare_digests(self, documents: list[Document], store: Any) -> None:
        """A text that is held but is not the document whose digest its source has."""
        digests = store.digests()
        for document in documents:
            recorded = digests.get(document.source)
            if document.origin in (HELD, PUBLIC) and recorded != document.digest:
                self.problems.append(
                    f"{document.source}: the text held has the SHA-256 {document.digest}, "
                    f"and is not the document recorded, {recorded or 'of which there is none'}."
                )

    def judge(self, documents: list[Document], store: Any) -> Iterator[tuple[Document, Verdict]]:
        total = store.count([document.source for document in documents])
        claims = ((claim, document) for document in documents for claim in store.claims(document.source))
        for claim, document in progress(claims, total, "Checking"):
            yield document, judge(claim, document.text)

    def report(self, documents: list[Document], verdicts: list[Verdict], as_json: bool) -> None:
        counts: dict[str, int] = {}
        for verdict in verdicts:
            counts[verdict.result] = counts.get(verdict.result, 0) + 1
        if as_json:
            self.stdout.write(as_data(documents, verdicts, counts, self.problems))
            return
        table(verdicts, self.stdout.write)
        for line in self.problems:
            self.stderr.write(line)
        summed = ", ".join(f"{number:,} {result}" for result, number in sorted(counts.items()))
        self.stdout.write(
            f"{len(documents):,} documents, {len(verdicts):,} statements: {summed or 'nothing to check'}."
        )


def table(verdicts: list[Verdict], write: Any) -> None:
    """Statement, source, result, where, difference: a line each, in columns."""
    rows = [("statement", "source", "result", "where", "difference")]
    rows += [
        (verdict.claim.statement, verdict.claim.source, verdict.result, verdict.where, verdict.difference)
        for verdict in verdicts
    ]
    widths = [min(60, max(len(row[column]) for row in rows)) for column in range(4)]
    for row in rows:
        write("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]).rstrip())


def as_data(documents: list[Document], verdicts: list[Verdict], counts: dict[str, int], problems: list[str]) -> str:
    """The same as JSON, with the nearest passage of what was not found."""
    results = [
        {
            "statement": verdict.claim.statement,
            "source": verdict.claim.source,
            "result": verdict.result,
            "where": verdict.where,
            "difference": verdict.difference,
            "nearest": [location.nearest for location in verdict.locations if location.nearest],
        }
        for verdict in verdicts
    ]
    read = [{"source": item.source, "origin": item.origin, "sha256": item.digest} for item in documents]
    content = {"documents": read, "results": results, "summary": counts, "problems": problems}
    return json.dumps(content, ensure_ascii=False, indent=2)


@transaction.atomic
def record(found: list[tuple[Document, Verdict]]) -> None:
    """Write the day and the digest of the check to the statements found in the very document of their source, and
    prefix and suffix where there are none.
    """
    digests = Database().digests()
    by_document: dict[Document, list[Verdict]] = {}
    for document, verdict in found:
        if digests.get(document.source) == document.digest:
            by_document.setdefault(document, []).append(verdict)
    for document, verdicts in by_document.items():
        slugs = [verdict.claim.statement for verdict in verdicts]
        for first in range(0, len(slugs), AT_ONCE):
            statements = Statement.objects.filter(slug__in=slugs[first : first + AT_ONCE])
            statements.update(verified_on=timezone.localdate(), verified_sha256=document.digest)
            surround(statements, document.text)


def surround(statements: Any, text: str) -> None:
    """Fill in what stands around each of their passages in this text, where nothing is entered yet."""
    bare = Passage.objects.filter(statement__in=statements, prefix="", suffix="")
    placed = list(bare.filter(start__isnull=False, end__isnull=False))
    for passage in placed:
        passage.prefix, passage.suffix = evidence.context(text, passage.start, passage.end)
    Passage.objects.bulk_update(placed, ["prefix", "suffix"])


class Database:
    """Claims and held texts out of the database."""

    def digests(self) -> dict[str, str]:
        known = Source.objects.exclude(document_sha256="").in_order()
        return dict(known.values_list("slug", "document_sha256"))

    def with_digest(self, digest: str) -> list[str]:
        return list(Source.objects.filter(document_sha256=digest).values_list("slug", flat=True))

    def digest_of(self, slug: str) -> str | None:
        return Source.objects.filter(slug=slug).values_list("document_sha256", flat=True).first()

    def held(self, only: list[str]) -> Iterator[Document]:
        texts = SourceText.objects.select_related("source").order_by("source__slug")
        for held in (texts.filter(source__slug__in=only) if only else texts).iterator(chunk_size=50):
            source = held.source
            yield Document(source.slug, HELD, evidence.digest(held.text.encode()), held.text)

    def count(self, sources: list[str]) -> int:
        return Statement.objects.filter(source__slug__in=set(sources)).count()

    def claims(self, source: str) -> Iterator[Claim]:
        for statement in Statement.objects.filter(source__slug=source).with_passages().order_by("slug"):
            selectors = tuple(
                Selector(passage.exact, passage.prefix, passage.suffix, passage.start, passage.end)
                for passage in statement.passages.all()
            )
            yield Claim(statement.slug, source, statement.quotation_type, selectors)


class Files:
    """Claims and public texts out of fixture files."""

    def __init__(self, library: Shelf) -> None:
        self.library = library

    def digests(self) -> dict[str, str]:
        return {slug: digest for slug, digest in self.library.digests.items() if digest}

    def with_digest(self, digest: str) -> list[str]:
        return [slug for slug, known in self.library.digests.items() if known == digest]

    def digest_of(self, slug: str) -> str | None:
        return self.library.digests.get(slug)

    def held(self, only: list[str]) -> Iterator[Document]:
        for slug, text in self.library.texts.items():
            if only and slug not in only:
                continue
            yield Document(slug, PUBLIC, evidence.digest(text.encode()), text)

    def count(self, sources: list[str]) -> int:
        return sum(len(self.library.claims.get(source, [])) for source in sources)

    def claims(self, source: str) -> list[Claim]:
        return self.library.claims.get(source, [])
