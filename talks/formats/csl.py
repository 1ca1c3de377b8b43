"""A citation as CSL-JSON 1.0.2: a list of one item."""

from __future__ import annotations

from typing import Any

from talks.formats import citation
from talks.formats.json import written

Row = dict[str, Any]


def detail(row: Row, parts: dict[str, list[Row]], about: Any) -> str:
    """One statement or source as an item."""
    cited = citation.of(row, about)
    author = {"family": cited.family, "given": cited.given} if cited.given else {"literal": cited.family}
    item = {
        "id": cited.key,
        "type": cited.kind,
        "author": [author],
        "title": cited.title,
        "container-title": cited.container,
        "publisher": cited.publisher,
        "issued": _date(cited.date),
        "accessed": _date(cited.accessed),
        "URL": cited.address,
        "language": cited.language,
        "version": cited.version,
        "note": cited.note,
        "abstract": cited.text,
    }
    return written([{name: value for name, value in item.items() if value}])


def _date(date: str) -> Row:
    if not date:
        return {}
    _, _, last = date.partition("/")
    ends = [citation.parts(side) for side in (date, last) if side]
    about = {"circa": True} if any(unsure for _, unsure in ends) else {}
    return {"date-parts": [known for known, _ in ends], **about}
