"""The nouns in the admin, each searchable, filtered, linked, and edited with what belongs to it."""

from __future__ import annotations

from io import StringIO
from typing import Any

from django.contrib import admin, messages
from django.core.management import call_command
from django.urls import path
from django.utils import timezone

from talks.admin.forms import PersonForm, SourceForm
from talks.admin.inlines import DelegationInline, MemberInline, PassageInline, StateInline, StatementInline
from talks.admin.noun import NounAdmin
from talks.admin.quotations import check, find_quotations
from talks.models import Delegation, EditorsNote, Meeting, Party, Person, Source, SourceText, Statement


@admin.register(Party)
class PartyAdmin(NounAdmin):
    list_display = ("name", "code", "status")
    list_filter = ("status",)
    search_fields = ("name", "slug", "code")


@admin.register(Person)
class PersonAdmin(NounAdmin):
    ordering = ("sort_name", "slug")
    form = PersonForm
    list_display = ("sort_name", "native_name", "party", "wikidata_id", "status")
    list_filter = ("status", "party")
    list_select_related = ("party",)
    search_fields = ("name", "sort_name", "native_name", "also_written", "slug")
    autocomplete_fields = ("party", "rests_on")


@admin.register(Source)
class SourceAdmin(NounAdmin):
    ordering = ("publisher", "slug")
    list_display = ("publisher", "caption", "published_on", "kind", "status")
    list_filter = ("status", "kind")
    date_hierarchy = "published_from"
    search_fields = ("publisher", "title", "described_as", "url", "slug")
    autocomplete_fields = ("derived_from",)
    form = SourceForm
    change_form_template = "admin/talks/source_form.html"
    actions = ("check_again",)

    def get_urls(self) -> list[Any]:
        quotations = self.admin_site.admin_view(find_quotations)
        return [path("<int:pk>/quotations/", quotations, name="talks_source_quotations"), *super().get_urls()]

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.base_fields["text_is_public"].initial = bool(obj and hasattr(obj, "held") and obj.held.is_public)
        return form

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Keep a new text with its digest; the statements taken from the old one then count as not found in it."""
        held = SourceText.objects.filter(source=obj).first() if change else None
        if form.document is not None:
            held = held or SourceText()
            held.source = obj
            held.hold(form.document, timezone.localdate())
        super().save_model(request, obj, form, change)
        if held is not None:
            held.source, held.is_public = obj, form.cleaned_data["text_is_public"]
            held.save()
        lost = obj.statements.lost().count()
        if form.document is not None and lost:
            messages.warning(request, f"{lost} quotations were checked against another text. Check them again.")

    @admin.action(description="Check their quotations again", permissions=["change"])
    def check_again(self, request: Any, queryset: Any) -> None:
        command = ["verify_quotations", "--record", *(f"--source={source.slug}" for source in queryset)]
        told = StringIO()
        try:
            call_command(*command, stdout=told, stderr=told)
        except SystemExit:
            messages.warning(request, told.getvalue().strip().rpartition("\n")[2] + " Some were not found.")
        else:
            messages.success(request, told.getvalue().strip().rpartition("\n")[2])


@admin.register(Meeting)
class MeetingAdmin(NounAdmin):
    ordering = ("-date_from", "-slug")
    list_display = ("title", "date", "city", "featured", "status")
    list_filter = ("status", "country")
    date_hierarchy = "date_from"
    search_fields = ("title", "city", "venue", "slug")
    autocomplete_fields = ("follows", "rests_on")
    inlines = (StateInline, DelegationInline, StatementInline)

    class Media:
        js = ("js/check-quotation.js",)
        css = {"all": ("css/admin.css",)}


@admin.register(Delegation)
class DelegationAdmin(NounAdmin):
    list_display = ("party", "meeting", "capacity", "status")
    list_filter = ("status", "capacity", "party")
    list_select_related = ("party", "meeting")
    search_fields = ("party__name", "meeting__title", "slug")
    autocomplete_fields = ("party", "meeting", "rests_on")
    inlines = (MemberInline,)


@admin.register(Statement)
class StatementAdmin(NounAdmin):
    ordering = ("-said_from", "-slug")
    list_display = ("opening", "quotation_type", "speaker", "meeting", "source", "said_on", "status")
    list_filter = ("status", "quotation_type", "party")
    list_select_related = ("speaker", "meeting", "source")
    date_hierarchy = "said_from"
    search_fields = ("text", "slug", "speaker__name", "speaker__also_written")

    class Media:
        js = ("js/check-quotation.js",)
        css = {"all": ("css/admin.css",)}

    def get_urls(self) -> list[Any]:
        return [path("check/", self.admin_site.admin_view(check), name="talks_statement_check"), *super().get_urls()]

    autocomplete_fields = ("speaker", "party", "meeting", "source", "dated_by", "variant_of", "mentions")
    inlines = (PassageInline,)


@admin.register(EditorsNote)
class EditorsNoteAdmin(NounAdmin):
    ordering = ("reported_on", "slug")
    list_display = ("subject", "reported_on", "disagreement", "status")
    list_filter = ("status", "disagreement")
    date_hierarchy = "reported_on"
    search_fields = ("subject", "text", "slug")
    autocomplete_fields = ("rests_on", "meetings", "statements", "people", "delegations", "sources")
