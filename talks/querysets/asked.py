"""Questions that are put together once and asked again with other values.

To build a queryset and to compile it into SQL takes Django ten times as long as a database of this size takes to
answer, and gives the same SQL each time. A question is a function that gives a queryset for some values; it is called
with stand-ins for them, what comes of it is kept, and where a stand-in went the values of each call go. What such a
queryset prefetches is asked in the same way.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from datetime import date, timedelta
from functools import update_wrapper
from threading import local
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import F, Prefetch

from talks.querysets.prepared import prepared
from talks.querysets.unseen import without_unseen

# How each database takes a list of any length as one value, and how the rows of a subquery.
OF_LIST = {"sqlite": "IN (SELECT value FROM json_each(%s))", "postgresql": "= ANY (%s)"}
OF_ROWS = {"sqlite": "IN (ROWS)", "postgresql": "= ANY (ARRAY (ROWS))"}
PLACE = re.compile(r"%[%s]")
PLAIN = re.compile(r"[a-z0-9_ -]*", re.ASCII)
OF = "owner_of_this"  # the name under which a row of a many-to-many relation says whose it is


class Rows(NamedTuple):
    """SQL that gives the numbers of a list, and the values in it."""

    sql: str
    values: list[Any]


class Question:
    """A function from values to a queryset, called like it for the list of rows.

    Positional values are texts, numbers, days, or lists of numbers (also as Rows) for `__in`; they must go into the SQL,
    or into that of what is prefetched, as values and nowhere else, and none may be None; the last ones may be left out. What
    changes the SQL itself is given by name: each of its values is kept apart, so there must be few. `queryset` gives the
    queryset as Django would have it.
    """

    def __init__(self, build: Callable[..., Any]) -> None:
        update_wrapper(self, build)
        self.queryset = build
        self._plans: dict[Any, _Plan] = {}

    def __call__(self, *values: Any, **shape: Any) -> list[Any]:
        return self._plan(values, shape).rows(values)

    def sql(self, *values: Any, **shape: Any) -> tuple[str, tuple[Any, ...]]:
        """The SQL and what goes into it, for a part of a larger question."""
        return self._plan(values, shape).with_values(values)

    def _plan(self, values: tuple[Any, ...], shape: dict[str, Any]) -> _Plan:
        key = (len(values), *shape.values())
        plan = self._plans.get(key)
        if plan is None:
            stands = [_stand_in(place, value) for place, value in enumerate(values)]
            plan = _Plan(self.queryset(*stands, **shape), stands)
            for number in range(len(stands)) if plan.sql else ():
                if number not in plan.asked_with:
                    raise ValueError(f"Value {number} of a question is not asked with: {plan.sql}")
            self._plans[key] = plan
        return plan

    def first(self, *values: Any, **shape: Any) -> Any:
        """The first row, None if there is none; the question itself should ask for no more."""
        return next(iter(self(*values, **shape)), None)


def _stand_in(place: int, value: Any) -> Any:
    """Something of the same type that no question has of its own."""
    if isinstance(value, list | Rows):
        return [_stand_in(place, 0)]
    if isinstance(value, date):
        return date(1, 1, 1) + timedelta(place)
    if isinstance(value, str):
        return f"\x02stand-in {place}"
    return 2**62 + place


def _literal(value: Any) -> str:
    """A number or a plain word as SQL has it; empty for all others."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(int(value))
    return f"'{value}'" if isinstance(value, str) and PLAIN.fullmatch(value) else ""


class _Place(NamedTuple):
    """Where a value goes: which one, and what makes of it what the database's library takes."""

    number: int
    convert: Callable[[Any], Any]


