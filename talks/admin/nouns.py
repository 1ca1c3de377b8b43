"""The nouns in the admin, each searchable, filtered, linked, and edited with what belongs to it."""

from __future__ import annotations

from functools import partial
from io import StringIO
from typing import Any

from django.contrib import admin, messages
from django.core.management import call_command
from django.urls import path
from django.utils import timezone

from talks.admin import duplicates, entering
from talks.admin.filters import (
    EVIDENCE,
    EvidenceFilter,
    MeetingDoubtFilter,
    SaidFilter,
    SourceDoubtFilter,
    StatusFilter,
)
from talks.admin.forms import PersonForm, SourceForm
from talks.admin.inlines import DelegationInline, MemberInline, PassageInline, StateInline, StatementInline
from talks.admin.merging import merge
from talks.admin.noun import NounAdmin
from talks.admin.pages import StatementList
from talks.admin.quotations import check, find_quotations
from talks.editing import ledger
from talks.models import Delegation, EditorsNote, Meeting, Party, Person, Source, SourceText, Statement
from talks.models.linkcheck import works
from talks.querysets import desk, typed

# What is asked while somebody types, without saving.
TYPING = ("js/check-quotation.js", "js/likely-duplicates.js")


class ListedAdmin(NounAdmin):
    """What the lists of all nouns have in common; `any_case` is a word of `talks.querysets.typed`."""

    show_facets = admin.ShowFacets.ALWAYS

    @admin.display(description="last saved", ordering="updated_at")
    def last_saved(self, noun: Any) -> Any:
        return noun.updated_at


class CountedAdmin(ListedAdmin):
    """A noun that statements lead to; its list says how many."""

    def get_queryset(self, request: Any) -> Any:
        return desk.with_statements_counted(super().get_queryset(request))

    @admin.display(description="statements")
    def statements_here(self, noun: Any) -> int:
        return int(noun.statements_here)


@admin.register(Party)
class PartyAdmin(ListedAdmin):
    list_display = ("name", "code", "status", "last_saved")
    list_filter = ("status",)
    search_fields = ("name__any_case", "slug", "code")


@admin.register(Person)
class PersonAdmin(CountedAdmin):
    ordering = ("sort_name", "slug")
    form = PersonForm
    list_display = ("sort_name", "native_name", "party", "wikidata_id", "statements_here", "status", "last_saved")
    list_filter = ("status", "party")
    list_select_related = ("party",)
    # One for each name, so that each word may stand in another spelling.
    search_fields = (
        "name__any_case",
        "sort_name__any_case",
        "native_name__any_case",
        "also_written__any_case",
        "slug",
    )
    autocomplete_fields = ("party", "rests_on")

    def get_urls(self) -> list[Any]:
        return [
            path("<int:pk>/merge/", self.admin_site.admin_view(merge), name="talks_person_merge"),
            *super().get_urls(),
        ]


@admin.register(Source)
class SourceAdmin(CountedAdmin):
    ordering = ("publisher", "slug")
    list_display = ("publisher", "caption", "published_on", "kind", "statements_here", "link", "status", "last_saved")
    list_filter = ("status", "kind", SourceDoubtFilter)
    show_facets = admin.ShowFacets.ALLOW
    date_hierarchy = "published_from"
    search_fields = ("publisher__any_case", "title__any_case", "described_as__any_case", "url", "slug")
    autocomplete_fields = ("derived_from",)
    form = SourceForm
    change_form_template = "admin/talks/source_form.html"
    actions = (*NounAdmin.actions, "check_again")

    def get_queryset(self, request: Any) -> Any:
        return desk.with_last_check(super().get_queryset(request))

    @admin.display(description="link")
    def link(self, source: Any) -> str:
        if source.last_status is None:
            return "not asked yet" if source.url else "none"
        return "works" if works(source.last_status) else f"does not work ({source.last_status or 'no answer'})"

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
        with ledger.change(request.user.get_username()):
            try:
                call_command(*command, stdout=told, stderr=told)
            except SystemExit:
                messages.warning(request, told.getvalue().strip().rpartition("\n")[2] + " Some were not found.")
            else:
                messages.success(request, told.getvalue().strip().rpartition("\n")[2])


