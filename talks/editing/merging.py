"""Makes two records of one person into one: shows what will move, then moves it in one transaction."""

from __future__ import annotations

from typing import Any, NamedTuple

from talks.editing import ledger
from talks.editing.models import Entry
from talks.models import DelegationMember, EditorsNote, Person, Statement

RANKS = list(DelegationMember.Role.values)


class Plan(NamedTuple):
    """What a merger would move, and what would be left of two rows that say one thing."""

    statements: int
    mentions: int
    memberships: int
    notes: int
    both: list[DelegationMember]  # seats of the merged one on delegations where the other one sits too
    spellings: list[str]


def plan(merged: Person, kept: Person) -> Plan:
    """What would happen if `merged` became `kept`."""
    return Plan(
        merged.statements.count(),
        merged.mentioned_in.count(),
        merged.memberships.count(),
        merged.notes.count(),
        list(merged.memberships.shared_with(kept)),
        spellings(merged, kept),
    )


def spellings(merged: Person, kept: Person) -> list[str]:
    """The spellings that the one who stays gets."""
    known = {kept.name, kept.native_name, *kept.also_written}
    own = [merged.name, merged.native_name, *merged.also_written]
    return [name for number, name in enumerate(own) if name and name not in known and name not in own[:number]]


def merge(merged: Person, kept: Person, who: str, reason: str, public_kind: str) -> None:
    """Move all that is the one's to the other, delete the one, and lead its address there for ever."""
    with ledger.change(who, reason, public_kind, kind=Entry.Kind.MERGED) as change:
        change.same[merged.pk] = kept.pk
        Statement.objects.by([merged]).update(speaker=kept)
        _move_list(change, Statement, "mentions", merged, kept)
        _move_list(change, EditorsNote, "people", merged, kept)
        _move_seats(merged, kept)
        kept.also_written = [*kept.also_written, *spellings(merged, kept)]
        if not kept.native_name:
            kept.native_name, kept.native_language = merged.native_name, merged.native_language
        kept.wikidata_id = kept.wikidata_id or merged.wikidata_id
        kept.save()
        kept.rests_on.add(*merged.rests_on.all())
        merged.delete()


def _move_list(change: Any, model: Any, name: str, merged: Person, kept: Person) -> None:
    """Put the one in the other's place in a list; where both stand there, once."""
    field = model._meta.get_field(name)
    here, there = field.m2m_column_name(), field.m2m_reverse_name()
    rows = field.remote_field.through._base_manager
    change.before(model, rows.filter(**{there: merged.pk}).values_list(here, flat=True))
    twice = rows.filter(**{there: kept.pk}).values_list(here, flat=True)
    rows.filter(**{there: merged.pk, f"{here}__in": list(twice)}).delete()
    rows.filter(**{there: merged.pk}).update(**{there: kept.pk})


def _move_seats(merged: Person, kept: Person) -> None:
    """On a delegation that has both, the seat of the higher rank stays."""
    for seat in merged.memberships.shared_with(kept):
        other = kept.memberships.belonging_to(delegation=seat.delegation).get()
        lower = seat if RANKS.index(seat.role) >= RANKS.index(other.role) else other
        lower.delete()
    merged.memberships.update(person=kept)
