"""What a noun said at each time, and how to bring it back to that."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models

from talks.editing import ledger
from talks.editing.models import PARTS, Entry
from talks.editing.portraits import Portrait, Values, owner_of, portraits, tracked
from talks.editing.told import Difference, all_differences
from talks.models.base import Noun

# What a restored version does not bring back: where the noun is on its way, and what it is called.
KEPT = frozenset(["id", "slug", "status", "withdrawn_on", "withdrawn_because", "first_published_at", "changed_at"])
PAGE = 25


class Version(NamedTuple):
    """One entry of a history with what it changed."""

    entry: Any
    differences: list[Difference]


def versions(model: Any, key: int, before: int | None = None) -> tuple[list[Version], int | None]:
    """The entries of a noun, newest first, each with its differences to the one before it; and where the next page
    begins, if there is one.
    """
    found = model.history.filter(id=key)
    found = found.filter(history_id__lte=before) if before else found
    entries = list(found.order_by("-history_id")[: PAGE + 1])
    portraits = [portrait(model, entry) for entry in entries]
    told = [
        Version(
            entry, all_differences(model, portraits[number + 1], portraits[number]) if entry is not entries[-1] else []
        )
        for number, entry in enumerate(entries)
    ]
    return (told[:PAGE], entries[PAGE].history_id) if len(entries) > PAGE else (told, None)


def portrait(model: Any, entry: Any) -> Portrait:
    """How the noun stood at an entry of its history."""
    lists = {field.name: _listed(field, entry) for field in model._meta.many_to_many}
    parts = {part: _parts_at(part, entry) for part in PARTS if owner_of(part) is model}
    return Portrait({name: getattr(entry, name) for name in tracked(model)}, lists, parts)


def _listed(field: Any, entry: Any) -> tuple[tuple[int, int], ...]:
    rows = getattr(entry, field.name).all()
    return tuple(rows.order_by("id").values_list("id", f"{field.m2m_reverse_field_name()}_id"))


def _parts_at(part: Any, entry: Any) -> dict[int, Values]:
    """The rows of a kind that a noun had at an instant: of each the latest entry until then, unless it was deleted."""
    until = part.history.filter(**{f"{PARTS[part]}_id": entry.id}, history_date__lte=entry.history_date)
    found: dict[int, Values] = {}
    for row in until.order_by("history_date", "history_id").values("history_type", *tracked(part)):
        gone = row.pop("history_type") == "-"
        found.pop(row["id"], None)
        if not gone:
            found[row["id"]] = row
    return found


def would_change(noun: Noun, entry: Any) -> list[Difference]:
    """What going back to an entry would change."""
    model: Any = type(noun)
    present = portraits(model, [noun.pk])[noun.pk]
    return all_differences(model, _without_kept(present), _without_kept(portrait(model, entry)))


def restore(noun: Noun, entry: Any, who: str, reason: str, public_kind: str) -> list[Difference]:
    """Bring a noun back to what it said at an entry, as a new change; gives what is another now.

    Raises ValidationError if that would break a rule, such as a reference to what is no longer there; nothing is
    changed then.
    """
    model: Any = type(noun)
    with ledger.change(who, reason, public_kind, kind=Entry.Kind.RESTORED) as change:
        change.before(model, [noun.pk])
        wanted, present = portrait(model, entry), change.stood[model, noun.pk]
        told = would_change(noun, entry)
        _refuse_lost(model, wanted)
        for part, rows in wanted.parts.items():
            _drop(part, noun, rows, present.parts[part])  # type: ignore[union-attr]
        for name, value in wanted.fields.items():
            if name not in KEPT:
                setattr(noun, name, value)
        noun.full_clean()
        noun.save()
        for name in wanted.lists:
            getattr(noun, name).set(wanted.linked(name))
        for part, rows in wanted.parts.items():
            _bring(part, rows)
    return told


def _without_kept(one: Any) -> Portrait:
    return Portrait({name: None if name in KEPT else value for name, value in one.fields.items()}, one.lists, one.parts)


def _drop(part: Any, noun: Noun, rows: dict[int, Values], present: dict[int, Values]) -> None:
    """Delete the rows that are others now, so that none runs into one that comes."""
    part.objects.filter(pk__in=[key for key, row in present.items() if rows.get(key) != row]).delete()


def _bring(part: Any, rows: dict[int, Values]) -> None:
    there = set(part.objects.filter(pk__in=rows).values_list("pk", flat=True))
    for key, row in rows.items():
        if key not in there:
            made = part(**row)
            made.full_clean()
            made.save(force_insert=True)


def _refuse_lost(model: Any, wanted: Portrait) -> None:
    """What a version refers to must still be there."""
    for name in [field.name for field in model._meta.concrete_fields if field.is_relation]:
        field = model._meta.get_field(name)
        _refuse_missing(field, {wanted.fields[field.attname]} - {None})
    for field in model._meta.many_to_many:
        _refuse_missing(field, wanted.linked(field.name))


def _refuse_missing(field: models.Field, keys: set[Any]) -> None:
    there = field.related_model._base_manager.filter(pk__in=keys).count()  # type: ignore[union-attr]
    if there < len(keys):
        raise ValidationError({field.name: "What it referred to then is no longer there."})
