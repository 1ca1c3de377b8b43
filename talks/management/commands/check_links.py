"""Asks for each source's address, and whether its quotations still stand in the page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from talks import webpage
from talks.evidence import Outcome, locate
from talks.fetching import Fetched, Fetcher
from talks.management.progress import progress
from talks.models import LinkCheck, Source

READABLE = ("text/html", "application/xhtml+xml", "text/plain")
FOUND = (Outcome.AT_PLACE, Outcome.ELSEWHERE, Outcome.AMBIGUOUS, Outcome.NORMALISED)


class Command(BaseCommand):
    help = (
        "Ask for the address of every published source, one at a time, obeying robots.txt; record what came of it, "
        "and whether its quotations still stand in the page."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--source", action="append", default=[], metavar="SLUG", help="Only this source.")

    def handle(self, *args: Any, **options: Any) -> None:
        sources = Source.objects.published().with_address(options["source"])
        unknown = set(options["source"]) - set(sources.values_list("slug", flat=True))
        if unknown:
            raise CommandError(f"--source: {', '.join(sorted(unknown))}: no published source with an address.")
        fetcher = Fetcher(settings.LINKS_ALLOW_PRIVATE, settings.LINKS_PAUSE, settings.LINKS_SECONDS)
        for source in progress(sources, sources.count(), "Asking", least=5):
            check = self.ask(fetcher, source)
            check.save()
            told = check.problem or str(check.status)
            lost = f"; {check.missing} of its quotations no longer stand in it" if check.missing else ""
            self.stdout.write(f"{source.slug}  {told}{lost}")

    def ask(self, fetcher: Fetcher, source: Source) -> LinkCheck:
        quoted = [
            passage.exact
            for statement in source.statements.published().quoted().with_passages()
            for passage in statement.passages.all()
        ]
        answer = fetcher.fetch(source.url, with_body=bool(quoted))
        check = LinkCheck(
            source=source,
            checked_at=timezone.now().replace(microsecond=0),
            status=answer.status,
            final_url=answer.url[:2000] if answer.redirects and 200 <= answer.status < 300 else "",
            problem=(answer.problem or ("" if 200 <= answer.status < 300 else f"answered {answer.status}"))[:300],
        )
        if check.worked and not check.problem and answer.kind in READABLE:
            check.found, check.missing = count(answer, quoted)
        return check


def count(answer: Fetched, quoted: list[str]) -> tuple[int, int]:
    """How many of these words stand in a page, and how many do not; marks and blanks may differ there."""
    text = webpage.words(answer.body, answer.charset)
    found = sum(locate(text, " ".join(exact.split())).outcome in FOUND for exact in quoted)
    return found, len(quoted) - found
