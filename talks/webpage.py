"""The words of a web page, as far as looking for a quotation needs them. Pure strings."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SILENT = {"script", "style", "noscript", "template", "svg"}
_BLOCKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section", "article", "td"}
_META = re.compile(rb"<meta[^>]+charset=[\"']?\s*([A-Za-z0-9_.:-]+)", re.I)


def words(body: bytes, charset: str = "") -> str:
    """The text of a page with single blanks, a line for each block.

    The encoding is that of the header, else of the page's own `meta`, else UTF-8; one that is unknown, or that
    the bytes do not fit, gives replacement characters and never an error.
    """
    named = charset or (found[1].decode("ascii") if (found := _META.search(body[:4096])) else "utf-8")
    try:
        markup = body.decode("utf-8")
    except UnicodeDecodeError:
        try:
            markup = body.decode(named, "replace")
        except LookupError:
            markup = body.decode("utf-8", "replace")
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return "\n".join(line for line in lines if line)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.silent += tag in _SILENT
        self.pieces += ["\n"] if tag in _BLOCKS else []

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in _SILENT and self.silent > 0
        self.pieces += ["\n"] if tag in _BLOCKS else []

    def handle_data(self, data: str) -> None:
        # A line break of the markup is a blank of the text.
        self.pieces += [] if self.silent else [data.replace("\n", " ").replace("\r", " ")]
