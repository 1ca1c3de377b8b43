"""Correction: a public change of published data, with its reason."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from talks.models.base import Rules
from talks.models.fields import SlugField
from talks.querysets import CorrectionQuerySet

KINDS_OF_RECORD = {
    "parties": "party",
    "people": "person",
    "sources": "source",
    "meetings": "meeting",
    "delegations": "delegation",
    "statements": "statement",
    "editors_notes": "editor’s note",
}


def record_field() -> models.CharField:
    """Which kind of noun a row speaks of, by the name of its record."""
    return models.CharField(max_length=20, choices=KINDS_OF_RECORD.items(), help_text="The kind of record it concerns.")


def known_record(name: str) -> models.CheckConstraint:
    """The database's own word on that."""
    return models.CheckConstraint(
        name=f"{name}_record_is_known",
        condition=Q(record__in=list(KINDS_OF_RECORD)),
        violation_error_message="record: not a kind of record.",
    )


class Correction(models.Model):
    """One public change of one column of a published record; readers see when, what and why."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", "correction: something was wrong"
        CLARIFICATION = "clarification", "clarification: something was unclear"
        ADDITION = "addition", "addition: something was missing"
        WITHDRAWAL = "withdrawal", "withdrawal: the record is no longer public"

    slug = SlugField(
        max_length=120, unique=True, help_text="The name of the correction: that of its record and a number."
    )
    record = record_field()
    noun = SlugField(max_length=100, help_text="The slug of the record that was changed.", db_index=True)
    kind = models.CharField(
        max_length=20, choices=Kind.choices, help_text="Correction, clarification, addition or withdrawal."
    )
    column = models.CharField(
        max_length=50, blank=True, help_text="The column that was changed; empty if it was the whole record."
    )
    before = models.TextField(blank=True, help_text="What it said before.")
    after = models.TextField(blank=True, help_text="What it says since then.")
    reason = models.TextField(help_text="Why it was changed, in a sentence for the public.")
    corrected_at = models.DateTimeField(help_text="The instant (UTC) at which it was changed.")

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        constraints = [
            known_record("correction"),
            models.CheckConstraint(
                name="correction_kind_is_known",
                condition=Q(kind__in=["correction", "clarification", "addition", "withdrawal"]),
                violation_error_message="kind: not one of the four.",
            ),
            models.CheckConstraint(
                name="correction_has_reason",
                condition=~Q(reason=""),
                violation_error_message="reason: must not be empty.",
            ),
        ]
        indexes = [models.Index(fields=["-corrected_at", "-slug"], name="correction_newest_first")]

    def __str__(self) -> str:
        return f"{self.get_kind_display().partition(':')[0].capitalize()} of {self.noun}"

    def get_absolute_url(self) -> str:
        return f"{reverse('correction-list')}#{self.slug}"

    def natural_key(self) -> tuple[str, ...]:
        return (self.slug,)

    @property
    def noun_url(self) -> str:
        """The address of the record that was changed; empty for a note, which has no page of its own."""
        return "" if self.record == "editors_notes" else f"/{self.record}/{self.noun}/"

    def clean(self) -> None:
        rules = Rules()
        rules.must(self.reason.strip(), "reason", "Say why, in a sentence for the public.")
        rules.close()
