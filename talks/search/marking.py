"""Which words of a text a search has found. Pure strings."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec, module_from_spec
from typing import Any

from talks.search.words import WORD, Query, folded

# Texts say the same words again and again: so many of the usual length (code points) are kept, of each search as they were
# judged, and of all with their stems, which take 30 µs each.
KEPT, USUAL = 20_000, 40


def _english() -> Any:
    """Snowball's stemmer of English alone: the package loads those of 33 more languages, 2.7 MB in each worker."""
    spec = find_spec("snowballstemmer")
    if spec is None:
        raise ImportError("snowballstemmer is not installed.")
    sys.modules[spec.name] = module_from_spec(spec)  # which has not run
    from snowballstemmer.english_stemmer import EnglishStemmer

    del sys.modules[spec.name]
    return EnglishStemmer()


STEMMER = _english()


class Judged(dict[str, bool]):
    """Words as texts have them, and whether a search finds each: judged when one is first met."""

    def __init__(self, query: Query) -> None:
        super().__init__()
        self._stems = {stem(word) for term in query.wanted for word in term.words}
        self._beginnings = tuple(term.words[-1] for term in query.wanted if term.is_beginning)
        self._forms = {stem(form) for term in query.wanted for form in term.forms}

    def __missing__(self, word: str) -> bool:
        is_found = self._finds(folded(word))
        if len(word) <= USUAL:
            if len(self) == KEPT:
                self.clear()
            self[word] = is_found
        return is_found

    def _finds(self, word: str) -> bool:
        found, begun = stem(word), self._beginnings
        return found in self._stems or word.startswith(begun) or (found in self._forms and _shares(word, begun))


_judged = lru_cache(4)(Judged)


def found_in(text: str, query: Query) -> list[tuple[int, int]]:
    """The places (code points; first, and after the last) of the words that were searched for, in order."""
    judged = _judged(query)
    return [word.span() for word in WORD.finditer(text) if judged[word[0]]]


def cut(pieces: Iterable[Any], places: list[tuple[int, int]]) -> list[tuple[bool, list[tuple[str, bool]]]]:
    """Pieces of a text (`text`, `quoted`), each cut where marks begin and end: [(quoted, [(text, marked)])].

    Joined, they are the text. A mark that runs over the edge of a piece goes on in the next.
    """
    made, offset = [], 0
    for piece in pieces:
        end = offset + len(piece.text)
        inside = [(max(a, offset) - offset, min(b, end) - offset) for a, b in places if a < end and b > offset]
        made.append((piece.quoted, _cut(piece.text, inside)))
        offset = end
    return made


def _cut(text: str, places: list[tuple[int, int]]) -> list[tuple[str, bool]]:
    parts, at = [], 0
    for start, end in places:
        parts += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [part for part in [*parts, (text[at:], False)] if part[0]]


def _shares(word: str, beginnings: tuple[str, ...]) -> bool:
    """Whether the word begins as one of these does, as far as a stem goes."""
    return any(word.startswith(beginning[: max(3, len(beginning) - 3)]) for beginning in beginnings)


def stem(word: str) -> str:
    """An English word without its ending (Snowball's stemmer)."""
    return _stem(word) if len(word) <= USUAL else str(STEMMER.stemWord(word))


@lru_cache(KEPT)
def _stem(word: str) -> str:
    return str(STEMMER.stemWord(word))
