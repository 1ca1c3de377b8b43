"""What the pages ask for again and again, each put together once (`talks.querysets.asked`)."""

from __future__ import annotations

from datetime import date
from typing import Any

from talks.models import (
    Correction,
    Delegation,
    DelegationMember,
    EditorsNote,
    LinkCheck,
    Meeting,
    MeetingState,
    Party,
    Person,
    Source,
    SourceText,
    Statement,
)
from talks.querysets import placed as at_place
from talks.querysets.asked import Question

# How many statements a section of a page shows before it links to the rest, and how many rows of other lists.
IN_A_SECTION = 20
MANY = 100
AROUND = 400  # code points of a public text on each side of a passage, beyond its prefix and suffix

statement = Question(lambda slug: Statement.objects.published().with_evidence().named(slug)[:1])
embedded = Question(lambda slug: Statement.objects.published().with_context().named(slug)[:1])
delegation = Question(
    lambda slug: Delegation.objects.published().with_meeting().with_members().with_sources().named(slug)[:1]
)
party = Question(lambda slug: Party.objects.published().named(slug)[:1])
person = Question(lambda slug: Person.objects.published().with_party().with_notes().named(slug)[:1])
source = Question(lambda slug: Source.objects.published().with_chain().with_notes().named(slug)[:1])


def _meetings(day: date | None = None) -> Any:
    known = Meeting.objects.with_states(day).with_delegations(day).with_neighbours(day)
    return known.published()


_meeting = Question(lambda slug, day=None: _meetings(day).named(slug)[:1])


def _by(day: date | None) -> list[date]:
    """A day as the last value of a question, left out where all is asked for that is known now."""
    return [day] if day else []


def meeting(slug: str, day: date | None) -> Any:
    """The meeting of a slug, as it was known by the end of the day if one is given; None if there is none."""
    return _meeting.first(slug, *_by(day))


corrections = Question(lambda record, slug: Correction.objects.of(record, slug)[:MANY])


# Statements are asked for in two steps: which, by small questions; then with all that they show, once for a page.


@Question
def _in_context(numbers: list[int]) -> Any:
    return Statement.objects.among(numbers).with_context()


_in_lists = {
    "meetings": Question(lambda numbers: Meeting.objects.among(numbers).with_states().with_delegations().with_counts()),
    "delegations": Question(lambda numbers: Delegation.objects.among(numbers).with_meeting().with_members()),
    "parties": Question(lambda numbers: Party.objects.among(numbers).with_counts()),
    "people": Question(lambda numbers: Person.objects.among(numbers).with_party().with_counts()),
    "sources": Question(lambda numbers: Source.objects.among(numbers).with_chain().with_counts()),
}


def listed(name: str, nouns: Any) -> list[Any]:
    """The nouns that a queryset names, in its order, with what their list shows."""
    numbers = list(nouns.numbers())
    found = {row.pk: row for row in _in_lists[name](numbers)} if numbers else {}
    return [found[number] for number in numbers]


def in_context(*lists: list[int]) -> list[list[Any]]:
    """The statements of these row numbers with all that they show, in the order of each list; asked once for all."""
    wanted = sorted({number for numbers in lists for number in numbers})
    found = {row.pk: row for row in _in_context(wanted)} if wanted else {}
    return [[found[number] for number in numbers if number in found] for numbers in lists]


def shown(statements: Any, day: date | None = None) -> list[Any]:
    """The statements that are named, in their order, with all that they show; of a day, with the notes that there could be."""
    (rows,) = in_context(list(statements.numbers()))
    for row in rows if day else ():
        row._prefetched_objects_cache["notes"] = [note for note in row.notes.all() if note.reported_on <= day]
    return rows


def _said() -> Any:
    return Statement.objects.published()


def _newest(**whose: Any) -> Any:
    return _said().principal().having(**whose).newest_first().numbers()[:IN_A_SECTION]


