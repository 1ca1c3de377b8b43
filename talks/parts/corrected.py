"""Parts that tell what was corrected, in their states. Nothing is saved."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from talks.corrected import as_told, at_once
from talks.models import Correction
from talks.parts.stock import Samples, Stock, shows

NO_REASON = "No reason was recorded."
# What was corrected, a state each: kind, column, before, after, reason.
MADE = {
    "words": ("correction", "text", "We are not ready, they said.", "We are ready, they said.", "A word was left out."),
    "a speaker": ("correction", "speaker", "sergei-lavrov", "rustem-umerov", "The source names another speaker."),
    "a date": ("correction", "said_on", "2025-05", "2025-05-28", "The source gives the day."),
    "persons, one more": (
        *("addition", "mentions", "hakan-fidan", "hakan-fidan, vladimir-medinsky"),
        "The source names him too.",
    ),
    "something that was missing": ("addition", "channel", "", "Facebook", "The source says where."),
    "something left out": ("clarification", "cue", "boasted", "", "The verb was ours."),
    "passages": (
        *("correction", "passages", "ready\nnot today", "ready to talk\nnot today, but tomorrow"),
        "They were cut short.",
    ),
    "no reason": ("correction", "channel", "Twitter", "X", NO_REASON),
    "withdrawn": ("withdrawal", "", "", "", "It was entered twice."),
}


def _made(number: int, kind: str, column: str, before: str, after: str, reason: str, **more: Any) -> Correction:
    told = {"kind": kind, "column": column, "before": before, "after": after, "reason": reason}
    at = datetime(2025, 6, number, 9, tzinfo=UTC)
    return Correction(
        slug=f"a-statement-{number}", record="statements", noun="a-statement", corrected_at=at, **told, **more
    )


def _all() -> list[tuple[str, Correction]]:
    """Newest first."""
    return [(state, _made(len(MADE) - place, *told)) for place, (state, told) in enumerate(MADE.items())]


@shows("correction")
def corrections_in_the_list(stock: Stock) -> Samples:
    for state, correction in _all():
        yield state, {"correction": correction}


@shows("corrected")
def old_and_new(stock: Stock) -> Samples:
    for state, correction in _all():
        if told := as_told(correction):
            yield state, {"told": told, "language": "en"}


@shows("correction_note")
def notes_of_corrections(stock: Stock) -> Samples:
    _, first = _all()[0]
    second = _made(len(MADE), *MADE["a date"][:4], MADE["words"][4])
    for note in at_once([second, first]):
        yield "two columns at once", {"note": note, "language": "en"}
    for note in at_once([_all()[-1][1]]):
        yield "of the whole record", {"note": note}


@shows("corrections")
def corrections_of_a_noun(stock: Stock) -> Samples:
    corrections = [correction for _, correction in _all()]
    yield "more than three", {"corrections": corrections, "language": "en"}
    yield "one", {"corrections": corrections[:1]}
    yield "none", {"corrections": []}
