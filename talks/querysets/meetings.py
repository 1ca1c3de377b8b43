"""Words for meetings, their states, the delegations sent to them and the members of those."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db.models import Case, F, IntegerField, Max, Min, Model, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import StrIndex

from talks.querysets.base import PUBLISHED, published_notes, published_sources, related
from talks.querysets.drawn import DrawnMeetings
from talks.querysets.reported import ReportedDelegations, ReportedMeetings, ReportedMembers, ReportedStates
from talks.querysets.tallied import Tallied


class MeetingQuerySet(DrawnMeetings, ReportedMeetings):  # type: ignore[override]
    caption = F("title")

    def in_order(self) -> Self:
        """Oldest first."""
        return self.order_by("date_from", "slug")

    def newest_first(self) -> Self:
        return self.order_by("-date_from", "-slug")

    def of_name(self, text: str) -> Self:
        """Those with these words in their title, city or venue, newest first."""
        named = Q(title__icontains=text) | Q(city__icontains=text) | Q(venue__icontains=text)
        return self.filter(named).newest_first()

    def held(self) -> Self:
        """Meetings of which some source says that they took place."""
        return self.filter(states__state="held").distinct()

    def featured(self) -> Self:
        """The meeting that leads the front page, if one was chosen."""
        return self.filter(featured=True)

    def narrowed(self, party: Any = None, year: str = "", month: str = "") -> Self:
        """Those to which this party sent a delegation, and whose days touch this year and this month, as far as they
        are given.
        """
        sent = Q(delegations__party=party, delegations__status=PUBLISHED)
        narrowed = self.filter(sent) if party else self
        for period in filter(None, (year, month)):
            narrowed = narrowed.touching(period)
        return narrowed

    def span(self) -> tuple[date | None, date | None]:
        """The first and the last day of all of them."""
        found = self.aggregate(first=Min("date_from"), last=Max("date_to"))
        return found["first"], found["last"]

    def with_counts(self) -> Self:
        """With `statement_count`: published utterances about the meeting, other wordings left out."""
        return self.annotate(statement_count=Tallied("meeting"))

    def with_states(self, day: date | None = None) -> Self:
        """With their states, latest first, each with its source; of a day, those reported by then."""
        states = related("MeetingState").latest_first().with_source().reported_by(day)
        return self.prefetch_related(Prefetch("states", states))

    def with_delegations(self, day: date | None = None) -> Self:
        """With all their delegations; of a day, with the members reported by then."""
        delegations = related("Delegation").published().in_order().with_reported(day).with_members(day)
        return self.prefetch_related(Prefetch("delegations", delegations))

    def with_sources(self, day: date | None = None) -> Self:
        """With the public sources of date and place; of a day, those published by then."""
        return self.prefetch_related(published_sources(day))

    def with_notes(self) -> Self:
        return self.prefetch_related(published_notes())

    def with_neighbours(self, day: date | None = None) -> Self:
        """With the meeting before it and the public ones after it; of a day, as far as reported by then."""
        public = related("Meeting").published().reported_by(day).in_order()
        found = self.prefetch_related(Prefetch("followed_by", public))
        return found.prefetch_related(Prefetch("follows", public)) if day else found.select_related("follows")


class MeetingStateQuerySet(ReportedStates):
    def get_by_natural_key(self, meeting: str, state: str, reported_on: str, source: str) -> Model:
        """A state by meeting, state, day and source; the natural key of fixtures."""
        return self.get(meeting__slug=meeting, state=state, reported_on=reported_on, source__slug=source)

    def with_source(self) -> Self:
        return self.filter(source__status=PUBLISHED).select_related("source")

    def with_meeting(self) -> Self:
        return self.filter(meeting__status=PUBLISHED).select_related("meeting")

    def in_order(self) -> Self:
        return self.order_by("reported_on", "meeting__slug", "state", "source__slug")

    def latest_first(self) -> Self:
        """Latest report first; on one day the surer state, so that held stands before confirmed."""
        # Where it stands among their names: one expression, where a rank for each would be six, on most pages of all.
        rank = StrIndex(Value(" ".join(self.model.State.values)), F("state"))
        return self.annotate(rank=rank).order_by("-reported_on", "-rank", "source__slug")


class DelegationQuerySet(ReportedDelegations):
    def in_order(self) -> Self:
        """Parties to the talks before hosts and others, each in alphabetical order."""
        capacity = Case(When(capacity="party", then=Value(0)), default=Value(1), output_field=IntegerField())
        return self.annotate(third=capacity).order_by("third", "party__name", "slug")

    def newest_first(self) -> Self:
        return self.order_by("-meeting__date_from", "party__name", "slug")

    def with_meeting(self) -> Self:
        """Only where party and meeting are public too, which publishing makes sure of."""
        return self.select_related("party", "meeting")

    def with_members(self, day: date | None = None) -> Self:
        members = related("DelegationMember").in_order().with_person().reported_by(day)
        return self.select_related("party").prefetch_related(Prefetch("members", members))

    def with_sources(self) -> Self:
        return self.prefetch_related(published_sources(), published_notes())

    def others_of(self, party: int, own: int) -> Self:
        """A party's delegations besides this one."""
        return self.filter(party=party).exclude(pk=own)


class DelegationMemberQuerySet(ReportedMembers):
    def get_by_natural_key(self, delegation: str, person: str) -> Model:
        """A member by delegation and person; the natural key of fixtures."""
        return self.get(delegation__slug=delegation, person__slug=person)

    def with_person(self) -> Self:
        return self.filter(person__status=PUBLISHED).select_related("person", "source")

    def with_delegation(self) -> Self:
        published = Q(delegation__status=PUBLISHED, delegation__meeting__status=PUBLISHED)
        return self.filter(published).select_related("delegation__meeting", "delegation__party", "source")

    def in_order(self) -> Self:
        """The head first, then members and advisers by name."""
        ranks = [When(role=role, then=Value(rank)) for rank, role in enumerate(self.model.Role.values)]
        rank = Case(*ranks, default=Value(9), output_field=IntegerField())
        return self.annotate(rank=rank).order_by("rank", "person__sort_name", "person__slug")

    def with_heads(self) -> Self:
        """With `head_name` and `head_slug`: who leads the delegation, if that is known and public."""
        heads = related("DelegationMember").filter(delegation=OuterRef("delegation"), role="head")
        public = heads.filter(person__status=PUBLISHED)
        named = {f"head_{field}": Subquery(public.values(f"person__{field}")[:1]) for field in ("name", "slug")}
        return self.annotate(**named)

    def shared_with(self, person: Any) -> Self:
        """Those on delegations on which this person sits too."""
        return self.filter(delegation__members__person=person).select_related(
            "delegation__meeting", "delegation__party"
        )

    def by_meeting(self) -> Self:
        return self.order_by("delegation__meeting__date_from", "delegation__slug")
