"""What an editor does in a browser: enters a source and its text, finds quoted words in it, publishes."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser.conftest import Window
from tests.servers import ROOT, Place, ask

pytestmark = pytest.mark.browser

NAME, PASSWORD = "olena", "nine-orange-herons"
NOUNS = ("party", "person", "source", "meeting", "delegation", "statement", "editorsnote")
REPORT = os.environ.get("REPORT", "")

# An invented report of an invented meeting. A line before it and none after it, both to be kept.
TEXT = (
    "\nThe working group on grazing met in Zürich on 3 March. Its chair read out the agenda, and both sides took their "
    "seats at noon.\n\n“We came with a map, and we shall leave with two signatures under it,” Ada Brühl said before "
    "the doors were closed. She took no questions."
)
# As the house cuts it: without the comma that belongs to the report’s own sentence.
QUOTED = "We came with a map, and we shall leave with two signatures under it"
MISTYPED = "We came with the map, and we shall leave with two signatures under it"


@pytest.fixture(scope="module", autouse=True)
def invented(place: Place) -> None:
    """What a statement needs besides its source."""
    place.edit(
        "party = Party(slug='highland', name='Highland', status='published')\nparty.save()\n"
        "Person(slug='ada-bruehl', name='Ada Brühl', sort_name='Brühl, Ada', party=party, status='published').save()\n"
        "Meeting(slug='zuerich-2026-03-03', title='Zürich, 3 March 2026', date='2026-03-03', city='Zürich',\n"
        "        status='published').save()"
    )


@pytest.fixture(scope="module")
def logged_in(place: Place, chromium: Browser, public: str) -> Iterator[Window]:
    """An editor's window, logged in; the admin knows where the public site is."""
    place.manage("make_editor", EDITOR_NAME=NAME, EDITOR_PASSWORD=PASSWORD)
    with place.served("config.settings_editor", SITE_URL=public, TWO_FACTOR="0") as (port, _):
        window = Window(chromium, f"http://127.0.0.1:{port}")
        page = window.open("/admin/")
        page.fill("#id_username", NAME)
        page.fill("#id_password", PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/admin/")
        yield window
        window.close()


@pytest.fixture
def desk(logged_in: Window) -> Iterator[Page]:
    """The editor's page; afterwards the browser may have had nothing to complain of, least of all a broken policy."""
    yield logged_in.page
    wrong, logged_in.wrong = logged_in.wrong, []
    assert wrong == []


def choose(page: Page, field: str, typed: str) -> None:
    """Pick from a field that completes what is typed."""
    page.locator(f"#id_{field} + .select2 .select2-selection").click()
    page.locator(".select2-container--open .select2-search__field").fill(typed)
    page.locator(".select2-results__option--highlighted", has_text=typed).click()


def save(page: Page) -> None:
    page.locator("[name=_save]").click()
    page.locator(".messagelist .success, .errornote").wait_for()
    assert page.locator(".errornote, .errorlist").all_inner_texts() == []


def publish(page: Page) -> None:
    """Open what was just saved, and press its button; its page stays open."""
    page.locator(".messagelist .success a").click()
    page.wait_for_url("**/change/**")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.locator(".messagelist .success", has_text="is published.").wait_for()


def enter_source(page: Page, slug: str, publisher: str, paste: str = "", upload: bytes = b"") -> None:
    """Enter a source and publish it; its page stays open."""
    page.goto("/admin/talks/source/add/")
    page.fill("#id_slug", slug)
    page.fill("#id_publisher", publisher)
    page.select_option("#id_kind", "news_report")
    page.fill("#id_title", "Grazing talks open")
    page.fill("#id_published_on", "2026-03-04")
    if paste:
        page.fill("#id_paste", paste)
    if upload:
        page.set_input_files("#id_upload", {"name": "report.txt", "mimeType": "text/plain", "buffer": upload})
    save(page)
    publish(page)


def record_of(page: Page) -> tuple[str, int]:
    """The digest and the length that a source's form shows."""
    return page.input_value("#id_document_sha256"), int(page.input_value("#id_document_length"))


def enter_statement(page: Page, slug: str, text: str, publisher: str, speaker: str, meeting: str, day: str) -> Locator:
    """Fill in a direct statement's form as far as its first passage; gives the field for the words."""
    page.goto("/admin/talks/statement/add/")
    page.fill("#id_slug", slug)
    page.select_option("#id_quotation_type", "direct")
    page.fill("#id_text", text)
    page.fill("#id_said_on", day)
    choose(page, "speaker", speaker)
    choose(page, "meeting", meeting)
    choose(page, "source", publisher)
    page.fill("#id_role_as_printed", "Chair")
    page.get_by_text("Add another Passage").click()
    return page.locator("#id_passages-0-exact")


def place_of(page: Page) -> dict[str, str]:
    return {name: page.input_value(f"#id_passages-0-{name}") for name in ("start", "end", "prefix", "suffix")}


def check(page: Page) -> Locator:
    """Press the button beside the words of the first passage; gives what is said then."""
    beside = page.locator(".field-exact", has=page.locator("#id_passages-0-exact"))
    with page.expect_response("**/check/", timeout=3000):
        beside.get_by_role("button", name="Check", exact=True).click()
    return beside.get_by_role("status")


# Every form


@pytest.mark.parametrize("noun", NOUNS)
def test_the_lists_and_forms_of_a_noun_open_without_a_complaint_of_the_browser(desk, noun):
    desk.goto(f"/admin/talks/{noun}/")
    desk.locator("#result_list tbody th a").first.click()
    desk.wait_for_url("**/change/**")
    desk.goto(f"/admin/talks/{noun}/add/")
    assert desk.locator("#id_slug").is_visible()


def test_the_admins_front_leads_to_every_noun(desk):
    desk.goto("/admin/")
    for noun in NOUNS:
        assert desk.locator(f'#content a[href="/admin/talks/{noun}/"]').first.is_visible()


# A source and its text


@pytest.mark.parametrize(
    ("way", "document"),
    [("paste", TEXT.encode()), ("upload", TEXT.encode()), ("upload", TEXT.replace("\n", "\r\n").encode())],
    ids=["pasted", "uploaded", "uploaded with CR LF"],
)
def test_a_text_is_kept_as_it_was_given(desk, public, request, way, document):
    slug = request.node.callspec.id.lower().replace(" ", "-")
    enter_source(desk, slug, "The Alpine Post", **{way: document.decode() if way == "paste" else document})
    expected = hashlib.sha256(document).hexdigest(), len(document.decode())
    assert record_of(desk) == expected
    answer = ask(int(public.rpartition(":")[2]), f"/sources/{slug}/")
    assert answer.status == 200
    assert f"<code>{expected[0]}</code> SHA-256, {expected[1]} characters" in answer.text
    assert "two signatures" not in answer.text, "the text is private unless it is marked public"


# Quoted words


@pytest.fixture(scope="module")
def post(logged_in: Window) -> str:
    """The publisher of a source whose text is held."""
    enter_source(logged_in.page, "valley-courier", "Valley Courier", paste=TEXT)
    return "Valley Courier"


def test_words_are_looked_for_without_leaving_the_form_and_once_published_they_are_public(desk, public, post, window):
    words = enter_statement(desk, "bruehl-map", QUOTED, post, "Ada Brühl", "Zürich", "2026-03-03")
    words.fill(MISTYPED)
    says = check(desk)
    says.get_by_text("These words are not in the source’s text.").wait_for()
    assert says.locator("del").inner_text() == "the"
    assert says.locator("ins").inner_text() == "a"
    assert place_of(desk) == {"start": "", "end": "", "prefix": "", "suffix": ""}
    says.get_by_role("button", name="Take the text’s words").click()
    assert words.input_value() == QUOTED
    says = check(desk)
    start = TEXT.index(QUOTED)
    end = start + len(QUOTED)
    says.get_by_text(f"Found at {start}–{end}.").wait_for()
    assert place_of(desk) == {
        "start": str(start),
        "end": str(end),
        "prefix": TEXT[start - 32 : start],
        "suffix": TEXT[end : end + 32],
    } or place_of(desk) == {
        "start": str(start),
        "end": str(end),
        "prefix": TEXT[start - 32 : start],
        "suffix": TEXT[end : end + 32],
    }
    save(desk)
    assert ask(int(public.rpartition(":")[2]), "/statements/bruehl-map/").status == 404
    publish(desk)
    page = window().open("/statements/bruehl-map/")
    assert (
        page.locator(".statement-hero .badge").inner_text().startswith("Direct quotation. Found in the source’s text")
    )
    assert page.locator(".evidence mark").inner_text() == QUOTED
    assert f"{start}–{end}" in page.locator(".facts").last.inner_text()


def test_words_that_are_not_in_the_text_are_not_saved_and_the_form_offers_the_nearest(desk, public, post):
    enter_statement(desk, "bruehl-mistyped", MISTYPED, post, "Ada Brühl", "Zürich", "2026-03-03").fill(MISTYPED)
    desk.locator("[name=_save]").click()
    told = desk.locator(".field-exact .errorlist")
    assert "These words are not in the source’s text." in told.inner_text()
    assert (told.locator("del").inner_text(), told.locator("ins").inner_text()) == ("the", "a")
    told.get_by_role("button", name="Take the text’s words").click()
    assert desk.input_value("#id_passages-0-exact") == QUOTED
    desk.fill("#id_text", QUOTED)
    check(desk).get_by_text("Found at").wait_for()
    save(desk)
    publish(desk)
    assert ask(int(public.rpartition(":")[2]), "/statements/bruehl-mistyped/").status == 200


@pytest.fixture
def quotations(desk: Page, request: pytest.FixtureRequest) -> Page:
    """The page “Quotations in …” of a source of its own, reached as an editor reaches it."""
    slug = re.sub(r"\W", "-", request.node.name)[-50:].strip("-").replace("_", "-")
    enter_source(desk, slug, "Ridge Herald", paste=TEXT)
    desk.get_by_role("link", name="Find quotations").click()
    desk.wait_for_url("**/quotations/")
    return desk


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page_of_quotations(quotations, logged_in, scheme):
    quotations.emulate_media(color_scheme=scheme)
    assert logged_in.axe(within="#content") == []
    assert quotations.get_by_role("navigation", name="Breadcrumbs").count() == 1
    quotations.emulate_media(color_scheme="light")


def test_quotations_found_in_a_text_become_drafts_when_they_are_ticked(desk, quotations, public):
    proposals = desk.locator(".proposal")
    assert proposals.count() == 1
    assert proposals.locator("[name$=-text]").input_value() == QUOTED
    assert proposals.locator("[name$=-speaker] option:checked").inner_text() == "Ada Brühl"
    slug = proposals.locator("[name$=-slug]").input_value()
    proposals.get_by_label("Draft this").check()
    desk.select_option("#id_meeting", label="Zürich, 3 March 2026")
    desk.get_by_role("button", name="Make drafts of those ticked").click()
    desk.wait_for_url("**/change/**")
    told = desk.locator(".messagelist").inner_text()
    assert "Nothing is published by itself" in told
    assert ask(int(public.rpartition(":")[2]), f"/statements/{slug}/").status == 404
    desk.goto(f"/admin/talks/statement/?q={slug}&status__exact=draft")
    assert desk.locator("#result_list tbody tr").count() == 1
    desk.locator("#result_list tbody th a").first.click()
    desk.wait_for_url("**/change/**")
    assert desk.input_value("#id_passages-0-exact") == QUOTED
    assert desk.input_value("#id_passages-0-start") == str(TEXT.index(QUOTED))
    assert "1 draft was made" in told


# The report of the built-in data


@pytest.mark.report
@pytest.mark.skipif(not REPORT, reason="REPORT names no file")
@pytest.mark.parametrize("way", ["paste", "upload"])
def test_the_report_entered_in_a_browser_has_the_digest_and_the_offsets_of_the_built_in_data(desk, way):
    document = Path(REPORT).read_bytes()
    enter_source(desk, f"report-{way}", f"Report {way}", **{way: document.decode() if way == "paste" else document})
    assert record_of(desk) == (
        "cf4cf3d786c985ca2cb0eb2e6423052016a3e7fd1a1bd90fd63f5c6dc9e2d620",
        2119,
    )
    said = next(
        row["fields"]["text"]
        for row in json.loads((ROOT / "fixtures" / "statements.json").read_text("utf-8"))
        if row["fields"].get("slug") == "umerov-awaits-memorandum"
    )
    enter_statement(desk, f"umerov-{way}", said, f"Report {way}", "Umerov", "Istanbul, 2 June 2025", "2025-05-28").fill(
        said
    )
    check(desk).get_by_text("Found at 478–650.").wait_for()
    assert (place_of(desk)["start"], place_of(desk)["end"]) == ("478", "650")
