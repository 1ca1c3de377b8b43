"""What templates say in their own words: dates as readers say them, and as machines read them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template import Context, Library, Node, defaulttags, loader
from django.template.base import Parser, Token
from django.utils.safestring import mark_safe
from django.utils.translation import get_language_info

from talks import dates, embeds
from talks.formats import jsonld
from talks.records import BY_MODEL, CORRECTIONS
from talks.search import marking
from talks.search.words import Query

register = Library()


class Address(Node):
    """Django's `url` for what is always at the same address: found once, and not twenty times on every page."""

    def __init__(self, found: Node) -> None:
        self.found, self.address = found, ""

    def render(self, context: Context) -> str:
        self.address = self.address or self.found.render(context)
        return self.address


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """Django's tag; its answer is kept where it has a name and nothing else. The admin's names depend on more."""
    node = defaulttags.url(parser, token)
    named = token.split_contents()[1:]
    alone = len(named) == 1 and isinstance(node.view_name.var, str) and ":" not in named[0]
    return Address(node) if alone else node


@register.simple_tag
def when(value: Any) -> str:
    """A date (EDTF text, day or instant) as a `<time>` that reads like `2 June 2025`."""
    return _when(value.date().isoformat() if isinstance(value, datetime) else str(value or ""))


@lru_cache(10_000)  # a page says the same few days again and again
def _when(text: str) -> str:
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
def kind_alone(label: str) -> str:
    """The first word of a label that explains itself: Correction, of `correction: something was wrong`."""
    return label.partition(":")[0].capitalize()


@register.simple_tag
def linked_data(noun: Any, corrections: Iterable[Any]) -> str:
    """A noun as JSON-LD for its own page, with the corrections that were made of it."""
    record = BY_MODEL[type(noun)]
    parts = {"corrections": [CORRECTIONS.row_in_hand(correction) for correction in corrections]}
    described = jsonld.whole(record.row_in_hand(noun), parts, record.name, settings.SITE_URL)
    return _script({"@context": jsonld.CONTEXT, **described})


@register.simple_tag
def breadcrumbs(here: Any, list_name: str = "", list_url: str = "") -> str:
    """The way to the page as JSON-LD; the page itself needs no address."""
    steps = [("Talks in Context", "/"), *([(list_name, list_url)] if list_url else []), (str(here), "")]
    return _script(jsonld.breadcrumbs(steps, settings.SITE_URL))


@register.simple_tag
def embed_code(statement: Any) -> str:
    """The code that shows a statement in another page, as a text to be copied."""
    width = embeds.WIDTH
    height = embeds.estimated_height(len(statement.text), width)
    # Cut out of its safe string, so that the template escapes it.
    return embeds.frame(statement, width, height)[:]


@register.simple_tag
def json_ld(described: dict[str, Any]) -> str:
    """A thing of schema.org that is made already."""
    return _script(described)


def _script(described: dict[str, Any]) -> str:
    # Inside <script> nothing is unescaped, so no < of the data may stand there: JSON has another way to say it.
    text = (
        json.dumps(described, ensure_ascii=False)
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
    )
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308  (see above)


@register.simple_tag
def marked(statement: Any, query: Query) -> str:
    """A statement's words with those marked that were searched for; each character stays as it is."""
    pieces = marking.cut(statement.pieces, marking.found_in(statement.text, query))
    shown = {"pieces": pieces, "is_direct": statement.quotation_type == "direct"}
    return mark_safe(loader.render_to_string("parts/marked.html", shown).strip("\n"))  # noqa: S308  (a template escaped it)


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
