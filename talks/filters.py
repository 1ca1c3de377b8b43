"""What can be asked of a list in its address. An unknown value is an error, never a guess."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from talks.models import Meeting, Party, Person, Source, Statement
from talks.records import LISTS


class NounField(forms.ModelChoiceField):
    """A public noun, named by its slug."""

    def to_python(self, value: Any) -> Any:
        # PostgreSQL refuses a NUL in any text, with an error of its own.
        if value and "\0" in value:
            raise forms.ValidationError("There is no such name.")
        return super().to_python(value)


def _one_of(model: Any, label: str) -> NounField:
    return NounField(model.objects.published(), to_field_name="slug", required=False, label=label)


class ListFilter(forms.Form):
    """The filters of a list; each narrows, several narrow together."""

    list_name = ""

    def narrow(self, nouns: Any) -> Any:
        """The nouns that fit all filters. Raises ValueError if a value is unknown."""
        if not self.is_valid():
            raise ValueError("; ".join(f"{name}: {' '.join(map(str, told))}" for name, told in self.errors.items()))
        given = {name: value for name, value in self.cleaned_data.items() if value}
        queryset: QuerySet = nouns.narrowed(**given) if given else nouns
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
            address = reverse(self.list_name) + (f"?{query.urlencode()}" if query else "")
            found.append({"label": str(self.fields[name].label), "value": said, "without": address})
        return found

    def query(self) -> str:
        """The filters in force as part of an address, with a trailing `&` if there are any."""
        query = QueryDict(mutable=True)
        query.update({name: self.data[name] for name, value in self.cleaned_data.items() if value})
        return f"{query.urlencode()}&" if query else ""


class StatementFilter(ListFilter):
    """The filters of the list of statements."""

    list_name = "statement-list"
    meeting = _one_of(Meeting, "Meeting")
    party = _one_of(Party, "Party")
    speaker = _one_of(Person, "Speaker")
    source = _one_of(Source, "Source")
    type = forms.ChoiceField(choices=Statement.QuotationType.choices, required=False, label="Type")


class MeetingFilter(ListFilter):
    """The filter of the list of meetings."""

    list_name = "meeting-list"
    party = _one_of(Party, "Party")


FILTERS: dict[str, type[ListFilter]] = {"statements": StatementFilter, "meetings": MeetingFilter}


def of_list(record: str, parameters: QueryDict) -> ListFilter:
    """The filters of a record's list as an address has them; a list without any takes none."""
    return FILTERS.get(record, ListFilter)(parameters)


def narrowed(record: str, parameters: QueryDict) -> Any:
    """The published nouns of a list as its address narrows them. Raises ValueError for an unknown value."""
    model: Any = LISTS[record].model
    return of_list(record, parameters).narrow(model.objects.published())


def kept(record: str, parameters: QueryDict) -> dict[str, str]:
    """The filters in force, to be carried to the next page."""
    names = FILTERS[record].base_fields if record in FILTERS else {}
    return {name: str(parameters[name]) for name in names if parameters.get(name)}
