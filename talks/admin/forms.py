"""Forms of the admin that say more than Django's: spellings a line each, quoted words checked as they are entered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.models import BaseInlineFormSet, InlineForeignKeyField

from talks import evidence
from talks.admin.checking import settle
from talks.admin.widgets import recall
from talks.models import Passage, Person, Source
from talks.models.passage import FARTHEST, check_evidence
from talks.querysets import desk

PLACE = ("start", "end")


def one_line_end(text: str) -> str:
    """A text as it was typed: browsers send every line end of a form as CR LF."""
    return text.replace("\r\n", "\n")


class TypedText(forms.CharField):
    """A text kept to the code point: nothing is stripped."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "strip": False})

    def to_python(self, value: Any) -> str:
        return one_line_end(super().to_python(value) or "")


class NounForm(forms.ModelForm):
    """A form of a noun or of what belongs to one; what is wrong with a field that it lacks is told above it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        recall(self)

    def _update_errors(self, errors: ValidationError) -> None:
        if hasattr(errors, "error_dict"):
            told: dict[str, list[Any]] = {}
            for name, messages in errors.error_dict.items():
                # The link to the parent is hidden, and nothing is told beside a hidden field.
                hidden = isinstance(self.fields.get(name), InlineForeignKeyField)
                known = (name in self.fields and not hidden) or name == NON_FIELD_ERRORS
                texts = messages if known else [f"{name}: {' '.join(message.messages)}" for message in messages]
                told.setdefault(name if known else NON_FIELD_ERRORS, []).extend(texts)
            errors = ValidationError(told)
        super()._update_errors(errors)  # type: ignore[misc]


class MemberFormSet(BaseInlineFormSet):
    """The members of a delegation: one head at most, also while the head changes."""

    def clean(self) -> None:
        super().clean()
        heads = [form for form in self.forms if self._leads(form)]
        for form in heads[1:]:
            form.add_error("role", "The delegation has a head already.")

    def save(self, commit: bool = True) -> Any:
        staying = [form.instance.pk for form in self.forms if self._leads(form) and form.instance.pk]
        self.instance.members.filter(role="head").exclude(pk__in=staying).update(role="member")
        return super().save(commit)

    def _leads(self, form: Any) -> bool:
        cleaned = getattr(form, "cleaned_data", {})
        return cleaned.get("role") == "head" and not cleaned.get("DELETE")


class SpellingsField(forms.CharField):
    """A list of spellings, written a line each."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> str:
        return "\n".join(value) if isinstance(value, list) else (value or "")

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))


class PersonForm(NounForm):
    also_written = SpellingsField(required=False, help_text="Other spellings, a line each.")

    class Meta:
        model = Person
        fields = "__all__"  # noqa: DJ007  (the admin class says which)


class SourceForm(NounForm):
    """A source, and its text as a file or pasted. The text is not shown again: it may be 20 MB."""

    upload = forms.FileField(
        required=False,
        label="Its text, as a file",
        help_text="UTF-8, at most 20 MB. Its bytes are kept as they are, and the digest is that of those bytes.",
    )
    paste = TypedText(
        required=False,
        label="Its text, pasted",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Line ends are kept as single line feeds (CR LF becomes LF). Nothing is stripped, and no line end is "
        "added after the last line.",
    )
    text_is_public = forms.BooleanField(
        required=False, label="The text is public", help_text="Only if its rights allow it; otherwise nobody sees it."
    )

    class Meta:
        model = Source
        fields = "__all__"  # noqa: DJ007  (the admin class says which)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        upload, paste = cleaned.get("upload"), cleaned.get("paste") or ""
        if upload and paste:
            self.add_error("paste", "Give the text as a file or pasted, not both.")
        self.document: str | None = None
        if upload:
            self._read("upload", upload.read())
        elif paste:
            self._read("paste", paste.encode())
        return cleaned

    def _read(self, field: str, content: bytes) -> None:
        try:
            self.document = evidence.read(content)
        except ValueError as error:
            self.add_error(field, str(error))


