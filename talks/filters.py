"""What can be asked of a list in its address. An unknown value is an error, never a guess."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.urls import reverse

from talks import dates, search
from talks.models import Meeting, Party, Person, Source
from talks.paging import BEST, OLDEST_SAID, Order
from talks.querysets import Found
from talks.records import LISTS
from talks.search import Wanted
from talks.search.marks import NOTHING, mark
from talks.search.words import Query, parse, read

NONE = "none"
NO_SIDE = "None, such as the source’s own account"
KINDS = [
    ("direct", "direct quotation"),
    ("mixed", "mixed"),
    ("indirect", "indirect"),
    ("narration", "the source’s own account"),
]
FOUND = [
    ("yes", "words found in the source’s text"),
    ("unchecked", "words not yet looked for"),
    ("lost", "words no longer found"),
    ("none", "no quoted words"),
]
ORDERS = [("newest", "newest first"), ("oldest", "oldest first"), ("best", "best match")]


class NounField(forms.ModelChoiceField):
    """A public noun, named by its slug; or `none` where there can be none, with what that means."""

    def __init__(self, *options: Any, none: str = "", **named: Any) -> None:
        super().__init__(*options, **named)
        self.none = none

    def to_python(self, value: Any) -> Any:
        if self.none and value == NONE:
            return NONE
        # PostgreSQL refuses a NUL in any text, with an error of its own.
        if value and "\0" in value:
            raise forms.ValidationError("There is no such name.")
        return super().to_python(value)


class WordsField(forms.Field):
    """Words of any kind: nothing that is typed is an error. What is read of them is all that addresses carry on."""

    schema: ClassVar = {"type": "string"}

    def to_python(self, value: Any) -> str:
        return read(str(value or ""))


class PublisherField(forms.Field):
    """The name of a publisher, as its public sources have it."""

    schema: ClassVar = {"type": "string"}

    def to_python(self, value: Any) -> str:
        name = str(value or "")
        if name and ("\0" in name or not Source.objects.published().of_publisher(name).exists()):
            raise forms.ValidationError("There is no such publisher.")
        return name


class PeriodField(forms.Field):
    """A year or a month, such as `2025-06`."""

    def __init__(self, pattern: str, **options: Any) -> None:
        super().__init__(**options)
        self.pattern = pattern
        self.schema = {"type": "string", "pattern": "^([0-9]{4}" + ("-[0-9]{2}" if "m" in pattern else "") + ")?$"}

    def to_python(self, value: Any) -> str:
        text = str(value or "")
        try:
            if text and datetime.strptime(text, self.pattern).strftime(self.pattern).zfill(len(text)) != text:
                raise ValueError(text)
        except ValueError:
            raise forms.ValidationError("Not a year (2025) or a month (2025-06).") from None
        return text


class DayField(forms.Field):
    """A day, such as `2025-06-02`."""

    schema: ClassVar = {"type": "string", "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"}

    def to_python(self, value: Any) -> date | None:
        try:
            return dates.day(value) if value else None
        except ValueError:
            raise forms.ValidationError("Not a day (2025-06-02).") from None


def _one_of(model: Any, label: str, none: str = "") -> NounField:
    return NounField(model.objects.published(), to_field_name="slug", required=False, label=label, none=none)


class ListFilter(forms.Form):
    """The filters of a list; each narrows, several narrow together."""

    list_name = ""
    typed: tuple[str, ...] = ()  # what has a field in the form of the page
    arranging: tuple[str, ...] = ()  # what says how a list is arranged, and not what is in it

    def narrow(self, nouns: Any) -> Any:
        """The nouns that fit all filters. Raises ValueError if a value is unknown."""
        if not self.is_valid():
            raise ValueError("; ".join(f"{name}: {' '.join(map(str, told))}" for name, told in self.errors.items()))
        return self.chosen(nouns, self.given())

    def chosen(self, nouns: Any, given: dict[str, Any]) -> Any:
        """The nouns that fit these values."""
        return nouns.narrowed(**given) if given else nouns

    def given(self) -> dict[str, Any]:
        """The values of the filters in force, by name."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    def written(self) -> dict[str, str]:
        """The filters in force as an address has them."""
        return {name: value if isinstance(value, str) else self.data[name] for name, value in self.given().items()}

    def address(self, **other: Any) -> str:
        """The list's address with the filters in force; `other` values take their place, an empty one goes."""
        query = QueryDict(mutable=True)
        query.update(self.written() | other)
        for name in [name for name, value in other.items() if not value]:
            del query[name]
        return reverse(self.list_name) + (f"?{query.urlencode()}" if query else "")

    def said(self, name: str, value: Any) -> str:
        """A filter's value as a reader reads it."""
        field: Any = self.fields[name]
        if isinstance(field, NounField):
            return str(field.none if value == NONE else value)
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices)[value]).capitalize()  # type: ignore[arg-type]
        return dates.words(str(value)) if isinstance(field, DayField | PeriodField) else str(value)

    def active(self) -> list[dict[str, str]]:
        """The filters in force: what each says, and the address without it."""
        return [
            {"name": name, "label": str(self.fields[name].label), "value": self.said(name, value)}
            | {"without": self.address(**{name: ""})}
            for name, value in self.given().items()
            if name not in self.arranging
        ]

    def hidden(self) -> list[tuple[str, str]]:
        """What a new search keeps: the filters in force that have no field in the form."""
        return [(name, value) for name, value in self.written().items() if name not in self.typed]

    def query(self) -> str:
        """The filters in force as part of an address, with a trailing `&` if there are any."""
        query = QueryDict(mutable=True)
        query.update(self.written())
        return f"{query.urlencode()}&" if query else ""


