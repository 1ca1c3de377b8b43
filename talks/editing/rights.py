"""Who may do what with a record: by its status and by who drafted it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from talks.editing.models import Entry
from talks.models.base import Noun, Status

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
# What somebody wrote, as against what was only moved on its way.
WRITING = (
    Entry.Kind.ENTERED,
    Entry.Kind.CHANGED,
    Entry.Kind.CORRECTED,
    Entry.Kind.RESTORED,
    Entry.Kind.MERGED,
    Entry.Kind.IMPORTED,
)


def drafted_by(noun: Noun) -> str:
    """Who entered it; empty if that was nobody who was logged in."""
    first = type(noun).history.filter(id=noun.pk).order_by("history_date", "history_id")  # type: ignore[attr-defined]
    return str(first.values_list("history_user_id", flat=True).first() or "")


def last_writer(noun: Noun) -> str:
    """Who wrote the last change of it."""
    written = type(noun).history.filter(id=noun.pk, history_kind__in=WRITING)  # type: ignore[attr-defined]
    return str(written.values_list("history_user_id", flat=True).first() or "")


def may_change(user: Any, noun: Noun) -> bool:
    """A draft: whoever entered it, and editors. In review: editors. Published: publishers. Withdrawn: nobody."""
    if noun.status == Status.DRAFT:
        return user.has_perm("editing.edit_all") or drafted_by(noun) == user.get_username()
    needed = {Status.REVIEW: "editing.edit_all", Status.PUBLISHED: "editing.correct"}
    return noun.status in needed and user.has_perm(needed[Status(noun.status)])


def may_delete(user: Any, noun: Noun) -> bool:
    """Only what the public never saw; all else is withdrawn."""
    return noun.first_published_at is None and may_change(user, noun)


def four_eyes() -> bool:
    """Whether nobody may publish what they wrote last: as set, or else where more than one could do it."""
    if settings.FOUR_EYES is not None:
        return bool(settings.FOUR_EYES)
    return publishers().count() > 1


def publishers() -> Any:
    """The accounts that may publish."""
    found: Any = get_user_model()._default_manager
    return found.with_perm("editing.publish", backend=MODEL_BACKEND)
