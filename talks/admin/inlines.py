"""What is edited inside the noun that it belongs to."""

from __future__ import annotations

from django.contrib import admin

from talks.admin.forms import MemberFormSet, NounForm, PassageForm, PassageFormSet, StatementInlineForm
from talks.admin.noun import AS_TYPED
from talks.models import Delegation, DelegationMember, MeetingState, Passage, Statement


class StateInline(admin.TabularInline):
    model = MeetingState
    form = NounForm
    formfield_overrides = AS_TYPED
    extra = 0
    autocomplete_fields = ("source",)


class DelegationInline(admin.TabularInline):
    model = Delegation
    form = NounForm
    extra = 0
    fields = ("slug", "party", "capacity", "status")
    autocomplete_fields = ("party",)
    show_change_link = True


class StatementInline(admin.StackedInline):
    model = Statement
    formfield_overrides = AS_TYPED
    form = StatementInlineForm
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


class MemberInline(admin.TabularInline):
    model = DelegationMember
    form = NounForm
    formset = MemberFormSet
    extra = 0
    autocomplete_fields = ("person", "source")


class PassageInline(admin.StackedInline):
    model = Passage
    form = PassageForm
    formset = PassageFormSet
    formfield_overrides = AS_TYPED
    extra = 0
