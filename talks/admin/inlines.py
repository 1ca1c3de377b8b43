"""What is edited inside the noun that it belongs to."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from talks.admin.forms import (
    MemberFormSet,
    NounForm,
    PassageForm,
    PassageFormSet,
    StatementFormSet,
    StatementInlineForm,
)
from talks.admin.noun import AS_TYPED
from talks.admin.saving import SeenInline
from talks.admin.widgets import KnownChoices
from talks.models import Delegation, DelegationMember, MeetingState, Passage, Statement
from talks.querysets import desk


class StateInline(KnownChoices, admin.TabularInline):
    model = MeetingState
    form = NounForm
    formfield_overrides = AS_TYPED
    extra = 0
    autocomplete_fields = ("source",)

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("source")


class DelegationInline(SeenInline, KnownChoices, admin.TabularInline):  # type: ignore[misc]
    model = Delegation
    form = NounForm
    extra = 0
    fields = ("slug", "party", "capacity", "status")
    autocomplete_fields = ("party",)
    show_change_link = True

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("party")


class StatementInline(SeenInline, KnownChoices, admin.StackedInline):  # type: ignore[misc]
    model = Statement
    formfield_overrides = AS_TYPED
    form = StatementInlineForm
    formset = StatementFormSet
    extra = 0
    fields = (
        ("slug", "status"),
        ("quotation_type", "language"),
        "text",
        ("exact", "start", "end"),
        ("speaker", "speaker_as_printed", "role_as_printed"),
        ("party", "cue", "channel"),
        ("said_on", "dated_by"),
        "source",
        "variant_of",
        "mentions",
    )
    autocomplete_fields = ("speaker", "party", "source", "dated_by", "variant_of", "mentions")
    show_change_link = True

    def get_queryset(self, request: Any) -> Any:
        return desk.with_choices(super().get_queryset(request))


class MemberInline(KnownChoices, admin.TabularInline):
    model = DelegationMember
    form = NounForm
    formset = MemberFormSet
    extra = 0
    autocomplete_fields = ("person", "source")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("person", "source")


class PassageInline(admin.StackedInline):
    model = Passage
    form = PassageForm
    formset = PassageFormSet
    formfield_overrides = AS_TYPED
    extra = 0
