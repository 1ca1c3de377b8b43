"""Meeting: talks at a place on a day; and its states, each as a source told it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from talks.models.base import Noun, Rules, Written, refuse_cycle
from talks.models.fields import DerivedDayField, EdtfField
from talks.models.party import COUNTRY
from talks.models.source import Source
from talks.querysets import MeetingQuerySet, MeetingStateQuerySet


class Meeting(Noun):
    """Talks between delegations, at one place, on one day or over several."""

    title = models.CharField(max_length=200, help_text="How we name the meeting: place and date.")
    round_label = models.CharField(
        max_length=200, blank=True, help_text="The round as the press counts it, in a source's own words."
    )
    date = EdtfField(help_text="When it takes or took place, as precisely as is known (EDTF).")
    date_from = DerivedDayField(help_text="The first day that the date can mean; derived.")
    date_to = DerivedDayField(side="last", help_text="The last day that the date can mean; derived.")
    city = models.CharField(max_length=100, blank=True, help_text="The city or region.")
    country = models.CharField(
        max_length=2, blank=True, validators=[COUNTRY], help_text="The country (ISO 3166-1 alpha-2)."
    )
    venue = models.CharField(max_length=200, blank=True, help_text="The building, where a source names it.")
    follows = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="followed_by",
        help_text="The meeting before it in the same series of talks.",
    )
    summary = models.TextField(blank=True, help_text="What it came to, in our own words and by whose account.")
    featured = models.BooleanField(default=False, help_text="Whether it leads the front page; one meeting at most.")
    rests_on = models.ManyToManyField(
        Source, blank=True, related_name="meetings", help_text="Sources of its date, place and summary."
    )

    objects = MeetingQuerySet.as_manager()

    class Meta(Noun.Meta):
        constraints = [
            *Noun.Meta.constraints,
            models.UniqueConstraint(
                fields=["featured"],
                condition=Q(featured=True),
                name="meeting_one_featured",
                violation_error_message="featured: another meeting is featured already.",
            ),
            models.CheckConstraint(
                name="meeting_days_in_order",
                condition=Q(date_to__gte=F("date_from")),
                violation_error_message="date: it ends before it begins.",
            ),
            models.CheckConstraint(
                name="meeting_does_not_follow_itself",
                condition=Q(follows=None) | ~Q(follows=F("id")),
                violation_error_message="follows: a meeting does not follow itself.",
            ),
        ]
        indexes = [models.Index(fields=["date_from", "slug"], name="meeting_in_order")]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> MeetingState | None:
        """Its latest state, as its source told it; nothing is typed in."""
        return next(iter(self.states.all()), None)

    @property
    def earlier_states(self) -> list[MeetingState]:
        """The states before the latest, latest first."""
        return list(self.states.all())[1:]

    def state_on(self, day: object) -> MeetingState | None:
        """The latest state that had been reported by the end of that day."""
        return next((state for state in self.states.all() if state.reported_on <= day), None)

    def check_rules(self, rules: Rules) -> None:
        refuse_cycle(self, "follows", rules)


class MeetingState(Written):
    """What one source said of whether a meeting takes place."""

    class State(models.TextChoices):
        # From the least to the most certain: on one day the later in this list is the latest.
        PROPOSED = "proposed", "proposed"
        SCHEDULED = "scheduled", "scheduled"
        CONFIRMED = "confirmed", "confirmed"
        HELD = "held", "held"
        POSTPONED = "postponed", "postponed"
        CANCELLED = "cancelled", "cancelled"

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="states", help_text="The meeting.")
    state = models.CharField(max_length=10, choices=State.choices, help_text="What the source said of it.")
    reported_on = models.DateField(help_text="The day on which the source said so.")
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="states", help_text="The source that said so."
    )
    note = models.TextField(blank=True, help_text="What exactly it said, in our own words.")

    objects = MeetingStateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "state", "reported_on", "source"],
                name="meetingstate_once",
                violation_error_message="state: this source's word of this day is entered already.",
            ),
            models.CheckConstraint(
                name="meetingstate_state_is_known",
                condition=Q(state__in=["proposed", "scheduled", "confirmed", "held", "postponed", "cancelled"]),
                violation_error_message="state: not one of the six.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state}, {self.reported_on}"

    def natural_key(self) -> tuple[str, ...]:
        return (*self.meeting.natural_key(), self.state, str(self.reported_on), *self.source.natural_key())

    natural_key.dependencies = ["talks.meeting", "talks.source"]  # type: ignore[attr-defined]
