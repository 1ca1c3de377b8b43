"""How the pages of readers are made: Jinja2's environment with what templates say in their own words.

A part of a page is a macro: `parts/badge.html` has `badge`, which names its inputs and sees nothing else; templates say
`show.badge(statement)`.
Text is escaped everywhere, in XML and plain text too, unless a template says that it is none.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import jinja2
from django.template import defaultfilters, engines
from django.templatetags import static as stored
from django.urls import reverse

from talks import corrected, dates
from talks.templating import sharing, words

# Filters of Django's own, which say the same in both engines.
DJANGO = ("capfirst", "date", "filesizeformat", "pluralize", "truncatechars", "truncatewords", "urlencode")
FILTERS = (
    *(corrected.at_once, corrected.as_told, corrected.with_words, corrected.besides_words),
    *(words.days_until, words.in_groups, words.in_words, words.kind_alone, words.language_name, words.thousands),
    sharing.without_site_name,
)


def environment(**options: Any) -> jinja2.Environment:
    """What the engine is, as Django's backend asks for it. What is missing is false, and has nothing in it."""
    made = jinja2.Environment(**{**options, "undefined": jinja2.ChainableUndefined, "keep_trailing_newline": True})  # noqa: S701  (the backend says autoescape)
    made.filters |= {name: getattr(defaultfilters, name) for name in DJANGO}
    made.filters |= {told.__name__: told for told in FILTERS}
    given = (static, url, when, words.marked, *sharing.GIVEN)
    made.globals |= {told.__name__: told for told in given}
    made.globals["show"] = Parts(made)
    return made


class Parts:
    """The parts of pages: the macro `badge` of parts/badge.html, `timeline_svg` of parts/timeline.svg. To import each one
    where it is used would take Jinja2 as long as to show it.
    """

    def __init__(self, made: jinja2.Environment) -> None:
        self._made = made

    def __getattr__(self, name: str) -> Any:
        file = f"{name.removesuffix('_svg')}.svg" if name.endswith("_svg") else f"{name}.html"
        macro = getattr(self._made.get_template(f"parts/{file}").module, name)
        if not self._made.auto_reload:
            setattr(self, name, macro)
        return macro


def part(name: str, **inputs: Any) -> Any:
    """A part of a page by itself."""
    pages: Any = engines["jinja2"]
    return getattr(pages.env.globals["show"], name)(**inputs)


@cache
def static(path: str) -> str:
    """The address of a file of ours, which bears its digest; as long as a process lives it is the same."""
    return stored.static(path)


def url(name: str, *args: Any) -> str:
    """The address of a page. What is always at the same address is looked for once, and not twenty times on a page."""
    return reverse(name, args=args) if args else _address(name)


_address = cache(reverse)


def when(value: Any) -> str:
    """A date (EDTF text, day or instant) as a `<time>` that reads like `2 June 2025`."""
    return _when(words.machine(value))


@lru_cache(10_000)  # a page says the same few days again and again
def _when(text: str) -> str:
    return part("date", machine=dates.machine(text), words=dates.words(text))
