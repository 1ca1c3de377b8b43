"""The two queues as pages of the admin: what is to be reviewed, and what is to be checked. Every editor may look."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from talks.editing import queues
from talks.querysets import desk


@require_safe
def to_review(request: HttpRequest) -> HttpResponse:
    """Every record in review, the one that has waited longest first."""
    must_be_editor(request)
    numbers = [
        (capfirst(model._meta.verbose_name_plural), told(number), listed(model, "status__exact=review"))
        for model, number in queues.numbers_in_review()
        if number
    ]
    waiting = [(one, one.noun._meta.verbose_name, change_page(one.noun)) for one in queues.in_review()]
    page = {"waiting": waiting, "numbers": numbers, "title": "To review"}
    return render(request, "admin/talks/to_review.html", {**admin.site.each_context(request), **page})


@require_safe
def to_check(request: HttpRequest) -> HttpResponse:
    """What has become doubtful since it was published, way by way."""
    must_be_editor(request)
    groups = [
        {
            "doubt": group.doubt,
            "number": told(group.number),
            "nouns": [(noun, change_page(noun)) for noun in group.nouns],
            "more": told(group.number - len(group.nouns)) if group.number > len(group.nouns) else "",
            "address": listed(group.doubt.model, group.doubt.query),
        }
        for group in queues.doubtful()
    ]
    page = {"groups": groups, "title": "To check"}
    return render(request, "admin/talks/to_check.html", {**admin.site.each_context(request), **page})


def told(number: int) -> str:
    """A number in words where it was not counted to its end."""
    return f"more than {desk.MOST_COUNTED:,}" if number > desk.MOST_COUNTED else str(number)


def must_be_editor(request: HttpRequest) -> None:
    """Raise PermissionDenied for an account that has nothing to do with statements."""
    user: Any = request.user
    if not any(user.has_perm(f"talks.{may}_statement") for may in ("view", "add", "change")):
        raise PermissionDenied


def change_page(noun: Any) -> str:
    return reverse(f"admin:talks_{noun._meta.model_name}_change", args=[noun.pk])


def listed(model: Any, query: str) -> str:
    return f"{reverse(f'admin:talks_{model._meta.model_name}_changelist')}?{query}"
