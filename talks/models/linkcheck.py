"""LinkCheck: what became of a source's address when it was last asked for."""

from __future__ import annotations

from django.db import models

from talks.models.source import Source
from talks.querysets import LinkCheckQuerySet


def works(status: int) -> bool:
    """Whether an answer of this HTTP status led to a page; `working()` says the same to the database."""
    return 200 <= status < 300


class LinkCheck(models.Model):
    """One asking for a source's address."""

    source = models.ForeignKey(
        Source, on_delete=models.CASCADE, related_name="link_checks", help_text="The source whose address it was."
    )
    checked_at = models.DateTimeField(help_text="The instant (UTC) at which it was asked for.")
    status = models.PositiveSmallIntegerField(help_text="The HTTP status of the last answer; 0 if none came.")
    final_url = models.CharField(
        max_length=2000, blank=True, help_text="Where redirects led to; empty if there were none."
    )
    problem = models.CharField(
        max_length=300, blank=True, help_text="Why there was no good answer; empty if there was."
    )
    found = models.PositiveIntegerField(default=0, help_text="How many of its quotations stand in the page.")
    missing = models.PositiveIntegerField(default=0, help_text="How many of its quotations no longer stand in it.")

    objects = LinkCheckQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["source", "-checked_at"], name="linkcheck_latest")]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.status or self.problem}"

    @property
    def worked(self) -> bool:
        """Whether the address led to a page."""
        return works(self.status)
