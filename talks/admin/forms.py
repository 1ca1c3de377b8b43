"""Forms of the admin that say more than Django's: spellings a line each, quoted words beside their statement."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet

from talks.models import Passage, Person, Statement
from talks.models.passage import check_evidence


class SpellingsField(forms.CharField):
    """A list of spellings, written a line each."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> str:
        return "\n".join(value) if isinstance(value, list) else (value or "")

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(data) != (initial or [])


class PersonForm(forms.ModelForm):
    also_written = SpellingsField(required=False, help_text="Other spellings, a line each.")

    class Meta:
        model = Person
        fields = "__all__"  # noqa: DJ007  (the admin class says which)


class PassageFormSet(BaseInlineFormSet):
    """The passages of a statement; together with its text they must fit its type."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        wrong = check_evidence(self.instance, [form.instance for form in kept])
        if wrong:
            raise ValidationError([f"{name}: {why}" for name, why in wrong.items()])


class StatementInlineForm(forms.ModelForm):
    """A statement inside its meeting, with the words of its first passage."""

    exact = forms.CharField(
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=Passage._meta.get_field("exact").help_text,
    )
    start = forms.IntegerField(required=False, min_value=0, help_text=Passage._meta.get_field("start").help_text)
    end = forms.IntegerField(required=False, min_value=1, help_text=Passage._meta.get_field("end").help_text)

    class Meta:
        model = Statement
        fields = "__all__"  # noqa: DJ007  (the admin class says which)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        passage = self.instance.passages.order_by("number").first() if self.instance.pk else None
        self.passage = passage or Passage(number=1)
        for name in ("exact", "start", "end"):
            self.fields[name].initial = getattr(self.passage, name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("exact", "start", "end"):
            setattr(self.passage, name, cleaned.get(name) if name != "exact" else cleaned.get(name) or "")
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        rest = list(self.instance.passages.exclude(pk=self.passage.pk)) if self.instance.pk else []
        passages = [self.passage, *rest] if self.has_passage() else rest
        for name, why in check_evidence(self.instance, passages).items():
            self.add_error(name, why)
        if self.has_passage():
            try:
                self.passage.clean()
            except ValidationError as error:
                self.add_error(None, error) if "__all__" in error.error_dict else self._blame(error)

    def _blame(self, error: ValidationError) -> None:
        for name, messages in error.message_dict.items():
            self.add_error(name, messages)

    def has_passage(self) -> bool:
        """Whether the first passage has words or a place."""
        return bool(self.passage.exact) or self.passage.start is not None

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        if self.has_passage():
            self.passage.statement = self.instance
            self.passage.save()
        elif self.passage.pk:
            self.passage.delete()
