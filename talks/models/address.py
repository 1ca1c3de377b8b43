"""What old addresses remember: where a noun has moved to, and what was withdrawn before this database was filled."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from talks.models.base import Noun, Rules
from talks.models.correction import KINDS_OF_RECORD, known_record, record_field
from talks.models.fields import SlugField
from talks.querysets import AddressQuerySet


class Redirect(models.Model):
    """A slug that a noun once had; its address leads to the present one for ever."""

    record = record_field()
    old_slug = SlugField(max_length=100, help_text="The slug that it had.")
    slug = SlugField(max_length=100, help_text="The slug that it has now.")

    objects = AddressQuerySet.as_manager()

    class Meta:
        constraints = [
            known_record("redirect"),
            models.UniqueConstraint(
                fields=["record", "old_slug"],
                name="redirect_one_for_a_slug",
                violation_error_message="old_slug: leads somewhere already.",
            ),
            models.CheckConstraint(
                name="redirect_leads_elsewhere",
                condition=~Q(slug=F("old_slug")) & ~Q(slug="") & ~Q(old_slug=""),
                violation_error_message="slug: leads to itself, or nowhere.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record}/{self.old_slug} → {self.slug}"

    def natural_key(self) -> tuple[str, ...]:
        return (self.record, self.old_slug)

    def clean(self) -> None:
        rules = Rules()
        rules.must(self.slug != self.old_slug, "slug", "Leads to itself.")
        rules.close()


class Tombstone(models.Model):
    """A withdrawn noun of which nothing is left here but its address, the day and the reason.

    A noun that is withdrawn in this database keeps its row; its tombstone is read from there. This table holds
    those that came with a release.
    """

    record = record_field()
    slug = SlugField(max_length=100, help_text="The slug that it had, which is never used again.")
    withdrawn_on = models.DateField(help_text="The day on which it was withdrawn.")
    withdrawn_because = models.TextField(help_text="Why it was withdrawn, in a sentence for the public.")

    objects = AddressQuerySet.as_manager()

    class Meta:
        constraints = [
            known_record("tombstone"),
            models.UniqueConstraint(
                fields=["record", "slug"],
                name="tombstone_one_for_a_slug",
                violation_error_message="slug: has a tombstone already.",
            ),
            models.CheckConstraint(
                name="tombstone_has_slug_and_reason",
                condition=~Q(slug="") & ~Q(withdrawn_because=""),
                violation_error_message="withdrawn_because: must not be empty.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record}/{self.slug}"

    def get_absolute_url(self) -> str:
        return f"/{self.record}/{self.slug}/"

    def natural_key(self) -> tuple[str, ...]:
        return (self.record, self.slug)

    @property
    def kind(self) -> str:
        """What it was, as a reader says it."""
        return KINDS_OF_RECORD[self.record]


def used_before(noun: Noun) -> str:
    """What had the slug of a noun before, in words; empty if nothing had."""
    kind = str(noun._meta.verbose_name).replace("'", "’")
    record = next(record for record, name in KINDS_OF_RECORD.items() if name == kind)
    if Tombstone.objects.at(record, noun.slug).exists():
        return f"a {kind} that was withdrawn"
    moved = Redirect.objects.at(record, noun.slug).first()
    return f"“{moved.slug}”" if moved else ""
