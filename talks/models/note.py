"""EditorsNote: a neutral sentence or two of ours, attached to the nouns that it concerns."""

from __future__ import annotations

from django.db import models

from talks.models.base import Noun
from talks.models.delegation import Delegation
from talks.models.meeting import Meeting
from talks.models.person import Person
from talks.models.source import Source
from talks.models.statement import Statement
from talks.querysets import EditorsNoteQuerySet


class EditorsNote(Noun):
    """What an editor adds: a gap, a doubt, or what other sources have."""

    subject = models.CharField(max_length=100, help_text="What the note is about, in a few words.")
    text = models.TextField(help_text="The note: neutral, one to three sentences, without a verdict.")
    reported_on = models.DateField(help_text="The day from which it could be known.")
    disagreement = models.BooleanField(
        default=False, help_text="Whether the attached statements contradict one another and stand side by side."
    )
    rests_on = models.ManyToManyField(
        Source, blank=True, related_name="notes_resting", help_text="Sources that the note rests on."
    )
    meetings = models.ManyToManyField(Meeting, blank=True, related_name="notes", help_text="Meetings that it concerns.")
    statements = models.ManyToManyField(
        Statement, blank=True, related_name="notes", help_text="Statements that it concerns."
    )
    people = models.ManyToManyField(Person, blank=True, related_name="notes", help_text="Persons that it concerns.")
    delegations = models.ManyToManyField(
        Delegation, blank=True, related_name="notes", help_text="Delegations that it concerns."
    )
    sources = models.ManyToManyField(Source, blank=True, related_name="notes", help_text="Sources that it concerns.")

    objects = EditorsNoteQuerySet.as_manager()

    class Meta(Noun.Meta):
        verbose_name = "editor's note"

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        """A note has no page of its own: it is read on the page of a noun that it concerns."""
        for nouns in (self.meetings, self.statements, self.sources, self.people, self.delegations):
            noun = nouns.published().first()
            if noun:
                return f"{noun.get_absolute_url()}#note-{self.slug}"
        return "/"
