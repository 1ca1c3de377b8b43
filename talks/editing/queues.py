"""What waits at the desk: records to review, and what has become doubtful since it was published.

The day is the clock's: this is the editor's process. Every question is bounded, however much is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from talks.editing.rights import WRITING
from talks.models import Delegation, EditorsNote, Meeting, Party, Person, Source, Statement
from talks.querysets import desk

# In the order in which they need one another.
NOUNS: tuple[Any, ...] = (Source, Party, Person, Meeting, Delegation, Statement, EditorsNote)
# Of each queue and group that many are shown; the rest stands in its list.
MOST = 50


class Waiting(NamedTuple):
    """A record that waits for a second person: since when, and who drafted it last, if that is recorded."""

    noun: Any
    since: datetime
    by: str


class Doubt(NamedTuple):
    """A way to become doubtful: what it is called and means, whom it concerns, how to ask for it, the query of the list
    that has all of them, and how what was asked for is counted.
    """

    heading: str
    why: str
    model: Any
    ask: Callable[[Any], Any]
    query: str
    count: Callable[[Any], int] = desk.counted


class Group(NamedTuple):
    """What is doubtful in one way: the first of them and how many there are, counted as far as `desk.counted` does."""

    doubt: Doubt
    nouns: list[Any]
    number: int


def unsettled(meetings: Any) -> Any:
    """Meetings whose last possible day has passed without a word of what became of them."""
    return desk.unsettled(meetings, timezone.localdate())


DOUBTS = (
    Doubt(
        "Quotations that are no longer found",
        "They were found in another document than the one that their source has now.",
        Statement,
        desk.lost,
        "status__exact=published&evidence=lost",
        desk.number_lost,
    ),
    Doubt(
        "Quotations that nobody has looked for",
        "They are published, and were never held against their source’s text.",
        Statement,
        desk.never_looked_for,
        "status__exact=published&evidence=unchecked",
        desk.number_never_looked_for,
    ),
    Doubt(
        "Sources whose link does not work",
        "Their address led to no page when it was last asked for.",
        Source,
        desk.broken,
        "doubt=broken",
    ),
    Doubt(
        "Sources whose document has changed",
        "Quotations were found in another text of theirs, or their page lacked some when it was last read.",
        Source,
        desk.changed,
        "doubt=changed",
    ),
    Doubt(
        "Meetings of which nobody has said what became of them",
        "Their last possible day has passed, and no source says that they were held, postponed or cancelled.",
        Meeting,
        unsettled,
        "doubt=unsettled",
    ),
)


def in_review() -> list[Waiting]:
    """The records in review of all kinds, the one that has waited longest first."""
    waiting = [one for model in NOUNS for one in _in_review(model)]
    return sorted(waiting, key=lambda one: one.since)[:MOST]


def _in_review(model: Any) -> Iterator[Waiting]:
    nouns = list(desk.in_review(model.objects.all())[:MOST])
    entries = desk.last_entries(model.history.all(), [noun.pk for noun in nouns], WRITING)
    by = dict(entries.values_list("id", "history_user_id")) if nouns else {}
    for noun in nouns:
        yield Waiting(noun, noun.updated_at, by.get(noun.pk, ""))


def numbers_in_review() -> list[tuple[Any, int]]:
    """How many of each kind are in review; of more than `desk.MOST_COUNTED`, one more than these."""
    return [(model, desk.counted(desk.in_review(model.objects.all()))) for model in NOUNS]


def doubtful() -> list[Group]:
    """What has become doubtful, way by way."""
    return [_group(doubt) for doubt in DOUBTS]


def _group(doubt: Doubt) -> Group:
    rows = doubt.model.objects.all()
    asked = doubt.ask(rows)
    keys = list(desk.first_entered(asked).values_list("pk", flat=True)[: MOST + 1])
    number = len(keys) if len(keys) <= MOST else doubt.count(asked)
    return Group(doubt, list(desk.with_caption(desk.first_entered(rows.among(keys[:MOST])))), number)


def number_of_doubts() -> int:
    """How many there are in all, as far as each is counted."""
    return sum(doubt.count(doubt.ask(doubt.model.objects.all())) for doubt in DOUBTS)
