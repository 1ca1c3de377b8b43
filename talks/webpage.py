"""The words of a web page, as far as looking for a quotation needs them. Pure strings, one pass."""

from __future__ import annotations

import codecs
import html
import re

_SILENT = ("script", "style", "noscript", "template", "svg")
_BLOCKS = frozenset(
    "p div br li tr h1 h2 h3 h4 h5 h6 blockquote section article td th dt dd figcaption header footer main".split()  # noqa: SIM905
)
_META = re.compile(rb"<meta[^>]{0,200}charset=[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.I)
_NAME = re.compile(r"/?([A-Za-z][A-Za-z0-9]*)")
# Encodings in which other bytes are plain ASCII too: what the header says goes before what the bytes look like.
_SHIFTED = ("utf-16", "utf-32", "utf-7", "iso2022", "hz")


def words(body: bytes, charset: str = "") -> str:
    """The text of a page with single blanks, a line for each block.

    The encoding is UTF-8 if the bytes are that, else the header's, else the one of the page's own `meta`; one that
    is unknown, or that the bytes do not fit, gives replacement characters and never an error.
    """
    lines = (" ".join(line.split()) for line in "".join(_pieces(_decoded(body, charset))).split("\n"))
    return "\n".join(line for line in lines if line)


def _decoded(body: bytes, charset: str) -> str:
    meta = _META.search(body[:4096])
    named = [name for name in (charset, meta[1].decode("ascii") if meta else "") if _is_text(name)]
    shifted = [name for name in named if codecs.lookup(name).name.startswith(_SHIFTED)]
    for name in [*shifted, "utf-8", *named]:
        try:
            return body.decode(name)
        except UnicodeError:
            continue
    return body.decode("utf-8", "replace")


def _is_text(name: str) -> bool:
    """Whether this is an encoding of texts; Python knows some that are none."""
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        return False
    return known not in ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape") and _decodes(known)


def _decodes(name: str) -> bool:
    try:
        b"text".decode(name, "replace")
    except (LookupError, ValueError):
        return False
    return True


def _pieces(markup: str) -> list[str]:
    """The text between tags; comments and what is never shown are passed over. Linear in the length of the page."""
    lower, at, pieces = markup.lower(), 0, []
    while (opened := markup.find("<", at)) >= 0:
        # A line break of the markup is a blank of the text.
        pieces.append(html.unescape(markup[at:opened]).replace("\n", " ").replace("\r", " "))
        if markup.startswith("<!--", opened):
            at = _after(lower, "-->", opened + 4)
            continue
        name = _NAME.match(lower, opened + 1)
        if name is None and not lower.startswith("!", opened + 1):
            pieces.append("<")
            at = opened + 1
            continue
        at = _after(lower, ">", opened)
        if name and name[1] in _BLOCKS:
            pieces.append("\n")
        if name and name[1] in _SILENT and lower[opened + 1] != "/" and not lower.endswith("/>", opened, at):
            at = _after(lower, ">", _after(lower, f"</{name[1]}", at) - 1)
    pieces.append(html.unescape(markup[at:]).replace("\n", " ").replace("\r", " "))
    return pieces


def _after(text: str, mark: str, start: int) -> int:
    found = text.find(mark, start)
    return len(text) if found < 0 else found + len(mark)
