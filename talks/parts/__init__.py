"""Every part of the pages in its states, for those who change one. Only the editor's process has this page.

A file of templates/parts for which there is no function here fails a test.
"""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from talks import templating
from talks.parts import around, corrected, words
from talks.parts.stock import SHOWN, Stock

__all__ = ["SHOWN", "around", "corrected", "index", "words"]

# Parts that bring their own section, so that none is drawn around them.
SECTIONS = (
    "contradiction",
    "correction",
    "meeting_statements",
    "timeline",
    "timeline.svg",
    "timeline_years.svg",
)
# A piece of a drawing, which is shown as the drawing that has it.
WITHIN = {"timeline_years.svg": "timeline.svg"}


class Sample(NamedTuple):
    """A part in one state: the state in words, and what its template makes of it."""

    state: str
    html: str


def samples(part: str, stock: Stock) -> list[Sample]:
    """A part in all its states; none where the data has nothing to make them of."""
    name = WITHIN.get(part, part)
    try:
        return [
            Sample(state, templating.part(name.replace(".", "_"), **inputs)) for state, inputs in SHOWN[part](stock)
        ]
    except IndexError:
        return []


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All parts, in alphabetical order."""
    stock = Stock()
    parts = [(part, samples(part, stock), part in SECTIONS) for part in sorted(SHOWN)]
    return render(request, "talks/parts.html", {"parts": parts})