@admin.register(Meeting)
class MeetingAdmin(CountedAdmin):
    ordering = ("-date_from", "-slug")
    list_display = ("title", "date", "city", "state", "statements_here", "featured", "status", "last_saved")
    list_filter = ("status", "country", MeetingDoubtFilter)
    date_hierarchy = "date_from"
    search_fields = ("title__any_case", "city__any_case", "venue__any_case", "slug")
    autocomplete_fields = ("follows", "rests_on")
    inlines = (StateInline, DelegationInline, StatementInline)
    change_form_template = "admin/talks/meeting_form.html"

    class Media:
        js = TYPING
        css = {"all": ("css/admin.css",)}

    def get_queryset(self, request: Any) -> Any:
        return desk.with_last_state(super().get_queryset(request))

    @admin.display(description="state")
    def state(self, meeting: Any) -> str:
        return str(meeting.last_state or "nothing reported")

    def get_urls(self) -> list[Any]:
        copying = self.admin_site.admin_view(entering.copy_delegations)
        return [path("<int:pk>/delegations/", copying, name="talks_meeting_delegations"), *super().get_urls()]

    def render_change_form(self, request: Any, context: Any, *args: Any, **kwargs: Any) -> Any:
        meeting = context.get("original")
        number = meeting.statements.count() if meeting else 0
        told = {"statement_count": number, "shown": StatementInline.formset.shown}
        return super().render_change_form(request, {**context, **told}, *args, **kwargs)


@admin.register(Delegation)
class DelegationAdmin(ListedAdmin):
    list_display = ("party", "meeting", "capacity", "status", "last_saved")
    list_filter = ("status", "capacity", "party")
    list_select_related = ("party", "meeting")
    search_fields = ("party__name__any_case", "meeting__title__any_case", "slug")
    autocomplete_fields = ("party", "meeting", "rests_on")
    inlines = (MemberInline,)


@admin.register(Statement)
class StatementAdmin(ListedAdmin):
    """All is bounded: a newsroom has hundreds of thousands of them. Counts beside the filters are for the asking."""

    ordering = ("-said_from", "-slug")
    list_display = (
        *("opening", "kind", "speaker", "said", "meeting", "source"),
        *("evidence", "status", "last_saved"),
    )
    # By nothing that no index is in the order of.
    sortable_by = ("said",)
    list_filter = (("status", StatusFilter), EvidenceFilter, "quotation_type", "party", SaidFilter)
    list_select_related = ("speaker", "meeting", "source")
    show_facets = admin.ShowFacets.ALLOW
    # What is searched, and how, says `get_search_results`.
    search_fields = ("text",)
    search_help_text = (
        "Words or how they begin: of the text, the speaker’s names, the source, the meeting, notes; or the slug."
    )
    autocomplete_fields = ("speaker", "party", "meeting", "source", "dated_by", "variant_of", "mentions")
    # Whether words were found is for the check to say.
    readonly_fields = (*NounAdmin.readonly_fields, "verified_on", "verified_sha256")
    inlines = (PassageInline,)
    change_form_template = "admin/talks/statement_form.html"

    class Media:
        js = TYPING
        css = {"all": ("css/admin.css",)}

    @admin.display(description="type")
    def kind(self, statement: Any) -> str:
        return str(statement.quotation_type)

    @admin.display(description="said on", ordering="said_from")
    def said(self, statement: Any) -> str:
        return str(statement.said_on)

    @admin.display(description="evidence")
    def evidence(self, statement: Any) -> str:
        return EVIDENCE[statement.evidence_state]

    def get_changelist(self, request: Any, **kwargs: Any) -> Any:
        return StatementList

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> tuple[Any, bool]:
        found, request.finds_many = typed.saying(queryset, search_term) if search_term else (queryset, False)
        # For a field of a form too: each is told by its speaker or its source.
        return found.select_related(*self.list_select_related), False

    def get_paginator(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """What each row must be looked at for is counted up to fewer, and so is what a field offers."""
        paginator: Any = super().get_paginator(request, *args, **kwargs)
        paginator.is_known_more = getattr(request, "finds_many", False)
        if paginator.is_known_more or getattr(request, "looks_at_each", False) or "term" in request.GET:
            paginator.most = typed.MOST_FOUND
        return paginator

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        link = partial(entering.link_wording, self)
        return [
            path("check/", view(check), name="talks_statement_check"),
            path("likely/", view(entering.say_likely), name="talks_statement_likely"),
            path("<int:pk>/variant-of/<int:other>/", view(link), name="talks_statement_variant"),
            *super().get_urls(),
        ]

    def get_changeform_initial_data(self, request: Any) -> dict[str, Any]:
        return entering.from_source(dict(super().get_changeform_initial_data(request)))

    def render_change_form(self, request: Any, context: Any, *args: Any, **kwargs: Any) -> Any:
        statement = context.get("original")
        same = duplicates.likely(statement, duplicates.of(statement)) if statement else []
        return super().render_change_form(request, {**context, "duplicates": same}, *args, **kwargs)


@admin.register(EditorsNote)
class EditorsNoteAdmin(ListedAdmin):
    ordering = ("reported_on", "slug")
    list_display = ("subject", "reported_on", "disagreement", "status", "last_saved")
    list_filter = ("status", "disagreement")
    date_hierarchy = "reported_on"
    search_fields = ("subject__any_case", "text__any_case", "slug")
    autocomplete_fields = ("rests_on", "meetings", "statements", "people", "delegations", "sources")
