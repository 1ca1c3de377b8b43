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
    stood = portraits_of(model, entries)
    told = [
        Version(entry, all_differences(model, before, now) if before else [])
        for entry, now, before in zip(entries, stood, [*stood[1:], None], strict=True)
    ]
    return (told[:PAGE], entries[PAGE].history_id) if len(entries) > PAGE else (told, None)


def portraits_of(model: Any, entries: list[Any]) -> list[Portrait]:
    """How one noun stood at these entries of its history: one question for each list and each kind of row."""
    lists = {field.name: _listed(field, model, entries) for field in model._meta.many_to_many}
    parts = {part: _rows(part, entries) for part in PARTS if owner_of(part) is model and entries}
    return [
        Portrait(
            {name: getattr(entry, name) for name in tracked(model)},
            {name: tuple(found.get(entry.history_id, ())) for name, found in lists.items()},
            {part: _at(rows, entry.history_date) for part, rows in parts.items()},
        )
        for entry in entries
    ]


def _listed(field: Any, model: Any, entries: list[Any]) -> dict[int, list[tuple[int, int]]]:
    """What a list had, by the number of the entry."""
    rows = getattr(model.history.model, field.name).model.objects
    kept = rows.filter(history__in=[entry.history_id for entry in entries]).order_by("id")
    found: dict[int, list[tuple[int, int]]] = {}
    for entry, number, other in kept.values_list("history_id", "id", f"{field.m2m_reverse_field_name()}_id"):
        found.setdefault(entry, []).append((number, other))
    return found


def _rows(part: Any, entries: list[Any]) -> list[Values]:
    """All entries of the rows that the noun ever had, oldest first."""
    until = max(entry.history_date for entry in entries)
    kept = part.history.filter(**{f"{PARTS[part]}_id": entries[0].id}, history_date__lte=until)
    return list(kept.order_by("history_date", "history_id").values("history_type", "history_date", *tracked(part)))


def _at(rows: list[Values], instant: Any) -> dict[int, Values]:
    """The rows as they were at an instant: of each the latest entry until then, unless it was deleted."""
    found: dict[int, Values] = {}
    for row in rows:
        if row["history_date"] > instant:
            break
        found.pop(row["id"], None)
        if row["history_type"] != "-":
            found[row["id"]] = {name: value for name, value in row.items() if not name.startswith("history_")}
    return found


def portrait(model: Any, entry: Any) -> Portrait:
    """How the noun stood at an entry of its history."""
    return portraits_of(model, [entry])[0]


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
