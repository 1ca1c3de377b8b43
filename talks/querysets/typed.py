"""What an editor types to find something: a text in any case, a statement by words of its own or of what stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.db.models import CharField, Exists, JSONField, OuterRef, Q, QuerySet, TextField, lookups
from django.db.models.functions import Cast, Collate
from django.utils.text import smart_split, unescape_string_literal

from talks import search
from talks.querysets.base import PUBLISHED, looked_at, related
from talks.search.words import Query, Term, spans

MOST_LIKE = 500
MOST_FOUND = 500  # statements; more are not counted
# Public statements that may have what is typed: so many of the newest tell of those that stand close to one another, and of
# more than so many a list in any order meets one soon.
NEWEST, MOST_LIKELY = 600, 5_000
# Where a word of a statement may stand, as in the index of the search; what most are found by first.
PRINTED = (
    *("text", "speaker_as_printed", "role_as_printed", "source__publisher", "meeting__title", "meeting__round_label"),
    *("meeting__city", "meeting__venue", "channel", "party__name"),
)
# Letters of scripts that put no blank between words, so that the index has whole sentences for words.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


class AnyCase(lookups.IContains):
    """Contains a text in any case, in any script: SQLite by itself knows the small letters of A to Z only, and so does
    PostgreSQL in a column that is sorted by code point.
    """

    lookup_name = "any_case"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return lookups.IContains(self.lhs, self.rhs).as_sql(compiler, connection)

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        if str(self.rhs).isascii():
            return self.as_sql(compiler, connection)
        return lookups.IRegex(self.lhs, re.escape(str(self.rhs))).as_sql(compiler, connection)

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        text = Collate(Cast(self.lhs, TextField()), "default")
        return lookups.IContains(text, self.rhs).as_sql(compiler, connection)


for kind in (CharField, TextField, JSONField):
    kind.register_lookup(AnyCase)


def words_of(asked: str) -> Iterator[str]:
    """The words of a search, and its phrases in quotation marks, as the admin cuts them."""
    for bit in smart_split(asked):
        quoted = len(bit) > 1 and bit[0] == bit[-1] and bit[0] in "\"'"
        yield unescape_string_literal(bit) if quoted else bit


def spelled(people: Any, word: str) -> QuerySet:
    """Persons of whose names one spelling has this in it."""
    names = ("name", "sort_name", "native_name", "also_written")
    found = Q(slug__icontains=word)
    for name in names:
        found |= Q(**{f"{name}__any_case": word})
    return people.filter(found)


def saying(statements: Any, asked: str) -> tuple[QuerySet, bool]:
    """Statements that have each of these words in what is printed with them, their slug or a spelling of their speaker; and
    whether they are more than MOST_FOUND.

    Public ones are looked for among those that the index of the search knows to have words that begin so; the few others
    are all read. Whoever counts, sorts and pages the answer reads only what was found, unless that is much, and then a
    page of it is found soon.
    """
    saying, words = statements, list(words_of(asked))
    for word in words:
        people = list(spelled(related("Person"), word).values_list("pk", flat=True)[:MOST_LIKE])
        saying = saying.filter(looked_at(Q(speaker__in=people) | _printed(word)))
    likely, are_all = _likely(words)
    found = list(saying.among(likely).order_by().numbers())
    if are_all:
        hidden = _first(_hidden(saying))
        found, is_many = [*found, *hidden], len(hidden) > MOST_FOUND
    else:
        found = found if len(found) > MOST_FOUND else _first(saying)
        is_many = len(found) > MOST_FOUND
    return (saying if is_many else statements.among(found)), is_many


def _hidden(statements: Any) -> QuerySet:
    """Those that are not public. SQLite would rather read all of a party or a year, so it is told the numbers of few."""
    hidden = _first(related("Statement").exclude(status=PUBLISHED))
    return statements.among(hidden) if len(hidden) <= MOST_FOUND else statements.exclude(status=PUBLISHED)


def _first(statements: Any) -> list[int]:
    return list(statements.order_by().numbers()[: MOST_FOUND + 1])


def _likely(words: list[str]) -> tuple[list[int], bool]:
    """The public statements, by number, that have words which begin as these do, and those whose slug does; and whether these
    are all. They are not where the index cannot tell: what has no letter or figure is no word to it.
    """
    terms = tuple(Term(tuple(plain for *_, plain in spans(word)), is_beginning=True) for word in words)
    if not all(term.words for term in terms) or any(map(UNSPACED.search, words)):
        return [], False
    wanted = search.Wanted(search.spelled(Query("", terms)))
    found = search.numbers(wanted, NEWEST + 1)
    are_all = len(found) <= NEWEST
    if not are_all and not search.is_much(wanted) and not search.is_dense(wanted):
        found = search.numbers(wanted, MOST_LIKELY + 1)
        are_all = len(found) <= MOST_LIKELY
    if len(words) == 1:  # “~” stands after all that slugs are made of
        slugged = related("Statement").filter(slug__gte=words[0].lower(), slug__lt=f"{words[0].lower()}~")
        named = list(slugged.numbers()[: MOST_LIKELY + 1])
        found, are_all = [*found, *named], are_all and len(named) <= MOST_LIKELY
    return found, are_all


def _printed(word: str) -> Q:
    """That a statement has this word in a column of its own or of what stands around it, or in a note on it. Texts are many:
    beyond ASCII, SQLite would take a second for any case of them, and four of them are all that is ever printed.
    """
    found = Q(slug__icontains=word)
    for form in {word} if word.isascii() else {word, word.lower(), word.upper(), word.title()}:
        for column in PRINTED:
            found |= Q(**{f"{column}__icontains": form})
    said = Q(subject__any_case=word) | Q(text__any_case=word)
    return found | Q(Exists(related("EditorsNote").published().filter(said, statements=OuterRef("pk"))))
