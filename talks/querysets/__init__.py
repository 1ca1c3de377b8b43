"""The vocabulary: named ways of asking for nouns. Each word returns a queryset; none needs a clock."""

from talks.querysets.base import AddressQuerySet, CorrectionQuerySet, NounQuerySet, ReleaseQuerySet
from talks.querysets.found import Chosen, Found
from talks.querysets.meetings import (
    DelegationMemberQuerySet,
    DelegationQuerySet,
    MeetingQuerySet,
    MeetingStateQuerySet,
)
from talks.querysets.people import (
    EditorsNoteQuerySet,
    LinkCheckQuerySet,
    PartyQuerySet,
    PersonQuerySet,
    SourceQuerySet,
    SourceTextQuerySet,
)
from talks.querysets.statements import PassageQuerySet, StatementQuerySet

__all__ = [
    "AddressQuerySet",
    "Chosen",
    "CorrectionQuerySet",
    "DelegationMemberQuerySet",
    "DelegationQuerySet",
    "EditorsNoteQuerySet",
    "Found",
    "LinkCheckQuerySet",
    "MeetingQuerySet",
    "MeetingStateQuerySet",
    "NounQuerySet",
    "PartyQuerySet",
    "PassageQuerySet",
    "PersonQuerySet",
    "ReleaseQuerySet",
    "SourceQuerySet",
    "SourceTextQuerySet",
    "StatementQuerySet",
]
