"""What readers see of corrections: on the page of the record, in the list, in all formats, at withdrawn addresses."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.template import loader

from talks.models import Correction, Person, Statement, Tombstone
from talks.records import NOUNS
from tests.test_pages import Q1, page, words

pytestmark = pytest.mark.django_db

SLUG = Q1.split("/")[2]
THEN = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
NO_REASON = "No reason was recorded."
PLACES = {"people": "rustem-umerov", "meetings": "istanbul-2025-06-02", "sources": "myglobalnews-2025-05-29",
          "parties": "ukraine", "delegations": "ukraine-istanbul-2025-06-02", "statements": SLUG}  # fmt: skip


def correct(column="text", before="We wait.", after="We do not wait.", **given) -> Correction:
    """A correction of the quotation, unless it is told of what."""
    number = Correction.objects.count() + 1
    told = {"record": "statements", "noun": SLUG, "kind": "correction", "reason": "A word was left out.",
            "corrected_at": THEN, "slug": f"a-correction-{number}", **given}  # fmt: skip
    return Correction.objects.create(column=column, before=before, after=after, **told)


def notes(html: str) -> list[str]:
    """The notes on corrections of a page, as they are read."""
    found = re.findall(
        r'<aside class="editors-note" aria-label="Editor’s note: [a-z]+, a-correction.*?</aside>', html, re.DOTALL
    )
    return [words(note.replace("</p>", "</p> ").replace("</h2>", "</h2> ")) for note in found]


# On the page of what was corrected.


def test_old_words_stand_struck_through_above_new_ones_under_the_words(client):
    correct()
    html = page(client, Q1)
    assert notes(html) == ["Corrected on 3 December 2026 A word was left out. Words Was We wait. Is We do not wait."]
    assert 'Was <del lang="en">We wait.</del></p>' in html
    assert 'Is <ins lang="en">We do not wait.</ins></p>' in html
    assert html.index("</figure>") < html.index("<del") < html.index('id="about"')
    assert html.count("We do not wait.") == 1


@pytest.mark.parametrize(
    ("kind", "done"),
    [("correction", "Corrected"), ("clarification", "Clarified"), ("addition", "Supplemented"),
     ("withdrawal", "Withdrawn")],
)  # fmt: skip
def test_each_kind_is_called_by_its_name(client, kind, done):
    correct(kind=kind)
    assert notes(page(client, Q1))[0].startswith(f"{done} on 3 December 2026 ")


def test_what_was_corrected_at_once_for_one_reason_is_one_note(client):
    correct("role_as_printed", "Minister", "Defence Minister")
    correct("said_on", "2025-05", "2025-05-28")
    correct("text", reason="Something else.")
    correct("text", corrected_at=THEN + timedelta(1))
    found = notes(page(client, Q1))
    assert len(found) == 3
    assert found[0].startswith("Corrected on 4 December 2026")
    assert found[2] == (
        "Corrected on 3 December 2026 A word was left out. Role as printed Was Minister Is Defence Minister "
        "Date Was May 2025 Is 28 May 2025"
    )


def test_what_is_not_told_with_the_words_of_a_statement_stands_below(client):
    correct("channel", "Twitter", "Facebook")
    correct("passages", "one\ntwo", "one\nthree")
    html = page(client, Q1)
    assert html.index('<h2 id="corrected">Other corrections</h2>') < html.index("<del")
    assert "<ins>Facebook</ins>" in html
    # Each passage stands on its own line; the stylesheet keeps them.
    assert '<del class="as-printed" lang="en">one\ntwo</del>' in html
    correct()
    assert len(notes(page(client, Q1).partition('id="corrected"')[0])) == 1


@pytest.mark.parametrize("record", NOUNS)
def test_corrections_of_any_record_stand_under_its_head(client, record):
    correct("slug", "an-old-one", PLACES[record], record=record, noun=PLACES[record], reason="The name was wrong.")
    html = page(client, f"/{record}/{PLACES[record]}/")
    [note] = notes(html)
    assert note == (f"Corrected on 3 December 2026 The name was wrong. Address Was an-old-one Is {PLACES[record]}")
    assert html.index("<h1") < html.index("<del>")
    if record != "statements":
        assert html.index("<del>") < html.index("<section")
    assert f'<a href="/{record}/an-old-one/">an-old-one</a>' in html


def test_a_page_without_corrections_says_nothing_of_them(client):
    for record, slug in PLACES.items():
        html = page(client, f"/{record}/{slug}/")
        assert "<del" not in html
        assert 'class="corrections"' not in html


def test_the_three_latest_are_in_sight_and_all_others_one_click_away(client):
    for day in range(6):
        correct("channel", f"before {day}", f"after {day}", corrected_at=THEN + timedelta(day))
    html = page(client, Q1)
    seen, hidden = html.split("<details>")
    assert "Corrected before that: 3 times" in hidden
    assert [f"after {day}" in seen for day in range(6)] == [False] * 3 + [True] * 3
    assert [f"after {day}" in hidden for day in range(6)] == [True] * 3 + [False] * 3


def test_what_names_a_record_leads_to_it(client):
    correct("speaker", "sergei-lavrov", "rustem-umerov")
    correct("mentions", "", "hakan-fidan, sergei-lavrov", kind="addition")
    correct("source", "afp", "cgtn")
    html = page(client, Q1)
    assert '<del><a href="/people/sergei-lavrov/">sergei-lavrov</a></del>' in html
    assert '<a href="/people/hakan-fidan/">hakan-fidan</a>, <a href="/people/sergei-lavrov/">' in html
    assert '<ins><a href="/sources/cgtn/">cgtn</a></ins>' in html
    assert "Persons named in it Was empty Is" in words(html)


def test_what_was_left_out_is_said_to_be_empty(client):
    correct("cue", "boasted", "")
    assert notes(page(client, Q1))[0].endswith(" Reporting verb Was boasted Is empty")


def test_a_change_without_a_reason_is_told_as_such(client):
    correct(reason=NO_REASON)
    assert NO_REASON in notes(page(client, Q1))[0]
    assert NO_REASON in words(page(client, "/corrections/"))


def test_values_that_are_none_are_shown_as_they_are(client):
    correct("said_on", "soon", "<b>2025</b>")
    correct("speaker", "<i>A</i>", "Not a slug!")
    correct("no_such_column", "x", "y")
    html = page(client, Q1) + page(client, "/corrections/")
    assert "<del>soon</del>" in html
    assert "<ins>&lt;b&gt;2025&lt;/b&gt;</ins>" in html
    assert "<del>&lt;i&gt;A&lt;/i&gt;</del>" in html
    assert "/people/Not" not in html
    assert "No such column" in html


def test_corrections_cost_one_question_a_page(client, django_assert_max_num_queries):
    for day in range(50):
        correct("speaker", "sergei-lavrov", "rustem-umerov", corrected_at=THEN + timedelta(day))
    with django_assert_max_num_queries(13):
        client.get(Q1)
    with django_assert_max_num_queries(3):
        client.get("/corrections/")


# In the list, and as data.


def test_the_list_and_every_format_have_all_kinds(client):
    correct("passages", "one\ntwo", "one\nthree")
    correct("", "", "", kind="withdrawal", reason="It was entered twice.")
    correct("members", "Umerov", "Umerov\nKyslytsia", record="delegations", noun=PLACES["delegations"])
    correct("text", "old", "new", record="editors_notes", noun="e05-year", reason=NO_REASON)
    html = page(client, "/corrections/")
    read = words(html.replace("</p>", "</p> ").replace("<br>", " ").replace("</h2>", "</h2> "))
    assert (
        f"Statement Correction of {SLUG} A word was left out. Passages of the source Was one two Is one three" in read
    )
    assert f"Statement Withdrawal of {SLUG} It was entered twice." in read
    assert "Delegation Correction of ukraine-istanbul-2025-06-02 A word was left out. Members Was Umerov Is" in read
    assert f"Editor’s note Correction of e05-year {NO_REASON} Text Was old Is new" in read
    rows = json.loads(client.get("/corrections.json").getvalue())["records"]
    lines = list(csv.DictReader(io.StringIO(client.get("/corrections.csv").getvalue().decode("utf-8-sig"), newline="")))
    for told in (rows, lines):
        assert [(row["column"], row["kind"]) for row in told] == [
            ("text", "correction"), ("members", "correction"), ("", "withdrawal"), ("passages", "correction"),
        ]  # fmt: skip
        assert told[3]["before"].splitlines() == ["one", "two"]
    graph = json.loads(client.get("/corrections.jsonld").getvalue())["@graph"]
    assert {thing["@type"] for thing in graph} == {"CorrectionComment"}
    assert [thing["text"] for thing in graph][0::2] == [NO_REASON, "It was entered twice."]
    feed = client.get("/corrections.atom").getvalue().decode()
    assert feed.count("<entry>") == 4
    assert f"<title>Withdrawal: {SLUG}</title>" in feed


# Withdrawn.


def withdraw() -> None:
    standing = {"status": "withdrawn", "withdrawn_on": "2026-12-03", "withdrawn_because": "It was entered twice."}
    Statement.objects.filter(slug=SLUG).update(**standing)
    Correction.objects.all().delete()


def gone(client, address: str = Q1) -> str:
    answer = client.get(address)
    assert answer.status_code == 410
    return answer.content.decode()


def test_a_withdrawn_address_names_whom_it_was_attributed_to_and_its_correction(client):
    text = Statement.objects.get(slug=SLUG).text
    withdraw()
    made = correct("", "", "", kind="withdrawal", reason="Two sources had one text.")
    correct("text", text, "Something else")
    html = gone(client)
    assert '<dt>Attributed to</dt><dd><a href="/people/rustem-umerov/">Rustem Umerov</a></dd>' in html
    assert f'href="/corrections/#{made.slug}"' in html
    assert "Withdrawal of 3 December 2026: Two sources had one text." in words(html)
    assert unescape(text)[:40] not in unescape(html)


def test_a_reason_is_not_said_twice(client):
    withdraw()
    correct("", "", "", kind="withdrawal", reason="It was entered twice.")
    assert words(gone(client)).count("It was entered twice.") == 1


def test_a_tombstone_has_its_correction_too(client):
    correct("", "", "", kind="withdrawal", record="people", noun="somebody", reason="He is somebody else.")
    Tombstone.objects.create(record="people", slug="somebody", withdrawn_on="2026-12-03", withdrawn_because=NO_REASON)
    assert "He is somebody else." in words(gone(client, "/people/somebody/"))
    assert "Attributed to" not in gone(client, "/people/somebody/")


def test_a_person_who_is_not_public_is_not_named(client):
    withdraw()
    Statement.objects.filter(speaker__slug="rustem-umerov", status="published").update(status="draft")
    Person.objects.filter(slug="rustem-umerov").update(status="draft")
    assert "Umerov" not in gone(client).replace("umerov-awaits", "")


# How they are made, and pages that only editors see.


def test_it_is_explained_how_corrections_are_made(client):
    read = words(page(client, "/about/"))
    for word in ("Correction", "Clarification", "Addition", "Withdrawal", "No reason was recorded", "never used again"):
        assert word in read


@pytest.mark.parametrize(
    ("status", "told", "title"),
    [("draft", "Draft, not published. Seen as readers will see it. It may be released by: anna.", "Draft: About"),
     ("in review", "In review, not published. Seen as readers will see it. It may be released by: anna.", "Draft: About"),
     ("published", "Published. Seen as readers see it.", "About")],
)  # fmt: skip
def test_a_preview_says_that_it_is_one(rf, status, told, title):
    request = rf.get("/about/")
    request.resolver_match = None
    request.preview = {"status": status, "may_release": "anna"}
    html = loader.render_to_string("talks/about.html", {}, request)
    assert told in words(html)
    assert re.search(r"<title>(.*) · Talks in Context</title>", html)[1] == title
    assert html.index('class="banner"') < html.index("<h1>")


def test_no_public_page_is_a_preview(client):
    assert 'class="banner"' not in page(client, "/about/")
    assert "<title>About · " in page(client, "/about/")
