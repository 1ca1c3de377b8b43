"""What readers were promised: that the files of releases stay as they were cut, and that quotations stand in their sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from talks import evidence
from talks.evidence import Selector
from talks.models import Release, SourceText, Statement
from talks.release import archive
from talks.verification import Claim, judge


def releases() -> Iterator[str]:
    """Every file of every release is there as it was cut, and no other beside them."""
    for release in Release.objects.newest_first().iterator(chunk_size=20):
        folder = Path(settings.RELEASES) / str(release.number)
        if not folder.is_dir():
            yield f"release {release.number}: its folder is missing"
            continue
        for file in release.files:
            path = folder / file["name"]
            if not path.is_file():
                yield f"release {release.number}, {file['name']}: is missing"
            elif path.stat().st_size != file["bytes"] or archive.digest(path) != file["sha256"]:
                yield f"release {release.number}, {file['name']}: is not as it was cut"
        names = {file["name"] for file in release.files}
        for odd in sorted(path.name for path in folder.iterdir() if path.name not in names):
            yield f"release {release.number}, {odd}: was not cut with it"


def quotations() -> Iterator[str]:
    """Every quotation that was found in the text that is held stands there, at its place."""
    for held in SourceText.objects.select_related("source").iterator(chunk_size=1):
        source, found = held.source, evidence.digest(held.text.encode())
        if found != source.document_sha256:
            yield f"{source.slug}: the text held has the SHA-256 {found}, and is not the document recorded"
        # Those that were found in an earlier document wait at the desk for somebody to look at them.
        verified = Statement.objects.having(source=source, verified_sha256=source.document_sha256)
        for statement in verified.with_passages().in_order().iterator(chunk_size=500):
            selectors = [Selector(p.exact, p.prefix, p.suffix, p.start, p.end) for p in statement.passages.all()]
            claim = Claim(statement.slug, source.slug, statement.quotation_type, tuple(selectors))
            verdict = judge(claim, held.text)
            if not verdict.holds:
                yield f"{statement.slug}: {verdict.result} in {source.slug} {verdict.difference}".rstrip()
