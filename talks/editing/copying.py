"""Delegations of an earlier meeting as drafts for a later one. Who came then is a proposal; who comes now, a source says."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from talks.models import Delegation, DelegationMember, Meeting, Source


def copy(
    earlier: Iterable[Delegation], meeting: Meeting, members: Collection[DelegationMember], source: Source
) -> list[Delegation]:
    """Make a draft delegation to the meeting of each of these, with those of its members that were chosen.

    Capacity and role are copied; a role as printed is not, for it is the one of its own day in its own source's
    words. Raises ValidationError if one cannot be made; to be called in a transaction.
    """
    return [_copied(delegation, meeting, members, source) for delegation in earlier]


def _copied(earlier: Delegation, meeting: Meeting, members: Collection[DelegationMember], source: Source) -> Delegation:
    slug = f"{earlier.party.slug}-{meeting.slug}"[:100].strip("-")
    made = Delegation(slug=slug, meeting=meeting, party=earlier.party, capacity=earlier.capacity)
    made.full_clean()
    made.save()
    made.rests_on.add(source)
    for member in members:
        if member.delegation_id == earlier.pk:
            same = DelegationMember(delegation=made, person=member.person, role=member.role, source=source)
            same.full_clean()
            same.save()
    return made
