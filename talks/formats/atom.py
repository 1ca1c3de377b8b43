"""Rows as an Atom feed (RFC 4287), what changed last first, paged as RFC 5005 has it.

XML has no control characters but tab and line break; such a one in a text stands here as U+FFFD.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.utils.feedgenerator import Atom1Feed

from talks.formats import words

Row = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Feed(Atom1Feed):
    """Django's feed without its clock: a feed without entries was last changed when time began."""

    content_type = "application/atom+xml"

    def latest_post_date(self) -> datetime:
        return max((item["updateddate"] for item in self.items), default=EPOCH)

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        if self.feed["following"]:
            handler.addQuickElement("link", "", {"rel": "next", "href": self.feed["following"]})

    def add_item_elements(self, handler: Any, item: Any) -> None:
        # Django calls every summary HTML; these are plain texts, in which < is a sign like any other.
        super().add_item_elements(handler, {**item, "description": None})
        for element in ("summary", "content"):
            if item[element]:
                handler.addQuickElement(element, item[element], {"type": "text"})


def listing(rows: Iterable[Row], about: Any) -> Iterator[str]:
    """A page of a list as a feed."""
    list_address = f"{about.site}/{about.record}/"
    feed = Feed(
        title=f"Talks in Context: {about.record}",
        link=list_address,
        description="",
        language="en",
        feed_url=about.address,
        feed_guid=about.address,
        author_name="Talks in Context",
        following=about.next,
    )
    for row in rows:
        feed.add_item(**entry(row, about))
    # A carriage return that is not written as a reference is read as a line feed (XML 1.0, 2.11).
    yield feed.writeString("utf-8").replace("\r", "&#13;") + "\n"


def entry(row: Row, about: Any) -> Row:
    """A row as an entry: its address is its name for ever."""
    page = words.address(about.site, about.record, row)
    return {
        "title": words.sayable(" ".join(words.title(about.record, row).split())),
        "link": page,
        "unique_id": page,
        "description": None,
        "summary": words.sayable(words.summary(about.record, row)),
        "content": words.sayable(row["text"]) if about.record == "statements" else "",
        "pubdate": read(row.get("first_published_at") or row["corrected_at"]),
        "updateddate": read(row.get("changed_at") or row["corrected_at"]),
        "author_name": words.sayable(words.speaker(row)) if about.record == "statements" else None,
        "categories": [row["quotation_type"]] if about.record == "statements" else [],
    }


def read(instant: str) -> datetime:
    """An instant of a row (RFC 3339, UTC) as the library wants it."""
    return datetime.fromisoformat(instant)
