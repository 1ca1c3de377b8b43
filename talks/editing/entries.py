"""Writes down what a change did: entries of histories, corrections, old addresses, dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast

from django.db import models

from talks.editing import addresses
from talks.editing.addresses import NO_REASON
from talks.editing.models import Entry
from talks.editing.portraits import BATCH, Portrait, Values, portraits
from talks.editing.told import CHECKED, Difference, differences
from talks.models import Correction, Person
from talks.records import BY_MODEL

EARLIEST = datetime.min.replace(tzinfo=UTC)
Stood = dict[int, Portrait | None]


class Outcome(NamedTuple):
    """What became of one noun."""

    key: int
    before: Portrait | None
    after: Portrait | None
    told: list[Difference]
    now: str = ""  # the slug of the one that a merged person is now

    @property
    def stayed_public(self) -> bool:
        return bool(self.before and self.after and self.before.is_public and self.after.is_public)

    @property
    def left_the_public(self) -> bool:
        """Withdrawn, taken back to a draft, or deleted."""
        return bool(self.before and self.before.is_public and not (self.after and self.after.is_public))

    @property
    def slug(self) -> str:
        """Under which name the public finds it, or what it was."""
        return self.now or self.standing.slug

    @property
    def standing(self) -> Portrait:
        """How it stands now; of a deleted one, how it stood last."""
        return cast(Portrait, self.after or self.before)


def write(change: Any, model: Any, stood: Stood) -> None:
    """Write down what became of these nouns, which stood like this before."""
    keys = sorted(stood)
    for first in range(0, len(keys), BATCH):
        batch = keys[first : first + BATCH]
        now = portraits(model, batch)
        outcomes = [one for key in batch if (one := _outcome(change, model, key, stood[key], now.get(key)))]
        if outcomes:
            _write(change, model, outcomes)


def told_of(change: Any, model: Any, stood: Stood) -> list[Difference]:
    """What the public would be told of these nouns, were the change over."""
    now = portraits(model, stood)
    outcomes = [_outcome(change, model, key, was, now.get(key)) for key, was in stood.items()]
    return [told for one in outcomes if one for told in _told(one)]


def _outcome(change: Any, model: Any, key: int, before: Portrait | None, after: Portrait | None) -> Outcome | None:
    """None if nothing came of it."""
    if before is after is None or (before and after and before.says_the_same(after)):
        return None
    public = before is not None and after is not None and before.is_public and after.is_public
    told = differences(model, before, after, change.same) if public and before and after else []
    now = model._base_manager.get(pk=change.same[key]).slug if model is Person and key in change.same else ""
    return Outcome(key, before, after, told, now)


def _write(change: Any, model: Any, outcomes: list[Outcome]) -> None:
    if not change.keeps_dates:
        outcomes = [_dated(change, model, one) for one in outcomes]
    addresses.keep(change, BY_MODEL[model].name, outcomes)
    Correction.objects.bulk_create(_corrections(change, BY_MODEL[model].name, outcomes))
    _history(change, model, outcomes)


def _dated(change: Any, model: Any, one: Outcome) -> Outcome:
    """Stamp a row that is changed, so that whoever has it open is told; date a public one that says something else."""
    if one.before is None or one.after is None:
        return one
    stamps: Values = {"updated_at": change.at}
    if one.stayed_public:
        last, brought = one.before.fields["changed_at"], one.after.fields["changed_at"]
        # An object that was read before the last change brings back an older date.
        at = later(change.at, last) if says_more(one.before, one.after) else max(last, brought)
        one.after.fields["changed_at"] = stamps["changed_at"] = at
    model._base_manager.filter(pk=one.key).update(**stamps)
    return one


def says_more(before: Portrait, after: Portrait) -> bool:
    """Whether anything but our own checking is another now, and no new date was given to it."""
    silent = {*CHECKED, "changed_at"}
    values = [{name: value for name, value in one.fields.items() if name not in silent} for one in (before, after)]
    dated = before.fields["changed_at"] < after.fields["changed_at"]
    return not dated and not after._replace(fields=values[1]).says_the_same(before._replace(fields=values[0]))


def later(at: datetime, last: datetime | None) -> datetime:
    """An instant to the second, later than the last one."""
    now = at.replace(microsecond=0)
    return max(now, last + timedelta(seconds=1)) if last else now


def _corrections(change: Any, record: str, outcomes: list[Outcome]) -> Iterator[Correction]:
    """What the public is told: a row for each column, or one for a noun that is no longer public."""
    slugs = [one.slug for one in outcomes if one.told or one.left_the_public]
    if not slugs:
        return
    numbers = Correction.objects.last_numbers(record, slugs)
    # Files that are loaded may bring their own corrections of what they change.
    brought = Correction.objects.latest_of(record, slugs) if change.keeps_dates else {}
    for one in outcomes:
        slug = one.slug
        for told in _told(one):
            if one.before and brought.get((slug, told.column), EARLIEST) > one.before.fields["changed_at"]:
                continue
            numbers[slug] = numbers.get(slug, 0) + 1
            yield Correction(
                slug=f"{record}-{slug}-{numbers[slug]}",
                record=record,
                noun=slug,
                kind=_kind(change, one, told),
                column=told.column,
                before=told.before,
                after=told.after,
                reason=_reason(change, one),
                corrected_at=change.at.replace(microsecond=0),
            )


def _told(one: Outcome) -> list[Difference]:
    if not one.left_the_public:
        return one.told
    return [Difference("slug", one.standing.slug, one.now) if one.now else Difference("", "", "")]


def _kind(change: Any, one: Outcome, told: Difference) -> str:
    if one.left_the_public and not one.now:
        return Correction.Kind.WITHDRAWAL
    return change.public_kind or (Correction.Kind.CORRECTION if told.before else Correction.Kind.ADDITION)


def _reason(change: Any, one: Outcome) -> str:
    withdrawn = one.after.fields["withdrawn_because"] if one.after and one.left_the_public else ""
    return change.reason or withdrawn or NO_REASON


def _history(change: Any, model: Any, outcomes: list[Outcome]) -> None:
    history = model.history.model
    made = history.objects.bulk_create(_entry(change, history, one) for one in outcomes)
    for field in model._meta.many_to_many:
        _history_of_list(field, model.history.model, list(zip(made, outcomes, strict=True)))
    for part in outcomes[0].standing.parts:
        rows = [row for one in outcomes for row in _history_of_parts(change, part, one)]
        part.history.model.objects.bulk_create(rows)  # type: ignore[attr-defined]


def _entry(change: Any, history: Any, one: Outcome) -> Any:
    return _row(change, history, one.standing.fields, one.before, one.after, kind_of(change, one))


def kind_of(change: Any, one: Outcome) -> Entry.Kind:
    """What the history calls it."""
    if change.kind is not None:
        return Entry.Kind(change.kind)
    if one.before is None:
        return Entry.Kind.ENTERED
    if one.after is None:
        return Entry.Kind.DELETED
    return Entry.Kind.CORRECTED if one.stayed_public and one.told else Entry.Kind.CHANGED


def _row(change: Any, history: Any, values: Values, before: Any, after: Any, kind: Entry.Kind) -> Any:
    sign = "+" if before is None else "-" if after is None else "~"
    return history(
        **values,
        history_date=change.at,
        history_type=sign,
        history_user_id=change.who,
        history_change_reason=change.reason,
        history_kind=kind,
    )


def _history_of_list(field: Any, history: Any, pairs: list[tuple[Any, Outcome]]) -> None:
    kept = getattr(history, field.name).model
    here, there = field.m2m_field_name(), field.m2m_reverse_field_name()
    kept.objects.bulk_create(
        kept(history=entry, id=number, **{f"{here}_id": one.key, f"{there}_id": other})
        for entry, one in pairs
        for number, other in one.standing.lists[field.name]
    )


def _history_of_parts(change: Any, part: type[models.Model], one: Outcome) -> Iterator[Any]:
    history = part.history.model  # type: ignore[attr-defined]
    was = one.before.parts[part] if one.before else {}
    now = one.after.parts[part] if one.after else {}
    for key in sorted(was.keys() | now.keys()):
        if was.get(key) != now.get(key):
            values = now.get(key) or was[key]
            yield _row(change, history, values, was.get(key), now.get(key), kind_of(change, one))
