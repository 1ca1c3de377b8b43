"""Record: how a noun becomes flat rows, read as plain values so that a million cost no objects.

A row is flat: texts, numbers, truth values, dates as text, lists of texts, None; a reference is a slug, and None
where what it names is not public. Same rows, same bytes, whichever database they come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Case, F, QuerySet, When
from django.db.models.functions import Cast

from talks.models.base import Noun, Status
from talks.models.fields import EdtfField
from talks.querysets.asked import Question

FIRST, CHUNK = 50, 2000  # rows that are made before the first is written, and at once after these
FETCHED = 500  # rows that the database finds before it hands over the first
Row = dict[str, Any]


class Field(NamedTuple):
    """A column. Where the model has no field of this name: `read` makes it of the values at `paths`, `of` takes it
    from a noun in hand.
    """

    name: str
    read: Callable[..., Any] | None = None
    paths: tuple[Any, ...] = ()
    of: Callable[[Any], Any] | None = None
    meaning: str = ""
    kind: str = ""
    values: tuple[tuple[str, str], ...] = ()
    since: int = 1  # the release that has it first
    may_be_empty: bool = True


class Column(NamedTuple):
    """A column as the codebook has it."""

    name: str
    meaning: str
    kind: str  # text, number, truth value, day, instant, date (EDTF), list of texts, slug of RECORD, slugs of RECORD
    unit: str
    values: tuple[tuple[str, str], ...]
    may_be_empty: bool
    since: int


class Record:
    """A noun as data: the name of its files and addresses, its columns, and what of its model is withheld.

    `key`: the columns that name a row, in the order in which files are sorted. `captions`: what formats for readers
    say besides the columns, as paths from the noun (`speaker.name`).
    """

    def __init__(
        self,
        name: str,
        model: type[models.Model],
        fields: tuple[Field, ...],
        key: tuple[str, ...] = ("slug",),
        withheld: tuple[str, ...] = (),
        captions: tuple[str, ...] = (),
    ) -> None:
        self.name, self.model, self.fields, self.key, self.captions = name, model, fields, key, captions
        self.withheld = frozenset(withheld) | INTERNAL
        self._plans: dict[bool, _Plan] = {}
        self._question = Question(self._rows_where)
        self._among = Question(self._rows_among)

    def names(self) -> list[str]:
        return [field.name for field in self.fields]

    def columns(self) -> list[Column]:
        """The columns with their meaning, in order."""
        return [self._column(field) for field in self.fields]

    def model_field(self, name: str) -> Any:
        return self.model._meta.get_field(name)

    def public(self) -> QuerySet:
        """The rows that may leave the house, in the order of their keys."""
        order = [f"{name}__slug" if self.model_field(name).is_relation else name for name in self.key]
        everything = self.model._default_manager.order_by(*order)
        if issubclass(self.model, Noun):
            return everything.filter(status=Status.PUBLISHED)
        # A row that belongs to a noun is public when all that it refers to is.
        references = [field.name for field in self.model._meta.concrete_fields if field.is_relation]
        return everything.filter(**{f"{name}__status": Status.PUBLISHED for name in references})

    def rows(self, nouns: QuerySet, captions: bool = False) -> Iterator[Row]:
        """Nouns as rows, in constant memory; with `captions`, under names with a dot, what is said besides."""
        plan = _Plan(self, captions)
        # Not as objects: reading a million of those takes five times as long.
        found = nouns.values_list("pk", *plan.expressions).iterator(chunk_size=FETCHED)
        size = FIRST
        while batch := list(islice(found, size)):
            yield from plan.finish(batch)
            size = CHUNK

    def listed(self, nouns: Any, captions: bool = False) -> list[Row]:
        """The same for a page of nouns: first which they are, then their rows, by a question that is put together once."""
        numbers = list(nouns.numbers())
        plan = self._plan(captions)
        found = {values[0]: values for values in self._among(numbers, captions=captions)}
        return list(plan.finish([found[number] for number in numbers if number in found]))

    def row(self, noun: models.Model, captions: bool = False) -> Row:
        """One noun as a row."""
        return next(self.rows(self.model._default_manager.filter(pk=noun.pk), captions))

    def named(self, slug: str, captions: bool = False) -> Row | None:
        """The public noun of this slug as a row; None if there is none."""
        return next(self._asked(captions, slug=slug), None)

    def belonging(self, **owner: str) -> list[Row]:
        """The rows with these values, as of `statement__slug`, in their order."""
        return list(self._asked(False, **owner))

    def _asked(self, captions: bool, **where: str) -> Iterator[Row]:
        return self._plan(captions).finish(self._question(*where.values(), captions=captions, where=tuple(where)))

    def _plan(self, captions: bool) -> _Plan:
        return self._plans.get(captions) or self._plans.setdefault(captions, _Plan(self, captions))

    def _rows_among(self, numbers: list[int], captions: bool) -> QuerySet:
        return self.model._default_manager.filter(pk__in=numbers).values_list("pk", *self._plans[captions].expressions)

    def _rows_where(self, *values: str, captions: bool, where: tuple[str, ...]) -> QuerySet:
        rows: Any = self.public().filter(**dict(zip(where, values, strict=True)))
        return rows.in_order().values_list("pk", *self._plans[captions].expressions)

    def row_in_hand(self, noun: Any) -> Row:
        """The same row with captions, of a noun that its page has fetched, without asking for anything again. A list
        that the page did not fetch is empty.
        """
        row = {field.name: field.of(noun) if field.of else self._in_hand(noun, field.name) for field in self.fields}
        for path in self.captions:
            first, last = path.split(".")
            other = getattr(noun, first)
            row[path] = plain(getattr(other, last)) if other is not None else None
        return row

    def _in_hand(self, noun: Any, name: str) -> Any:
        if isinstance(self.model_field(name), models.ManyToManyField):
            fetched = getattr(noun, "_prefetched_objects_cache", {}).get(name, ())
            return sorted(other.slug for other in fetched if other.is_public)
        value = getattr(noun, name)
        if isinstance(value, models.Model):
            return value.slug if value.is_public else None  # type: ignore[attr-defined]
        return plain(value)

    def key_of(self, row: Row) -> tuple[Any, ...]:
        """What names a row, for sorting and comparing."""
        return tuple(row[name] for name in self.key)

    def _column(self, field: Field) -> Column:
        unit = UNITS.get(field.name, "")
        if field.read is not None:
            return Column(field.name, field.meaning, field.kind, unit, field.values, field.may_be_empty, field.since)
        model_field = self.model_field(field.name)
        values = tuple((str(value), str(label)) for value, label in model_field.choices or ())
        # A row is public, and has then what a draft may lack.
        empty = (model_field.blank or model_field.null) and field.name not in ALWAYS
        return Column(field.name, model_field.help_text, kind_of(model_field), unit, values, empty, field.since)


class _Plan:
    """How the values of one query become rows: which expressions are asked for, and what is made of each."""

    def __init__(self, record: Record, captions: bool) -> None:
        self.record = record
        self.expressions: list[Any] = []
        self.steps: list[tuple[str, slice, Callable[..., Any] | None]] = []
        self.lists: list[Any] = []
        for field in record.fields:
            self._add(field)
        for path in record.captions if captions else ():
            end = _resolve(record.model, path)
            self._ask(path, [_expression(path.replace(".", "__"), end)], _converter(end))

    def _add(self, field: Field) -> None:
        if field.read is not None:
            self._ask(field.name, list(field.paths), field.read)
            return
        model_field = self.record.model_field(field.name)
        if isinstance(model_field, models.ManyToManyField):
            self.lists.append(model_field)
            self.steps.append((field.name, slice(0), None))
        else:
            self._ask(field.name, [_expression(field.name, model_field)], _converter(model_field))

    def _ask(self, name: str, expressions: Sequence[Any], convert: Callable[..., Any] | None) -> None:
        first = 1 + len(self.expressions)
        self.expressions += expressions
        self.steps.append((name, slice(first, first + len(expressions)), convert))

    def finish(self, batch: list[tuple[Any, ...]]) -> Iterator[Row]:
        """The rows of a batch; one question more for each list column."""
        slugs = {field.name: _listed(field, [values[0] for values in batch]) for field in self.lists}
        for values in batch:
            yield {
                name: slugs[name].get(values[0], [])
                if name in slugs
                else convert(*values[place])
                if convert
                else values[place.start]
                for name, place, convert in self.steps
            }


@Question
def _slugs(numbers: list[int], field: Any) -> QuerySet:
    """(number of the row, public slug) of what a list column of these rows has."""
    here, there = field.m2m_field_name(), field.m2m_reverse_field_name()
    wanted = {f"{here}__in": numbers, f"{there}__status": Status.PUBLISHED}
    pairs = field.remote_field.through._default_manager.filter(**wanted).order_by(f"{there}__slug")
    return pairs.values_list(f"{here}_id", f"{there}__slug")


def _listed(field: Any, numbers: list[int]) -> dict[int, list[str]]:
    """The public slugs that a list column has, by the number of the row that has them."""
    found: dict[int, list[str]] = {}
    for number, slug in _slugs(numbers, field=field):
        found.setdefault(number, []).append(slug)
    return found


def _expression(path: str, field: Any) -> Any:
    if field.is_relation:
        return Case(When(**{f"{path}__status": Status.PUBLISHED}, then=F(f"{path}__slug")))
    # As text: a date object would be made only to be written down again.
    return Cast(path, models.CharField()) if isinstance(field, models.DateField) else F(path)


def _converter(field: Any) -> Callable[..., Any] | None:
    return instant if isinstance(field, models.DateTimeField) else None


def plain(value: Any) -> Any:
    """A day or an instant as text, anything else as it is."""
    if isinstance(value, datetime):
        return instant(str(value))
    return value.isoformat() if isinstance(value, date) else value


def instant(text: str | None) -> str | None:
    """An instant as both databases write it (`2025-06-02 10:00:00`, `…+00`) as RFC 3339 has it, to the second."""
    return f"{text[:10]}T{text[11:19]}Z" if text else None


def _resolve(model: type[models.Model], path: str) -> Any:
    *steps, last = path.split(".")
    for step in steps:
        model = model._meta.get_field(step).related_model  # type: ignore[assignment]
    return model._meta.get_field(last)


INTERNAL = frozenset(
    ["id", "created_at", "updated_at", "imported_sha256", "status", "withdrawn_on", "withdrawn_because"]
)
ALWAYS = ("first_published_at", "changed_at")
UNITS = {
    "document_length": "code points",
    "start": "code points from the beginning of the source’s text",
    "end": "code points from the beginning of the source’s text",
}


def kind_of(field: Any) -> str:
    """The type of a model's field as the codebook says it."""
    if field.is_relation:
        from talks.records import BY_MODEL

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
