"""The ledger: one entry for each noun in each change, and for published ones what the public is told of it.

A change is one transaction. Whatever is written in it through Django, in any order and however often, is compared
at its end with how it stood before. A write outside of any change is a change of its own, made by nobody for no
reason that was recorded, and the public is told so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.db.models.signals import m2m_changed, pre_delete
from django.utils import timezone

from talks import witness
from talks.editing import entries
from talks.editing.models import NOUNS, PARTS, RECORDED, Entry, history_of
from talks.editing.portraits import BATCH, NOUN_MODELS, Portrait, owner_of, owners, portraits
from talks.fixtures.store import hold

Key = tuple[Any, int]


class Change:
    """What is written together: by whom, of what kind, and why.

    `who`: a user's name, empty for nobody. `kind`: what the histories call it; left out, it is told from what
    happened. `public_kind` and `reason`: what the public is told of a published noun that says something else.
    `same`: the number of the person that each merged one is now. `keeps_dates`: `changed_at` is data of the files
    that are being loaded.
    """

    def __init__(
        self,
        who: str = "",
        reason: str = "",
        public_kind: str = "",
        kind: Entry.Kind | None = None,
        keeps_dates: bool = False,
    ) -> None:
        self.who, self.reason, self.public_kind = who, reason, public_kind
        self.kind, self.keeps_dates = kind, keeps_dates
        self.at = timezone.now()
        self.same: dict[int, int] = {}
        self.stood: dict[Key, Portrait | None] = {}

    def before(self, model: Any, keys: Iterable[Any]) -> None:
        """Look at nouns, or at those to which parts belong, before they are written for the first time."""
        numbers = {key for key in keys if key is not None}
        if model in PARTS:
            numbers, model = owners(model, numbers), owner_of(model)
        if model not in NOUN_MODELS:
            return
        unseen = {key for key in numbers if (model, key) not in self.stood}
        found = portraits(model, unseen)
        self.stood.update({(model, key): found.get(key) for key in unseen})

    def joining(self, rows: Iterable[Any]) -> None:
        """Look at the nouns that will have these parts."""
        joined: dict[Any, set[int]] = {}
        for part in rows:
            if type(part) in PARTS:
                joined.setdefault(owner_of(type(part)), set()).add(getattr(part, f"{PARTS[type(part)]}_id"))
        for model, keys in joined.items():
            self.before(model, keys)

    def made(self, model: Any, keys: Iterable[Any]) -> None:
        """Note nouns that are new."""
        if model in NOUN_MODELS:
            self.stood.update({(model, key): None for key in keys if (model, key) not in self.stood})

    def told(self) -> list[str]:
        """The columns that the public would be told of if the change ended now."""
        return [one.column for model in self._models() for one in entries.told_of(self, model, self._touched(model))]

    def _models(self) -> list[Any]:
        return sorted({model for model, _ in self.stood}, key=lambda model: model.__name__)

    def _touched(self, model: Any) -> entries.Stood:
        return {key: was for (kind, key), was in self.stood.items() if kind is model}

    def settle(self) -> None:
        """Compare all that was touched with how it stood, and write down what became of it."""
        with aside():
            for model in self._models():
                entries.write(self, model, self._touched(model))


def begin() -> None:
    """Give a first entry to every noun that has none: it was entered before there was a history."""
    tables = set(connection.introspection.table_names())
    if (
        not {table for model in RECORDED for table in (model._meta.db_table, history_of(model)._meta.db_table)}
        <= tables
    ):
        return  # a database that was migrated part of the way
    for model in NOUNS:
        rows: Any = model._default_manager
        known = history_of(model).objects.filter(id=OuterRef("pk"))
        unknown = list(rows.filter(~Exists(known)).values_list("pk", flat=True))
        for first in range(0, len(unknown), BATCH):
            with change(kind=Entry.Kind.IMPORTED, keeps_dates=True) as made:
                made.made(model, unknown[first : first + BATCH])


_open: ContextVar[Change | None] = ContextVar("change", default=None)
_aside: ContextVar[bool] = ContextVar("aside", default=False)


@contextmanager
def change(who: str = "", reason: str = "", public_kind: str = "", **more: Any) -> Iterator[Change]:
    """One transaction whose writes are noted together; within another change, a part of that one."""
    outer = _open.get()
    if outer is not None:
        yield outer
        return
    with transaction.atomic():
        wait()
        made = Change(who, reason, public_kind, **more)
        token = _open.set(made)
        try:
            yield made
        finally:
            _open.reset(token)
        made.settle()


def wait() -> None:
    """Within a transaction: wait until nobody else writes, instead of running into a deadlock later."""
    hold("default")


def present() -> Change | None:
    """The change that is being made, if one is."""
    return _open.get()


def importing() -> AbstractContextManager[Change]:
    """A change that files make, with dates and perhaps corrections of their own."""
    return change(kind=Entry.Kind.IMPORTED, keeps_dates=True)


@contextmanager
def aside() -> Iterator[None]:
    """Writes of which nothing is noted: those of the ledger itself, and those that a preview will undo."""
    token = _aside.set(True)
    try:
        yield
    finally:
        _aside.reset(token)


def standing_by() -> AbstractContextManager[witness.Watch]:
    """What `talks.witness` asks around every write."""
    return witness.unwatched() if _aside.get() else change()


def listen() -> None:
    """Stand by from now on, and hear of what is deleted and of lists that are written."""
    witness.stand_by = standing_by
    for model in RECORDED:
        pre_delete.connect(before_delete, sender=model)
        for field in model._meta.many_to_many:
            m2m_changed.connect(list_changed, sender=field.remote_field.through)


def before_delete(sender: Any, instance: Any, **_: Any) -> None:
    """Signals tell of each row that is deleted, also of those that go with another one."""
    present = _open.get()
    if present is not None and not _aside.get():
        present.before(sender, [instance.pk])


# Lists that are being written outside of a change: Django does so in a transaction, from `pre_…` to `post_…`.
_lists: ContextVar[tuple[Change, ...]] = ContextVar("lists", default=())


def list_changed(sender: Any, instance: Any, action: str, reverse: bool, model: Any, pk_set: Any, **_: Any) -> None:
    """A many-to-many list is about to be written, or was."""
    if _aside.get():
        return
    present = _open.get()
    if action.startswith("pre_"):
        watching = present or Change()
        watching.before(*_of_list(sender, instance, reverse, model, pk_set))
        _lists.set((*_lists.get(), watching))
    else:
        *rest, watching = _lists.get()
        _lists.set(tuple(rest))
        if present is None:
            watching.settle()


def _of_list(through: Any, instance: Any, reverse: bool, model: Any, keys: Any) -> tuple[Any, Iterable[int]]:
    """The nouns whose list it is: it may be written from the other side."""
    if not reverse:
        return type(instance), [instance.pk]
    if keys is None:
        field = next(one for one in model._meta.many_to_many if one.remote_field.through is through)
        rows = through._base_manager.filter(**{field.m2m_reverse_name(): instance.pk})
        keys = rows.values_list(field.m2m_column_name(), flat=True)
    return model, keys
