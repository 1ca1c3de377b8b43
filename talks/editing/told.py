"""What the public is told of a change: which columns count, and what they said before and say now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


# The number of the person that each merged one is now.
Same = dict[int, int]
# What finds names of nouns by their numbers: a model, the numbers, and which field has the name.
Names = Callable[[Any, set[Any], str], dict[int, str]]


class Difference(NamedTuple):
    """A column that says something else now; texts as readers see them, slugs for what is referred to."""

    column: str
    before: str
    after: str


def told_columns(model: Any) -> list[str]:
    """The columns of a noun whose change the public is told of, in the order of its record."""
    return [name for name in BY_MODEL[model].names() if name not in UNTOLD]


def differences(model: Any, before: Portrait, after: Portrait, same: Same | None = None) -> list[Difference]:
    """What the public is told of a change; `same` says which persons are another one now, and were so all along."""
    before = _as_the_same(model, before, same) if same else before
    found = [Difference(name, *_texts(model, name, before, after, _public_names)) for name in told_columns(model)]
    found += [Difference(PART_NAMES[part], *_parts(part, before, after, _public_names)) for part in before.parts]
    return [one for one in found if one.before != one.after]


def all_differences(model: Any, before: Portrait, after: Portrait) -> list[Difference]:
    """Every field, list and row that is another now, for editors."""
    names = [field.name for field in (*model.history.model.tracked_fields, *model._meta.many_to_many)]
    found = [Difference(name, *_texts(model, name, before, after, _names)) for name in names]
    found += [Difference(PART_NAMES[part], *_parts(part, before, after, _names)) for part in before.parts]
    return [one for one in found if one.before != one.after]


def _as_the_same(model: Any, before: Portrait, same: Same) -> Portrait:
    """How it stood, with the numbers of merged persons replaced by those of the ones that they are."""

    def person(key: Any) -> Any:
        return same.get(key, key)

    fields, lists = dict(before.fields), dict(before.lists)
    for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
        if field.related_model is Person and field.name in lists:
            lists[field.name] = tuple((number, person(key)) for number, key in lists[field.name])
        elif field.related_model is Person:
            fields[field.attname] = person(fields[field.attname])
    parts = {
        part: {
            key: {**row, **({"person_id": person(row["person_id"])} if "person_id" in row else {})}
            for key, row in rows.items()
        }
        for part, rows in before.parts.items()
    }
    return Portrait(fields, lists, parts)


def _texts(model: Any, name: str, before: Portrait, after: Portrait, names: Names) -> tuple[str, str]:
    field = model._meta.get_field(name)
    if isinstance(field, models.ManyToManyField):
        own, now = before.linked(name), after.linked(name)
        return ("", "") if own == now else (_slugs(field, own, names), _slugs(field, now, names))
    own, now = before.fields[field.attname], after.fields[field.attname]
    if own == now:
        return "", ""
    if field.is_relation:
        return _slugs(field, {own}, names), _slugs(field, {now}, names)
    return _text(own), _text(now)


def _slugs(field: Any, keys: set[Any], names: Names) -> str:
    return ", ".join(sorted(names(field.related_model, keys, "slug").values()))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _parts(part: type[models.Model], before: Portrait, after: Portrait, names: Names) -> tuple[str, str]:
    """The rows that are not the same, a line each."""
    own, now = before.parts[part], after.parts[part]
    gone = [row for key, row in own.items() if now.get(key) != row]
    # A new state of a meeting is news, with a source and a day of its own, and no correction.
    news = part is MeetingState and names is _public_names
    come = [row for key, row in now.items() if own.get(key) != row and not (news and key not in own)]
    # A row that says the same in another place of its source is no difference.
    return "\n".join(sorted(_lines(part, gone, names))), "\n".join(sorted(_lines(part, come, names)))


def _lines(part: type[models.Model], rows: list[dict[str, Any]], names: Names) -> Iterator[str]:
    sources = names(Source, {row.get("source_id") for row in rows}, "slug")
    people = names(Person, {row.get("person_id") for row in rows}, "name")
    for row in rows:
        if part is Passage:
            yield str(row["exact"])
        elif row["source_id"] not in sources or row.get("person_id") not in {None, *people}:
            continue  # it rests on what is not public, and is not public either
        elif part is MeetingState:
            note = f": {row['note']}" if row["note"] else ""
            yield f"{row['state']}, reported on {row['reported_on']} by {sources[row['source_id']]}{note}"
        else:
            printed = f", “{row['role_as_printed']}”" if row["role_as_printed"] else ""
            yield f"{people[row['person_id']]}, {row['role']}{printed} ({sources[row['source_id']]})"


def _names(model: Any, keys: set[Any], name: str) -> dict[int, str]:
    """Of what is gone the last one."""
    found = dict(model._base_manager.filter(pk__in=keys - {None}).values_list("pk", name))
    lost = model.history.filter(id__in=keys - found.keys() - {None}).order_by("history_date", "history_id")
    return {**dict(lost.values_list("id", name)), **found} if len(found) < len(keys - {None}) else found


def _public_names(model: Any, keys: set[Any], name: str) -> dict[int, str]:
    """Of those that the public knows: a reference to another one is left out of all that it sees."""
    return dict(model._base_manager.filter(pk__in=keys - {None}, status="published").values_list("pk", name))