class _Plan:
    """The SQL of one queryset, and how rows are made of what it gives."""

    def __init__(self, queryset: Any, stands: list[Any]) -> None:
        queryset = without_unseen(queryset)
        # In tests a database may be asked that is not the default one: a plan is of one database.
        self.db, self._fields, self._iterable = queryset.db, queryset._fields, queryset._iterable_class
        self._known_related_objects: dict[Any, Any] = {}
        self.query = queryset.query
        self.parts = [_Part(queryset.model, lookup, stands) for lookup in queryset._prefetch_related_lookups]
        self.compiler = self.query.get_compiler(self.db)
        self.converters: Any = None
        self._own = local()
        self.places: list[tuple[int, _Place]] = []
        try:
            self.sql, params = self.compiler.as_sql()
        except EmptyResultSet:
            self.sql = ""
        else:
            self._find_places(params, stands)
        self.asked_with: set[int] = {place.number for _, place in self.places}
        for part in self.parts:
            self.asked_with |= part.plan.asked_with

    def _find_places(self, params: Iterable[Any], stands: list[Any]) -> None:
        """Where each value goes, if it is asked with here at all."""
        self.params = list(params)
        many = {}
        for number, stand in enumerate(stands):
            one = stand[0] if isinstance(stand, list) else stand
            for at in [at for at, param in enumerate(self.params) if param in (one, str(one))]:
                convert = self._converter(stand, self.params[at])
                self.places.append((at, _Place(number, convert)))
                many[at] = isinstance(stand, list)
        self._write(many)

    def _converter(self, stand: Any, param: Any) -> Callable[[Any], Any]:
        if isinstance(stand, list):
            return json.dumps if connections[self.db].vendor == "sqlite" else list
        # psycopg has types of its own for numbers; SQLite keeps days as text.
        return type(param) if isinstance(param, int | str) else lambda value: value

    def _write(self, places: dict[int, bool]) -> None:
        """Instead of `IN (%s)`, what takes a list of any length as one value; what is the same each time, as it is.

        A value that decides whether a partial index will do has to be known: SQLite would plan anew whenever it is
        given (sqlite.org/queryplanner.html), which takes milliseconds, and PostgreSQL's general plan does without.
        `places` are the numbers of what changes, and whether it is a list.
        """
        pieces, last, kept = [], 0, []
        found = [one for one in PLACE.finditer(self.sql) if one[0] != "%%"]
        for number, (one, param) in enumerate(zip(found, self.params, strict=True)):
            start, end, text = one.start(), one.end(), "%s"
            if places.get(number):
                start, end, text = start - len("IN ("), end + 1, OF_LIST[connections[self.db].vendor]
                if self.sql[start:end] != "IN (%s)":
                    raise ValueError(f"A list is asked for in another way than by __in: {self.sql}")
            elif number not in places:
                text = _literal(param) or text
            pieces += [self.sql[last:start], text]
            last = end
            if "%s" in text:
                kept.append(number)
        self.sql = "".join([*pieces, self.sql[last:]])
        self.params = [self.params[number] for number in kept]
        self.places = [(kept.index(at), place) for at, place in self.places]

    def with_values(self, values: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
        """The SQL for these values, and what goes into it. Of Rows there may be one, and no list beside them."""
        sql, params = self.sql, self.params.copy()
        rows: tuple[int, Rows] | None = None
        for at, place in self.places:
            value = values[place.number]
            if isinstance(value, Rows):
                rows = at, value
            else:
                params[at] = place.convert(value)
        if rows:
            at, wanted = rows
            vendor = connections[self.db].vendor
            sql = sql.replace(OF_LIST[vendor], OF_ROWS[vendor].replace("ROWS", wanted.sql))
            params[at : at + 1] = wanted.values
        return sql, tuple(params)

    def rows(self, values: Sequence[Any]) -> list[Any]:
        """What the queryset would give for these values."""
        if not self.sql:
            return []
        with prepared(connections[self.db]):
            rows = list(self._iterable(self._asking(values)))
        if rows:
            for part in self.parts:
                part.give(rows, values)
        return rows

    def _converters(self, expressions: Iterable[Any]) -> Any:
        """What makes Python's values of the columns; the same for each call, and a third of asking to find out."""
        if self.converters is None:
            self.converters = type(self.compiler).get_converters(self.compiler, expressions)
        return self.converters

    def _asking(self, values: Sequence[Any]) -> _Plan:
        """What a queryset is to Django's iterables, with these values in it. A thread, which has a connection of its own
        and asks one question after another, always has the same.
        """
        own = self._own
        if not hasattr(own, "asking"):
            own.asking, own.compiler = self._copied()
        asked = self.with_values(values)
        own.compiler.connection = connections[self.db]
        own.compiler.as_sql = lambda *_, **__: asked
        return own.asking

    def _copied(self) -> tuple[_Plan, Any]:
        """Such a thing, and the compiler in it, which the values are given to."""
        compiler, query, asking = copy(self.compiler), copy(self.query), copy(self)
        compiler.get_converters = self._converters
        compiler.has_composite_fields = lambda *_: False  # for which Django would look through all columns
        query.get_compiler = lambda *_, **__: compiler
        asking.query = query
        return asking, compiler


class _Part:
    """What belongs to each row: the rows of another model that refer to it, or one or many that it refers to."""

    def __init__(self, model: Any, lookup: Any, stands: list[Any]) -> None:
        wanted = lookup if isinstance(lookup, Prefetch) else Prefetch(lookup)
        *self.steps, self.name = wanted.prefetch_to.split("__")
        for step in self.steps:
            model = model._meta.get_field(step).related_model
        relation = model._meta.get_field(self.name)
        rows = wanted.queryset if wanted.queryset is not None else relation.related_model._default_manager.all()
        owners = _stand_in(len(stands), [])
        self.back = ""  # the name under which a row has its owner
        self.one = relation.attname if relation.many_to_one else ""  # of an owner: which row it refers to
        if self.one:
            self.owner, asked = "pk", rows.filter(pk__in=owners)
        elif relation.many_to_many:
            # First the filter: so the join is an inner one, which SQLite may begin with the table between; and the
            # name is then of the same join.
            there = relation.field.name if relation.auto_created else relation.related_query_name()
            self.owner, asked = OF, rows.filter(**{f"{there}__in": owners}).annotate(**{OF: F(there)})
        else:
            self.back, self.owner = relation.field.name, relation.field.attname
            asked = rows.filter(**{f"{self.back}__in": owners})
        self.plan = _Plan(asked, [*stands, owners])

    def give(self, nouns: Iterable[Any], values: Sequence[Any]) -> None:
        """Fetch them for all of these, and put them where Django looks for what was prefetched."""
        owners = [owner for noun in nouns if (owner := self._owner(noun)) is not None]
        keys = {getattr(owner, self.one or "pk") for owner in owners} - {None}
        found: dict[int, list[Any]] = defaultdict(list)
        for row in self.plan.rows([*values, sorted(keys)]) if keys else ():
            found[getattr(row, self.owner)].append(row)
        for owner in owners:
            self._put(owner, found.get(getattr(owner, self.one or "pk"), []))

    def _put(self, owner: Any, rows: list[Any]) -> None:
        if self.one:
            owner._state.fields_cache[self.name] = rows[0] if rows else None
            return
        owner.__dict__.setdefault("_prefetched_objects_cache", {})[self.name] = rows
        for row in rows if self.back else ():
            row._state.fields_cache[self.back] = owner

    def _owner(self, noun: Any) -> Any:
        for step in self.steps:
            noun = getattr(noun, step) if noun is not None else None
        return noun
