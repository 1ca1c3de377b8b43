"""The history of a record: who changed what, when and why, field by field; and a way back to an older version."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.text import capfirst

from talks.admin.forms import TypedText
from talks.admin.saving import KINDS, is_public
from talks.editing import versions
from talks.editing.told import PART_NAMES, Difference

# What follows from another field, or is stamped by the change itself, tells an editor nothing more.
DERIVED = frozenset(["changed_at", "date_from", "date_to", "said_from", "said_to", "published_from", "published_to"])


class RestoreForm(forms.Form):
    """What the public is told when a published record says again what it said before."""

    public_kind = forms.ChoiceField(choices=KINDS, label="Kind of correction")
    reason = TypedText(widget=forms.Textarea(attrs={"rows": 2}), help_text="For the public, in a sentence: why.")

    def __init__(self, noun: Any, *args: Any) -> None:
        super().__init__(*args)
        for name in () if is_public(noun) else ("public_kind", "reason"):
            self.fields[name].required = False


class HistoryAdmin:
    """What an admin class gains by which its records have a history to look at and go back in."""

    model: Any
    admin_site: Any

    def get_urls(self) -> list[Any]:
        name = self.model._meta.model_name
        view = self.admin_site.admin_view(self.restore_view)
        return [path("<int:pk>/restore/<int:entry>/", view, name=f"talks_{name}_restore"), *super().get_urls()]  # type: ignore[misc]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        noun = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if noun is None:
            raise Http404
        if not self.has_view_permission(request, noun):  # type: ignore[attr-defined]
            raise PermissionDenied
        before = request.GET.get("before", "")
        found, further = versions.versions(
            self.model, noun.pk, int(before) if before.isdecimal() and len(before) < 19 else None
        )
        told = [one._replace(differences=in_words(self.model, one.differences)) for one in found]
        page = {"title": f"History of {noun}", "versions": told, "further": further}
        page["may_restore"] = self.has_change_permission(request, noun)  # type: ignore[attr-defined]
        return render(request, "admin/talks/history.html", {**self._page(request, noun), **page})

    def restore_view(self, request: HttpRequest, pk: int, entry: int) -> HttpResponse:
        """Show what going back would change, and do it."""
        noun = self.get_object(request, str(pk))  # type: ignore[attr-defined]
        if noun is None or not self.has_change_permission(request, noun):  # type: ignore[attr-defined]
            raise PermissionDenied
        older = get_object_or_404(self.model.history, history_id=entry, id=noun.pk)
        form = RestoreForm(noun, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid() and restored(request, noun, older, form):
            return redirect(reverse(f"admin:talks_{self.model._meta.model_name}_change", args=[pk]))
        told = in_words(self.model, versions.would_change(noun, older))
        page = {"title": f"Restore {noun}", "entry": older, "differences": told, "form": form}
        return render(
            request, "admin/talks/restore.html", {**self._page(request, noun), **page, "public": is_public(noun)}
        )

    def _page(self, request: HttpRequest, noun: Any) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.model._meta, "original": noun}


def in_words(model: Any, differences: list[Difference]) -> list[Difference]:
    """What an editor reads of differences: columns by the names that forms give them, and nothing that follows."""
    own = {field.name: capfirst(field.verbose_name) for field in (*model._meta.fields, *model._meta.many_to_many)}
    own |= {name: capfirst(name) for name in PART_NAMES.values()}
    return [one._replace(column=own.get(one.column, one.column)) for one in differences if one.column not in DERIVED]


def restored(request: Any, noun: Any, older: Any, form: RestoreForm) -> bool:
    """Go back, or say beside the form why that cannot be."""
    given = form.cleaned_data["reason"].strip(), form.cleaned_data["public_kind"]
    try:
        told = versions.restore(noun, older, request.user.get_username(), *given)
    except ValidationError as error:
        form.add_error(None, "; ".join(error.messages))
        return False
    except DatabaseError as error:
        form.add_error(None, f"The database refused it: {error}")
        return False
    count = len(in_words(type(noun), told))
    messages.success(
        request, f"The version was restored: {count} {'field says' if count == 1 else 'fields say'} so again."
    )
    return True
