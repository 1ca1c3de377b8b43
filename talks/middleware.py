"""The law in two layers: only GET and HEAD are answered, and a page is a function of address and edition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.utils.http import parse_etags

from talks import edition, parameters, problems, reported, views
from talks.search import known

Answer = Callable[[HttpRequest], HttpResponseBase]

ALLOWED = ("GET", "HEAD")
DIRECT = "public, max-age=0, must-revalidate"


class ReadingOnlyMiddleware:
    """405 for everything but GET and HEAD; a HEAD is answered without a body."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in ALLOWED:
            return HttpResponseNotAllowed(ALLOWED)
        response = self.get_response(request)
        if response.status_code == 304:
            del response.headers["Content-Length"]  # which would be that of the 200 (RFC 9110, 8.6)
        elif isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        if request.method == "HEAD" and response.streaming:
            # What it was made of is closed with the response, by the server.
            response.streaming_content = ()  # type: ignore[attr-defined]
        elif request.method == "HEAD" and isinstance(response, HttpResponse):
            response.content = b""
        return response


class EditionMiddleware:
    """Makes each page in one snapshot of the database, and answers 304 for the edition that a client has."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # No savepoint: the transaction is there for its snapshot, not to be rolled back.
        with ExitStack() as snapshot:
            snapshot.enter_context(transaction.atomic(savepoint=False))
            present = edition.present()
            request.edition = present  # type: ignore[attr-defined]
            tag = edition.entity_tag(present, request.get_full_path())
            tags = [one.removeprefix("W/") for one in parse_etags(request.headers.get("If-None-Match", ""))]
            if tag in tags:
                return finish(HttpResponse(status=304), tag, present)
            with known.within(present if settings.CACHE_BYTES else None):
                response = self.get_response(request)
            if "ETag" in response.headers:
                return response  # a ready file, which has a tag of its own and needs no database any more
            if response.streaming:
                response.streaming_content = Lasting(snapshot.pop_all(), response.streaming_content)  # type: ignore[attr-defined]
        if response.streaming:
            return finish(response, tag, present)
        if response.status_code != 200 or not isinstance(response, HttpResponse):
            # A tag of its own, which no request can turn into a 304.
            tag = edition.entity_tag(present, request.get_full_path(), response.status_code)
            return finish(response, tag, present)
        if "*" in tags:
            return finish(HttpResponse(status=304), tag, present)
        return finish(response, tag, present)


class Lasting:
    """A stream within the snapshot in which it was begun, until its end or until the client goes."""

    def __init__(self, snapshot: ExitStack, content: Iterable[bytes]) -> None:
        self.snapshot, self.content = snapshot, content

    def __iter__(self) -> Iterator[bytes]:
        with self.snapshot:
            yield from self.content

    def close(self) -> None:
        """Called by the server in any case; a generator that was never begun would not notice."""
        self.snapshot.close()


class OldAddressMiddleware:
    """410 for the address of a withdrawn noun, a redirect for one that has another slug now or another day."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Every other fault goes on."""
        if isinstance(exception, views.Moved):
            return problems.moved(request, str(exception))
        if isinstance(exception, reported.OtherDay):
            return problems.known_earlier(request, exception.day)
        if isinstance(exception, reported.NotADay | reported.NothingReported):
            return problems.not_known(request, exception)
        return problems.gone(request, exception.noun) if isinstance(exception, views.Withdrawn) else None


def finish(response: HttpResponseBase, tag: str, present: edition.Present) -> HttpResponseBase:
    """Add what RFC 9110 and 9111 want on a 200 and on its 304 alike, and by which names a CDN can throw it away."""
    if response.status_code == 304:
        del response.headers["Content-Type"]
    response.headers["ETag"] = tag
    response.headers["Vary"] = "Accept-Encoding"
    response.headers.setdefault("Cache-Control", cache_control(response.status_code))
    names = ("site", f"edition-{present.number}", f"build-{edition.build()}")
    response.headers["Surrogate-Key"] = " ".join(names)  # as Fastly has it, and Varnish's module xkey
    response.headers["Cache-Tag"] = ",".join(names)  # as Cloudflare has it
    return response


def cache_control(status: int) -> str:
    """How long whom an answer may serve (docs/operations.md). Whoever asks us directly asks every time.

    Only a page that is there is for proxies to keep (RFC 9111 `s-maxage`, RFC 5861): at half of PROXY_SECONDS they ask
    again, and meanwhile show what they have until all of them are over. What is not there may be at the next edition.
    """
    if status >= 500:
        return "no-store"
    if status not in (200, 304) or not settings.PROXY_SECONDS:
        return DIRECT
    meanwhile = settings.PROXY_SECONDS // 2
    fresh = settings.PROXY_SECONDS - meanwhile
    error = settings.PROXY_ERROR_SECONDS
    return f"public, max-age=0, s-maxage={fresh}, stale-while-revalidate={meanwhile}, stale-if-error={error}"


class KnownParametersMiddleware:
    """What a query has that its address does not know is taken off or, where a program asks, refused.

    Links are handed on with names that count readers; a program that wrote a filter wrong must not be given
    everything. Not for ever (302): an address may know more one day.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        unknown = parameters.unknown(request.resolver_match, request.GET)
        if not unknown:
            return None
        wrong = [name for name in unknown if not parameters.TRACKING.fullmatch(name)]
        if wrong and problems.is_for_programs(request.path):
            return problems.unknown_parameters(request, wrong)
        return HttpResponseRedirect(parameters.without(request, unknown))


class PlainQueryMiddleware:
    """400 for a NUL in the query, which PostgreSQL refuses with a fault of its own; words to search for may have one."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        others = [text for name, values in request.GET.lists() if name != "q" for text in (name, *values)]
        if any("\0" in text for text in others):
            return HttpResponseBadRequest("A query has no NUL.", content_type="text/plain")
        return self.get_response(request)