class PassageForm(NounForm):
    """A passage; when its words are changed and its place is not, the place is looked up anew."""

    class Meta:
        model = Passage
        fields = "__all__"  # noqa: DJ007  (the admin class says which)

    def _post_clean(self) -> None:
        if "exact" in self.changed_data and not set(PLACE) & set(self.changed_data):
            self.cleaned_data.update(dict.fromkeys(PLACE))
        super()._post_clean()  # type: ignore[misc]


class PassageFormSet(BaseInlineFormSet):
    """The passages of a statement: they fit its text and type, and stand in the source's text where we hold it."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        wrong = check_evidence(self.instance, [form.instance for form in kept])
        if wrong:
            raise ValidationError([f"{name}: {why}" for name, why in wrong.items()])
        if self.instance.is_quoted:
            changed = any(form.has_changed() for form in self.forms)
            ordered = sorted(kept, key=lambda form: form.instance.number)
            for number, why in settle(self.instance, [form.instance for form in ordered], changed):
                ordered[number].add_error("exact", why)

    def save(self, commit: bool = True) -> Any:
        saved = super().save(commit)
        for form in self.initial_forms:
            # A place that was looked up anew is no change of the form, and is saved all the same.
            if commit and form not in self.deleted_forms and not form.has_changed():
                form.instance.save()
        return saved


class StatementFormSet(BaseInlineFormSet):
    """The statements inside a meeting: few of them are shown, however many there are, and what is sent back are the
    rows that were shown, whatever was entered meanwhile.
    """

    shown = 12

    def get_queryset(self) -> Any:
        if not hasattr(self, "_queryset"):
            rows: Any = self.queryset
            self._queryset = rows.among(self._sent()) if self.is_bound else desk.to_work_on(rows, self.shown)
        return self._queryset

    def _sent(self) -> list[int]:
        """The row numbers in the form that was sent."""
        places = range(min(self.initial_form_count(), self.absolute_max))
        numbers = [str(self.data.get(f"{self.add_prefix(place)}-id", "")) for place in places]
        return [int(number) for number in numbers if number.isdecimal() and len(number) < 19]


class StatementInlineForm(NounForm):
    """A statement inside its meeting, with the words of its first passage."""

    exact = TypedText(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=Passage._meta.get_field("exact").help_text,
    )
    start = forms.IntegerField(
        required=False, min_value=0, max_value=FARTHEST, help_text=Passage._meta.get_field("start").help_text
    )
    end = forms.IntegerField(
        required=False, min_value=1, max_value=FARTHEST, help_text=Passage._meta.get_field("end").help_text
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Fetched with the row, in order.
        passage = next(iter(self.instance.passages.all()), None) if self.instance.pk else None
        self.passage = passage or Passage(number=1)
        for name in ("exact", *PLACE):
            self.fields[name].initial = getattr(self.passage, name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.passage.exact = cleaned.get("exact") or ""
        moved = "exact" in self.changed_data and not set(PLACE) & set(self.changed_data)
        for name in PLACE:
            setattr(self.passage, name, None if moved else cleaned.get(name))
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        self.rest = list(self.instance.passages.exclude(pk=self.passage.pk)) if self.instance.pk else []
        passages = [self.passage, *self.rest] if self.has_passage() else self.rest
        for name, why in check_evidence(self.instance, passages).items():
            self.add_error(name, why)
        if not self.errors and self.instance.is_quoted:
            changed = bool({"exact", *PLACE} & set(self.changed_data))
            for _, told in settle(self.instance, passages, changed):
                self.add_error("exact", told)
        if self.has_passage() and not self.errors:
            self._check_passage()

    def _check_passage(self) -> None:
        try:
            self.passage.clean()
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                self.add_error(name, messages)

    def has_passage(self) -> bool:
        """Whether the first passage has words or a place."""
        return bool(self.passage.exact) or self.passage.start is not None or self.passage.end is not None

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        if self.has_passage():
            self.passage.statement = self.instance
            self.passage.save()
        elif self.passage.pk:
            self.passage.delete()
        for passage in self.rest:
            passage.save()
