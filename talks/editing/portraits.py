"""How nouns stand: all their values, lists and rows as plain values, to be compared before and after a change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import models

from talks.editing.models import NOUNS, PARTS

Values = dict[str, Any]
BATCH = 500


class Portrait(NamedTuple):
    """A noun with all that belongs to it.

    fields: its values by attname, stamps left out. lists: for each many-to-many field the rows of its table as
    (number of the row, number of the other noun). parts: for each kind of part its rows' values by number.
    """

    fields: Values
    lists: dict[str, tuple[tuple[int, int], ...]]
    parts: dict[type[models.Model], dict[int, Values]]

    @property
    def status(self) -> str:
        return str(self.fields["status"])

    @property
    def is_public(self) -> bool:
        return self.status == "published"

    @property
    def was_public(self) -> bool:
        """Whether the public ever saw it."""
        return self.fields["first_published_at"] is not None

    @property
    def slug(self) -> str:
        return str(self.fields["slug"])

    def linked(self, name: str) -> set[int]:
        """The numbers of the nouns in a list."""
        return {other for _, other in self.lists[name]}

    def says_the_same(self, other: Portrait) -> bool:
        """Whether nothing was changed; that a list was written anew with the same nouns is no change."""
        lists = all(self.linked(name) == other.linked(name) for name in self.lists)
        return lists and self.fields == other.fields and self.parts == other.parts


def portraits(model: Any, keys: Iterable[int]) -> dict[int, Portrait]:
    """The portraits of those of these nouns that there are, by number; a few questions for each batch."""
    found: dict[int, Portrait] = {}
    numbers = sorted(keys)
    for first in range(0, len(numbers), BATCH):
        found.update(_batch(model, numbers[first : first + BATCH]))
    return found


def _batch(model: Any, keys: list[int]) -> dict[int, Portrait]:
    fields = tracked(model)
    rows = model._base_manager.filter(pk__in=keys).values(*fields)
    found = {row["id"]: Portrait(row, {}, {}) for row in rows}
    for field in model._meta.many_to_many:
        for portrait in found.values():
            portrait.lists[field.name] = ()
        here, there = field.m2m_column_name(), field.m2m_reverse_name()
        links = field.remote_field.through._base_manager.filter(**{f"{here}__in": keys})
        for own, number, other in links.order_by("pk").values_list(here, "pk", there):
            found[own].lists[field.name] += ((number, other),)
    for part, owner in PARTS.items():
        if part._meta.get_field(owner).related_model is model:
            for portrait in found.values():
                portrait.parts[part] = {}
            for row in part._base_manager.filter(**{f"{owner}__in": keys}).values(*tracked(part)):
                found[row[f"{owner}_id"]].parts[part][row["id"]] = row
    return found


def tracked(model: Any) -> list[str]:
    """The names of the values that a history keeps."""
    return [field.attname for field in model.history.model.tracked_fields]


def owner_of(part: type[models.Model]) -> Any:
    """The kind of noun to which a part belongs."""
    return part._meta.get_field(PARTS[part]).related_model


def owners(part: type[models.Model], keys: Iterable[int]) -> set[int]:
    """The numbers of the nouns to which these parts belong, as the database has it."""
    rows = part._base_manager.filter(pk__in=list(keys))
    return set(rows.values_list(f"{PARTS[part]}_id", flat=True))


NOUN_MODELS = frozenset(NOUNS)
