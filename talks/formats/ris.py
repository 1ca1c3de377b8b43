"""A citation as RIS: a tag and a value on each line, CR LF."""

from __future__ import annotations

from typing import Any

from talks.formats import citation

Row = dict[str, Any]
TYPES = {"webpage": "ELEC", "article-newspaper": "NEWS", "post": "ELEC"}


def detail(row: Row, parts: dict[str, list[Row]], about: Any) -> str:
    """One statement or source as a reference."""
    cited = citation.of(row, about)
    known = citation.sure(cited.date)
    tags = [
        ("TY", TYPES[cited.kind]),
        ("ID", cited.key),
        ("AU", ", ".join(filter(None, [cited.family, cited.given]))),
        ("TI", cited.title),
        ("T2", cited.container),
        ("PB", cited.publisher),
        ("PY", f"{known[0]:04}" if known else ""),
        ("DA", _date(known)),
        ("Y2", cited.accessed.replace("-", "/")),
        ("UR", cited.address),
        ("LA", cited.language),
        ("ET", cited.version),
        ("N1", cited.note),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in tags if value) + "ER  - \r\n"


def _date(known: list[int]) -> str:
    """YYYY/MM/DD, with nothing where it is not known."""
    if not known:
        return ""
    month, day = (f"{known[place]:02}" if len(known) > place else "" for place in (1, 2))
    return f"{known[0]:04}/{month}/{day}"
