"""What a reader types, understood, and which words of a text are marked: pure strings, so any text will do."""

from __future__ import annotations

import re
import sqlite3
import sys
from contextlib import closing
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from talks.search.beginnings import TOKENIZER
from talks.search.marking import cut, found_in, stem
from talks.search.words import LONGEST, MOST_TERMS, Term, folded, parse, read, spans

STRANGE = (
    '"',
    '""',
    "-",
    "−",
    "*",
    "-*",
    '-"',
    '"-a"',
    "“",
    "„a",
    "«»",
    "\0",
    "\ud800",
    "½",
    "ﷺ",
    "İ",
    "-" * 600,
    '"' * 600,
)


def told(typed: str) -> list[tuple[str, bool, bool]]:
    """Each term: its words, whether it is wanted, whether it may go on."""
    return [(term.text, term.wanted, term.is_beginning) for term in parse(typed).terms]


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("memorandum", [("memorandum", True, False)]),
        ("Sergey  LAVROV", [("sergey", True, False), ("lavrov", True, False)]),
        ('"not opposed" talks', [("not opposed", True, False), ("talks", True, False)]),
        ("“not opposed” «two words» „drei Wörter“", [("not opposed", True, False), ("two words", True, False),
                                                    ("drei worter", True, False)]),
        ('"never closed', [("never closed", True, False)]),
        ("talks -memorandum", [("talks", True, False), ("memorandum", False, False)]),
        ("−minus", [("minus", False, False)]),
        ('-"four days"', [("four days", False, False)]),
        ("memorand*", [("memorand", True, True)]),
        ("-memorand*", [("memorand", False, True)]),
        ('"memorand*"', [("memorand", True, False)]),
        ("cease-fire", [("cease fire", True, False)]),
        ("a - b", [("a", True, False), ("b", True, False)]),
        ("talks Talks TALKS", [("talks", True, False)]),
        ("talks -talks", [("talks", True, False), ("talks", False, False)]),
        ("a\0b", [("a", True, False), ("b", True, False)]),
        ("won’t", [("won t", True, False)]),
        ("AND OR NOT NEAR", [(word, True, False) for word in ("and", "or", "not", "near")]),
        ("text:x", [("text x", True, False)]),
        ("=x0 x_y", [("x0", True, False), ("x y", True, False)]),
    ],
)  # fmt: skip
def test_what_was_typed_is_understood(typed, terms):
    assert told(typed) == terms


@pytest.mark.parametrize("typed", ["", " ", "-", '"', '""', "* & | ! ( )", "\0\0", "…—", "\u202e\u200f"])
def test_what_has_no_word_in_it_means_nothing(typed):
    assert parse(typed).terms == ()


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Türkiye", "turkiye"), ("TÜRKİYE", "turkiye"), ("Łódź", "lodz"), ("Умєров", "умєров"), ("Ёлка", "елка"), ("Мединський", "мединськии"),
     ("Straße", "straße"), ("Kırım", "kirim"), ("Nghệ An", "nghe an"), ("북한", "북한"), ("Їжак", "іжак"), ("が", "が"),
     ("и\u0306", "и"), ("e\u0301", "e")],
)  # fmt: skip
def test_letters_are_folded(text, plain):
    assert folded(text) == plain


def test_an_ending_in_a_long_text_is_not_half_a_word():
    assert read("a " * 300) == ("a " * 250).strip()
    assert read("word " * 100 + "half" * 10) == ("word " * 100).strip()
    assert read("x" * 600) == "x" * LONGEST
    assert read(" \0 two \0words\0") == "two  words"


def test_no_more_is_read_than_a_bound_and_that_is_told():
    many = parse(" ".join(f"word{n}" for n in range(13)))
    assert [term.text for term in many.terms] == [f"word{n}" for n in range(MOST_TERMS)]
    assert many.is_cut
    assert parse("talks " * 2000).is_cut
    assert not parse(" ".join(f"word{n}" for n in range(12))).is_cut
    assert not parse("  \u00a0 talks \0 ").is_cut


def test_only_a_single_wanted_word_that_stands_nowhere_is_taken_for_a_beginning():
    query = parse('memorand ne "memorand two" -gone').widened({"memorand", "ne", "memorand two", "gone"})
    assert [term.is_beginning for term in query.terms] == [True, False, False, False]
    assert parse("memorand talks").widened({"talks"}).terms == (Term(("memorand",)), Term(("talks",), True, True))


@given(st.text(max_size=2000))
@example("x" * 10_000)
@example('"' * 10_000)
@example("\0" * 10_000)
@example("".join(STRANGE))
def test_parse_never_fails_and_gives_plain_words_only(typed):
    query = parse(typed)
    assert len(query.terms) <= MOST_TERMS
    for term in query.terms:
        assert term.words
        assert all(re.fullmatch(r"[^\W_]+", word) for word in term.words)


