"""What templates say in their own words: dates as readers say them, and as machines read them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.template import Library

from talks import dates

register = Library()


@register.inclusion_tag("parts/date.html")
def when(value: Any) -> dict[str, str]:
    """A date (EDTF text, day or instant) as a `<time>` that reads like `2 June 2025`."""
    text = value.date().isoformat() if isinstance(value, datetime) else str(value or "")
    return {"machine": dates.machine(text), "words": dates.words(text)}


@register.filter
def in_words(value: Any) -> str:
    """A date (EDTF text or day) as a reader says it."""
    return dates.words(value.isoformat() if isinstance(value, date) else str(value))


@register.filter
def days_until(earlier: date, later: date) -> int:
    """Whole days from the first day to the second."""
    return dates.days_between(earlier, later)
