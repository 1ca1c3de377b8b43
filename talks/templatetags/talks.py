"""What templates say in their own words: dates as readers say them, and as machines read them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.template import Library, loader
from django.utils.safestring import mark_safe
from django.utils.translation import get_language_info

from talks import dates

register = Library()


@register.simple_tag
def when(value: Any) -> str:
    """A date (EDTF text, day or instant) as a `<time>` that reads like `2 June 2025`."""
    text = value.date().isoformat() if isinstance(value, datetime) else str(value or "")
    date_ = loader.render_to_string("parts/date.html", {"machine": dates.machine(text), "words": dates.words(text)})
    # A comma may follow it: the line break at the end of the template would stand before that.
    return mark_safe(date_.strip())  # noqa: S308  (a template escaped it)


@register.filter
def in_words(value: Any) -> str:
    """A date (EDTF text or day) as a reader says it."""
    return dates.words(value.isoformat() if isinstance(value, date) else str(value))


@register.filter
def days_until(earlier: date, later: date) -> int:
    """Whole days from the first day to the second."""
    return dates.days_between(earlier, later)


@register.filter
def thousands(number: int) -> str:
    """A number with commas between thousands: 1,144."""
    return f"{number:,}"


@register.filter
def language_name(tag: str) -> str:
    """The English name of a language (BCP 47 tag), or the tag itself where Django knows none."""
    try:
        return str(get_language_info(tag)["name"])
    except KeyError:
        return tag
