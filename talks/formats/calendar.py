"""Meetings as iCalendar (RFC 5545): all-day events as long as the date is known precisely, and no more precisely.

Its texts have one kind of line break, and no control character but the tab; such a one stands here as U+FFFD.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event, vText

from talks.formats import words

Row = dict[str, Any]
STATUS = {
    "proposed": "TENTATIVE",
    "scheduled": "TENTATIVE",
    "confirmed": "CONFIRMED",
    "held": "CONFIRMED",
    "postponed": "TENTATIVE",
    "cancelled": "CANCELLED",
}


class Text(vText):
    """A text whose every sign comes back. The library takes a backslash before a capital N for a line break."""

    def to_ical(self) -> bytes:
        lines = re.split("\r\n|\r|\n", re.sub(r"[\\;,]", r"\\\g<0>", self))
        return words.sayable("\\n".join(lines)).replace("\x7f", "�").encode()


def listing(rows: Iterable[Row], about: Any) -> Iterator[str]:
    """A calendar, event by event."""
    beginning, end = _frame(about)
    yield beginning
    for row in rows:
        yield event(row, about.site, about.as_of).to_ical().decode()
    yield end


def event(row: Row, site: str, as_of: str = "") -> Event:
    """A meeting: days from its first to its last possible one, free time, the date as it is known in the words.

    SEQUENCE is the number of seconds between first publication and last change, so that each change raises it. As it
    was known on an earlier day it is another event, which never takes the place of the present one.
    """
    page = words.address(site, "meetings", row) + (f"?as_of={as_of}" if as_of else "")
    published, changed = (datetime.fromisoformat(row[name]) for name in ("first_published_at", "changed_at"))
    made = Event()
    made.add("uid", page)
    made.add("dtstamp", changed)
    made.add("created", published)
    made.add("last-modified", changed)
    made.add("sequence", int((changed - published).total_seconds()))
    made.add("dtstart", date.fromisoformat(row["date_from"]))
    made.add("dtend", date.fromisoformat(row["date_to"]) + timedelta(days=1))
    made.add("summary", Text(row["title"]))
    made.add("description", Text(words.state(row)))
    place = ", ".join(filter(None, [row["venue"], row["city"], row["country"]]))
    if place:
        made.add("location", Text(place))
    if row["state"]:
        made.add("status", STATUS[row["state"]])
    made.add("transp", "TRANSPARENT")
    made.add("url", page)
    made["x-edtf"] = Text(row["date"])
    return made


def _frame(about: Any) -> tuple[str, str]:
    calendar = Calendar()
    calendar.add("prodid", "-//Talks in Context//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar["x-wr-calname"] = vText("Talks in Context")
    beginning, _, end = calendar.to_ical().decode().rpartition("END:")
    return beginning, f"END:{end}"
