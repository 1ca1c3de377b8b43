"""The nouns: things we keep, one file each."""

from talks.models.address import Redirect, Tombstone
from talks.models.correction import Correction
from talks.models.delegation import Delegation, DelegationMember
from talks.models.edition import Edition
from talks.models.linkcheck import LinkCheck
from talks.models.meeting import Meeting, MeetingState
from talks.models.note import EditorsNote
from talks.models.party import Party
from talks.models.passage import Passage
from talks.models.person import Person
from talks.models.release import Release
from talks.models.source import Source, SourceText
from talks.models.statement import Statement

__all__ = [
    "Correction",
    "Delegation",
    "DelegationMember",
    "Edition",
    "EditorsNote",
    "LinkCheck",
    "Meeting",
    "MeetingState",
    "Party",
    "Passage",
    "Person",
    "Redirect",
    "Release",
    "Source",
    "SourceText",
    "Statement",
    "Tombstone",
]
