"""What a page says of itself: to the browser, to search engines and to whoever shares its address."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils.safestring import mark_safe

from talks import embeds
from talks.formats import jsonld
from talks.records import BY_MODEL, CORRECTIONS

SITE_NAME = " · Talks in Context"


def without_site_name(title: Any) -> str:
    """The title of a page alone; where it is shared, the site is named beside it."""
    return title.removesuffix(SITE_NAME)


@cache
def icon_address() -> str:
    """The mark as a data URL (RFC 2397), so that a browser need not ask for it."""
    mark = (Path(settings.BASE_DIR) / "static" / "img" / "mark.svg").read_text("utf-8").strip()
    return "data:image/svg+xml," + quote(mark, safe="/:;,()@.-=!*")


def linked_data(noun: Any, corrections: Iterable[Any]) -> str:
    """A noun as JSON-LD for its own page, with the corrections that were made of it."""
    record = BY_MODEL[type(noun)]
    parts = {"corrections": [CORRECTIONS.row_in_hand(correction) for correction in corrections]}
    described = jsonld.whole(record.row_in_hand(noun), parts, record.name, settings.SITE_URL)
    return json_ld({"@context": jsonld.CONTEXT, **described})


def breadcrumbs(here: Any, list_name: str = "", list_url: str = "") -> str:
    """The way to the page as JSON-LD; the page itself needs no address."""
    steps = [("Talks in Context", "/"), *([(list_name, list_url)] if list_url else []), (str(here), "")]
    return json_ld(jsonld.breadcrumbs(steps, settings.SITE_URL))


def embed_code(statement: Any) -> str:
    """The code that shows a statement in another page, as a text to be copied."""
    width = embeds.WIDTH
    height = embeds.estimated_height(len(statement.text), width)
    # Cut out of its safe string, so that the template escapes it.
    return embeds.frame(statement, width, height)[:]


def json_ld(described: dict[str, Any]) -> str:
    """A thing of schema.org, to stand in a page."""
    # Inside <script> nothing is unescaped, so no < of the data may stand there: JSON has another way to say it.
    text = (
        json.dumps(described, ensure_ascii=False)
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
    )
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308  (see above)


# What templates can ask for by these names.
GIVEN = (icon_address, linked_data, breadcrumbs, embed_code, json_ld)
