"""A statement in somebody else's page: the small page that any site may frame, and oEmbed 1.0, which hands it out."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.log import log_response
from django.views.decorators.http import require_safe

from talks import questions
from talks.data import open_to_all
from talks.formats.citation import SITE
from talks.problems import gone, problem
from talks.views import Moved, Withdrawn, find

# In CSS pixels. A frame is as wide as this unless less is asked for; in a higher one than this, the text scrolls.
WIDTH = 550
HIGHEST = 1000
# A click may lead the whole window to our page or open it in a new one; nothing else.
SANDBOX = "allow-top-navigation-by-user-activation allow-popups"


class Refused(Exception):
    """Raised for a question that oEmbed does not answer: the status, and what is wrong with the question."""

    def __init__(self, status: int, title: str) -> None:
        super().__init__(title)
        self.status = status


@require_safe
def statement_embed(request: HttpRequest, slug: str) -> HttpResponse:
    """The words with who, about what and from where; of a withdrawn statement only that it was withdrawn."""
    try:
        statement = find(questions.embedded, slug)
    except Withdrawn as withdrawn:
        return framed_by_anyone(render(request, "talks/embed.html", {"withdrawn": withdrawn.noun}, status=410))
    return framed_by_anyone(render(request, "talks/embed.html", {"statement": statement}))


@require_safe
def oembed(request: HttpRequest) -> HttpResponseBase:
    """How to show a statement in another page, or why it cannot be shown; pages of other sites may read both."""
    try:
        answer: HttpResponse = JsonResponse(described(request.GET), json_dumps_params={"ensure_ascii": False})
    except Refused as refused:
        answer = problem(request, refused.status, str(refused))
        # Who asks is mistaken, whatever the status: Django would tell the log, and Sentry, of a 501 as of a fault.
        log_response("%s: %s", request.path, refused, response=answer, request=request, level="warning")
    except Http404:
        answer = problem(request, 404, "url: no statement has this address.")
    except Withdrawn as withdrawn:
        answer = gone(request, withdrawn.noun)
    except Moved as moved:
        answer = HttpResponsePermanentRedirect(asked_again(request.GET, str(moved)))
    return open_to_all(answer)


def framed_by_anyone(response: HttpResponse) -> HttpResponse:
    """An answer under the policy of every page, but that it may stand in anybody's frame."""
    policy = settings.BROWSER_HEADERS["Content-Security-Policy"]
    response.headers["Content-Security-Policy"] = re.sub(r"\bframe-ancestors [^;]*", "frame-ancestors *", policy)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.xframe_options_exempt = True  # X-Frame-Options cannot say it
    return response


def described(query: QueryDict) -> dict[str, Any]:
    """What oEmbed 1.0 (2.3.4.4, the rich type) says of the statement asked for.

    Raises Refused, and what `find` raises.
    """
    slug = slug_asked_for(query)
    widest, highest = most(query, "maxwidth", WIDTH), most(query, "maxheight", HIGHEST)
    statement = find(questions.embedded, slug)
    width = min(WIDTH, widest)
    height = min(estimated_height(len(statement.text), width), highest)
    told = {"type": "rich", "version": "1.0", "title": title(statement), **author(statement)}
    told |= {"provider_name": SITE, "provider_url": f"{settings.SITE_URL}/"}
    return {**told, "html": frame(statement, width, height), "width": width, "height": height}


def slug_asked_for(query: QueryDict) -> str:
    """The slug in the address of a statement's page. Raises Refused."""
    url = query.get("url", "")
    if not url:
        raise Refused(400, "url: the address of a statement's page is missing.")
    if query.get("format", "") not in ("", "json"):
        raise Refused(501, "format: only json is offered.")
    page = re.split("[?#]", url, maxsplit=1)[0]
    match = re.fullmatch(re.escape(settings.SITE_URL) + r"/statements/([-a-zA-Z0-9_]{1,100})/?", page)
    if match is None:
        raise Refused(404, f"url: not the address of a statement's page, {settings.SITE_URL}/statements/….")
    return match[1]


def most(query: QueryDict, name: str, otherwise: int) -> int:
    """The most pixels that the asking page has room for. Raises Refused."""
    text = query.get(name, "")
    if not re.fullmatch(r"[0-9]{0,9}", text) or set(text) == {"0"}:
        raise Refused(400, f"{name}: a whole number of pixels, 1 or more, in at most nine figures.")
    return int(text or otherwise)


def estimated_height(length: int, width: int) -> int:
    """About how high a frame of this width must be for a text of so many code points; all in CSS pixels."""
    # What stands around the words has about the same length everywhere; both fill lines, so width takes from height.
    return min(HIGHEST, 180 + round(62_000 / width) + round(length / width * 300))


def title(statement: Any) -> str:
    """Who and the first words, on one line."""
    return " ".join(str(statement).split())


def author(statement: Any) -> dict[str, str]:
    """Who says it, with the address of the page here, if there is one: a person, or the source itself."""
    if statement.speaker is None and statement.speaker_as_printed:
        return {"author_name": statement.speaker_as_printed}
    who = statement.speaker or statement.source
    name = str(statement.speaker or statement.source.publisher)
    return {"author_name": name, "author_url": f"{settings.SITE_URL}{who.get_absolute_url()}"}


def frame(statement: Any, width: int, height: int) -> str:
    """The code that shows the statement's embed in a page."""
    # HTML has no longer a frameborder, but without it browsers draw one, and add it to the width.
    return format_html(
        '<iframe src="{}{}" width="{}" height="{}" title="{}" loading="lazy" sandbox="{}" frameborder="0"></iframe>',
        settings.SITE_URL, reverse("statement-embed", args=[statement.slug]), width, height, title(statement), SANDBOX,
    )  # fmt: skip


def asked_again(query: QueryDict, slug: str) -> str:
    """The same question about the slug that a statement has now."""
    query = query.copy()
    query["url"] = settings.SITE_URL + reverse("statement-detail", args=[slug])
    return f"{reverse('oembed')}?{query.urlencode()}"
