"""What a citation says, before it is written as BibTeX, RIS or CSL-JSON. A quotation says whether it was checked."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import quote

from talks.formats import words

Row = dict[str, Any]
SITE = "Talks in Context"


class Citation(NamedTuple):
    """One item of a bibliography."""

    key: str
    kind: str  # webpage, article-newspaper, post
    family: str  # of the author, or a name that is not cut in two
    given: str
    title: str
    container: str
    publisher: str
    date: str  # EDTF, as precisely as is known; empty if not known
    address: str
    language: str
    accessed: str  # a day, or empty
    version: str
    note: str
    text: str


def of(row: Row, about: Any) -> Citation:
    """The citation of a statement or a source."""
    return {"statements": _statement, "sources": _source}[about.record](row, about)


def _statement(row: Row, about: Any) -> Citation:
    name = row["speaker.sort_name"] or words.speaker(row)
    family, _, given = name.partition(", ")
    where = f"as quoted by {words.source(row)}" if row["quotation_type"] in ("direct", "mixed") else words.source(row)
    note = f"{words.evidence(row)}{_unsure('Said', row['said_on'])} About the meeting: {row['meeting.title']}; {where}"
    note += f", {row['source.url']}" if row["source.url"] else ""
    return Citation(
        row["slug"], "webpage", _line(family), _line(given), _line(words.opening(row["text"])), SITE, SITE, row["said_on"],
        words.address(about.site, "statements", row), row["language"], "", f"edition {about.edition}",
        _line(note), row["text"],
    )  # fmt: skip


def _source(row: Row, about: Any) -> Citation:
    kind = "post" if row["kind"] == "social_media_post" else "article-newspaper"
    publisher = _line(row["publisher"])
    notes = [row["publisher_note"], f"Archived: {row['archive_url']}" if row["archive_url"] else ""]
    note = ". ".join(filter(None, notes)) + _unsure("Published", row["published_on"])
    return Citation(
        row["slug"], kind, publisher, "", _line(row["title"] or f"[{row['described_as']}]"), publisher, publisher,
        row["published_on"], _address(row["url"]) or words.address(about.site, "sources", row), row["language"],
        row["accessed_on"] or "", "", _line(note), "",
    )  # fmt: skip


def _line(text: str) -> str:
    return words.sayable(" ".join(text.split()))


def _address(url: str) -> str:
    """A web address on one line: a blank or a control character in it is escaped (RFC 3986, 2.1)."""
    return re.sub(r"[\s\x00-\x1f\x7f]", lambda found: quote(found[0]), url)


def _unsure(what: str, date: str) -> str:
    """A sentence that says the date where it is an interval or only about then, which not every format can say."""
    return f" {what} {words.day(date)}." if re.search("[~?%/]", date) else ""


def parts(date: str) -> tuple[list[int], bool]:
    """Year, month and day of a date's beginning, as many as are known, and whether it is only about then."""
    first = date.partition("/")[0]
    return [int(part) for part in first.rstrip("~?%").split("-") if part], first != first.rstrip("~?%")


def sure(date: str) -> list[int]:
    """Year, month and day as many as are known: of an interval, what its two ends have in common."""
    first, _, last = date.partition("/")
    return list(map(int, filter(None, words.in_common(first, last).split("-"))))
