"""A draft exactly as readers will see it: the public page, made in a transaction in which the draft is published, and
which is then undone.
"""

from __future__ import annotations

from copy import copy
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import path, resolve
from django.utils import timezone

from talks.editing import ledger, rights
from talks.models.base import Noun, Status


class Preview(NamedTuple):
    """What the banner of a preview says."""

    status: str
    may_release: str


class PreviewAdmin:
    """What an admin class gains by which its drafts can be seen as pages."""

    model: Any
    admin_site: Any

    def get_urls(self) -> list[Any]:
        name = self.model._meta.model_name
        view = self.admin_site.admin_view(self.preview_view)
        return [path("<int:pk>/preview/", view, name=f"talks_{name}_preview"), *super().get_urls()]  # type: ignore[misc]

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        noun = self.get_object(request, str(pk))  # type: ignore[attr-defined]
        if noun is None or noun.status == Status.WITHDRAWN:
            raise Http404
        if not self.has_view_permission(request, noun):  # type: ignore[attr-defined]
            raise PermissionDenied
        return preview(request, noun)


def context(request: HttpRequest) -> dict[str, Any]:
    """What templates may know of a preview; none on any other page."""
    return {"preview": getattr(request, "preview", None)}


def preview(request: HttpRequest, noun: Noun) -> HttpResponse:
    """The public page of a noun as it would be."""
    told = Preview(noun.get_status_display(), who_may_release(noun))
    with transaction.atomic(), ledger.aside():
        publish_for_now(noun)
        answer = public_page(request, noun.get_absolute_url(), told)
        transaction.set_rollback(True)
    return answer


def publish_for_now(noun: Any, seen: frozenset[Any] = frozenset()) -> None:
    """Publish a noun and those that it needs, past all rules; to be undone."""
    if noun in seen:
        return
    for name in noun.needs:
        other = getattr(noun, name)
        if other is not None:
            publish_for_now(other, seen | {noun})
    if not noun.is_public:
        now = timezone.now().replace(microsecond=0)
        noun.status, noun.first_published_at, noun.changed_at = Status.PUBLISHED, now, now
        noun.save()


def public_page(request: HttpRequest, address: str, told: Preview) -> HttpResponse:
    """What the public site would answer at an address."""
    inner: Any = copy(request)
    inner.path = inner.path_info = address.partition("#")[0]
    inner.method, inner.GET = "GET", QueryDict()
    inner.resolver_match = match = resolve(inner.path)
    inner.preview = told
    answer: HttpResponse = match.func(inner, *match.args, **match.kwargs)
    return answer


def who_may_release(noun: Noun) -> str:
    """Who may publish it, by name."""
    writer = rights.last_writer(noun) if rights.four_eyes() else ""
    names = [user.get_username() for user in rights.publishers().order_by("username") if user.get_username() != writer]
    return ", ".join(names[:10]) or "nobody: there is no account that may publish it"
