"""What can be asked of a list in its address. An unknown value is an error, never a guess."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from talks.models import Delegation, Meeting, Party, Person, Source, Statement


def narrowed(record: str, parameters: QueryDict) -> Any:
    """The published nouns of a list as its address narrows them. Raises ValueError for an unknown value."""
    models: dict[str, Any] = {"meetings": Meeting, "people": Person, "parties": Party, "sources": Source}
    nouns = {**models, "statements": Statement, "delegations": Delegation}[record].objects.published()
    return StatementFilter(parameters).narrow(nouns) if record == "statements" else nouns


def kept(record: str, parameters: QueryDict) -> dict[str, str]:
    """The filters in force, to be carried to the next page."""
    names = StatementFilter.base_fields if record == "statements" else {}
    return {name: str(parameters[name]) for name in names if parameters.get(name)}


class NounField(forms.ModelChoiceField):
    """A public noun, named by its slug."""

    def to_python(self, value: Any) -> Any:
        # PostgreSQL refuses a NUL in any text, with an error of its own.
        if value and "\0" in value:
            raise forms.ValidationError("There is no such name.")
        return super().to_python(value)


def _one_of(model: Any, label: str) -> NounField:
    return NounField(model.objects.published(), to_field_name="slug", required=False, label=label)


class StatementFilter(forms.Form):
    """The filters of the list of statements; each narrows, several narrow together."""

    meeting = _one_of(Meeting, "Meeting")
    party = _one_of(Party, "Party")
    speaker = _one_of(Person, "Speaker")
    source = _one_of(Source, "Source")
    type = forms.ChoiceField(choices=Statement.QuotationType.choices, required=False, label="Type")

    def narrow(self, statements: Any) -> Any:
        """The statements that fit all filters. Raises ValueError if a value is unknown."""
        if not self.is_valid():
            raise ValueError("; ".join(f"{name}: {told}" for name, told in self.errors.items()))
        queryset: QuerySet = statements.narrowed(**{name: value for name, value in self.cleaned_data.items() if value})
        return queryset

    def active(self) -> list[dict[str, str]]:
        """The filters in force: what each says, and the address without it."""
        kept = {name: self.data[name] for name, value in self.cleaned_data.items() if value}
        found = []
        for name in kept:
            query = QueryDict(mutable=True)
            query.update({other: value for other, value in kept.items() if other != name})
            value = self.cleaned_data[name]
            said = dict(Statement.QuotationType.choices)[value].partition(":")[0] if name == "type" else str(value)
            address = reverse("statement-list") + (f"?{query.urlencode()}" if query else "")
            found.append({"label": str(self.fields[name].label), "value": said, "without": address})
        return found

    def query(self) -> str:
        """The filters in force as part of an address, with a trailing `&` if there are any."""
        query = QueryDict(mutable=True)
        query.update({name: self.data[name] for name, value in self.cleaned_data.items() if value})
        return f"{query.urlencode()}&" if query else ""
