"""The history of every noun, and the rights that no single noun carries. Only the editor's process has these tables.

The history is django-simple-history's, registered from here so that the public process, which has no accounts,
knows nothing of it. A user is kept as text: an account that was deleted is still named. What is written, and when,
says `talks.editing.ledger`: one entry for each noun in each change, whatever was saved on the way.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from simple_history import register
from simple_history.models import HistoricalRecords

from talks.models import (
    Delegation,
    DelegationMember,
    EditorsNote,
    Meeting,
    MeetingState,
    Party,
    Passage,
    Person,
    Source,
    Statement,
)
from talks.models.base import Noun


class Desk(models.Model):
    """No table: the rights that belong to the work at the desk and not to a kind of record."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("edit_all", "Can change what others drafted, and what is in review"),
            ("correct", "Can correct what is published"),
            ("publish", "Can publish and withdraw"),
            ("merge", "Can merge two persons"),
            ("cut_release", "Can cut a release"),
            ("manage_accounts", "Can manage accounts"),
        ]

    def __str__(self) -> str:
        return "the desk"


class Entry(models.Model):
    """What each entry of a history says besides the values: what kind of change it was."""

    class Kind(models.TextChoices):
        ENTERED = "entered", "entered"
        CHANGED = "changed", "changed"
        CORRECTED = "corrected", "corrected"
        REVIEW = "review", "sent to review"
        RETURNED = "returned", "sent back"
        PUBLISHED = "published", "published"
        WITHDRAWN = "withdrawn", "withdrawn"
        RESTORED = "restored", "an older version restored"
        MERGED = "merged", "merged"
        IMPORTED = "imported", "loaded from files"
        DELETED = "deleted", "deleted"

    history_kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.CHANGED)

    class Meta:
        abstract = True


class Records(HistoricalRecords):  # type: ignore[misc]
    """django-simple-history's records, written by the ledger and not by each save."""

    def post_save(self, *args: Any, **kwargs: Any) -> None:
        """The ledger writes at the end of a change."""

    def post_delete(self, *args: Any, **kwargs: Any) -> None:
        """The ledger writes at the end of a change."""

    def m2m_changed(self, *args: Any, **kwargs: Any) -> None:
        """The ledger writes at the end of a change."""


def user_of(entry: Any) -> str:
    """Who made the change, as text; empty if nobody was logged in."""
    return str(entry.history_user_id)


def set_user(entry: Any, who: str | None) -> None:
    entry.history_user_id = who or ""


def history_of(model: Any) -> Any:
    """The model of the entries of a noun's history, or of that of a row that belongs to one."""
    return model.history.model


NOUNS: tuple[type[Noun], ...] = (Party, Person, Source, Meeting, Delegation, Statement, EditorsNote)
# The rows that belong to a noun, with the name of the field that leads to it.
PARTS: dict[type[models.Model], str] = {MeetingState: "meeting", DelegationMember: "delegation", Passage: "statement"}

RECORDED: tuple[type[models.Model], ...] = (*NOUNS, *PARTS)
for model in RECORDED:
    register(
        model,
        app="talks.editing",
        records_class=Records,
        bases=(Entry,),
        m2m_fields=[field.name for field in model._meta.many_to_many],
        excluded_fields=[
            name
            for name in ("created_at", "updated_at", "imported_sha256")
            if name in {field.name for field in model._meta.fields}
        ],
        # A history is asked for by its noun and by its time, not by what the noun referred to.
        no_db_index=[
            field.name for field in model._meta.concrete_fields if field.many_to_one and field.name != PARTS.get(model)
        ],
        history_id_field=models.BigAutoField(),
        history_user_id_field=models.CharField(max_length=150, blank=True),
        history_user_getter=user_of,
        history_user_setter=set_user,
        history_change_reason_field=models.TextField(blank=True, default=""),
    )
