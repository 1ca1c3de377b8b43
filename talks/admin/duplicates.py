"""Statements that say what another one says: shown while one is entered and afterwards, and linked by one button."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from talks import dates
from talks.evidence import canonical
from talks.models import Statement
from talks.models.passage import JOINT
from talks.querysets import desk

# Signs in which two sources differ at the ends of the same words.
ENDS = " \"'.,;:!?…-()[]"
# Fewer quoted words than these are a phrase that anybody may use twice.
PHRASE = 4


def wordings(text: str, exact: Iterable[str] = ()) -> set[str]:
    """What a statement is compared by: its text, and its quoted words if they are more than a phrase."""
    quoted = canonical(JOINT.join(exact)).strip(ENDS)
    kept = {canonical(text).strip(ENDS), quoted if len(quoted.split()) >= PHRASE else ""}
    return kept - {""}


def of(statement: Statement) -> set[str]:
    """The same of a statement whose passages were fetched."""
    return wordings(statement.text, [passage.exact for passage in statement.passages.all() if passage.exact])


def likely(statement: Statement, words: set[str]) -> list[Statement]:
    """Others of the same speaker and the same words, said within fourteen days, that are not linked to it already."""
    if statement.speaker_id is None or not words or not statement.said_from or not statement.said_to:
        return []
    near = desk.near_in_time(Statement.objects.all(), [statement.speaker_id], statement.said_from, statement.said_to)
    same = [other for other in near if other.pk != statement.pk and words & of(other)]
    first = first_wording(statement).pk if same else None
    return [other for other in same if first is None or first_wording(other).pk != first]


def first_wording(statement: Statement) -> Statement:
    """The statement at the end of the chain of `variant_of`; itself, if it is the first."""
    seen = {statement.pk}
    while statement.variant_of is not None and statement.variant_of.pk not in seen:
        statement = statement.variant_of
        seen.add(statement.pk)
    return statement


def being_entered(values: Any) -> tuple[Statement, set[str]]:
    """A statement as it stands in a form that was not saved, and what to compare it by."""
    numbers = {name: number(values.get(name, "")) for name in ("statement", "speaker", "variant_of")}
    said_on = values.get("said_on", "").strip()
    try:
        dates.parse(said_on)
    except ValueError:
        said_on = ""
    statement = Statement(
        pk=numbers["statement"], speaker_id=numbers["speaker"], said_on=said_on, text=values.get("text", "")
    )
    statement.variant_of = Statement.objects.among([numbers["variant_of"]]).first()
    exact = [words for words in values.getlist("exact") if words]
    return statement, wordings(statement.text.replace("\r\n", "\n"), exact)


def number(text: str) -> int | None:
    """A row number of a form; None if it is none."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def link(statement: Statement, other: Statement) -> Statement:
    """Make a statement a variant of another, or rather of the first wording of that one, which is given back.

    Raises ValidationError with a sentence if that cannot be. The statement is saved.
    """
    first = first_wording(other)
    if first.pk == statement.pk:
        raise ValidationError(f"“{other}” is itself a wording of this statement.")
    if statement.variants.exists():
        raise ValidationError("Others name this statement as their first wording. Link those to the other one first.")
    if statement.is_public and not first.is_public:
        raise ValidationError(f"This statement is published, and its first wording, “{first}”, is not.")
    statement.variant_of = first
    statement.full_clean()
    statement.save()
    return first


def among(drafts: list[tuple[int | None, set[str]]], said_on: str) -> list[list[Statement]]:
    """For each draft, given by its speaker and what to compare it by, the statements that say the same. One question."""
    speakers = {speaker for speaker, _ in drafts if speaker is not None}
    if not speakers or not said_on:
        return [[] for _ in drafts]
    day = dates.parse(said_on)
    near = [(other, of(other)) for other in desk.near_in_time(Statement.objects.all(), speakers, day.first, day.last)]
    return [[other for other, there in near if other.speaker_id == who and words & there] for who, words in drafts]
