"""The editor's admin, through its real forms: what editors find, what is saved, and what is refused beside its field."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from talks.editing import ledger
from talks.fixtures import FILES, writer
from talks.guards import public_tables
from talks.models import (
    Delegation,
    EditorsNote,
    Meeting,
    Party,
    Passage,
    Person,
    Source,
    SourceText,
    Statement,
)
from talks.models.base import Noun
from tests.desk import step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("editor_site")]

REPORT = "myglobalnews-2025-05-29"
QUOTATION = "umerov-awaits-memorandum"
MEETING = "istanbul-2025-06-02"
EARLIER = "istanbul-2025-05-16"
NOUNS = [Party, Person, Source, Meeting, Delegation, Statement, EditorsNote]
# What a change of something public is told with.
WHY = {"public_kind": "correction", "reason": "The source was misread."}
# A word that finds something, a filter, and a year of the date hierarchy.
LISTS: dict[Any, tuple[str, str, str]] = {
    Party: ("ukr", "status__exact=draft", ""),
    Person: ("umjerow", "party__id__exact={ukraine}", ""),
    Source: ("people’s daily", "kind__exact=agency_copy", "published_from__year=2025"),
    Meeting: ("istanbul", "country__exact=TR", "date_from__year=2025&date_from__month=6"),
    Delegation: ("istanbul", "capacity__exact=host", ""),
    Statement: ("memorandum", "quotation_type__exact=direct", "said_from__year=2025&said_from__month=5"),
    EditorsNote: ("four days", "disagreement__exact=1", "reported_on__year=2025&reported_on__month=6"),
}


class Form(HTMLParser):
    """The one form of an admin page as a browser would send it: names and values, line breaks as CRLF."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._form = self._select = self._textarea = ""
        self._text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = given.get("id", "-")
        if not self._form.endswith("_form"):
            return
        name = given.get("name", "")
        if tag == "input" and name:
            self._input(name, given)
        elif tag == "select":
            self._select = name
            self.values.setdefault(name, [])
        elif tag == "option" and self._select and "selected" in given:
            self.values[self._select].append(given.get("value", ""))
        elif tag == "textarea":
            self._textarea, self._text = name, ""

    def _input(self, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in ("submit", "button", "file"):
            return
        if kind not in ("checkbox", "radio") or "checked" in given:
            self.values.setdefault(name, []).append(given.get("value", "on" if kind in ("checkbox", "radio") else ""))

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea:
            text = self._text.removeprefix("\r\n").removeprefix("\n")
            self.values[self._textarea] = [re.sub(r"\r\n|\r|\n", "\r\n", text)]
            self._textarea = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._form = ""

    def set(self, /, **values: Any) -> None:
        """Fill fields of the page's own form, by name."""
        self.fill("", **values)

    def fill(self, prefix: str, /, **values: Any) -> None:
        for name, value in values.items():
            assert prefix + name in self.values, f"the form has no field {prefix}{name}"
            self.values[prefix + name] = [str(one) for one in value] if isinstance(value, list) else [str(value)]

    def add(self, prefix: str, /, **values: Any) -> str:
        """Press “Add another” of an inline and fill the new form; gives the beginning of its fields' names."""
        total = int(self.values[f"{prefix}-TOTAL_FORMS"][0])
        template, new = f"{prefix}-__prefix__-", f"{prefix}-{total}-"
        for name in [name for name in self.values if name.startswith(template)]:
            self.values[new + name.removeprefix(template)] = list(self.values[name])
        self.values[f"{prefix}-TOTAL_FORMS"] = [str(total + 1)]
        self.fill(new, **values)
        return new

    def of(self, prefix: str, noun: Any) -> str:
        """The beginning of the names of an inline's fields for a row that it has already."""
        name = next(name for name, value in self.values.items()
                    if re.fullmatch(rf"{prefix}-\d+-id", name) and value == [str(noun.pk)])  # fmt: skip
        return name.removesuffix("id")


def address(model: Any, page: str, *arguments: Any) -> str:
    return reverse(f"admin:talks_{model._meta.model_name}_{page}", args=arguments)


def change_page(noun: Any) -> str:
    return address(type(noun), "change", noun.pk)


def opened(client: Any, path: str) -> Form:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return Form(answer.content.decode())


def saved(client: Any, path: str, form: Form) -> None:
    """Press “Save”; the admin takes it and goes back to the list."""
    answer = client.post(path, form.values)
    assert answer.status_code == 302, complaints(answer)


def refused(client: Any, path: str, form: Form) -> dict[str, str]:
    """Press “Save”; the admin shows the page again. Gives what it complains of, by the field that it stands beside."""
    before = everything()
    answer = client.post(path, form.values)
    assert answer.status_code == 200
    assert everything() == before
    return complaints(answer)


def complaints(answer: Any) -> dict[str, str]:
    html = unescape(answer.content.decode())
    found = re.findall(r'<ul class="errorlist[^"]*"(?: id="id_([^"]+)_error")?[^>]*>(.*?)</ul>', html, re.DOTALL)
    return {field: re.sub(r"<[^>]+>", " ", told).strip() for field, told in found}


def everything() -> dict[str, list[Any]]:
    """Every row of every table of ours."""
    found = {}
    with connection.cursor() as cursor:
        for table in [*public_tables(), "talks_edition"]:
            cursor.execute(f"SELECT * FROM {table}")
            found[table] = sorted(cursor.fetchall(), key=repr)
    return found


def pressed(client: Any, noun: Noun, name: str, **data: Any) -> str:
    """What is said when the button of a step was pressed; what was saved before is told above it."""
    return step(client, noun, name, **data)[-1]


def data() -> list[str]:
    """All published rows as the fixtures have them, without internal stamps."""
    return [line for file in FILES for line in writer.lines(file)]


@ledger.aside()
def made_a_draft(noun: Noun) -> None:
    """As if the public had never seen it."""
    never = {"status": "draft", "first_published_at": None, "changed_at": None}
    type(noun).objects.filter(pk=noun.pk).update(**never)  # type: ignore[attr-defined]


@pytest.fixture
def meeting():
    """A meeting that nothing is known of yet, so that its page is short."""
    return Meeting.objects.create(slug="geneva-2026", title="Geneva, 2026", date="2026-02", status="published")


@pytest.fixture
def leading():
    return Meeting.objects.get(slug=MEETING)


@pytest.fixture
def earlier():
    """A public meeting with states, delegations and a few statements."""
    return Meeting.objects.get(slug=EARLIER)


@pytest.fixture
def report():
    return Source.objects.get(slug=REPORT)


@pytest.fixture
def ukraine():
    return Party.objects.get(slug="ukraine")


@pytest.fixture
def umerov():
    return Person.objects.get(slug="rustem-umerov")


@pytest.fixture
def quotation():
    return Statement.objects.get(slug=QUOTATION)


def test_every_noun_is_in_the_admin():
    assert set(NOUNS) == {model for model in admin.site._registry if issubclass(model, Noun)}


def test_the_index_names_every_noun(admin_client):
    html = admin_client.get(reverse("admin:index")).content.decode()
    assert {address(model, "changelist") for model in NOUNS} <= set(re.findall(r'href="([^"]+)"', html))


@pytest.mark.parametrize("model", NOUNS, ids=lambda model: model.__name__)
def test_a_list_answers_and_can_be_searched_filtered_and_sorted(admin_client, model):
    path = address(model, "changelist")
    word, narrowed, days = LISTS[model]
    Party.objects.create(slug="ukraine-draft", name="Ukrainians")
    narrowed = narrowed.format(ukraine=Party.objects.get(slug="ukraine").pk)
    everyone = rows(admin_client, path)
    assert everyone == min(model.objects.count(), 50)
    for query in filter(None, (f"q={word}", narrowed, days, f"q={word}&{narrowed}")):
        assert 0 < rows(admin_client, f"{path}?{query}") < model.objects.count(), query
    assert rows(admin_client, f"{path}?q=nothing+has+this") == 0
    columns = [column for column in (1, -2, 3) if column <= len(admin.site._registry[model].list_display)]
    assert rows(admin_client, f"{path}?o={'.'.join(map(str, columns))}") == everyone


@pytest.mark.parametrize(
    ("model", "word"),
    [
        (Party, "Türkiye"),
        (Person, "Ümerov"),
        (Source, "Hürriyet"),
        (Delegation, "Türkiye"),
        (Statement, "ministry’s"),
    ],
)
def test_a_search_for_letters_beyond_ascii_finds_them(admin_client, model, word):
    assert rows(admin_client, f"{address(model, 'changelist')}?{urlencode({'q': word})}") > 0


def rows(client: Any, path: str) -> int:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return len(answer.context["cl"].result_list)


@pytest.mark.parametrize("model", NOUNS, ids=lambda model: model.__name__)
def test_every_page_of_a_noun_answers(admin_client, model):
    noun = model.objects.order_by("slug").last()
    made_a_draft(noun)
    for page in (
        address(model, "add"),
        change_page(noun),
        address(model, "history", noun.pk),
        address(model, "delete", noun.pk),
    ):
        assert admin_client.get(page).status_code == 200, page


@pytest.mark.parametrize("model", [Party, Statement], ids=lambda model: model.__name__)
def test_an_unknown_number_goes_back_to_the_index(admin_client, model):
    assert admin_client.get(address(model, "change", 99999)).headers["Location"] == reverse("admin:index")


@pytest.mark.parametrize("model", NOUNS, ids=lambda model: model.__name__)
def test_opening_a_noun_and_saving_it_changes_nothing(admin_client, model):
    before = data()
    for noun in [model.objects.order_by("slug").first(), model.objects.order_by("slug").last()]:
        saved(admin_client, change_page(noun), opened(admin_client, change_page(noun)))
    assert data() == before


@pytest.mark.parametrize("slug", [QUOTATION, "lavrov-proposes-2-june", "lavrov-four-days"])
def test_opening_a_quotation_and_saving_it_leaves_every_code_point_in_place(admin_client, slug):
    before = data()
    statement = Statement.objects.get(slug=slug)
    saved(admin_client, change_page(statement), opened(admin_client, change_page(statement)))
    assert data() == before


def test_opening_the_leading_meeting_and_saving_it_changes_nothing(admin_client, leading):
    before = data()
    saved(admin_client, change_page(leading), opened(admin_client, change_page(leading)))
    assert data() == before


@pytest.mark.parametrize("term", ["Oumerov", "umjerow", "Rustem Umierov", "Умеров", "Rüstem"])
def test_autocomplete_finds_a_person_by_another_spelling(admin_client, term):
    asked = {"app_label": "talks", "model_name": "statement", "field_name": "speaker", "term": term}
    answer = admin_client.get(reverse("admin:autocomplete"), asked)
    assert [found["text"] for found in answer.json()["results"]] == ["Rustem Umerov"]


@pytest.mark.parametrize(
    ("model", "field", "term", "text"),
    [("statement", "source", "cgtn", "cgtn.com"), ("statement", "meeting", "Çırağan", "Istanbul, 23 July 2025"),
     ("delegation", "party", "UA", "Ukraine"), ("statement", "variant_of", "truly move us closer", "Rustem Umerov: We are not"),
     ("meetingstate", "source", "Ukrainska Pravda", "Ukrainska Pravda, 28 May 2025")],
)  # fmt: skip
def test_autocomplete_finds_other_nouns_by_their_words(admin_client, model, field, term, text):
    asked = {"app_label": "talks", "model_name": model, "field_name": field, "term": term}
    found = admin_client.get(reverse("admin:autocomplete"), asked).json()["results"]
    assert any(one["text"].startswith(text) for one in found)


@pytest.mark.parametrize("model", NOUNS, ids=lambda model: model.__name__)
def test_view_on_site_points_to_the_public_process(admin_client, settings, model):
    settings.SITE_URL = "https://talks.example"
    noun = model.objects.first()
    html = admin_client.get(change_page(noun)).content.decode()
    link = re.search(r'<a href="([^"]+)" class="viewsitelink"', html)[1]
    assert link == f"https://talks.example{noun.get_absolute_url()}"
    assert admin_client.get(noun.get_absolute_url().partition("#")[0]).status_code == 200


@ledger.aside()
def moved(slug: str, meeting: Meeting) -> Statement:
    """A statement of the built-in data, made one about this meeting."""
    Statement.objects.filter(slug=slug).update(meeting=meeting)
    return Statement.objects.get(slug=slug)


def indirect(report: Source, umerov: Person, **values: Any) -> dict[str, Any]:
    return {
        "slug": "umerov-new", "quotation_type": "indirect", "text": "Umerov said something new.",
        "speaker": umerov.pk, "party": umerov.party_id, "said_on": "2025-06-02", "source": report.pk, **values,
    }  # fmt: skip


def test_an_indirect_statement_is_made_inside_its_meeting_without_a_passage(admin_client, meeting, report, umerov):
    form = opened(admin_client, change_page(meeting))
    form.add("statements", **indirect(report, umerov, mentions=[umerov.pk]))
    saved(admin_client, change_page(meeting), form)
    statement = Statement.objects.get(slug="umerov-new")
    assert (statement.meeting, statement.source, statement.speaker) == (meeting, report, umerov)
    assert (str(statement.said_from), statement.language, statement.passages.count()) == ("2025-06-02", "en", 0)
    assert list(statement.mentions.all()) == [umerov]
    assert (statement.status, statement.first_published_at) == ("draft", None)


def test_an_indirect_statement_is_made_with_its_place_alone(admin_client, meeting, report, umerov):
    form = opened(admin_client, change_page(meeting))
    form.add("statements", **indirect(report, umerov, start=10, end=20))
    saved(admin_client, change_page(meeting), form)
    passage = Passage.objects.get(statement__slug="umerov-new")
    assert (passage.number, passage.exact, passage.start, passage.end) == (1, "", 10, 20)


def test_a_direct_statement_is_made_inside_its_meeting_with_its_words_and_their_place(
    admin_client, meeting, report, umerov
):
    words = "the meeting won’t be empty 🤝"
    form = opened(admin_client, change_page(meeting))
    form.add(
        "statements",
        **indirect(report, umerov, quotation_type="direct", text=words, exact=words, start=578, end=606),
    )
    saved(admin_client, change_page(meeting), form)
    statement = Statement.objects.get(slug="umerov-new")
    passage = statement.passages.get()
    assert (statement.text, passage.exact, passage.start, passage.end, passage.number) == (words, words, 578, 606, 1)
    assert statement.evidence_state == "unchecked"


CANNOT_BE: list[tuple[str, dict[str, Any]]] = [
    ("exact", {"exact": ""}),
    ("text", {"exact": "other words"}),
    ("text", {"quotation_type": "mixed", "text": "He said so."}),
    ("exact", {"quotation_type": "indirect"}),
    ("start", {"start": 5}),
    ("start", {"start": 9, "end": 5}),
    ("end", {"start": 5, "end": 6}),
    ("start", {"start": -1, "end": 4}),
    ("end", {"end": "x"}),
    ("speaker", {"speaker": ""}),
    ("speaker", {"quotation_type": "narration", "exact": ""}),
    ("said_on", {"said_on": "yesterday"}),
    ("slug", {"slug": QUOTATION}),
    ("slug", {"slug": "no slug"}),
    ("text", {"text": ""}),
    ("source", {"source": ""}),
    ("language", {"language": "English!"}),
    ("quotation_type", {"quotation_type": ""}),
]


def test_statements_that_cannot_be_are_refused_each_beside_its_field(admin_client, meeting, report, umerov):
    form = opened(admin_client, change_page(meeting))
    expected = []
    for number, (field, values) in enumerate(CANNOT_BE):
        row = {"slug": f"new-{number}", "quotation_type": "direct", "text": "words", "exact": "words", **values}
        expected.append(form.add("statements", **indirect(report, umerov, **row)) + field)
    told = refused(admin_client, change_page(meeting), form)
    assert [name for name in expected if not told.get(name)] == []


def test_a_direct_statement_without_its_words_is_refused_with_the_reason(admin_client, meeting, report, umerov):
    form = opened(admin_client, change_page(meeting))
    new = form.add("statements", **indirect(report, umerov, quotation_type="direct"))
    told = refused(admin_client, change_page(meeting), form)
    assert told == {f"{new}exact": "A direct quotation has the source's words in every passage."}
    form.fill(new, exact="something new")
    told = refused(admin_client, change_page(meeting), form)
    assert told == {f"{new}text": "The text of a direct quotation is its passages joined by […], and nothing else."}


def test_an_end_without_a_start_is_refused(admin_client, meeting, report, umerov):
    form = opened(admin_client, change_page(meeting))
    form.add("statements", **indirect(report, umerov, end=20))
    refused(admin_client, change_page(meeting), form)


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
def test_a_place_beyond_every_text_is_refused(admin_client, meeting, report, umerov, number):
    form = opened(admin_client, change_page(meeting))
    new = form.add("statements", **indirect(report, umerov, start=5, end=number))
    assert refused(admin_client, change_page(meeting), form)[f"{new}end"]


def test_a_statement_from_a_draft_source_is_not_published(admin_client, meeting, umerov):
    draft = Source.objects.create(slug="draft", publisher="X", kind="news_report", described_as="x")
    form = opened(admin_client, change_page(meeting))
    form.add("statements", **indirect(draft, umerov, role_as_printed="minister"))
    saved(admin_client, change_page(meeting), form)
    statement = Statement.objects.get(slug="umerov-new")
    told = pressed(admin_client, statement, "publish")
    assert told.startswith("Nothing was changed. Source: ")
    assert "is not published" in told
    statement.refresh_from_db()
    assert (statement.status, statement.first_published_at) == ("draft", None)
    assert pressed(admin_client, draft, "publish") == f"“{draft}” is published."
    assert pressed(admin_client, statement, "publish") == f"“{statement}” is published."


def test_words_are_changed_inside_the_meeting_together_with_their_passage(admin_client, meeting):
    statement = moved("lavrov-four-days", meeting)
    form = opened(admin_client, change_page(meeting))
    row = form.of("statements", statement)
    assert form.values[f"{row}exact"] == ["memorandum"]
    form.fill(row, exact="a memorandum", start=853, text="Lavrov promised a memorandum.")
    form.set(**WHY)
    saved(admin_client, change_page(meeting), form)
    statement.refresh_from_db()
    passage = statement.passages.get()
    assert (statement.text, passage.exact, passage.start) == ("Lavrov promised a memorandum.", "a memorandum", 853)
    assert passage.suffix == "” within four days, giving both "


def test_a_quotation_loses_its_words_only_together_with_its_type(admin_client, meeting):
    quotation = moved(QUOTATION, meeting)
    form = opened(admin_client, change_page(meeting))
    row = form.of("statements", quotation)
    form.fill(row, exact="", start="", end="")
    form.set(**WHY)
    assert refused(admin_client, change_page(meeting), form)[f"{row}exact"]


@pytest.mark.parametrize("slug", [QUOTATION, "lavrov-confirms-date"])
def test_a_draft_of_a_statement_is_deleted_inside_its_meeting_and_a_public_one_is_not(admin_client, meeting, slug):
    statement = moved(slug, meeting)
    with ledger.aside():
        statement.variants.update(variant_of=None)
        EditorsNote.statements.through.objects.filter(statement=statement).delete()
    form = opened(admin_client, change_page(meeting))
    form.values[f"{form.of('statements', statement)}DELETE"] = ["on"]
    form.set(**WHY)
    told = refused(admin_client, change_page(meeting), form)
    assert f"“{slug}” was public. It is withdrawn, not deleted." in " ".join(told.values())
    made_a_draft(statement)
    form = opened(admin_client, change_page(meeting))
    form.values[f"{form.of('statements', statement)}DELETE"] = ["on"]
    saved(admin_client, change_page(meeting), form)
    assert not Statement.objects.filter(pk=statement.pk).exists()
    assert not Passage.objects.filter(statement=statement.pk).exists()


def test_a_statement_that_others_vary_is_not_deleted_inside_its_meeting(admin_client, meeting):
    quotation = moved(QUOTATION, meeting)
    made_a_draft(quotation)
    form = opened(admin_client, change_page(meeting))
    form.values[f"{form.of('statements', quotation)}DELETE"] = ["on"]
    assert "protected related objects" in " ".join(refused(admin_client, change_page(meeting), form).values())


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
@pytest.mark.parametrize("prefix", ["statements", "delegations"])
def test_the_status_of_a_row_inside_its_meeting_is_no_field_of_the_form(admin_client, meeting, prefix, status):
    moved(QUOTATION, meeting)
    with ledger.aside():
        Delegation.objects.filter(slug="turkiye-istanbul-2025-06-02").update(meeting=meeting)
    row = getattr(meeting, prefix).get()
    form = opened(admin_client, change_page(meeting))
    place = form.of(prefix, row)
    assert f"{place}status" not in form.values
    form.values.update({f"{place}status": [status], f"{place}withdrawn_because": ["So."]})
    saved(admin_client, change_page(meeting), form)
    row.refresh_from_db()
    assert row.status == "published"


def test_a_verified_quotation_turned_into_ours_inside_its_meeting_is_refused_in_words(admin_client, meeting):
    quotation = moved(QUOTATION, meeting)
    form = opened(admin_client, change_page(meeting))
    row = form.of("statements", quotation)
    form.fill(row, quotation_type="indirect", exact="")
    form.set(**WHY)
    told = refused(admin_client, change_page(meeting), form)
    assert "Only quoted words are looked for in the source." in " ".join(told.values())


def test_a_state_and_a_delegation_are_added_inside_their_meeting(admin_client, meeting, report):
    party = Party.objects.get(slug="united-states")
    form = opened(admin_client, change_page(meeting))
    form.add("states", state="postponed", reported_on="2025-06-03", source=report.pk, note="Put off.")
    form.add("delegations", slug="us-here", party=party.pk, capacity="observer")
    saved(admin_client, change_page(meeting), form)
    assert Meeting.objects.with_states().get(pk=meeting.pk).state.state == "postponed"
    delegation = Delegation.objects.get(slug="us-here")
    assert (delegation.meeting, delegation.party, delegation.capacity) == (meeting, party, "observer")
    assert (delegation.status, delegation.first_published_at) == ("draft", None)


@pytest.mark.parametrize("times", [1, 2])
def test_the_same_state_twice_is_refused(admin_client, meeting, report, times):
    if times == 1:
        meeting.states.create(state="held", reported_on="2026-02-02", source=report)
    form = opened(admin_client, change_page(meeting))
    for _ in range(times):
        form.add("states", state="held", reported_on="2026-02-02", source=report.pk)
    assert refused(admin_client, change_page(meeting), form)


@pytest.mark.parametrize("times", [1, 2])
def test_a_second_delegation_of_a_party_is_refused(admin_client, meeting, ukraine, times):
    if times == 1:
        meeting.delegations.create(slug="here", party=ukraine)
    form = opened(admin_client, change_page(meeting))
    for number in range(times):
        form.add("delegations", slug=f"here-{number}", party=ukraine.pk, capacity="party")
    assert refused(admin_client, change_page(meeting), form)


def test_a_meeting_is_made_with_a_state_and_a_statement_at_once(admin_client, report, umerov):
    form = opened(admin_client, address(Meeting, "add"))
    form.set(slug="vienna-2026", title="Vienna, 2026", date="2026-01~")
    form.add("states", state="proposed", reported_on="2025-12-01", source=report.pk)
    form.add("statements", **indirect(report, umerov, quotation_type="direct", text="Yes", exact="Yes"))
    saved(admin_client, address(Meeting, "add"), form)
    made = Meeting.objects.get(slug="vienna-2026")
    assert (str(made.date_from), str(made.date_to)) == ("2026-01-01", "2026-01-31")
    assert Statement.objects.get(slug="umerov-new").passages.get().exact == "Yes"


def test_a_delegation_is_made_with_its_members(admin_client, meeting, report, umerov):
    path = address(Delegation, "add")
    form = opened(admin_client, path)
    form.set(slug="us-here", meeting=meeting.pk, party=Party.objects.get(slug="united-states").pk, capacity="observer")
    form.add("members", person=Person.objects.get(slug="marco-rubio").pk, role="head", source=report.pk)
    form.add(
        "members",
        person=Person.objects.get(slug="tammy-bruce").pk,
        role="adviser",
        role_as_printed="Spokesperson",
        source=report.pk,
    )
    saved(admin_client, path, form)
    members = Delegation.objects.get(slug="us-here").members.in_order()
    assert [(member.person.slug, member.role) for member in members] == [
        ("marco-rubio", "head"),
        ("tammy-bruce", "adviser"),
    ]


def test_a_second_head_is_refused(admin_client, report):
    delegation = Delegation.objects.get(slug="ukraine-istanbul-2025-06-02")
    form = opened(admin_client, change_page(delegation))
    form.add("members", person=Person.objects.get(slug="oleh-luhovskyi").pk, role="head", source=report.pk)
    assert "head already" in " ".join(refused(admin_client, change_page(delegation), form).values())


def test_two_heads_at_once_are_refused(admin_client, meeting, report):
    path = address(Delegation, "add")
    form = opened(admin_client, path)
    form.set(slug="us-here", meeting=meeting.pk, party=Party.objects.get(slug="united-states").pk)
    for slug in ("marco-rubio", "tammy-bruce"):
        form.add("members", person=Person.objects.get(slug=slug).pk, role="head", source=report.pk)
    assert refused(admin_client, path, form)


@pytest.mark.parametrize("order", [1, -1], ids=["old head first", "new head first"])
def test_a_delegation_changes_its_head_at_once(admin_client, order):
    delegation = Delegation.objects.get(slug="ukraine-istanbul-2025-05-16")
    old, new = delegation.members.get(role="head"), delegation.members.get(person__slug="serhiy-kyslytsia")
    first, second = sorted([old, new], key=lambda member: member.pk)[::order]
    with ledger.aside():
        delegation.members.update(role="member")
        delegation.members.filter(pk=first.pk).update(role="head")
    form = opened(admin_client, change_page(delegation))
    form.fill(form.of("members", first), role="member")
    form.fill(form.of("members", second), role="head")
    form.set(**WHY)
    saved(admin_client, change_page(delegation), form)
    assert delegation.members.get(role="head") == second


def test_the_same_person_twice_on_a_delegation_is_refused(admin_client, report, umerov):
    delegation = Delegation.objects.get(slug="ukraine-istanbul-2025-06-02")
    form = opened(admin_client, change_page(delegation))
    form.add("members", person=umerov.pk, role="member", source=report.pk)
    form.set(**WHY)
    assert refused(admin_client, change_page(delegation), form)


def test_a_statement_of_two_passages_is_made_and_one_that_does_not_fit_is_refused(
    admin_client, meeting, report, umerov
):
    path = address(Statement, "add")
    form = opened(admin_client, path)
    values = indirect(report, umerov, quotation_type="direct", text="first […] second", meeting=meeting.pk)
    form.set(**values)
    form.add("passages", number=1, exact="first", start=0, end=5)
    assert "passages joined by" in " ".join(refused(admin_client, path, form).values())
    form.add("passages", number=2, exact="second", prefix="a ", start=90, end=96)
    saved(admin_client, path, form)
    assert [passage.exact for passage in Statement.objects.get(slug="umerov-new").passages.in_order()] == [
        "first",
        "second",
    ]


@pytest.mark.parametrize(
    ("values", "field"),
    [({"start": 651}, "start"), ({"end": ""}, "start"), ({"end": 649}, "end"), ({"start": -1}, "start"), ({"end": 2**70}, "end")],
)  # fmt: skip
def test_a_passage_out_of_place_is_refused_beside_its_field(admin_client, quotation, values, field):
    form = opened(admin_client, change_page(quotation))
    row = form.of("passages", quotation.passages.get())
    form.fill(row, **values)
    assert refused(admin_client, change_page(quotation), form)[f"{row}{field}"]


def test_the_last_passage_of_a_quotation_is_not_deleted(admin_client, quotation):
    form = opened(admin_client, change_page(quotation))
    form.values[f"{form.of('passages', quotation.passages.get())}DELETE"] = ["on"]
    assert "words in every passage" in " ".join(refused(admin_client, change_page(quotation), form).values())


def test_two_passages_of_one_number_are_refused(admin_client, quotation):
    form = opened(admin_client, change_page(quotation))
    form.add("passages", number=1, start=0, end=5)
    form.set(**WHY)
    assert refused(admin_client, change_page(quotation), form)


def test_the_words_around_a_passage_keep_their_spaces_and_line_breaks(admin_client, quotation):
    form = opened(admin_client, change_page(quotation))
    row = form.of("passages", quotation.passages.get())
    form.fill(row, prefix="Umerov said: ", suffix=" \r\nThen he left")
    saved(admin_client, change_page(quotation), form)
    passage = quotation.passages.get()
    assert (passage.prefix, passage.suffix) == ("Umerov said: ", " \nThen he left")


@pytest.mark.parametrize(
    ("model", "field"),
    [(Person, "description"), (Meeting, "summary"), (EditorsNote, "text")],
)
def test_words_of_ours_keep_their_line_breaks(admin_client, model, field):
    noun = model.objects.order_by("slug").first()
    model.objects.filter(pk=noun.pk).update(**{field: "One line.\nAnother."})
    saved(admin_client, change_page(noun), opened(admin_client, change_page(noun)))
    assert getattr(model.objects.get(pk=noun.pk), field) == "One line.\nAnother."


def test_a_text_of_a_source_is_kept_to_the_code_point(admin_client, report):
    SourceText.objects.create(source=report, text="  First line \nsecond\n\n")
    form = opened(admin_client, change_page(report))
    form.set(rights="Changed.", **WHY)
    saved(admin_client, change_page(report), form)
    assert SourceText.objects.get().text == "  First line \nsecond\n\n"


@pytest.mark.parametrize("model", NOUNS, ids=lambda model: model.__name__)
def test_publishing_sets_both_instants_and_a_draft_has_none(admin_client, model, meeting, report, umerov):
    path = address(model, "add")
    form = opened(admin_client, path)
    form.set(slug="made-here", **required(model, meeting, report))
    saved(admin_client, path, form)
    noun = model.objects.get(slug="made-here")
    assert (noun.first_published_at, noun.changed_at) == (None, None)
    assert pressed(admin_client, noun, "publish") == f"“{noun}” is published."
    noun.refresh_from_db()
    assert noun.is_public
    assert noun.first_published_at == noun.changed_at
    assert noun.first_published_at.microsecond == 0


def required(model: Any, meeting: Meeting, report: Source) -> dict[str, Any]:
    """The least that a form of this noun wants besides slug and status."""
    return {
        Party: {"name": "Made"},
        Person: {"name": "Made", "sort_name": "Made"},
        Source: {"publisher": "Made", "kind": "news_report", "described_as": "x"},
        Meeting: {"title": "Made", "date": "2026"},
        Delegation: {"meeting": meeting.pk, "party": Party.objects.get(slug="united-states").pk},
        Statement: {
            "quotation_type": "narration",
            "text": "x",
            "said_on": "2025",
            "meeting": meeting.pk,
            "source": report.pk,
        },
        EditorsNote: {"subject": "made", "text": "x", "reported_on": "2025-05-29"},
    }[model]


@pytest.mark.parametrize("model", [Person, EditorsNote], ids=lambda model: model.__name__)
def test_a_noun_of_a_slug_that_is_taken_is_refused(admin_client, model, meeting, report):
    form = opened(admin_client, address(model, "add"))
    form.set(slug=model.objects.first().slug, **required(model, meeting, report))
    assert "already exists" in refused(admin_client, address(model, "add"), form)["slug"]


@pytest.mark.parametrize("model", NOUNS, ids=lambda model: model.__name__)
def test_an_empty_form_is_refused_with_a_word_beside_each_required_field(admin_client, model, meeting, report):
    told = refused(admin_client, address(model, "add"), opened(admin_client, address(model, "add")))
    wanted = {"slug", *required(model, meeting, report)} - {"described_as"}
    assert {name for name in wanted if told.get(name) == "This field is required."} == wanted


@pytest.mark.parametrize("model", NOUNS, ids=lambda model: model.__name__)
def test_the_status_is_no_field_of_a_form(admin_client, model):
    noun = model.objects.first()
    form = opened(admin_client, change_page(noun))
    assert {"status", "withdrawn_on", "withdrawn_because"}.isdisjoint(form.values)
    form.values.update({"status": ["draft"], **{name: [value] for name, value in WHY.items()}})
    saved(admin_client, change_page(noun), form)
    noun.refresh_from_db()
    assert noun.status == "published"


@pytest.mark.parametrize("model", [Party, Statement, EditorsNote], ids=lambda model: model.__name__)
@pytest.mark.parametrize("because", ["", "  \r\n"])
def test_withdrawing_wants_a_reason(admin_client, model, because):
    noun = model.objects.first()
    told = pressed(admin_client, noun, "withdraw", because=because)
    assert told == "Nothing was changed. Say why, in a sentence for the public."
    noun.refresh_from_db()
    assert noun.status == "published"


@pytest.mark.parametrize(
    ("model", "slug"), [(Party, "ukraine"), (Source, REPORT), (Meeting, EARLIER), (Person, "hakan-fidan")]
)
@pytest.mark.parametrize("name", ["withdraw", "return"])
def test_what_published_nouns_need_is_not_taken_back(admin_client, model, slug, name):
    noun = model.objects.get(slug=slug)
    told = pressed(admin_client, noun, name, because="It was wrong.")
    assert told.startswith({"withdraw": "Nothing was changed. Others depend on it: “", "return": "Nothing was"}[name])
    noun.refresh_from_db()
    assert noun.status == "published"


def test_a_withdrawn_noun_keeps_its_instants_and_has_a_day_and_a_reason(admin_client):
    note = EditorsNote.objects.first()
    before = note.first_published_at, note.changed_at
    assert pressed(admin_client, note, "withdraw", because="It was wrong.") == f"“{note}” is withdrawn."
    note.refresh_from_db()
    assert (note.status, note.withdrawn_on, note.withdrawn_because) == (
        "withdrawn",
        timezone.localdate(),
        "It was wrong.",
    )
    assert (note.first_published_at, note.changed_at) == before


def test_a_source_with_neither_title_nor_description_is_refused(admin_client, report):
    form = opened(admin_client, change_page(report))
    form.set(title="", described_as="")
    assert "describe the page" in refused(admin_client, change_page(report), form)["title"]


@pytest.mark.parametrize(
    ("model", "field", "slug", "other"),
    [(Meeting, "follows", EARLIER, MEETING), (Meeting, "follows", EARLIER, EARLIER),
     (Source, "derived_from", "cgtn", REPORT), (Statement, "variant_of", QUOTATION, f"{QUOTATION}-tass")],
)  # fmt: skip
def test_a_cycle_is_refused_beside_its_field(admin_client, model, field, slug, other):
    noun = model.objects.get(slug=slug)
    form = opened(admin_client, change_page(noun))
    form.values[field] = [str(model.objects.get(slug=other).pk)]
    assert "no cycles" in refused(admin_client, change_page(noun), form)[field]


def test_a_second_featured_meeting_is_refused(admin_client):
    noun = Meeting.objects.get(slug=EARLIER)
    form = opened(admin_client, change_page(noun))
    form.values["featured"] = ["on"]
    assert "featured already" in " ".join(refused(admin_client, change_page(noun), form).values())


def test_spellings_are_written_a_line_each(admin_client, umerov):
    form = opened(admin_client, change_page(umerov))
    assert form.values["also_written"][0].split("\r\n") == umerov.also_written
    form.set(also_written=" Umerof \r\n\r\nУмєров\r\n", **WHY)
    saved(admin_client, change_page(umerov), form)
    umerov.refresh_from_db()
    assert umerov.also_written == ["Umerof", "Умєров"]


@pytest.mark.parametrize("spellings", ["Umerov|Oumerov", "Umerov\r\nUmerov"])
def test_spellings_that_cannot_be_are_refused(admin_client, umerov, spellings):
    form = opened(admin_client, change_page(umerov))
    form.set(also_written=spellings)
    assert refused(admin_client, change_page(umerov), form)["also_written"]


@pytest.mark.parametrize(
    ("model", "field", "value"),
    [(Person, "wikidata_id", "64842485"), (Person, "native_language", "uk"), (Source, "url", "javascript:alert(1)"),
     (Source, "published_on", "May 2025"), (Source, "document_sha256", "abc"), (Source, "language", "English!"),
     (Meeting, "date", "2025-02-30"), (Meeting, "country", "Turkey"), (Party, "code", "ukr")],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused_beside_its_field(admin_client, model, field, value):
    noun = model.objects.order_by("slug").first()
    form = opened(admin_client, change_page(noun))
    form.fill("", **{field: value})
    assert refused(admin_client, change_page(noun), form)[field]


@pytest.mark.parametrize("field", ["slug", "name", "description", "also_written"])
def test_a_nul_is_refused(admin_client, umerov, field):
    form = opened(admin_client, change_page(umerov))
    form.fill("", **{field: "a\0b"})
    assert refused(admin_client, change_page(umerov), form)[field]


@pytest.mark.parametrize("query", ["status__exact=%00", "term=a%00b"])
def test_a_nul_in_an_address_is_no_fault_of_the_server(admin_client, query):
    check_query(admin_client, query)


@pytest.mark.parametrize("query", ["term=a%00b", "a%00b=1", "q=x&party=%00", "party=x&party=%00"])
def test_a_nul_in_what_is_no_word_is_refused(admin_client, query):
    assert admin_client.get(f"/statements/?{query}").status_code == 400
    assert admin_client.get(f"{reverse('admin:autocomplete')}?{query}").status_code == 400


@pytest.mark.parametrize("query", ["q=%00", "q=memorandum%00talks", "q=%00&party=ukraine"])
def test_a_nul_among_words_to_search_for_is_a_blank(admin_client, query):
    assert admin_client.get(f"/statements/?{query}").status_code == 200
    assert admin_client.get(f"{address(Statement, 'changelist')}?{query.split('&')[0]}").status_code in (200, 302)


@pytest.mark.parametrize("query", ["q=%00", "o=99", "p=99", "q=%22", "date_from__year=x"])
def test_a_strange_search_is_no_fault_of_the_server(admin_client, query):
    check_query(admin_client, query)


def check_query(client: Any, query: str) -> None:
    client.raise_request_exception = False
    asked = "app_label=talks&model_name=statement&field_name=speaker"
    for path in (f"{address(Meeting, 'changelist')}?{query}", f"{reverse('admin:autocomplete')}?{asked}&{query}"):
        assert client.get(path).status_code in (200, 302, 400, 404), path


def deletion_of_several(client: Any, *nouns: Any) -> Any:
    several = {"action": "delete_selected", "_selected_action": [noun.pk for noun in nouns], "post": "yes"}
    return client.post(address(type(nouns[0]), "changelist"), several)


@pytest.mark.parametrize("model", NOUNS, ids=lambda model: model.__name__)
def test_what_was_public_is_not_deleted(admin_client, model, meeting):
    noun = model.objects.filter(status="published").last()
    before = everything()
    path = address(model, "delete", noun.pk)
    assert (admin_client.get(path).status_code, admin_client.post(path, {"post": "yes"}).status_code) == (403, 403)
    assert deletion_of_several(admin_client, noun).status_code in (200, 403)
    assert everything() == before


def test_a_party_in_use_is_not_deleted(admin_client, ukraine):
    made_a_draft(ukraine)
    path = address(Party, "delete", ukraine.pk)
    page = admin_client.get(path)
    assert (page.status_code, "cannot delete" in page.content.decode().lower()) == (200, True)
    assert admin_client.post(path, {"post": "yes"}).status_code == 200
    assert deletion_of_several(admin_client, ukraine).status_code == 200
    assert Party.objects.filter(pk=ukraine.pk).exists()


@pytest.mark.parametrize("model", [Source, Meeting, Person, Statement], ids=lambda model: model.__name__)
def test_a_noun_in_use_is_not_deleted(admin_client, model):
    slug = {Source: "cgtn", Meeting: MEETING, Person: "rustem-umerov", Statement: QUOTATION}[model]
    noun = model.objects.get(slug=slug)
    made_a_draft(noun)
    assert admin_client.post(address(model, "delete", noun.pk), {"post": "yes"}).status_code == 200
    assert model.objects.filter(pk=noun.pk).exists()


def test_a_draft_of_a_quotation_that_nothing_needs_is_deleted_with_its_passage(admin_client):
    statement = Statement.objects.get(slug=f"{QUOTATION}-pravda")
    made_a_draft(statement)
    assert admin_client.post(address(Statement, "delete", statement.pk), {"post": "yes"}).status_code == 302
    assert not Statement.objects.filter(pk=statement.pk).exists()
    assert not Passage.objects.filter(statement=statement.pk).exists()


@pytest.mark.parametrize("model", NOUNS, ids=lambda model: model.__name__)
def test_whoever_is_not_logged_in_gets_the_login_page(client, model):
    noun = model.objects.first()
    for path in (reverse("admin:index"), address(model, "changelist"), address(model, "add"), change_page(noun),
                 address(model, "delete", noun.pk), reverse("admin:autocomplete")):  # fmt: skip
        for answer in (client.get(path), client.post(path, {"slug": "x"})):
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith(reverse("admin:login"))
    assert "Log in" in client.get(reverse("admin:login")).content.decode()


def test_an_account_without_rights_changes_nothing(client, django_user_model, ukraine):
    client.force_login(django_user_model.objects.create_user("reader", is_staff=True))
    for path in (address(Party, "changelist"), address(Party, "add"), change_page(ukraine)):
        assert (client.get(path).status_code, client.post(path, {"name": "X"}).status_code) == (403, 403)


@pytest.mark.parametrize(
    "path",
    ["/", "/about/", "/meetings/", "/delegations/", "/parties/", "/people/", "/statements/", "/sources/",
     f"/meetings/{MEETING}/", f"/statements/{QUOTATION}/", f"/sources/{REPORT}/", "/people/rustem-umerov/"],
)  # fmt: skip
def test_the_public_pages_are_on_the_editors_process_too(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert "Talks in Context" in answer.content.decode()


def test_what_is_not_public_is_not_shown_on_the_editors_process_either(client, quotation):
    quotation.variants.update(variant_of=None)
    Statement.objects.filter(pk=quotation.pk).update(status="draft")
    assert client.get(f"/statements/{QUOTATION}/").status_code == 404
    assert client.get("/statements/nobody-said-this/").status_code == 404


def test_a_withdrawn_noun_is_gone_on_the_editors_process_too(client):
    Statement.objects.filter(slug=f"{QUOTATION}-tass").update(
        status="withdrawn", withdrawn_on="2026-11-23", withdrawn_because="It was wrong."
    )
    assert client.get(f"/statements/{QUOTATION}-tass/").status_code == 410


def test_long_lists_take_few_queries(admin_client, django_assert_max_num_queries, meeting, report, ukraine):
    people = Person.objects.bulk_create(
        Person(slug=f"p{number}", name=f"P {number}", sort_name=f"P {number}", party=ukraine) for number in range(300)
    )
    Statement.objects.bulk_create(
        Statement(slug=f"s{number}", quotation_type="indirect", text=f"S {number}", speaker=person, party=ukraine,
                  said_on="2025-06-02", meeting=meeting, source=report)
        for number, person in enumerate(people)
    )  # fmt: skip
    for model in (Statement, Person):
        with django_assert_max_num_queries(15):
            assert admin_client.get(address(model, "changelist")).status_code == 200
        with django_assert_max_num_queries(15):
            assert admin_client.get(f"{address(model, 'changelist')}?q=P+2&p=2").status_code == 200


@pytest.mark.parametrize("model", NOUNS, ids=lambda model: model.__name__)
def test_no_list_asks_for_its_rows_one_by_one(admin_client, django_assert_max_num_queries, model):
    with django_assert_max_num_queries(15):
        admin_client.get(address(model, "changelist"))


def test_a_meeting_of_fifty_statements_is_saved(admin_client, meeting, report, umerov):
    Statement.objects.bulk_create(
        Statement(slug=f"s{number}", quotation_type="indirect", text=f"S {number}", speaker=umerov,
                  said_on="2025-06-02", meeting=meeting, source=report)
        for number in range(50)
    )  # fmt: skip
    form = opened(admin_client, change_page(meeting))
    form.set(venue="Another palace", **WHY)
    saved(admin_client, change_page(meeting), form)
    meeting.refresh_from_db()
    assert meeting.venue == "Another palace"


def edit(client: Any, noun: Any, values: dict[str, str]) -> None:
    form = opened(client, change_page(noun))
    form.values.update(values)
    saved(client, change_page(noun), form)


def test_a_change_of_a_public_record_is_dated_to_the_second_and_later_than_the_last(admin_client, earlier):
    before, statement = earlier.changed_at, earlier.statements.order_by("slug").first()
    edit(admin_client, earlier, {"summary": "Another.", **WHY})
    earlier.refresh_from_db()
    assert earlier.changed_at > before
    assert earlier.changed_at.microsecond == 0
    again = earlier.changed_at
    edit(admin_client, earlier, {"summary": "A third.", **WHY})
    earlier.refresh_from_db()
    assert earlier.changed_at > again
    assert statement.changed_at == Statement.objects.get(pk=statement.pk).changed_at


def test_a_new_state_of_a_meeting_dates_the_meeting(admin_client, earlier, report):
    before, count = earlier.changed_at, earlier.states.count()
    added = {"states-TOTAL_FORMS": str(count + 1), f"states-{count}-state": "postponed",
             f"states-{count}-reported_on": "2025-06-03", f"states-{count}-source": str(report.pk)}  # fmt: skip
    edit(admin_client, earlier, added)
    earlier.refresh_from_db()
    assert earlier.states.count() == count + 1
    assert earlier.changed_at > before
