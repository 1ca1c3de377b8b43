"""Release: a state of the published data that was cut into files and stays downloadable."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from talks.querysets import ReleaseQuerySet


class Release(models.Model):
    """One release. Its files stand in a folder of their own; this row tells the site that they are there."""

    number = models.PositiveIntegerField(
        unique=True, validators=[MinValueValidator(1)], help_text="Its number, from 1."
    )
    as_of = models.DateTimeField(help_text="The instant (UTC) of the last change of the data in it.")
    cut_at = models.DateTimeField(help_text="The instant (UTC) at which it was cut here; in none of its files.")
    edition = models.BigIntegerField(help_text="The edition of this site from which it was cut.")
    counts = models.JSONField(help_text="How many rows each record has.")
    changes = models.JSONField(help_text="How many rows were added, changed and removed since the release before it.")
    files = models.JSONField(help_text="Its files: name, size in bytes, SHA-256.")

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="release_number_from_one",
                condition=Q(number__gte=1),
                violation_error_message="number: must be 1 or more.",
            )
        ]

    def __str__(self) -> str:
        return f"Release {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("release-detail", args=[self.number])

    @property
    def citation(self) -> str:
        """The sentence to cite it by."""
        day = self.as_of.date().isoformat()
        return f"Talks in Context, release {self.number}, data of {day}, {settings.SITE_URL}{self.get_absolute_url()}"

    @property
    def held(self) -> list[tuple[str, int]]:
        """How many rows each record has, without those that have none."""
        return [(name.replace("_", " "), count) for name, count in self.counts.items() if count]

    @property
    def changed(self) -> list[tuple[str, str]]:
        """What became of each record since the release before, in words; without those that stayed as they were."""
        told = {
            name.replace("_", " "): ", ".join(f"{count:,} {kind}" for kind, count in kinds.items() if count)
            for name, kinds in self.changes.items()
        }
        return [(name, words) for name, words in told.items() if words]

    def file(self, name: str) -> dict[str, Any] | None:
        """What is known of one of its files; None if it has no such file."""
        return next((file for file in self.files if file["name"] == name), None)

    @property
    def archive(self) -> dict[str, Any]:
        """The one file that has all others in it."""
        return next(file for file in self.files if file["name"].endswith(".zip"))
