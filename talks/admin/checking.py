"""Looks for quoted words while they are entered: fills places and surroundings, or says what the text has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from talks import evidence
from talks.evidence import Location, Selector
from talks.models import Passage, Source, SourceText, Statement
from talks.verification import Claim, Verdict, judge


def held_text(source: Source | None) -> str | None:
    """The text of a source, if we hold it."""
    held = SourceText.objects.filter(source=source).first() if source and source.pk else None
    return held.text if held else None


def look_up(statement: Statement, passages: Sequence[Passage], text: str) -> Verdict:
    """Hold a statement as it is being entered against a text; what was found is filled in, nothing is saved."""
    selectors = tuple(Selector(item.exact, item.prefix, item.suffix, item.start, item.end) for item in passages)
    verdict = judge(Claim(statement.slug, "", statement.quotation_type, selectors), text)
    for passage, location in zip(passages, verdict.locations, strict=False):
        if location.exact and location.start is not None and location.end is not None:
            passage.start, passage.end = location.start, location.end
            passage.prefix, passage.suffix = evidence.context(text, location.start, location.end)
    return verdict


def settle(statement: Statement, passages: Sequence[Passage], changed: bool) -> list[tuple[int, SafeString]]:
    """Check quoted words on saving. Gives an error for each passage (by its place) that was not found.

    Where the text is not held, words that were changed count as not checked.
    """
    text = held_text(statement.source if statement.source_id else None)
    if text is None:
        if changed or moved(statement):
            statement.verified_on, statement.verified_sha256 = None, ""
        return []
    verdict = look_up(statement, passages, text)
    if verdict.result in ("outside", "not together"):
        return [(0, SafeString(verdict.difference))]
    wrong = [
        (number, told(passages[number].exact, found))
        for number, found in enumerate(verdict.locations)
        if not found.exact
    ]
    if not wrong and (changed or statement.evidence_state != "verified"):
        statement.verified_on = timezone.localdate()
        statement.verified_sha256 = evidence.digest(text.encode())
    return wrong


def moved(statement: Statement) -> bool:
    """Whether the statement is being taken to another source than it was saved with."""
    before = Statement.objects.filter(pk=statement.pk).values_list("source", flat=True).first()
    return before is not None and before != statement.source_id


def told(exact: str, location: Location) -> SafeString:
    """What was found instead, with the differences marked, for the place beside the field."""
    pieces = evidence.alignment(exact, location.nearest) if location.nearest else ()
    page: dict[str, Any] = {"location": location, "pieces": pieces}
    return render_to_string("admin/talks/nearest.html", page)
