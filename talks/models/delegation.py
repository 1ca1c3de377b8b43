"""Delegation: who represents a party at one meeting; and its members, each with the source of the role."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from talks.models.base import Noun, Written
from talks.models.meeting import Meeting
from talks.models.party import Party
from talks.models.person import Person
from talks.models.source import Source
from talks.querysets import DelegationMemberQuerySet, DelegationQuerySet


class Delegation(Noun):
    """Who represents a party at one meeting."""

    class Capacity(models.TextChoices):
        PARTY = "party", "party to the talks"
        HOST = "host", "host"
        MEDIATOR = "mediator", "mediator"
        OBSERVER = "observer", "observer"

    needs = ("meeting", "party")

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="delegations", help_text="The meeting that it is sent to."
    )
    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="delegations", help_text="The party that it represents."
    )
    capacity = models.CharField(
        max_length=10,
        choices=Capacity.choices,
        default=Capacity.PARTY,
        help_text="In what capacity it takes part: party to the talks, host, mediator or observer.",
    )
    rests_on = models.ManyToManyField(
        Source, blank=True, related_name="delegations", help_text="Sources of its taking part."
    )

    objects = DelegationQuerySet.as_manager()

    class Meta(Noun.Meta):
        constraints = [
            *Noun.Meta.constraints,
            models.UniqueConstraint(
                fields=["meeting", "party"],
                name="delegation_one_of_a_party_at_a_meeting",
                violation_error_message="party: this party has a delegation at this meeting already.",
            ),
            models.CheckConstraint(
                name="delegation_capacity_is_known",
                condition=Q(capacity__in=["party", "host", "mediator", "observer"]),
                violation_error_message="capacity: not one of the four.",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def head(self) -> DelegationMember | None:
        """Its head; the members must have been fetched."""
        return next((member for member in self.members.all() if member.role == "head"), None)

    @property
    def others(self) -> list[DelegationMember]:
        """Its members and advisers, without the head."""
        return [member for member in self.members.all() if member.role != "head"]


class DelegationMember(Written):
    """One person on one delegation, in the role that a source gives."""

    class Role(models.TextChoices):
        HEAD = "head", "head"
        MEMBER = "member", "member"
        ADVISER = "adviser", "adviser"

    delegation = models.ForeignKey(
        Delegation, on_delete=models.CASCADE, related_name="members", help_text="The delegation."
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships", help_text="The person.")
    role = models.CharField(
        max_length=10, choices=Role.choices, default=Role.MEMBER, help_text="Head, member or adviser."
    )
    role_as_printed = models.CharField(
        max_length=200, blank=True, help_text="The person's office of that day, in the source's own words."
    )
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="members", help_text="The source that says so."
    )

    objects = DelegationMemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["delegation", "person"],
                name="delegationmember_once",
                violation_error_message="person: is on this delegation already.",
            ),
            models.UniqueConstraint(
                fields=["delegation"],
                condition=Q(role="head"),
                name="delegationmember_one_head",
                violation_error_message="role: the delegation has a head already.",
            ),
            models.CheckConstraint(
                name="delegationmember_role_is_known",
                condition=Q(role__in=["head", "member", "adviser"]),
                violation_error_message="role: not one of the three.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.role})"

    def natural_key(self) -> tuple[str, ...]:
        return (*self.delegation.natural_key(), *self.person.natural_key())

    natural_key.dependencies = ["talks.delegation", "talks.person"]  # type: ignore[attr-defined]
