"""What all nouns share in the admin: who may change them when, their way to publication, their history."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db import models

from talks.admin.forms import NounForm, TypedText
from talks.models.base import Noun, Status

admin.site.site_header = "Talks in Context"
admin.site.site_title = "Talks in Context"
admin.site.index_title = "Editing"
admin.site.site_url = settings.SITE_URL

# Texts are kept as they are typed; only names and labels lose the blanks around them.
AS_TYPED: dict[Any, dict[str, Any]] = {models.TextField: {"form_class": TypedText, "widget": AdminTextareaWidget}}


def date_change(form: Any) -> None:
    """Date the change of a record that was public before and still is; publishing dates it by itself."""
    if form.initial.get("status") == Status.PUBLISHED and form.instance.is_public:
        form.instance.mark_changed()


class NounAdmin(admin.ModelAdmin):
    """What all nouns share: their status, their public address, their instants as data."""

    form = NounForm
    ordering: ClassVar[Any] = ("slug",)

    readonly_fields = ("first_published_at", "changed_at")
    formfield_overrides = AS_TYPED
    list_per_page = 50
    show_full_result_count = False
    standing = ("Standing", {"fields": ("status", "withdrawn_on", "withdrawn_because", *readonly_fields)})

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """A change of a public record, or of a row that belongs to it, is dated: feeds and calendars tell of it."""
        super().save_related(request, form, formsets, change)
        forms = [inline for formset in formsets for inline in formset.forms if inline.has_changed()]
        if forms or form.has_changed():
            date_change(form)
        for inline in forms:
            if isinstance(inline.instance, Noun) and inline.instance.pk:
                date_change(inline)

    def view_on_site(self, noun: Any) -> str:
        """The public address, on the public process."""
        return f"{settings.SITE_URL}{noun.get_absolute_url()}"

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        """The noun's own fields first, its standing last."""
        standing = self.standing[1]["fields"]
        own = [name for name in self.get_fields(request, obj) if name not in standing]
        return [(None, {"fields": own}), self.standing]
