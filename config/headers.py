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
        for name, value in settings.BROWSER_HEADERS.items():
            response.headers.setdefault(name, value)
        return response
