"""Merging two persons: what will move is shown first, then moved at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from talks.admin.forms import TypedText
from talks.editing import ledger, merging
from talks.models import Person, Statement


class IntoForm(forms.Form):
    """Whom somebody is the same as."""

    into = forms.ModelChoiceField(
        Person.objects.all(),
        label="The same as",
        widget=AutocompleteSelect(Statement._meta.get_field("speaker"), admin.site),
        help_text="This record stays; its name, address and description are kept.",
    )


class ReasonForm(forms.Form):
    reason = TypedText(
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For the public, in a sentence: how we know that they are one.",
    )


def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the other one, look at what will move, and do it."""
    if not request.user.has_perm("editing.merge"):
        raise PermissionDenied
    person = get_object_or_404(Person, pk=pk)
    into = IntoForm(request.GET or None)
    page = {**admin.site.each_context(request), "opts": Person._meta, "original": person, "into": into}
    page["title"] = f"Merge {person}"
    kept = into.cleaned_data["into"] if into.is_valid() else None
    if kept is None or not fits(person, kept, into):
        return render(request, "admin/talks/merge.html", {**page, "media": into.media})
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and merged(request, pk, kept, form):
        return redirect(reverse("admin:talks_person_change", args=[kept.pk]))
    found = {"kept": kept, "plan": merging.plan(person, kept), "form": form, "media": into.media}
    return render(request, "admin/talks/merge.html", {**page, **found})


def fits(person: Person, kept: Person, into: IntoForm) -> bool:
    """Whether the one can become the other; if not, that is said beside the choice."""
    if kept.pk == person.pk:
        into.add_error("into", "That is the same record.")
    elif not kept.is_public and person.first_published_at is not None:
        into.add_error("into", "That one is not published, and this one’s address must lead to a page.")
    elif "withdrawn" in (person.status, kept.status):
        into.add_error("into", "A withdrawn record stays as it is.")
    return into.is_valid()


def merged(request: Any, pk: int, kept: Person, form: ReasonForm) -> bool:
    """Merge under the lock that every change takes; a second press finds nothing left to do."""
    with transaction.atomic():
        ledger.wait()
        person = Person.objects.filter(pk=pk).first()
        if person is None:
            messages.warning(request, "They were merged already.")
            return True
        name = str(person)
        merging.merge(person, kept, request.user.get_username(), form.cleaned_data["reason"].strip(), "correction")
    messages.success(request, f"“{name}” is “{kept}” now, and the old address leads there.")
    return True