@given(st.text(max_size=300))
def test_what_is_read_is_read_the_same_again(typed):
    once = read(typed)
    assert read(once) == once
    assert parse(once).terms == parse(typed).terms
    assert len(once) <= LONGEST


@given(st.text(max_size=300))
def test_the_words_of_a_text_stand_at_their_places(text):
    last = 0
    for start, end, word in spans(text):
        assert last <= start < end <= len(text)
        assert folded(text[start:end]) == word
        last = end


# Marks


def marked(text: str, typed: str, missing: set[str] | None = None) -> list[str]:
    """The words of a text that a search for this marks."""
    return [text[start:end] for start, end in found_in(text, parse(typed).widened(missing or set()))]


@pytest.mark.parametrize(
    ("text", "typed", "words"),
    [
        ("We await their memorandum; memorandums follow.", "memorandum", ["memorandum", "memorandums"]),
        ("They negotiated. Negotiations? NEGOTIATE!", "negotiating", ["negotiated", "Negotiations", "NEGOTIATE"]),
        ("Türkiye and Turkey", "Turkiye", ["Türkiye"]),
        ("Tu\u0308rkiye, apart", "turkiye", ["Tu\u0308rkiye"]),
        ("a memorandum on memory", "memorand*", ["memorandum"]),
        ("not opposed to talks", '"not opposed"', ["not", "opposed"]),
        ("talks about talks", "-talks about", ["about"]),
        ("Говорит Лавров", "лавров", ["Лавров"]),
        ("nothing here", "elsewhere", []),
    ],
)
def test_the_words_that_were_searched_for_are_marked(text, typed, words):
    assert marked(text, typed) == words


def test_the_forms_of_a_word_that_was_taken_for_a_beginning_are_marked():
    text = "Negotiations, a negotiator; the negligent navigate."
    assert marked(text, "negotiati", {"negotiati"}) == ["Negotiations", "negotiator"]


@pytest.mark.parametrize(("word", "own"), [("memorandums", "memorandum"), ("meetings", "meet"), ("лавров", "лавров")])
def test_a_stem_is_an_english_word_without_its_ending(word, own):
    assert stem(word) == own


class Piece(NamedTuple):
    """A stretch of a text as a statement has it."""

    text: str
    quoted: bool


pieces_of_texts = st.lists(st.builds(Piece, st.text(max_size=40), st.booleans()), max_size=6)


@given(pieces_of_texts, st.text(max_size=20))
@example([Piece("We are awaiting ", False), Piece("their memo", True), Piece("randum", False)], "memorandum")
def test_marks_never_alter_a_text(pieces, typed):
    text = "".join(piece.text for piece in pieces)
    made = cut(pieces, found_in(text, parse(typed)))
    assert [("".join(part for part, _ in parts), quoted) for quoted, parts in made] == pieces
    assert all(part for _, parts in made for part, _ in parts)


@given(pieces_of_texts)
def test_exactly_what_was_searched_for_is_marked(pieces):
    text = "".join(piece.text for piece in pieces)
    words = [text[start:end] for start, end, _ in spans(text)]
    made = cut(pieces, found_in(text, parse(" ".join(words[:MOST_TERMS]))))
    shown = "".join(part for _, parts in made for part, is_marked in parts if is_marked)
    assert len(words) > MOST_TERMS or shown == "".join(words)


def test_a_mark_goes_on_over_the_edge_of_a_quotation():
    pieces = [Piece("their memo", True), Piece("randum", False)]
    made = cut(pieces, found_in("their memorandum", parse("memorandum")))
    assert made == [(True, [("their ", False), ("memo", True)]), (False, [("randum", True)])]


@pytest.mark.sqlite
def test_no_word_begins_with_an_x_to_the_index_that_does_not_to_us():
    """Such words alone are kept away from the marks of the index, all of which begin with an x."""
    letters = [sign for sign in map(chr, range(sys.maxunicode + 1)) if sign.isalnum()]
    with closing(sqlite3.connect(":memory:")) as aside:
        aside.execute(f"CREATE VIRTUAL TABLE words USING fts5(word, tokenize = '{TOKENIZER}')")
        aside.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, instance)")
        aside.executemany("INSERT INTO words (rowid, word) VALUES (?, ?)", ((ord(one), f"{one}a") for one in letters))
        found = [chr(n) for (n,) in aside.execute("SELECT doc FROM vocabulary WHERE term LIKE 'x%' AND offset = 0")]
    assert {"x", "X", "ẋ"} <= set(found)
    assert [one for one in found if not folded(one).startswith("x")] == []
