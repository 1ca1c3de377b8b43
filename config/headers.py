"""Around every answer: what browsers may do with our pages, in constant texts, the same from every process, whatever the
page; and in the editor's process the name of the request.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from config.logs import named, request_id


class HeadersMiddleware:
    """Adds the headers that Django has no setting for in 5.2.

    django-csp 4 walks its directives through a set, so that two processes of one site send them in different
    orders; a constant text is simpler than the mend.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == 304:
            # A client puts what a 304 says in place of what it kept, and that may be another policy (RFC 9111, 3.2).
            return response
        for name, value in settings.BROWSER_HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class RequestIdMiddleware:
    """Names the requests of the editor's process; those of the public one are named by its front."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = request_id.set(named(request.headers.get("X-Request-ID")))
        try:
            return self.get_response(request)
        finally:
            request_id.reset(token)
