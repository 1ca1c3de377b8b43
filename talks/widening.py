"""What helps where a search has found nothing: fewer filters, other spellings, meetings of such a name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from talks import likeness, search
from talks.filters import StatementFilter
from talks.models import Meeting, Person, Source, Statement
from talks.search import COUNTED
from talks.search.words import WORD, folded, parse

# How many of the newest statements lend their words to the guesses at another spelling.
READ = 500
NEAR = 75  # how alike two spellings are, of a hundred


class Fewer(NamedTuple):
    """A filter in force, and how many there would be without it."""

    one: dict[str, str]
    found: int  # at most COUNTED
    is_more: bool  # whether there are more than COUNTED


class Widening(NamedTuple):
    """What helps where nothing was found."""

    without: list[Fewer]
    spellings: list[tuple[str, str]]  # a word that does occur, and the address that searches for it
    meetings: list[Any]


def widening(narrowing: StatementFilter) -> Widening:
    """What would find something, of what is asked for."""
    others = [one for one in narrowing.active() if one["name"] != "q"]
    counts = search.counts([narrowing.wanted_without(one["name"]) for one in others], COUNTED + 1)
    without = [Fewer(one, min(some, COUNTED), some > COUNTED) for one, some in zip(others, counts, strict=True) if some]
    words = narrowing.wanted.query
    if words is None:
        return Widening(without, [], [])
    texts = [term.text for term in words.wanted][:3]
    named = [Meeting.objects.published().of_name(text) for text in texts]
    meetings = list(reduce(or_, named)[:6]) if named else []
    return Widening(without, _spellings(narrowing, texts), meetings)


def _spellings(narrowing: StatementFilter, texts: list[str]) -> list[tuple[str, str]]:
    """Names of persons and publishers, and words of the newest statements, that come close and find something: each
    with the address of a search for it alone.
    """
    known: dict[str, str] = {}
    for plain, word in _vocabulary():
        known.setdefault(plain, word)  # the first one: of a person, the name that we use
    near = [known[one] for text in texts for one in likeness.nearest(text, known, 3, NEAR) if one != text]
    found = list(dict.fromkeys(near))
    gone = search.missing(parse(" ".join(found)))
    alone = dict.fromkeys(narrowing.given(), "")
    return [(word, narrowing.address(**{**alone, "q": word})) for word in found if folded(word) not in gone]


def _vocabulary() -> Iterable[tuple[str, str]]:
    """Each word, folded and as it stands in a text or a name."""
    newest = Statement.objects.published().newest_first().texts()[:READ]
    names = Person.objects.published().spellings()
    publishers = Source.objects.published().publishers()
    words = dict.fromkeys(WORD.findall("\n".join((*newest, *names, *publishers))))
    return ((folded(word), word) for word in words if len(word) > 3)
