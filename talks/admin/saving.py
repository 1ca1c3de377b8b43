"""Saving in the admin: one change in the ledger, with a reason where the public sees it, and never over somebody else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.dateparse import parse_datetime

from talks.admin.forms import TypedText
from talks.editing import ledger, rights
from talks.models import Correction
from talks.models.base import Noun, Status

KINDS = [("", "Choose a kind"), *(pair for pair in Correction.Kind.choices if pair[0] != Correction.Kind.WITHDRAWAL)]
REASON = ("public_kind", "reason")


class Unfit(Exception):
    """A change that cannot be saved as it is; tells the field beside which that is said, or none."""

    def __init__(self, field: str | None, sentence: str) -> None:
        super().__init__(sentence)
        self.field, self.sentence = field, sentence


class SeenForm(forms.Form):
    """Remembers which state of a record was on the screen, and refuses to save over a later one unseen."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stamp = self.instance.updated_at.isoformat() if self.instance.pk else ""  # type: ignore[attr-defined]
        self.fields["seen"].initial = self.initial["seen"] = self.stamp

    def clean(self) -> Any:
        cleaned = super().clean()
        name = self.add_prefix("seen")
        seen = parse_datetime(self.data.get(name) or "") if self.stamp else None
        if seen is not None and seen.isoformat() != self.stamp:
            self.add_error(None, self._both_versions())
            # Whoever saves again has seen it.
            data: Any = self.data
            self.data = data.copy()
            self.data[name] = self.stamp  # type: ignore[index]
        return cleaned

    def _both_versions(self) -> str:
        """What somebody else saved meanwhile, next to what was typed here."""
        noun: Any = self.instance  # type: ignore[attr-defined]
        rows = [
            (self.fields[name].label or name, *(shown(self.fields[name], value) for value in both))
            for name in self.changed_data
            if name not in ("seen", *REASON)
            for both in [(self.initial.get(name), self[name].value())]
        ]
        entry = type(noun).history.filter(id=noun.pk).first()
        return render_to_string("admin/talks/conflict.html", {"entry": entry, "rows": rows})


def shown(field: forms.Field, value: Any) -> str:
    """A value, as it is saved or as it was typed, in the words of an editor."""
    if isinstance(field, forms.ModelChoiceField):
        many = value if isinstance(value, list | tuple) else [value]
        keys = [getattr(one, "pk", one) for one in many if one not in (None, "")]
        named: Any = field.queryset
        return ", ".join(sorted(str(one) for one in named.filter(pk__in=keys)))
    if hasattr(field, "prepare_value"):
        value = field.prepare_value(value)
    return "" if value is None else str(value)


class SeenInline:
    """What an inline of nouns gains: each row is saved only over the state of it that was on the screen."""

    form: Any
    readonly_fields = ("status",)

    def view_on_site(self, noun: Any) -> str | None:
        return public_address(noun)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        mixed = type(self.form)(self.form.__name__, (SeenForm, self.form), {})
        return super().get_formset(request, obj, **{"form": mixed, **kwargs})  # type: ignore[misc]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        ((heading, options),) = super().get_fieldsets(request, obj)  # type: ignore[misc]
        return [(heading, {**options, "fields": (*options["fields"], "seen")})]


class SavingForm(SeenForm):
    """A noun's own form: what is public asks for a kind and a reason as soon as it says something else."""

    public_kind = forms.ChoiceField(choices=KINDS, required=False, label="Kind of correction")
    reason = TypedText(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For the public, in a sentence: why this is changed. Readers see it next to the old and the new words.",
    )
    unfit: Unfit | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not is_public(self.instance):  # type: ignore[attr-defined]
            for name in REASON:
                del self.fields[name]

    def clean(self) -> Any:
        cleaned = super().clean()
        if self.unfit is not None:
            field = self.unfit.field
            self.add_error(field if field in self.fields else None, self.unfit.sentence)
        return cleaned


def is_public(noun: Any) -> bool:
    return bool(noun is not None and noun.pk and noun.status == Status.PUBLISHED)


def public_address(noun: Any) -> str | None:
    """Where readers find it, on the public process; None if they do not."""
    return f"{settings.SITE_URL}{noun.get_absolute_url()}" if is_public(noun) else None


class LedgerAdmin:
    """What an admin class gains by which every save is one change in the ledger."""

    form: Any
    model: Any

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        unfit = getattr(request, "unfit", None)
        mixed = type(self.form)(self.form.__name__, (SavingForm, self.form), {"unfit": unfit})
        return super().get_form(request, obj, change, **{"form": mixed, **kwargs})  # type: ignore[misc]

    def changeform_view(self, request: Any, *args: Any, **options: Any) -> Any:
        """Django's view within one change; one that turns out to be unfit is undone and its form shown again."""
        if request.method != "POST":
            return super().changeform_view(request, *args, **options)  # type: ignore[misc]
        given = request.POST.get("reason", "").replace("\r\n", "\n").strip(), request.POST.get("public_kind", "")
        try:
            with ledger.change(request.user.get_username(), *given):
                return super().changeform_view(request, *args, **options)  # type: ignore[misc]
        except Unfit as unfit:
            request.unfit = unfit
            for upload in request.FILES.values():
                upload.seek(0)
            return super().changeform_view(request, *args, **options)  # type: ignore[misc]

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """Save what belongs to it, then hold all that was written to the rules."""
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        present = ledger.present()
        if present is not None:
            hold_to_rules(present, request.user)

    def delete_model(self, request: Any, obj: Any) -> None:
        with ledger.change(request.user.get_username()):
            super().delete_model(request, obj)  # type: ignore[misc]

    def delete_queryset(self, request: Any, queryset: Any) -> None:
        with ledger.change(request.user.get_username()):
            super().delete_queryset(request, queryset)  # type: ignore[misc]


def hold_to_rules(change: Any, user: Any) -> None:
    """Raise Unfit if the user may not change what was written, deleted what is public, or gave no reason for it."""
    for (model, key), was in change.stood.items():
        if was is None:
            continue
        noun: Noun = model(id=key, status=was.status, first_published_at=was.fields["first_published_at"])
        if not model._base_manager.filter(pk=key).exists():
            if was.was_public:
                raise Unfit(None, f"“{was.slug}” was public. It is withdrawn, not deleted.")
        elif not rights.may_change(user, noun):
            raise Unfit(None, f"Your role does not let you change “{was.slug}”, which is {noun.get_status_display()}.")
    told = sorted({name.replace("_", " ") for name in change.told()})
    if told and not (change.reason and change.public_kind):
        missing = "reason" if change.public_kind else "public_kind"
        raise Unfit(missing, f"The public will be told of this ({', '.join(told)}): give a kind and a reason.")
    if change.public_kind and change.public_kind not in dict(KINDS):
        raise Unfit("public_kind", "There is no such kind.")
