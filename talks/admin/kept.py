"""What nobody enters, to look at: corrections, old addresses, releases. A publisher can cut a release here."""

from __future__ import annotations

from io import StringIO
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path

from talks.admin.pages import BoundedPaginator
from talks.models import Correction, Redirect, Release, Tombstone


class KeptAdmin(admin.ModelAdmin):
    """Rows that the site keeps by itself; they are read, not written."""

    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Correction)
class CorrectionAdmin(KeptAdmin):
    list_display = ("corrected_at", "record", "noun", "kind", "column", "reason")
    list_filter = ("kind", "record")
    search_fields = ("noun", "reason")
    ordering = ("-corrected_at", "-slug")


@admin.register(Redirect)
class RedirectAdmin(KeptAdmin):
    list_display = ("record", "old_slug", "slug")
    list_filter = ("record",)
    search_fields = ("old_slug", "slug")
    ordering = ("record", "old_slug")


@admin.register(Tombstone)
class TombstoneAdmin(KeptAdmin):
    list_display = ("record", "slug", "withdrawn_on", "withdrawn_because")
    list_filter = ("record",)
    search_fields = ("slug",)
    ordering = ("record", "slug")


@admin.register(Release)
class ReleaseAdmin(KeptAdmin):
    list_display = ("number", "as_of", "cut_at", "edition")
    ordering = ("-number",)
    change_list_template = "admin/talks/release_list.html"

    def get_urls(self) -> list[Any]:
        return [path("cut/", self.admin_site.admin_view(self.cut), name="talks_release_cut"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        may_cut = {"may_cut": request.user.has_perm("editing.cut_release")}
        return super().changelist_view(request, {**(extra_context or {}), **may_cut})

    def cut(self, request: Any) -> HttpResponse:
        """Cut what is published now into a release, or say why that cannot be."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("editing.cut_release"):
            raise PermissionDenied
        told = StringIO()
        try:
            call_command("release", stdout=told, stderr=told)
        except CommandError as error:
            messages.error(request, f"No release was cut. {error}")
        else:
            messages.success(request, told.getvalue().strip().rpartition("\n")[2] or "The release was cut.")
        return redirect("admin:talks_release_changelist")
