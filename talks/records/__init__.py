"""What we publish about each noun: its columns, in order, with their meaning. One description for all formats.

Meaning and type of a column come from the model's field, so that the admin's hint, the codebook and the header of
a file are one sentence said once.
"""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery

from talks.models import (
    Correction,
    Delegation,
    DelegationMember,
    EditorsNote,
    Meeting,
    MeetingState,
    Party,
    Passage,
    Person,
    Redirect,
    Source,
    Statement,
    Tombstone,
)
from talks.models.statement import evidence_state
from talks.records.record import Column, Field, Record, Row
from talks.records.tombstones import Tombstones

__all__ = ["BY_MODEL", "LISTS", "NOUNS", "RECORDS", "Column", "Field", "Record", "Row"]

INSTANTS = (Field("first_published_at"), Field("changed_at"))


def _fields(names: str) -> tuple[Field, ...]:
    return tuple(Field(name) for name in names.split())


def _latest(name: str) -> Any:
    states = MeetingState.objects.belonging_to(meeting=OuterRef("pk")).with_source().latest_first()
    return Subquery(states.values(name)[:1])


def _as_it_is(value: Any) -> Any:
    return value


def _day(value: Any) -> str | None:
    return str(value) if value else None


PARTIES = Record("parties", Party, (*_fields("slug name code"), *INSTANTS))
PEOPLE = Record(
    "people",
    Person,
    (
        *_fields("slug name sort_name native_name native_language also_written party description wikidata_id rests_on"),
        *INSTANTS,
    ),
    captions=("party.name",),
)
SOURCES = Record(
    "sources",
    Source,
    (
        *_fields("slug publisher publisher_note kind title described_as url published_on published_from published_to"),
        *_fields("accessed_on language derived_from archive_url archived_on rights"),
        *_fields("document_sha256 document_length document_on"),
        *INSTANTS,
    ),
)
MEETINGS = Record(
    "meetings",
    Meeting,
    (
        *_fields("slug title round_label date date_from date_to city country venue follows summary featured"),
        Field(
            "state",
            _as_it_is,
            (_latest("state"),),
            lambda meeting: meeting.state.state if meeting.state else None,
            "The latest state, as its source told it; never typed in.",
            "text",
            tuple((str(value), str(label)) for value, label in MeetingState.State.choices),
        ),
        Field(
            "state_reported_on",
            _day,
            (_latest("reported_on"),),
            lambda meeting: _day(meeting.state and meeting.state.reported_on),
            "The day on which that source said so.",
            "day",
        ),
        Field(
            "state_source",
            _as_it_is,
            (_latest("source__slug"),),
            lambda meeting: meeting.state.source.slug if meeting.state else None,
            "The source that said so.",
            "slug of sources",
        ),
        *_fields("rests_on"),
        *INSTANTS,
    ),
)
MEETING_STATES = Record(
    "meeting_states",
    MeetingState,
    _fields("meeting state reported_on source note"),
    key=("meeting", "state", "reported_on", "source"),
)
DELEGATIONS = Record(
    "delegations",
    Delegation,
    (*_fields("slug meeting party capacity rests_on"), *INSTANTS),
    captions=("meeting.title", "meeting.date_from", "party.name"),
)
DELEGATION_MEMBERS = Record(
    "delegation_members",
    DelegationMember,
    _fields("delegation person role role_as_printed source"),
    key=("delegation", "person"),
    captions=("person.name",),
)
STATEMENTS = Record(
    "statements",
    Statement,
    (
        *_fields("slug quotation_type text language is_translation original_language speaker speaker_as_printed"),
        *_fields("role_as_printed party cue channel said_on said_from said_to dated_by meeting source mentions"),
        *_fields("variant_of verified_on verified_sha256"),
        Field(
            "evidence_state",
            evidence_state,
            ("quotation_type", "verified_sha256", "source__document_sha256"),
            lambda statement: statement.evidence_state,
            "Whether the quoted words were found in the source.",
            "text",
            (
                ("verified", "found in the document that the source has"),
                ("lost", "found in an earlier document, no longer in this one"),
                ("unchecked", "not looked for"),
                ("anchored", "words of ours, with the place of the passage that they report"),
            ),
            may_be_empty=False,
        ),
        *_fields("lead_order"),
        *INSTANTS,
    ),
    captions=(
        *("speaker.name", "speaker.sort_name", "party.name", "meeting.title", "meeting.date"),
        *("source.publisher", "source.kind", "source.title", "source.described_as", "source.url"),
        *("source.published_on", "source.archive_url", "source.archived_on"),
    ),
)
PASSAGES = Record(
    "passages", Passage, _fields("statement number exact prefix suffix start end"), key=("statement", "number")
)
EDITORS_NOTES = Record(
    "editors_notes",
    EditorsNote,
    (
        *_fields("slug subject text reported_on disagreement rests_on meetings statements people delegations sources"),
        *INSTANTS,
    ),
)
CORRECTIONS = Record(
    "corrections", Correction, _fields("slug record noun kind column before after reason corrected_at")
)
REDIRECTS = Record("redirects", Redirect, _fields("record old_slug slug"), key=("record", "old_slug"))
TOMBSTONES = Tombstones(
    "tombstones", Tombstone, _fields("record slug withdrawn_on withdrawn_because"), key=("record", "slug")
)

# Those with pages of their own; those with a list; and all, in the order in which rows can be written.
NOUNS = {record.name: record for record in (PARTIES, PEOPLE, SOURCES, MEETINGS, DELEGATIONS, STATEMENTS)}
LISTS = {**NOUNS, "corrections": CORRECTIONS}
RECORDS = {
    record.name: record
    for record in (
        *(PARTIES, SOURCES, PEOPLE, MEETINGS, MEETING_STATES, DELEGATIONS, DELEGATION_MEMBERS, STATEMENTS, PASSAGES),
        *(EDITORS_NOTES, CORRECTIONS, REDIRECTS, TOMBSTONES),
    )
}
BY_MODEL = {record.model: record for record in RECORDS.values()}
