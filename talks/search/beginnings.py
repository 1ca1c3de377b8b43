"""Beginnings of words on SQLite: which words of the index they stand for.

FTS5 puts all places of all words that begin so together before it gives the first: 69 ms where they are those of most of a
million statements. Its vocabulary is in the order of letters, and tells in a millisecond which words there are; each of
them, asked for by itself, is read from the newest on and no further than it is wanted.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from functools import lru_cache

from django.db import connection

from talks.search.words import MOST_TERMS, Query, Term

TOKENIZER = "porter unicode61 remove_diacritics 2"
# Words; for more of them the beginning itself is asked for.
MOST = 32
# The vocabulary has words as FTS5 stems them, and a word that is asked for is stemmed, too: `agre` would become `agr`. So
# a word is taken that becomes this one, with one of these endings.
ENDINGS = ("", "e", "s", "ed")
_NEXT = "SELECT term FROM talks_search_vocabulary WHERE term >= {least} ORDER BY term LIMIT 1"
# No word has such a sign: from there on the next word is found without reading where the one before stands.
_BEGUN = (
    f"WITH RECURSIVE words (term) AS (SELECT ({_NEXT.format(least='%s')}) UNION ALL "
    f"SELECT ({_NEXT.format(least='words.term || char(1)')}) FROM words WHERE substr(words.term, 1, %s) = %s) "
    f"SELECT term FROM words WHERE substr(term, 1, %s) = %s LIMIT {MOST + 1}"
)
_THERE = "SELECT -1, (SELECT term FROM talks_search_vocabulary WHERE term = %s LIMIT 1)"


def spelled(query: Query) -> Query:
    """The same query with the words that each of its beginnings stands for; with none where none of them is there. Of very
    many beginnings, which an editor may type, the last stay as they are.
    """
    beginning = [term for term in query.terms if term.is_beginning]
    stems = {term: stemmed((term.text, *term.forms)) for term in beginning[:MOST_TERMS]}
    if not stems:
        return query
    beginnings = sorted({beginning for beginning, *_ in stems.values() if beginning})
    forms = sorted({stem for _, *others in stems.values() for stem in others})
    begun, there = _looked_up(beginnings, forms)
    told = {term: _words(term, own, begun.get(own[0]), there) for term, own in stems.items()}
    return query._replace(terms=tuple(term._replace(spelled=told.get(term)) for term in query.terms))


def _words(term: Term, stems: tuple[str, ...], begun: list[str] | None, there: set[str]) -> tuple[str, ...] | None:
    """Words, one for each of the vocabulary that the term finds; None where they are many, or one cannot be spelled."""
    beginning, *forms = stems
    if begun is None or len(begun) > MOST:
        return None
    tried = [stem + ending for ending in reversed(ENDINGS) for stem in begun]
    spellings = dict(zip(stemmed(tuple(tried)), tried, strict=True))
    if not spellings.keys() >= set(begun):
        return None
    shorter = {stem: form for form, stem in zip(term.forms, forms, strict=True) if not stem.startswith(beginning)}
    return (*(spellings[stem] for stem in begun), *(shorter[stem] for stem in sorted(shorter.keys() & there)))


def _looked_up(beginnings: list[str], stems: list[str]) -> tuple[dict[str, list[str]], set[str]]:
    """The words of the vocabulary that begin with each of these, in order, of more than MOST one more; and which of these stems
    it has.
    """
    asked = [f"SELECT {n}, term FROM ({_BEGUN})" for n in range(len(beginnings))] + [_THERE] * len(stems)
    values = [value for one in beginnings for value in (one, len(one), one, len(one), one)]
    begun: dict[str, list[str]] = {beginning: [] for beginning in beginnings}
    there = set()
    with connection.cursor() as cursor:
        for n, term in cursor.execute(" UNION ALL ".join(asked), [*values, *stems]).fetchall() if asked else []:
            begun[beginnings[n]].append(term) if n >= 0 else there.add(term)
    return begun, there


@lru_cache(100)
def stemmed(words: tuple[str, ...]) -> tuple[str, ...]:
    """What FTS5 makes of each of these words: it is asked itself, no stemmer that should do the same. Nothing of what is not
    one word to it.
    """
    with closing(sqlite3.connect(":memory:")) as aside:
        aside.execute(f"CREATE VIRTUAL TABLE words USING fts5(word, tokenize = '{TOKENIZER}')")
        aside.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, instance)")
        aside.executemany("INSERT INTO words (rowid, word) VALUES (?, ?)", enumerate(words))
        stems = aside.execute("SELECT doc, term FROM vocabulary").fetchall()
    once = Counter(n for n, _ in stems)
    told = {n: stem for n, stem in stems if once[n] == 1}
    return tuple(told.get(n, "") for n in range(len(words)))
