"""What all nouns share in the admin: who may change them when, their way to publication, their history."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db import models

from talks.admin.forms import NounForm, TypedText
from talks.admin.histories import HistoryAdmin
from talks.admin.pages import BoundedPaginator
from talks.admin.preview import PreviewAdmin
from talks.admin.saving import REASON, LedgerAdmin, is_public, public_address
from talks.admin.standing import StandingAdmin

# Texts are kept as they are typed; only names and labels lose the blanks around them.
AS_TYPED: dict[Any, dict[str, Any]] = {models.TextField: {"form_class": TypedText, "widget": AdminTextareaWidget}}


class NounAdmin(StandingAdmin, HistoryAdmin, PreviewAdmin, LedgerAdmin, admin.ModelAdmin):
    """What all nouns share: their status, their public address, their instants as data."""

    form = NounForm
    ordering: ClassVar[Any] = ("slug",)

    exclude = ("status", "withdrawn_on", "withdrawn_because")
    readonly_fields: ClassVar[Any] = ("first_published_at", "changed_at")
    formfield_overrides = AS_TYPED
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    actions: Any = ("ask_for_review", "publish")
    change_form_template = "admin/talks/noun_form.html"

    def view_on_site(self, noun: Any) -> str | None:
        return public_address(noun)

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        """The noun's own fields first; then, where the public sees it, why it is changed; its instants last."""
        hidden = (*REASON, *self.readonly_fields, "seen")
        own = [name for name in self.get_fields(request, obj) if name not in hidden]
        found: list[Any] = [(None, {"fields": own})]
        if self.is_open(request, obj):
            own.append("seen")
            if is_public(obj):
                told = "This is public. Whatever readers see of it is changed with a kind and a reason."
                found.append(("Correction", {"fields": REASON, "description": told}))
        return [*found, ("Kept by the site", {"fields": self.readonly_fields})] if obj else found

    def is_open(self, request: Any, obj: Any) -> bool:
        """Whether this user may write in the form."""
        return self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
