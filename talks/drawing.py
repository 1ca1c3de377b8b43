"""Timelines: asks what a drawing needs, in three questions at most, and has it laid out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse

from talks.formats.words import sayable
from talks.querysets.drawn import said_by
from talks.timeline import (
    EACH,
    MOST,
    Condensed,
    Drawing,
    Said,
    Scope,
    Side,
    Talk,
    Tallied,
    condense,
    draw,
    leading,
    unit,
)

PERSONAL = "of this person"
Timeline = Drawing | Condensed


def of_meetings(meetings: Any, asked: dict[str, str], site: str = "") -> Timeline | None:
    """The drawing of the meetings that the filters of their list leave; None if there are none.

    `asked` are the filters in force, `site` stands before all addresses.
    """
    talks = _talks(meetings.with_sides(MOST + 1), site)
    if len(talks) > MOST:
        others = {name: value for name, value in asked.items() if name not in ("year", "month")}
        period = asked.get("month") or asked.get("year", "")
        return _condensed(meetings, period, _way("meeting-list", site, **others))
    rows = list(meetings.said_about([talk.key for talk in talks], EACH + 1))
    met = "of this party" if "party" in asked else "in this data"
    return draw(talks, _said(rows, talks, site), Scope(_way("statement-list", site), met))


def of_person(person: Any, members: Iterable[Any]) -> Timeline | None:
    """The drawing of what a person said, and of the meetings that it is about or that the person took part in.

    One question, for the newest statements; `members` are the person's places on delegations.
    """
    rows = list(said_by(person, MOST * EACH))
    told: dict[int, tuple[str, str, str, str]] = {row[0]: row[7:11] for row in rows}
    sides: dict[int, set[Side]] = {key: set() for key in told}
    for meeting, party, *_, name, code, public in rows:
        if public == "published":
            sides[meeting].add(Side(party, sayable(name), code))
    for member in members:
        meeting, party = member.delegation.meeting, member.delegation.party
        told[meeting.pk] = (meeting.slug, meeting.title, meeting.date, meeting.city)
        sides.setdefault(meeting.pk, set()).add(Side(party.pk, sayable(party.name), party.slug))
    talks = [_talk(key, *told[key], tuple(sides[key]), "") for key in told]
    talks.sort(key=lambda talk: (talk.first, talk.slug))
    scope = Scope(_way("statement-list", "", speaker=person.slug), PERSONAL, PERSONAL, personal=True)
    said = _said((row[:7] for row in rows), talks, "")
    drawn = condense(*_tally(talks), scope.statements, "") if len(talks) > MOST else draw(talks, said, scope)
    if drawn and len(rows) == MOST * EACH:
        drawn.note = f"Drawn from the newest {MOST * EACH} statements of this person."
    return drawn


def as_file(drawing: Timeline | None) -> str:
    """A drawing that stands alone, in its own colours."""
    return render_to_string("talks/timeline.svg", {"drawing": drawing})


def _way(name: str, site: str, **narrowed: str) -> str:
    """A list's address, ready for further parameters."""
    query = urlencode(narrowed)
    return f"{site}{reverse(name)}?{query}{'&' if query else ''}"


def _talks(rows: Iterable[Any], site: str) -> list[Talk]:
    """The meetings of `with_sides`; which parties are lanes is told by those to the talks."""
    found = []
    for (key, slug, title, day, city), group in groupby(rows, key=lambda row: row[:5]):
        sides = tuple(
            Side(party, sayable(name), code)
            for *_, party, name, code, capacity, sent, public in group
            if (capacity, sent, public) == ("party", "published", "published")
        )
        found.append(_talk(key, slug, title, day, city, sides, site))
    return found


def _talk(key: int, slug: str, title: str, day: str, city: str, sides: tuple[Side, ...], site: str) -> Talk:
    address = site + reverse("meeting-detail", args=[slug])
    return Talk(key, slug, sayable(title), day, address, sides, sayable(city))


def _tally(talks: Sequence[Talk]) -> tuple[list[Side], list[Tallied]]:
    """The same counts as the database gives for other drawings, of few meetings in hand."""
    sides = leading(Counter(side for talk in talks for side in talk.sides))
    tallied = []
    for talk in talks:
        first, last = (date.fromordinal(day).isoformat()[:4] for day in talk.days)
        lanes = [0, *(side.key for side in talk.sides if side in sides)]
        tallied += [Tallied(lane, first, last, 1) for lane in lanes]
    return sides, tallied


def _said(rows: Iterable[Any], talks: Iterable[Talk], site: str) -> list[Said]:
    """The statements of these meetings, newest first."""
    drawn = {talk.key for talk in talks}
    found = [
        Said(meeting, party, kind, day, sayable((name or printed).partition(",")[0]), _statement(site, slug))
        for meeting, party, kind, day, name, printed, slug in rows
        if meeting in drawn
    ]
    return sorted(found, key=lambda one: (one.days, one.address), reverse=True)


def _statement(site: str, slug: str) -> str:
    return site + reverse("statement-detail", args=[slug])


def _condensed(meetings: Any, period: str, way: str) -> Condensed:
    letters = unit(period)
    sent = list(meetings.sides_tallied(letters))
    counted: Counter[Side] = Counter()
    for party, name, code, *_, number in sent:
        counted[Side(party, sayable(name), code)] += number
    sides = leading(counted)
    keys = [side.key for side in sides]
    tallied = [Tallied(row[0], *row[3:]) for row in sent if row[0] in keys]
    for first, last, third, number in meetings.tallied(letters, keys):
        tallied += [Tallied(lane, first, last, number) for lane in ((0, -1) if third else (0,))]
    return condense(sides, tallied, way, period)
