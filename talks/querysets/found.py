"""Statements as a search leaves them: asked like any list of nouns, without finding more than a page shows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from talks import search
from talks.querysets.tallied import of_list, of_noun
from talks.search import COUNTED, DENSE, LISTED, NEWEST, RANKED, Key, Wanted, known
from talks.search.counting import Counted
from talks.search.marks import noun

# Of a list that is streamed, statements that are found at once, and so many for its beginning, which is waited for.
STRETCH = 2_000
BEGINNING = 50


class Chosen(NamedTuple):
    """Public statements whose row numbers are known, in the order of their list: which they are need not be asked."""

    keys: list[int]

    def numbers(self) -> list[int]:
        return self.keys


class Found:
    """The public statements that a search finds. `statements` says what is fetched with them."""

    def __init__(self, statements: Any, wanted: Wanted) -> None:
        self.statements = statements.published()
        self.wanted = wanted

    @cached_property
    def _looked_up(self) -> Wanted:
        return search.looked_up(self.wanted)

    @cached_property
    def counted(self) -> Counted:
        """What it can be narrowed by, with how many."""
        return self._kept(search.counted(self._looked_up, COUNTED, NEWEST, self._least > COUNTED))

    @cached_property
    def walked(self) -> Counted:
        """The same without what it can be narrowed by."""
        return self._kept(search.walked(self._looked_up, COUNTED, LISTED, self._least > COUNTED))

    def _kept(self, counted: Counted) -> Counted:
        known.keep(self.wanted, counted.number)
        return counted

    @cached_property
    def _least(self) -> int:
        """How many there are at least, if that takes little to tell: of all, and of one noun, it is kept."""
        if self.wanted == Wanted():
            return of_list("statements")
        counted = known.number(self.wanted)
        if counted is not None:
            return counted
        one = self.wanted.marks[:1]
        kept = of_noun(*noun(one[0])) if one and self.wanted == Wanted(marks=one) else 0
        return search.of_keys(self.wanted, COUNTED) if not kept and search.is_of_keys(self.wanted) else kept

    @property
    def _is_dense(self) -> bool:
        """Whether one that fits is met soon in any order; told without counting them."""
        return self._least > COUNTED or search.is_dense(self._looked_up, NEWEST, DENSE)

    @property
    def _told(self) -> Counted | None:
        """What was counted for this page, if anything was."""
        return self.__dict__.get("counted") or self.__dict__.get("walked")

    @property
    def number(self) -> int:
        """How many there are; COUNTED + 1 says more than COUNTED."""
        if self._told:
            return self._told.number
        counted = known.number(self.wanted)
        return self.walked.number if counted is None else counted

    def total(self) -> int | None:
        """How many there are in all; None if that is more than are counted. What nothing narrows is counted already."""
        if self.wanted == Wanted():
            return self._least
        return self.number if self.number <= COUNTED else None

    @property
    def is_narrow(self) -> bool:
        """Whether words were searched for, and all that was found can be ranked."""
        return self.wanted.query is not None and self.number <= RANKED

    def published(self) -> Found:
        return self

    def in_stretches(self) -> Iterator[Any]:
        """All, oldest first, cut where it is long: the first rows need not wait until all others are found and sorted."""
        if self.wanted == Wanted():
            yield self.statements.in_order()
            return
        for numbers in search.stretches(self._looked_up, STRETCH, BEGINNING):
            yield self.statements.of_numbers(numbers).in_order()

    def ranked(self) -> dict[str, int]:
        """The slugs of the best with their row numbers, best first."""
        return search.best(self._looked_up) if self.number else {}

    def stretch(self, field: str, descending: bool, most: int, value: Any = None, slug: str = "") -> Any:
        """The first so many of the list sorted by the field, then by slug; after this place in it, if one is given."""
        if self.wanted == Wanted():
            within = self.statements
        elif field != "said_from" and self._is_dense:
            within = self.statements.fitting(self._looked_up)
        elif not self.number:
            within = self.statements.none()
        elif field == "said_from":
            return Chosen(self._stretch(descending, most, Key(value, slug) if slug else None))
        elif self.number > COUNTED:
            within = self.statements.fitting(self._looked_up)
        else:
            within = self.statements.matching(self._looked_up)
        return within.stretch(field, descending, most, value, slug)

    def _stretch(self, descending: bool, most: int, key: Key | None) -> list[int]:
        """The row numbers of a stretch by day; of the first one, if they are known, from there."""
        first = self._told.first(most) if self._told and descending and not key else None
        if first is not None:
            return first
        return search.page(self._looked_up, most, descending, key, few=self.number <= COUNTED)
