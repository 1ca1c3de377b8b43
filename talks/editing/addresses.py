"""Keeps addresses alive: redirects for slugs that changed, tombstones for what was public and is deleted."""

from __future__ import annotations

from typing import Any

from talks.models import Correction, Redirect, Tombstone

NO_REASON = "No reason was recorded."


def keep(change: Any, record: str, outcomes: list[Any]) -> None:
    """What the changed slugs and the deleted nouns of a change leave behind."""
    for one in outcomes:
        before, after = one.before, one.after
        if before is None or not before.was_public:
            continue
        if one.slug != before.slug:
            redirect(record, before.slug, one.slug)
        elif after is None:
            bury(change, record, before)


def redirect(record: str, old: str, new: str) -> None:
    """Lead an old slug to a new one for ever; what led to the old one does too, and its corrections go with it.

    That the new one is no old one the database itself makes sure of.
    """
    Correction.objects.of(record, old).update(noun=new)
    Redirect.objects.leading_to(record, old).update(slug=new)
    # The database itself has buried what was deleted; one that is another one now is not gone.
    Tombstone.objects.at(record, old).delete()
    Redirect.objects.create(record=record, old_slug=old, slug=new)


def bury(change: Any, record: str, was: Any) -> None:
    """Say on the tombstone, which the database itself has made, why what the public knew was deleted."""
    if change.reason and not was.fields["withdrawn_because"]:
        Tombstone.objects.at(record, was.slug).update(withdrawn_because=change.reason)
