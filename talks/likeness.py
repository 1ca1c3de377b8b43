"""How alike two texts are, as rapidfuzz tells it. It is loaded when somebody asks: a process that shows pages does without its
3 MB until a search finds nothing. Pure strings; knows no model and no Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def steps(left: Sequence[str], right: Sequence[str]) -> Iterable[Any]:
    """What makes the right list of the left one: opcodes with a tag, and where each begins and ends on both sides."""
    from rapidfuzz.distance import Indel

    return Indel.opcodes(left, right)


def window(exact: str, document: str, least: float) -> Any:
    """The passage of a document that comes closest to a text, of at least so many hundredths; None if none does."""
    from rapidfuzz import fuzz

    return fuzz.partial_ratio_alignment(exact, document, score_cutoff=least)


def nearest(text: str, known: Iterable[str], most: int, least: float) -> list[str]:
    """The texts that come closest, of at least so many hundredths, the closest first."""
    from rapidfuzz import fuzz, process

    return [one for one, _, _ in process.extract(text, list(known), scorer=fuzz.ratio, limit=most, score_cutoff=least)]
