"""Words for what a timeline is drawn from. They give plain values: a drawing needs few columns of many rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from django.db.models import CharField, Count, Exists, F, OuterRef
from django.db.models.functions import Cast, Left

from talks import dates
from talks.querysets.base import PUBLISHED, NounQuerySet, related

STATEMENT = ("meeting", "party", "quotation_type", "said_on", "speaker__sort_name", "speaker_as_printed", "slug")


class DrawnMeetings(NounQuerySet):
    """What can be asked of meetings besides, for a timeline."""

    def touching(self, period: str) -> Self:
        """Those whose days touch this year, month or day (EDTF): all days that their date can mean."""
        days = dates.parse(period)
        return self.filter(date_from__lte=days.last, date_to__gte=days.first)

    def with_sides(self, most: int) -> Any:
        """The first so many, oldest first, as plain values, with a row for each public delegation; with none, one
        row.
        """
        chosen = self.order_by("date_from", "slug").values("pk")[:most]
        party = "delegations__party"
        told = (f"{party}__name", f"{party}__slug", "delegations__capacity", "delegations__status", f"{party}__status")
        rows = related("Meeting").filter(pk__in=chosen).order_by("date_from", "slug", f"{party}__name")
        return rows.values_list("pk", "slug", "title", "date", "city", party, *told)

    def tallied(self, letters: int, parties: Sequence[int]) -> Any:
        """How many there are by the first letters of their first and last day, those apart to which others than
        these parties to the talks sent a delegation: (first, last, whether, number).
        """
        sent = related("Delegation").published().filter(meeting=OuterRef("pk"), party__status=PUBLISHED)
        others = Exists(sent.exclude(capacity="party", party__in=parties))
        rows = self._all().annotate(first=_beginning("date_from", letters), last=_beginning("date_to", letters))
        grouped = rows.annotate(third=others).order_by().values_list("first", "last", "third")
        return grouped.annotate(number=Count("pk"))

    def sides_tallied(self, letters: int) -> Any:
        """How many of them each party took part in as a party to the talks, by the same letters: (party, name, slug,
        first, last, number).
        """
        sent = related("Delegation").published().filter(meeting__in=self._numbers(), party__status=PUBLISHED)
        days = {"first": _beginning("meeting__date_from", letters), "last": _beginning("meeting__date_to", letters)}
        rows = sent.filter(capacity="party").annotate(**days, name=F("party__name"), code=F("party__slug")).order_by()
        return rows.values_list("party", "name", "code", "first", "last").annotate(number=Count("pk"))

    def said_about(self, meetings: Sequence[int], most: int) -> Any:
        """What was said about each of these meetings, newest first, at most so many of each, as plain values.

        Each meeting is asked by its index; one question for all of them would sort all statements of all.
        """
        spoken = related("Statement").published().principal().spoken()
        asked = [_statements(spoken.about(meeting).newest_first()[:most]) for meeting in meetings]
        return asked[0].union(*asked[1:], all=True) if asked else []

    def _all(self) -> Any:
        """The same without joins, which would count a meeting once for each of its rows."""
        return related("Meeting").filter(pk__in=self._numbers())

    def _numbers(self) -> Any:
        return self.order_by().values("pk")


def said_by(person: Any, most: int) -> Any:
    """The newest so many statements of a person, as plain values, with their meetings and parties."""
    newest = related("Statement").published().principal().by([person]).newest_first()[:most]
    meeting = ("slug", "title", "date", "city")
    party = ("party__name", "party__slug", "party__status")
    return _statements(newest).values_list(*STATEMENT, *(f"meeting__{name}" for name in meeting), *party)


def _statements(some: Any) -> Any:
    # SQLite takes a limit inside of IN, but not in a part of a UNION.
    rows = related("Statement").filter(pk__in=some.values("pk"))
    return rows.values_list(*STATEMENT)


def _beginning(field: str, letters: int) -> Any:
    """The year, the month or the whole of a day as text, alike on both databases."""
    return Left(Cast(field, CharField()), letters)
