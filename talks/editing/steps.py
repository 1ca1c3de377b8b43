"""The way of a record: draft, in review, published, withdrawn. What each step needs, and what stands in its way."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any, NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone
from django.utils.text import capfirst

from talks.editing import ledger
from talks.editing.models import Entry
from talks.editing.rights import four_eyes, last_writer, may_change
from talks.models import Statement
from talks.models.base import Noun, Status


class Refused(Exception):
    """A step that cannot be taken; says why, in a sentence or more."""


class Obstacle(NamedTuple):
    """Why something cannot be published yet. `mark`: the name of the mark with which it can be all the same."""

    sentence: str
    mark: str = ""

    @property
    def meaning(self) -> str:
        """What it means to publish with the mark."""
        return MARKS.get(self.mark, "")


class Step(NamedTuple):
    """A step as its button says it."""

    name: str
    label: str
    effect: str
    done: str
    starts: tuple[str, ...]
    ends: str
    kind: Entry.Kind
    right: str = ""


STEPS = {
    step.name: step
    for step in (
        Step(
            "review",
            "Ask for review",
            "It goes to the list “to review”, where somebody else reads it. Nothing is published.",
            "sent to review",
            (Status.DRAFT,),
            Status.REVIEW,
            Entry.Kind.REVIEW,
        ),
        Step(
            "return",
            "Send back to draft",
            "It leaves the list “to review”, and whoever drafted it can go on.",
            "a draft again",
            (Status.REVIEW,),
            Status.DRAFT,
            Entry.Kind.RETURNED,
            "editing.edit_all",
        ),
        Step(
            "publish",
            "Publish",
            "Readers see it at their next request, and its address is its own for ever.",
            "published",
            (Status.DRAFT, Status.REVIEW),
            Status.PUBLISHED,
            Entry.Kind.PUBLISHED,
            "editing.publish",
        ),
        Step(
            "withdraw",
            "Withdraw",
            "Its address then says that it was withdrawn, since when and why. It cannot be taken back.",
            "withdrawn",
            (Status.PUBLISHED,),
            Status.WITHDRAWN,
            Entry.Kind.WITHDRAWN,
            "editing.publish",
        ),
    )
}
MARKS = {
    "unchecked": "It will be marked on every page as not found in its source’s text.",
    "no_role": "The source prints no role for the speaker.",
}


def offered(noun: Noun, user: Any) -> list[Step]:
    """The steps that this user may take from where the record is."""
    return [step for step in STEPS.values() if noun.status in step.starts and _is_allowed(step, noun, user)]


def _is_allowed(step: Step, noun: Noun, user: Any) -> bool:
    return user.has_perm(step.right) if step.right else may_change(user, noun)


def obstacles(noun: Noun, user: Any) -> list[Obstacle]:
    """What keeps a record from being published by this user; empty if nothing does."""
    found = missing(noun)
    if four_eyes() and last_writer(noun) == user.get_username():
        found.append(Obstacle("You wrote the last change of it, so somebody else publishes it."))
    return found


def missing(noun: Noun) -> list[Obstacle]:
    """What keeps a record from being published, whoever does it."""
    found = [Obstacle(sentence) for sentence in _broken_rules(noun)]
    return found + _of_statement(noun) if isinstance(noun, Statement) else found


def _broken_rules(noun: Noun) -> list[str]:
    """What the record's own rules say against its being public, each with the field that it is about."""
    trial = copy(noun)
    trial.status = Status.PUBLISHED
    trial.first_published_at = trial.first_published_at or timezone.now()
    trial.changed_at = trial.changed_at or trial.first_published_at
    try:
        trial.full_clean()
    except ValidationError as error:
        return [f"{_named(name)}{text}" for name, texts in error.message_dict.items() for text in texts]
    return []


def _named(name: str) -> str:
    """A field as forms call it, before what is said of it; nothing for what is about no single field."""
    return "" if name == NON_FIELD_ERRORS else f"{capfirst(name.replace('_', ' '))}: "


def _of_statement(statement: Statement) -> list[Obstacle]:
    found = []
    if statement.is_quoted and statement.evidence_state != "verified":
        found.append(Obstacle("Its words were not found in its source’s text.", "unchecked"))
    if statement.speaker_id and not statement.role_as_printed:
        found.append(Obstacle("The speaker’s role as the source prints it is missing.", "no_role"))
    return found


def take(name: str, noun: Any, user: Any, reason: str = "", marks: Iterable[str] = ()) -> None:
    """Take a step, in one transaction. Raises Refused, and then nothing was changed.

    `reason`: for the public when something is withdrawn, else a note in the history. `marks`: the obstacles that
    the user says are meant.
    """
    step = STEPS[name]
    with ledger.change(user.get_username(), reason, kind=step.kind) as change:
        present = type(noun)._default_manager.select_for_update().get(pk=noun.pk)
        if present.status not in step.starts:
            raise Refused(f"It is {present.get_status_display()} already.")
        if not _is_allowed(step, present, user):
            raise Refused("Your role does not allow it.")
        change.reason = _prepare(step, present, user, reason.strip(), set(marks))
        present.status = step.ends
        present.save()


def _prepare(step: Step, noun: Any, user: Any, reason: str, marks: set[str]) -> str:
    """Make a record ready for its next status; gives what the history says of it. Raises Refused."""
    if step.name == "publish":
        standing = obstacles(noun, user)
        missing = [one.sentence for one in standing if one.mark not in marks or not one.mark]
        if missing:
            raise Refused(" ".join(missing))
        return " ".join([reason, *(MARKS[one.mark] for one in standing)]).strip()
    if step.name == "withdraw":
        if not reason:
            raise Refused("Say why, in a sentence for the public.")
        needing = dependants(noun)
        if needing:
            raise Refused("Others depend on it: " + ", ".join(f"“{one}”" for one in needing) + ".")
        noun.withdrawn_on, noun.withdrawn_because = timezone.localdate(), reason
    return reason


def dependants(noun: Noun) -> list[Noun]:
    """The published records that cannot be public without this one; a few of each kind."""
    return noun.published_dependants()
