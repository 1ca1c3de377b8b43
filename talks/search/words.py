"""Words typed by a reader, understood: terms, phrases, what must not stand there. Pure strings.

Text of any kind is a search: what means nothing is left out, nothing typed is ever read as a command.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

LONGEST = 500  # code points that are read of what was typed
MOST_TERMS = 12
SHORTEST_BEGINNING = 3
# Letters that Unicode does not take apart into a plain letter and a mark. Both databases fold these too.
PLAIN = {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "ё": "е", "й": "и", "ї": "і", "ў": "у", "ґ": "г"}
# The stemmer cuts more off a whole word than off its beginning: `negotiati` and `negotiations` have no stem in
# common. So a beginning is also tried with these endings.
ENDINGS = (
    *("d", "e", "g", "l", "n", "r", "s", "t", "y", "ce", "ed", "es", "ly", "ng", "ns", "nt", "on", "ts", "ty"),
    *("ent", "ing", "ion", "ity", "ons", "ment", "tion", "ation"),
)
_TYPED = re.compile(r'(?P<no>(?<!\S)[-−])?(?:["“”„«](?P<phrase>[^"“”„«»]*)["“”»]?|(?P<word>[^\s"“”„«»]+))')
_APART = re.compile("\\w[\u0300-\u036f]+")  # a letter and the marks on it
WORD = re.compile("[^\\W_]+(?:[\u0300-\u036f]+[^\\W_]*)*")
_TABLE = str.maketrans(PLAIN)


class Term(NamedTuple):
    """Words that stand next to one another, folded; wanted or not wanted; whether the last one may go on, and for which
    words it then stands: None if nobody has looked, or it is to be looked for as it is.
    """

    words: tuple[str, ...]
    wanted: bool = True
    is_beginning: bool = False
    spelled: tuple[str, ...] | None = None

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def forms(self) -> list[str]:
        """What a beginning is tried as besides itself: whole words."""
        return [self.text + ending for ending in ENDINGS] if self.is_beginning and len(self.words) == 1 else []


class Query(NamedTuple):
    """What was typed, understood. No terms if it means nothing."""

    typed: str
    terms: tuple[Term, ...]
    is_cut: bool = False  # whether more was typed than is read

    @property
    def wanted(self) -> list[Term]:
        return [term for term in self.terms if term.wanted]

    @property
    def unwanted(self) -> list[Term]:
        return [term for term in self.terms if not term.wanted]

    def widened(self, missing: set[str]) -> Query:
        """Single words that stand nowhere as they are (`missing` has them) are taken for beginnings of words."""
        return self._replace(terms=tuple(_widened(term, missing) for term in self.terms))


def read(typed: str) -> str:
    """What is read of what was typed: at most LONGEST code points, without a NUL and without half a word."""
    text = typed.replace("\0", " ").strip()
    if len(text) <= LONGEST:
        return text
    whole = re.match(r"(?s:.*)\s", text[: LONGEST + 1])
    return whole[0].rstrip() if whole else text[:LONGEST]


def parse(typed: str) -> Query:
    """Understand what was typed; never fails. Reads at most LONGEST code points and MOST_TERMS terms."""
    terms: dict[tuple[tuple[str, ...], bool], Term] = {}
    text_read = read(typed)
    for match in _TYPED.finditer(text_read):
        text = match["phrase"] if match["phrase"] is not None else match["word"]
        words = tuple(WORD.findall(folded(text)))
        if words:
            begins = match["phrase"] is None and text.endswith("*")
            terms.setdefault((words, not match["no"]), Term(words, not match["no"], begins))
    is_cut = len(terms) > MOST_TERMS or len(text_read) < len(typed.replace("\0", " ").strip())
    return Query(typed, tuple(terms.values())[:MOST_TERMS], is_cut)


def folded(text: str) -> str:
    """Small letters without marks: `Türkiye` as `turkiye`, `Łódź` as `lodz`, `ё` as `е`.

    No more than FTS5 folds in its index: letters that are not Latin, and not in PLAIN, stay as they are.
    """
    if text.isascii():
        return text.lower()
    whole = _APART.sub(lambda letter: unicodedata.normalize("NFC", letter[0]), text.lower()).translate(_TABLE)
    return "".join(map(_plain, whole))


def spans(text: str) -> list[tuple[int, int, str]]:
    """The words of a text: first code point, code point after the last, folded word."""
    return [(word.start(), word.end(), folded(word[0])) for word in WORD.finditer(text)]


def _plain(letter: str) -> str:
    apart = unicodedata.normalize("NFD", letter)
    return apart[0] if apart[0].isascii() else "" if "\u0300" <= letter <= "\u036f" else letter


def _widened(term: Term, missing: set[str]) -> Term:
    alone = len(term.words) == 1 and len(term.words[0]) >= SHORTEST_BEGINNING
    return term._replace(is_beginning=True) if term.wanted and alone and term.text in missing else term
