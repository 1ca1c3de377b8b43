"""Whether a text contains a quotation, and where: for every text, and never loosely in silence."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from talks import evidence
from talks.evidence import Difference, Outcome, Selector, locate, locate_all

REPORT = (
    "The hall was full. “We will meet again, and soon,” the envoy said. Nobody left.\n"
    "Asked about the river, she spoke of a “fair and lasting” arrangement.\n"
    "The words fair and soon were heard twice; fair and soon, said the clerk."
)
# Astral characters, combining marks, right-to-left text and every kind of line break among the rest.
TEXT = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_characters="\0"),
        st.sampled_from("aaabc  \n\r\u2029\u0301\u0308é\u05d0\u05d1\u202e𝔘🕊\u00ad\u00a0’'“\"—-"),
    ),
    min_size=1,
    max_size=120,
)


@st.composite
def text_and_slice(draw):
    text = draw(TEXT)
    start = draw(st.integers(0, len(text) - 1))
    return text, start, draw(st.integers(start + 1, len(text)))


@given(text_and_slice())
def test_any_slice_of_any_text_is_found_at_its_place(given_):
    text, start, end = given_
    location = locate(text, text[start:end], start=start, end=end)
    assert location.verified
    assert (location.start, location.end) == (start, end)


@given(text_and_slice())
def test_any_slice_is_found_without_its_place_too(given_):
    text, start, end = given_
    location = locate(text, text[start:end], *evidence.context(text, start, end))
    if location.outcome is Outcome.ELSEWHERE:
        assert text[location.start : location.end] == text[start:end]
    else:
        assert location.outcome is Outcome.AMBIGUOUS
        assert text.count(text[start:end]) > 1 or len(location.places) > 1


@given(
    text_and_slice(), st.characters(codec="utf-8", exclude_characters="\0"), st.integers(0, 200), st.sampled_from("cda")
)
@settings(max_examples=400)
def test_with_one_code_point_changed_dropped_or_added_it_is_never_verified(given_, other, place, change):
    text, start, end = given_
    exact = text[start:end]
    at = place % len(exact)
    altered = {
        "c": exact[:at] + other + exact[at + 1 :],
        "d": exact[:at] + exact[at + 1 :],
        "a": exact[:at] + other + exact[at:],
    }[change]
    assume(altered not in ("", exact))
    assert not locate(text, altered, start=start, end=end).verified
    assert not locate(text, altered, start=start, end=start + len(altered)).verified or text.startswith(altered, start)


@given(text_and_slice())
def test_the_nearest_passage_and_its_differences_are_made_of_the_text(given_):
    text, start, end = given_
    location = locate(text, text[start:end] + "§§")
    if location.outcome is Outcome.MISSING and location.nearest:
        assert text[location.start : location.end] == location.nearest


@given(TEXT, TEXT)
def test_two_texts_side_by_side_are_still_the_two_texts(ours, theirs):
    pieces = evidence.alignment(ours, theirs)
    assert "".join(piece.ours for piece in pieces) == ours
    assert "".join(piece.theirs for piece in pieces) == theirs
    assert all((piece.ours == piece.theirs) == (piece.kind == "same") for piece in pieces)


def test_words_at_another_place_are_found_there_but_not_verified():
    location = locate(REPORT, "We will meet again, and soon", start=0, end=28)
    assert (location.outcome, location.start, location.end) == (Outcome.ELSEWHERE, 20, 48)
    assert not location.verified


def test_words_that_stand_twice_are_told_apart_by_what_surrounds_them():
    assert locate(REPORT, "fair and soon").outcome is Outcome.AMBIGUOUS
    assert len(locate(REPORT, "fair and soon").places) == 2
    chosen = locate(REPORT, "fair and soon", suffix=", said the clerk")
    assert chosen.outcome is Outcome.ELSEWHERE
    assert REPORT[chosen.end :] == ", said the clerk."
    assert locate(REPORT, "fair and soon", prefix="nothing like this ").outcome is Outcome.AMBIGUOUS


@pytest.mark.parametrize(
    ("document", "exact", "kind", "ours", "theirs"),
    [
        ("so that it won’t be empty", "it won't be empty", "quotation marks", "'", "’"),
        ("he called it «fair» today", "it “fair” today", "quotation marks", "“", "«"),
        ("co-operation—or not", "operation - or".replace(" ", ""), "dashes", "-", "—"),
        ("two\u00a0to three days", "two to three days", "spaces", " ", "\u00a0"),
        ("two  to three days", "two to three days", "spaces", " ", "  "),
        ("the first\r\nline of it", "first line", "line breaks", " ", "\r\n"),
        ("in Türkiye today", "Tu\u0308rkiye", "composition of characters", "u\u0308", "ü"),
        ("a memo\u00adrandum of", "memorandum", "invisible characters", "", "\u00ad"),
    ],
)
def test_what_is_found_only_after_normalising_says_what_differs(document, exact, kind, ours, theirs):
    location = locate(document, exact)
    assert location.outcome is Outcome.NORMALISED
    assert Difference(kind, ours, theirs) in location.differences
    assert location.nearest == document[location.start : location.end]
    assert not location.verified


def test_other_words_are_not_found_and_the_nearest_passage_says_how_they_differ():
    location = locate(REPORT, "We will never meet again and soon")
    assert location.outcome is Outcome.MISSING
    assert location.nearest == "We will meet again, and soon"
    assert location.differences == (Difference("left out", "never ", ""), Difference("added", "", ","))


@pytest.mark.parametrize("document", ["", "x", "Nothing in here is like it at all."])
def test_words_that_nothing_resembles_have_no_nearest_passage(document):
    location = locate(document, "Der Fluss gehört beiden Ufern")
    assert (location.outcome, location.nearest) == (Outcome.MISSING, "")


def test_no_words_are_not_looked_for():
    with pytest.raises(ValueError, match="no words"):
        locate(REPORT, "")


def test_passages_stand_in_order_and_in_one_paragraph():
    first, second = Selector("We will meet again"), Selector("Nobody left")
    other = Selector("lasting")
    assert locate_all(REPORT, [first, second])[1] == ""
    assert locate_all(REPORT, [second, first])[1] == "the passages do not stand in this order"
    assert locate_all(REPORT, [first, other])[1] == "the passages do not stand in one paragraph"
    assert locate_all(REPORT, [first, first])[1] == "the passages do not stand in this order"
    assert [found.outcome for found in locate_all(REPORT, [first, Selector("gone")])[0]][-1] is Outcome.MISSING


def test_an_anchor_lies_inside_its_text():
    assert evidence.anchored("abc", 0, 3)
    assert not any(evidence.anchored("abc", *place) for place in [(0, 4), (-1, 2), (2, 2), (3, 1)])


def test_composition_is_never_taken_as_equal_in_silence():
    text = "in Türkiye"
    other = unicodedata.normalize("NFD", "Türkiye")
    assert locate(text, other, start=3, end=10).outcome is Outcome.NORMALISED