said_by = Question(lambda person: _newest(speaker=person))
said_of = Question(lambda person: _newest(mentions=person))
said_for = Question(lambda party: _newest(party=party))
said_in = Question(lambda source: _said().having(source=source).in_order().numbers()[:IN_A_SECTION])
said_at = Question(
    lambda meeting, people: _said().about(meeting).by(people).principal().in_order().numbers()[:IN_A_SECTION]
)
leading = Question(lambda meeting: _said().about(meeting).leading().numbers()[:6])
latest = Question(lambda: _said().principal().spoken().newest_first().numbers()[:4])
wordings = Question(lambda first, own: _said().wordings_of(first, own).with_context()[:IN_A_SECTION])
roles = Question(lambda person: _said().by([person]).roles()[:200])


_placed = Question(
    lambda numbers: Statement.objects.among(numbers).with_links().with_wordings_counted().in_order(),
)


@Question
def _placed_by(meeting: int, first: date, last: date, parties: list[int], day: date, most: int) -> Any:
    said = _said().with_links().with_wordings_counted(day).principal_by(day)
    return said.placed_of_day(meeting, first, last, parties, most)


def placed(known: Any, meeting: Any, parties: list[int], most: int) -> list[Any]:
    """At most so many statements for each cell of the meeting's page (`talks.querysets.placed`), of what is known now
    or was on a day.
    """
    if known.day is not None:
        days = meeting.date_from, meeting.date_to
        return _placed_by(meeting.pk, *days, parties, known.day, most=most)
    cells = at_place.cells(meeting, known.cells, parties, most)
    statements = _placed(at_place.numbers(meeting, parties, cells, most)) if cells else []
    return at_place.in_place(statements, cells, meeting, parties)


_around = Question(SourceText.objects.between)


def around(statement: Any) -> Any:
    """The text around a statement's first passage, if that is public and was found there: `before` and `after`."""
    passage = next((item for item in statement.passages.all() if item.start is not None), None)
    if passage is None or statement.evidence_state in ("lost", "unchecked"):
        return None
    end = passage.start - len(passage.prefix)
    start = max(0, end - AROUND)
    return _around.first(statement.source_id, start, end, passage.end + len(passage.suffix))


# The meeting that leads the front page: the one that was chosen, else the last that was held.
featured = Question(lambda: _led().featured()[:1])
last_held = Question(lambda: _led().held().newest_first()[:1])


NAMED: dict[str, Any] = {"party": Party, "speaker": Person, "meeting": Meeting, "source": Source}


@Question
def names(*numbers: list[int]) -> Any:
    """(kind, row number, slug, caption) of nouns of the kinds NAMED, of each kind those of these row numbers."""
    asked = [NAMED[kind].objects.published().called(kind, some) for kind, some in zip(NAMED, numbers, strict=True)]
    return asked[0].union(*asked[1:], all=True)


def _led() -> Any:
    return Meeting.objects.published().with_states().with_delegations()


_sources_behind = Question(lambda meeting, day=None: Source.objects.behind(meeting, day)[:MANY])


def sources_behind(meeting: int, day: date | None) -> list[Any]:
    """The sources that a meeting's page rests on; of a day, as of then."""
    return _sources_behind(meeting, *_by(day))


@Question
def _notes_around(meeting: int, said: list[int], day: date | None = None) -> Any:
    return EditorsNote.objects.published().reported_by(day).around(meeting, said, day)


def notes_around(meeting: int, said: list[int], day: date | None) -> list[Any]:
    """The public notes on a meeting and on these statements; of a day, those that could be written by then."""
    return _notes_around(meeting, said, *_by(day))


memberships = Question(
    lambda person: DelegationMember.objects.having(person=person).with_delegation().with_heads().by_meeting()
)
people_of = Question(lambda party: Person.objects.published().having(party=party).in_order()[:MANY])


def _sent() -> Any:
    return Delegation.objects.published().with_meeting().newest_first()


sent_by = Question(lambda party: _sent().having(party=party)[:IN_A_SECTION])
others_sent = Question(lambda party, own: _sent().others_of(party, own)[:IN_A_SECTION])
derivatives = Question(lambda source: Source.objects.published().having(derived_from=source).in_order()[:MANY])
told_by = Question(lambda source: MeetingState.objects.having(source=source).with_meeting().in_order()[:IN_A_SECTION])
link_checks = Question(lambda source: LinkCheck.objects.of_source(source).latest_first()[:5])
