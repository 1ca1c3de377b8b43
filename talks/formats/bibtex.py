"""A citation as BibTeX: an entry that BibTeX and biblatex read (`date` is EDTF, which biblatex knows)."""

from __future__ import annotations

import re
from typing import Any

from talks.formats import citation

Row = dict[str, Any]
SPECIAL = {
    "\\": r"{\textbackslash}",
    # BibTeX counts braces, also those after a backslash.
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "$": r"\$",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def detail(row: Row, parts: dict[str, list[Row]], about: Any) -> str:
    """One statement or source as an entry of the type `online`, or `misc` for a BibTeX that knows no other."""
    cited = citation.of(row, about)
    known = citation.sure(cited.date)
    # A name in braces is not cut in two; “Umerov, Rustem” is read as family name and given name.
    author = f"{whole(cited.family)}, {whole(cited.given)}" if cited.given else f"{{{escaped(cited.family)}}}"
    fields = {
        "author": author,
        "title": f"{{{escaped(cited.title)}}}",
        "organization": f"{{{escaped(cited.container)}}}",
        "date": cited.date,
        "year": str(known[0]).zfill(4) if known else "",
        "month": MONTHS[known[1] - 1] if len(known) > 1 else "",
        "url": cited.address.replace("{", "%7B").replace("}", "%7D"),
        "urldate": cited.accessed,
        "language": cited.language,
        "version": escaped(cited.version),
        "note": escaped(cited.note),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value not in ("", "{}")]
    return "\n".join([f"@online{{{cited.key},", *lines, "}"]) + "\n"


def whole(name: str) -> str:
    """A part of a name, in braces where BibTeX would cut it again: at a comma, or at an “and”."""
    return f"{{{escaped(name)}}}" if re.search(r",|\band\b", name, re.I) else escaped(name)


def escaped(text: str) -> str:
    """A text in which nothing means anything to TeX."""
    return "".join(SPECIAL.get(letter, letter) for letter in text)
