"""What the public is told of a change: which columns count, and what they said before and say now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db import models

from talks.editing.portraits import Portrait
from talks.models import DelegationMember, MeetingState, Passage, Person, Source
from talks.records import BY_MODEL

# What tells of our own checking and carries its own day.
CHECKED = frozenset(["verified_on", "verified_sha256", "document_sha256", "document_length", "document_on"])
# Besides that, what is derived, and what is no claim but an order on a page or a way to look for oneself.
UNTOLD = CHECKED | frozenset(
    [
        *("evidence_state", "accessed_on", "archive_url", "archived_on", "lead_order", "featured"),
        *("first_published_at", "changed_at"),
        *("date_from", "date_to", "said_from", "said_to", "published_from", "published_to"),
        *("state", "state_reported_on", "state_source"),
    ]
)
PART_NAMES: dict[type[models.Model], str] = {
    MeetingState: "states",
    DelegationMember: "members",
    Passage: "passages",
}


class Difference(NamedTuple):
    """A column that says something else now; texts as readers see them, slugs for what is referred to."""

    column: str
    before: str
    after: str


def told_columns(model: Any) -> list[str]:
    """The columns of a noun whose change the public is told of, in the order of its record."""
    return [name for name in BY_MODEL[model].names() if name not in UNTOLD]


def differences(
    model: Any, before: Portrait, after: Portrait, renamed: dict[str, str] | None = None
) -> list[Difference]:
    """What the public is told of a change. `renamed`: slugs that name the same thing as another one does now."""
    found = [Difference(name, *_texts(model, name, before, after)) for name in told_columns(model)]
    found += [Difference(PART_NAMES[part], *_parts(part, before, after)) for part in before.parts]
    renamed = renamed or {}
    return [one for one in found if renamed.get(one.before, one.before) != one.after]


def _texts(model: Any, name: str, before: Portrait, after: Portrait) -> tuple[str, str]:
    field = model._meta.get_field(name)
    if isinstance(field, models.ManyToManyField):
        own, now = before.linked(name), after.linked(name)
        return ("", "") if own == now else (_slugs(field, own), _slugs(field, now))
    own, now = before.fields[field.attname], after.fields[field.attname]
    if own == now:
        return "", ""
    if field.is_relation:
        return _slugs(field, {own} - {None}), _slugs(field, {now} - {None})
    return _text(own), _text(now)


def _slugs(field: Any, keys: Iterable[int]) -> str:
    found = field.related_model._base_manager.filter(pk__in=keys)
    return ", ".join(sorted(found.values_list("slug", flat=True)))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _parts(part: type[models.Model], before: Portrait, after: Portrait) -> tuple[str, str]:
    """The rows that are not the same, a line each. A new state is news, with a source and a day of its own."""
    own, now = before.parts[part], after.parts[part]
    gone = [row for key, row in own.items() if now.get(key) != row]
    come = [row for key, row in now.items() if own.get(key) != row and not (part is MeetingState and key not in own)]
    lines = sorted(_lines(part, gone)), sorted(_lines(part, come))
    # A row that says the same in another place of its source is no difference.
    return ("", "") if lines[0] == lines[1] else ("\n".join(lines[0]), "\n".join(lines[1]))


def _lines(part: type[models.Model], rows: list[dict[str, Any]]) -> Iterator[str]:
    sources = _names(Source, {row.get("source_id") for row in rows}, "slug")
    people = _names(Person, {row.get("person_id") for row in rows}, "name")
    for row in rows:
        if part is Passage:
            yield str(row["exact"])
        elif part is MeetingState:
            note = f": {row['note']}" if row["note"] else ""
            yield f"{row['state']}, reported on {row['reported_on']} by {sources[row['source_id']]}{note}"
        else:
            printed = f", “{row['role_as_printed']}”" if row["role_as_printed"] else ""
            yield f"{people[row['person_id']]}, {row['role']}{printed} ({sources[row['source_id']]})"


def _names(model: Any, keys: set[Any], name: str) -> dict[int, str]:
    return dict(model._base_manager.filter(pk__in=keys - {None}).values_list("pk", name))
