"""Holds statements against documents. Works on plain claims, wherever they were read from; writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from talks import evidence
from talks.evidence import Location, Outcome, Selector

QUOTED = ("direct", "mixed")


class Claim(NamedTuple):
    """What a statement says of its source's text."""

    statement: str
    source: str
    quotation_type: str
    selectors: tuple[Selector, ...]


class Verdict(NamedTuple):
    """What a document says of a claim.

    result: verified, anchored (words of ours, at a place inside the text), no words, moved, ambiguous, differs, not found,
    not together (passages out of order or apart), outside (a place beyond the text's end), or no place (nothing
    to check). `where` are the places, `difference` tells what is wrong.
    """

    claim: Claim
    result: str
    where: str = ""
    difference: str = ""
    locations: tuple[Location, ...] = ()

    @property
    def holds(self) -> bool:
        return self.result in ("verified", "anchored", "no place")


_RESULTS = {
    Outcome.ELSEWHERE: "moved",
    Outcome.AMBIGUOUS: "ambiguous",
    Outcome.NORMALISED: "differs",
    Outcome.MISSING: "not found",
}


def judge(claim: Claim, document: str) -> Verdict:
    """Hold one claim against the text of its source."""
    if claim.quotation_type in QUOTED:
        return _judge_words(claim, document)
    places = [(selector.start, selector.end) for selector in claim.selectors if selector.start is not None]
    outside = [place for place in places if not evidence.anchored(document, place[0], place[1] or 0)]
    if outside:
        return Verdict(claim, "outside", _places(outside), f"the text has {len(document)} characters")
    return Verdict(claim, "anchored" if places else "no place", _places(places))


def _judge_words(claim: Claim, document: str) -> Verdict:
    if not claim.selectors or not all(selector.exact for selector in claim.selectors):
        return Verdict(claim, "no words", "", "there are no words to look for")
    found, apart = evidence.locate_all(document, claim.selectors)
    where = _places([(location.start, location.end) for location in found if location.start is not None])
    worst = max(found, key=lambda location: list(Outcome).index(location.outcome))
    if apart:
        return Verdict(claim, "not together", where, apart, tuple(found))
    if worst.verified:
        return Verdict(claim, "verified", where, "", tuple(found))
    return Verdict(claim, _RESULTS[worst.outcome], where, describe(worst), tuple(found))


def describe(location: Location) -> str:
    """What is wrong with a location, in one line."""
    if location.outcome is Outcome.ELSEWHERE:
        return f"stands at {location.start}–{location.end}"
    if location.outcome is Outcome.AMBIGUOUS:
        return "stands at " + ", ".join(map(str, location.places))
    told = [
        f"{piece.kind}: “{_visible(piece.ours)}” here, “{_visible(piece.theirs)}” there"
        for piece in location.differences
    ]
    return "; ".join(told[:5]) + (f"; and {len(told) - 5} more" if len(told) > 5 else "")


def _visible(text: str) -> str:
    return text.replace("\r", "␍").replace("\n", "␊").replace("\u00a0", "⍽")


def _places(places: Sequence[tuple[int | None, int | None]]) -> str:
    return ", ".join(f"{start}–{end}" for start, end in places)
