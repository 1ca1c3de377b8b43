"""What browsers may do with our pages. Constant texts: the same header from every process, whatever the page."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


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
