"""Columns that no page shows. A question for pages leaves them out, of its own rows and of those joined to them: a list
of thirty statements has a hundred and fifty nouns behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# Of a noun by itself: what is internal, and what only the page of a withdrawn one says, which is no question.
OWN = ("created_at", "updated_at", "imported_sha256", "withdrawn_on", "withdrawn_because")
# Of a noun that another one names: also when it was published and changed.
OF_OTHERS = (*OWN, "first_published_at", "changed_at")


def without_unseen(queryset: Any) -> Any:
    """The same rows; one that gives values is as it was."""
    query = queryset.query
    if queryset._fields is not None or query.combinator:
        return queryset
    return queryset.defer(*_unseen(queryset.model, query.select_related or {}))


def _unseen(model: Any, joined: dict[str, Any], path: str = "") -> Iterator[str]:
    there = {field.name for field in model._meta.concrete_fields}
    yield from (f"{path}{name}" for name in (OF_OTHERS if path else OWN) if name in there)
    for name, further in joined.items():
        yield from _unseen(model._meta.get_field(name).related_model, further, f"{path}{name}__")
