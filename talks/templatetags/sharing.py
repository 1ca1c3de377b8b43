"""What a page says of itself once and shows twice: to the browser and to whoever shares its address."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import quote

from django import template
from django.conf import settings
from django.template.base import NodeList, Parser, Token

register = template.Library()

SITE_NAME = " · Talks in Context"


class Kept(template.Node):
    """Renders what it encloses in its place and keeps it under a name for the rest of the template."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name, self.nodelist = name, nodelist

    def render(self, context: template.Context) -> str:
        context[self.name] = rendered = self.nodelist.render(context)
        return rendered


@register.tag
def keep(parser: Parser, token: Token) -> Kept:
    """`{% keep name %}…{% endkeep %}`: a block can stand in a template only once."""
    _, name = token.split_contents()
    nodelist = parser.parse(("endkeep",))
    parser.delete_first_token()
    return Kept(name, nodelist)


@register.filter(is_safe=True)
def without_site_name(title: str) -> str:
    """The title of a page alone; where it is shared, the site is named beside it."""
    return title.removesuffix(SITE_NAME)


@register.simple_tag
@cache
def icon_address() -> str:
    """The mark as a data URL (RFC 2397), so that a browser need not ask for it."""
    mark = (Path(settings.BASE_DIR) / "static" / "img" / "mark.svg").read_text("utf-8").strip()
    return "data:image/svg+xml," + quote(mark, safe="/:;,()@.-=!*")
