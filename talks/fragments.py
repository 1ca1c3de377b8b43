"""Links into a page at the very words: URL text fragments (WICG, “Text Fragments”). Pure strings."""

from __future__ import annotations

from urllib.parse import quote

RANGE_WORDS = 4  # words at each end by which a long quotation is named
SHORT = 8  # a quotation of fewer words is named whole


def text_fragment(exact: str, prefix: str = "", suffix: str = "") -> str:
    """The part of an address that makes a browser mark these words, beginning with `#:~:text=`.

    A long quotation is named by its first and last words, a short one whole; with whole words around it, so that
    the right one is marked where the words occur twice.
    """
    words = exact.split()
    long = len(words) >= SHORT
    named = [" ".join(words[:RANGE_WORDS]), " ".join(words[-RANGE_WORDS:])] if long else [" ".join(words)]
    before, after = _last_words(prefix), _first_words(suffix)
    directive = [f"{_encoded(before)}-"] if before else []
    directive += map(_encoded, named)
    directive += [f"-{_encoded(after)}"] if after else []
    return "#:~:text=" + ",".join(directive)


def _encoded(text: str) -> str:
    # Hyphen, comma and ampersand have a meaning in the directive, and `quote` leaves the hyphen alone.
    return quote(text, safe="").replace("-", "%2D")


def _last_words(prefix: str) -> str:
    line = prefix.rsplit("\n", 1)[-1]
    words = line.split()
    # The first word may be cut: the prefix has a fixed length.
    return " ".join(words[1:][-RANGE_WORDS:])


def _first_words(suffix: str) -> str:
    words = suffix.split("\n", 1)[0].split()
    return " ".join((words[:-1] if "\n" not in suffix else words)[:RANGE_WORDS])
