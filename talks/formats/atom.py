"""Rows as an Atom feed (RFC 4287), what changed last first, paged as RFC 5005 has it.

XML has no control characters but tab and line break; such a one in a text stands here as U+FFFD.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.utils.feedgenerator import Atom1Feed

from talks.formats import words

Row = dict[str, Any]
# What XML 1.0 cannot say, escaped or not.
UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
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
    yield feed.writeString("utf-8") + "\n"


def entry(row: Row, about: Any) -> Row:
    """A row as an entry: its address is its name for ever."""
    page = words.address(about.site, about.record, row)
    # The words themselves stand in the content; what is said about them stands below.
    told = [row["text"]] if about.record == "statements" else []
    described = "\n\n".join(filter(None, [*told, words.summary(about.record, row)]))
    return {
        "title": sayable(" ".join(words.title(about.record, row).split())),
        "link": page,
        "unique_id": page,
        "description": sayable(described),
        "pubdate": read(row.get("first_published_at") or row["corrected_at"]),
        "updateddate": read(row.get("changed_at") or row["corrected_at"]),
        "author_name": sayable(words.speaker(row)) if about.record == "statements" else None,
        "categories": [row["quotation_type"]] if about.record == "statements" else [],
    }


def read(instant: str) -> datetime:
    """An instant of a row (RFC 3339, UTC) as the library wants it."""
    return datetime.fromisoformat(instant)


def sayable(text: str) -> str:
    """A text without what XML cannot say."""
    return UNSAYABLE.sub("�", text)
