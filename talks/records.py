"""What we publish about each noun: its columns, in order, with their meaning. One description for all formats.

Meaning and type of a column come from the model's field, so that the admin's hint, the codebook and the header of
a file are one sentence said once. A row is flat: texts, numbers, truth values, dates, lists of texts, None; a
reference is a slug. Same rows, same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import models
from django.db.models import QuerySet

from talks.models import (
    Delegation,
    DelegationMember,
    EditorsNote,
    Meeting,
    MeetingState,
    Party,
    Passage,
    Person,
    Source,
    Statement,
)

CHUNK = 2000


class Field(NamedTuple):
    """A column. Where the model has no field of this name, `read` and `meaning` say what it is."""

    name: str
    read: Callable[[Any], Any] | None = None
    meaning: str = ""
    kind: str = ""


class Column(NamedTuple):
    """A column as the codebook has it."""

    name: str
    meaning: str
    kind: str  # text, number, truth value, day, instant, date (EDTF), list of texts, slug of RECORD, slugs of RECORD
    values: tuple[tuple[str, str], ...]
    may_be_empty: bool


class Record:
    """A noun as data: the name of its files and addresses, its columns, and what of its model is withheld."""

    def __init__(
        self, name: str, model: type[models.Model], fields: tuple[Field, ...], withheld: tuple[str, ...] = ()
    ) -> None:
        self.name, self.model, self.fields = name, model, fields
        self.withheld = frozenset(withheld) | INTERNAL

    def columns(self) -> list[Column]:
        """The columns with their meaning, in order."""
        return [self._column(field) for field in self.fields]

    def names(self) -> list[str]:
        return [field.name for field in self.fields]

    def row(self, noun: models.Model) -> dict[str, Any]:
        """One noun as a flat row."""
        return {
            field.name: _plain(field.read(noun) if field.read else self._value(noun, field)) for field in self.fields
        }

    def rows(self, nouns: QuerySet) -> Iterator[dict[str, Any]]:
        """Nouns as rows, in constant memory."""
        return (self.row(noun) for noun in self.fetch(nouns).iterator(chunk_size=CHUNK))

    def fetch(self, nouns: Any) -> QuerySet:
        """The nouns with all that a row reads, so that nothing is fetched later."""
        references = [field.name for field in self.model_fields() if isinstance(field, models.ForeignKey)]
        lists = [field.name for field in self.model_fields() if isinstance(field, models.ManyToManyField)]
        nouns = nouns.with_states() if self.model is Meeting else nouns
        queryset: QuerySet = nouns.select_related(*references).prefetch_related(*lists)
        return queryset

    def model_fields(self) -> list[Any]:
        """The model's fields that are columns."""
        return [self.model._meta.get_field(field.name) for field in self.fields if field.read is None]

    def _value(self, noun: models.Model, field: Field) -> Any:
        value = getattr(noun, field.name)
        if isinstance(self.model._meta.get_field(field.name), models.ManyToManyField):
            return sorted(other.slug for other in value.all() if other.is_public)
        if isinstance(value, models.Model):
            return value.slug if value.is_public else None  # type: ignore[attr-defined]
        return value

    def _column(self, field: Field) -> Column:
        if field.read is not None:
            return Column(field.name, field.meaning, field.kind, (), True)
        model_field: Any = self.model._meta.get_field(field.name)
        values = tuple((str(value), str(label)) for value, label in model_field.choices or ())
        return Column(
            field.name, model_field.help_text, _kind(model_field), values, model_field.blank or model_field.null
        )


INTERNAL = frozenset(["id", "created_at", "updated_at", "status", "withdrawn_on", "withdrawn_because"])
INSTANTS = (Field("first_published_at"), Field("changed_at"))


def _fields(names: str) -> tuple[Field, ...]:
    return tuple(Field(name) for name in names.split())


def _state(name: str) -> Callable[[Any], Any]:
    return lambda meeting: getattr(meeting.state, name) if meeting.state else None


PARTIES = Record("parties", Party, (*_fields("slug name code"), *INSTANTS))
PEOPLE = Record(
    "people",
    Person,
    (
        *_fields("slug name sort_name native_name native_language also_written party description wikidata_id rests_on"),
        *INSTANTS,
    ),
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
        Field("state", _state("state"), "The latest state, as its source told it; never typed in.", "text"),
        Field("state_reported_on", _state("reported_on"), "The day on which that source said so.", "day"),
        Field("state_source", lambda m: m.state.source.slug if m.state else None, "That source.", "slug of sources"),
        *_fields("rests_on"),
        *INSTANTS,
    ),
)
MEETING_STATES = Record("meeting_states", MeetingState, _fields("meeting state reported_on source note"))
DELEGATIONS = Record("delegations", Delegation, (*_fields("slug meeting party capacity rests_on"), *INSTANTS))
DELEGATION_MEMBERS = Record(
    "delegation_members", DelegationMember, _fields("delegation person role role_as_printed source")
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
            lambda statement: statement.evidence_state,
            "Whether the quoted words were found: verified, lost (found in an earlier document, no longer in this "
            "one), unchecked, or anchored for words of ours.",
            "text",
        ),
        *_fields("lead_order"),
        *INSTANTS,
    ),
)
PASSAGES = Record("passages", Passage, _fields("statement number exact prefix suffix start end"))
EDITORS_NOTES = Record(
    "editors_notes",
    EditorsNote,
    (
        *_fields("slug subject text reported_on disagreement rests_on meetings statements people delegations sources"),
        *INSTANTS,
    ),
)

# Those with pages of their own, and those that belong to them.
NOUNS = {record.name: record for record in (PARTIES, PEOPLE, SOURCES, MEETINGS, DELEGATIONS, STATEMENTS)}
RECORDS = {
    **NOUNS,
    **{record.name: record for record in (MEETING_STATES, DELEGATION_MEMBERS, PASSAGES, EDITORS_NOTES)},
}
BY_MODEL = {record.model: record for record in RECORDS.values()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, list | tuple) else value


def _kind(field: Any) -> str:
    from talks.models.fields import EdtfField

    if field.is_relation:
        many = isinstance(field, models.ManyToManyField)
        return f"{'slugs' if many else 'slug'} of {BY_MODEL[field.related_model].name}"
    kinds: dict[type[Any], str] = {
        EdtfField: "date (EDTF)",
        models.DateTimeField: "instant (UTC)",
        models.DateField: "day",
        models.BooleanField: "truth value",
        models.IntegerField: "number",
        models.JSONField: "list of texts",
    }
    return next((kind for cls, kind in kinds.items() if isinstance(field, cls)), "text")