class StatementFilter(ListFilter):
    """Search in the list of statements: words, and values that narrow it. `order` arranges pages, and no more."""

    list_name = "statement-list"
    typed = ("q", "said_from", "said_to", "order")
    arranging = ("order",)
    q = WordsField(
        required=False, label="Words", help_text="Words, phrases in quotation marks, -words that must not stand there."
    )
    party = _one_of(Party, "Party", NO_SIDE)
    speaker = _one_of(Person, "Speaker", NO_SIDE)
    meeting = _one_of(Meeting, "Meeting")
    type = forms.ChoiceField(choices=KINDS, required=False, label="Type")
    publisher = PublisherField(required=False, label="Publisher", help_text="Only those of this publisher, by name.")
    source = _one_of(Source, "Source")
    found = forms.ChoiceField(choices=FOUND, required=False, label="Evidence")
    year = PeriodField("%Y", required=False, label="Year", help_text="Only those said in this year (2025).")
    month = PeriodField("%Y-%m", required=False, label="Month", help_text="Only those said in this month (2025-06).")
    said_from = DayField(required=False, label="Said from", help_text="Only those said on this day or later.")
    said_to = DayField(required=False, label="Said up to", help_text="Only those said on this day or earlier.")
    as_of = DayField(required=False, label="As known on", help_text="Only those reported by the end of this day.")
    order = forms.ChoiceField(
        choices=ORDERS,
        required=False,
        label="Order",
        help_text="The order of pages: best match only for words; files and feeds have their own.",
    )

    @cached_property
    def words(self) -> Query | None:
        """The words that are searched for. Only for checked filters."""
        query = parse(self.data["q"]) if self.given().get("q") else None
        return search.spelled(query.widened(search.missing(query))) if query else None

    @cached_property
    def wanted(self) -> Wanted:
        """What is searched for. Only for checked filters."""
        return self.wanted_without("")

    def wanted_without(self, left_out: str) -> Wanted:
        """What would be searched for without one of the filters."""
        given = {name: value for name, value in self.given().items() if name != left_out}
        marks = [mark(name, given[name]) for name in ("type", "found", "year", "month", "publisher") if name in given]
        nouns = [(name, given[name]) for name in ("meeting", "source", "speaker", "party") if name in given]
        marks += [mark(name, 0 if noun == NONE else noun.pk) for name, noun in nouns]
        query = self.words if "q" in given else None
        if query is not None and not query.terms:
            marks.append(NOTHING)  # what was typed has no word in it
        days = (given.get("said_from"), given.get("said_to"), given.get("as_of"))
        return Wanted(query if query and query.terms else None, tuple(marks), *days)

    def chosen(self, nouns: Any, given: dict[str, Any]) -> Any:
        return Found(nouns, self.wanted)


class MeetingFilter(ListFilter):
    """The filters of the list of meetings; a meeting is of every year and month that its days touch."""

    list_name = "meeting-list"
    party = _one_of(Party, "Party")
    year = PeriodField("%Y", required=False, label="Year", help_text="Only those whose days touch this year (2025).")
    month = PeriodField(
        "%Y-%m", required=False, label="Month", help_text="Only those whose days touch this month (2025-06)."
    )


FILTERS: dict[str, type[ListFilter]] = {"statements": StatementFilter, "meetings": MeetingFilter}


def of_list(record: str, parameters: QueryDict) -> ListFilter:
    """The filters of a record's list as an address has them; a list without any takes none."""
    return FILTERS.get(record, ListFilter)(parameters)


def narrowed(record: str, parameters: QueryDict) -> Any:
    """The published nouns of a list as its address narrows them. Raises ValueError for an unknown value."""
    model: Any = LISTS[record].model
    return of_list(record, parameters).narrow(model.objects.published())


def order_of(record: str, parameters: QueryDict, nouns: Any, usual: Order) -> Order:
    """The order of a list's pages: that of the key in the address, the one asked for, or the usual one. Results of a
    search by words come best first while they can be ranked.
    """
    if record != "statements":
        return usual
    key = parameters.get("after") or parameters.get("before") or ""
    asked = "best" if key.startswith("best~") else parameters.get("order") or ("best" if nouns.is_narrow else "newest")
    ranked = asked == "best" and nouns.wanted.query is not None and not (key and not key.startswith("best~"))
    return BEST if ranked else OLDEST_SAID if asked == "oldest" else usual


def kept(record: str, parameters: QueryDict) -> dict[str, str]:
    """The filters in force, to be carried to the next page."""
    names = FILTERS[record].base_fields if record in FILTERS else {}
    given = {name: str(parameters[name]) for name in names if parameters.get(name)}
    return {name: read(value) if name == "q" else value for name, value in given.items()}
