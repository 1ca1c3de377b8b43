"""A day of three editors in Chromium, on both processes: from the first login to what is published, corrected, withdrawn.

No page may make the browser complain, and axe finds nothing on the pages that are ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Window
from tests.browser.team import PASSWORD, check, clean, enrol, enter, give, log_out, patient, press, released, saved
from tests.browser.test_editor import choose
from tests.servers import Answer, Place, ask

pytestmark = pytest.mark.browser

ROLES = {"olena": "contributor", "erik": "editor", "petra": "publisher"}
# An invented report of an invented meeting, with two quotations.
TEXT = (
    "The working group on grazing met in Zürich on 3 March.\n\n“We came with a map, and we shall leave with two "
    "signatures under it,” the chair of the group, Ada Brühl, said before the doors were closed.\n\n"
    "“Nobody was asked to sign a thing that he had not read,” Ada Brühl told reporters in the evening."
)
MAP = "We came with a map, and we shall leave with two signatures under it"
READ = "Nobody was asked to sign a thing that he had not read"
MISREAD = "Nobody was asked to sign a thing which he had not read"


@pytest.fixture(scope="module")
def desk(place: Place, public: str) -> Iterator[str]:
    """The editor's process, with a second factor and four eyes."""
    for name, role in ROLES.items():
        place.manage("make_editor", EDITOR_NAME=name, EDITOR_PASSWORD=PASSWORD, EDITOR_ROLE=role)
    with place.served("config.settings_editor", SITE_URL=public, TWO_FACTOR="1", FOUR_EYES="1") as (port, _):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def team(chromium: Browser, desk: str) -> Iterator[dict[str, Window]]:
    """A window of each of the three, who logged in with two factors."""
    windows = {name: patient(Window(chromium, desk)) for name in ROLES}
    for name, window in windows.items():
        phone, codes = enrol(window, name)
        assert len(set(codes)) == 10
        window.open("/admin/second-factor/")
        assert window.page.url == f"{desk}/admin/", "the codes are shown once"
        log_out(window.page)
        give(window.open("/admin/login/"), name, phone.code())
        window.page.wait_for_url("**/admin/")
    yield windows
    for window in windows.values():
        window.close()


@pytest.fixture(autouse=True)
def without_a_complaint(team: dict[str, Window]) -> Iterator[None]:
    yield
    said = [(name, window.wrong) for name, window in team.items() if window.wrong]
    for window in team.values():
        window.wrong = []
    assert said == []


def read(public: str, address: str) -> Answer:
    """What the public process answers now."""
    return ask(int(public.rpartition(":")[2]), address)


@pytest.fixture(scope="module")
def source(team: dict[str, Window]) -> str:
    """A published source with its text, the person whom it quotes, and the meeting that it is about."""
    olena = team["olena"]
    person = enter(olena, "person", slug="ada-bruehl", name="Ada Brühl", sort_name="Brühl, Ada")
    day = {"slug": "zuerich-2026-03-03", "title": "Zürich, 3 March 2026", "date": "2026-03-03", "city": "Zürich"}
    meeting = enter(olena, "meeting", **day)
    report = {"slug": "valley-courier", "publisher": "Valley Courier", "title": "Grazing talks open", "paste": TEXT}
    source = enter(olena, "source", kind="news_report", published_on="2026-03-04", **report)
    for address in (person, meeting, source):
        released(team, address)
    return source


@pytest.fixture(scope="module")
def drafted(team: dict[str, Window], source: str) -> str:
    """The first quotation of the source, found in its text and drafted; gives the address of its form."""
    page = team["olena"].open(source)
    page.get_by_role("link", name="Find quotations").click()
    page.wait_for_url("**/quotations/")
    clean(team["olena"])
    found = page.locator(".proposal", has_text="two signatures")
    found.get_by_label("Draft this").check()
    found.locator("[name$=-slug]").fill("bruehl-map")
    page.select_option("#id_meeting", label="Zürich, 3 March 2026")
    page.get_by_role("button", name="Make drafts of those ticked").click()
    expect(page.locator(".messagelist .success")).to_contain_text("1 draft was made. Nothing is published by itself.")
    page.goto("/admin/talks/statement/?q=bruehl-map")
    page.locator("#result_list tbody th a").click()
    page.wait_for_url("**/change/**")
    page.fill("#id_role_as_printed", "chair of the group")
    saved(page)
    return page.url


@pytest.fixture(scope="module")
def mended(team: dict[str, Window], source: str) -> str:
    """The second quotation, mistyped and then taken from the text; gives the address of its form."""
    page = team["olena"].open(source)
    page.get_by_role("link", name="Enter a statement from this source").click()
    page.wait_for_url("**/statement/add/?source=*")
    page.fill("#id_slug", "bruehl-read")
    page.fill("#id_text", READ)
    choose(page, "speaker", "Ada Brühl")
    choose(page, "meeting", "Zürich")
    page.select_option("#id_quotation_type", "direct")
    page.get_by_text("Add another Passage").click()
    page.fill("#id_passages-0-exact", MISREAD)
    says = check(page)
    expect(says.locator("del")).to_have_text("which")
    expect(says.locator("ins")).to_have_text("that")
    says.get_by_role("button", name="Take the text’s words").click()
    assert page.input_value("#id_passages-0-exact") == READ
    expect(check(page)).to_contain_text(f"Found at {TEXT.index(READ)}")
    saved(page)
    return page.url


# The day


def test_a_login_takes_password_and_code_in_one_form_and_a_code_works_once(chromium: Browser, place: Place, desk: str):
    place.manage("make_editor", EDITOR_NAME="ruth", EDITOR_PASSWORD=PASSWORD, EDITOR_ROLE="contributor")
    window = patient(Window(chromium, desk))
    phone, codes = enrol(window, "ruth")
    log_out(window.page)
    code = phone.code()
    posts: list[Any] = []
    window.context.on("request", lambda request: posts.append(request.method) if request.method == "POST" else None)
    give(window.open("/admin/login/"), "ruth", code)
    window.page.wait_for_url("**/admin/")
    assert posts == ["POST"]
    log_out(window.page)
    give(window.open("/admin/login/"), "ruth", code)
    expect(window.page.get_by_role("alert")).to_contain_text("A code works once")
    clean(window)
    give(window.page, "ruth", codes[0])
    expect(window.page.locator(".messagelist .warning")).to_contain_text("Codes left: 9.")
    window.close()


def test_a_draft_is_previewed_reviewed_and_released_and_is_public_at_the_next_request(team, public, drafted):
    olena, petra = team["olena"], team["petra"]
    page = olena.open(drafted)
    clean(olena)
    page.get_by_role("link", name="Preview").click()
    expect(page.locator(".banner")).to_contain_text("Draft, not published. Seen as readers will see it.")
    expect(page.locator(".banner")).to_contain_text("released by: petra.")
    expect(page.locator(".statement-hero")).to_contain_text(MAP)
    clean(olena)
    olena.open(drafted)
    press(olena, "Ask for review", "is sent to review.")
    assert read(public, "/statements/bruehl-map/").status == 404
    page = petra.open("/admin/")
    clean(petra)
    page.get_by_role("link", name="To review: 1").click()
    page.wait_for_url("**/to-review/")
    clean(petra)
    page.get_by_role("link", name="We came with a map").click()
    page.wait_for_url("**/change/**")
    clean(petra)
    press(petra, "Publish", "is published.")
    answer = read(public, "/statements/bruehl-map/")
    assert (answer.status, MAP in answer.text) == (200, True)
    clean(petra)


def test_words_that_are_not_in_the_text_are_mended_by_the_nearest_passage(team, public, mended):
    page = team["olena"].open(mended)
    assert page.input_value("#id_passages-0-exact") == READ
    standing = page.locator(".desk")
    expect(standing.locator("[aria-current]")).to_have_text("Draft")
    expect(standing).to_contain_text("The speaker’s role as the source prints it is missing.")
    page = team["petra"].open(mended)
    publish = page.locator(".desk").get_by_role("form", name="Publish")
    publish.get_by_label("The source prints no role for the speaker.").check()
    press(team["petra"], "Publish", "is published.")
    assert read(public, "/statements/bruehl-read/").status == 200


def test_what_is_published_is_corrected_with_a_kind_and_a_reason_that_readers_see(team, public, drafted, window):
    page = team["petra"].open(drafted)
    page.fill("#id_role_as_printed", "chairwoman of the group")
    page.locator("[name=_continue]").click()
    expect(page.locator(".desk-unsaved")).to_contain_text("The public will be told of this (role as printed)")
    clean(team["petra"])
    assert "chairwoman" not in read(public, "/statements/bruehl-map/").text
    page.select_option("#id_public_kind", "correction")
    page.fill("#id_reason", "The report was misread.")
    saved(page)
    seen = window().open("/statements/bruehl-map/")
    expect(seen.locator(".corrections del")).to_have_text("chair of the group")
    expect(seen.locator(".corrections ins")).to_have_text("chairwoman of the group")
    listed = read(public, "/corrections/").text
    assert "The report was misread." in listed
    assert "bruehl-map" in listed


def test_whoever_saves_over_somebody_else_is_told_and_sees_both_versions(team, source):
    address = enter(team["olena"], "party", slug="highland", name="Highland")
    page = team["erik"].open(address)
    team["olena"].page.fill("#id_name", "The Highland")
    saved(team["olena"].page)
    page.fill("#id_name", "Highland Union")
    page.locator("[name=_continue]").click()
    both = page.locator(".desk-conflict tbody tr")
    expect(both).to_have_text("NameThe HighlandHighland Union")
    expect(page.get_by_text("Somebody else saved this while you had it open: olena")).to_be_visible()
    clean(team["erik"])
    assert page.input_value("#id_name") == "Highland Union", "nothing is lost"
    saved(page)
    assert team["olena"].open(address).input_value("#id_name") == "Highland Union"


def test_a_history_shows_each_field_in_words_and_an_older_version_comes_back(team, public, drafted):
    petra = team["petra"]
    page = petra.open(drafted.replace("/change/", "/history/"))
    last = page.locator(".desk-history > li").first
    expect(last).to_contain_text("Corrected by petra")
    expect(last.locator("dt", has_text="Role as printed")).to_have_count(1)
    clean(petra)
    page.get_by_role("link", name="Restore this version").first.click()
    expect(page.locator(".desk-differences ins")).to_have_text("chair of the group")
    clean(petra)
    page.select_option("#id_public_kind", "correction")
    page.fill("#id_reason", "The first reading was right.")
    page.get_by_role("button", name="Restore this version").click()
    expect(page.locator(".messagelist .success")).to_contain_text("The version was restored: 1 field says so again.")
    assert "The first reading was right." in read(public, "/statements/bruehl-map/").text


def test_two_records_of_one_person_are_merged_and_the_old_address_leads_on(team, public, source):
    petra = team["petra"]
    second = enter(team["olena"], "person", slug="a-bruehl", name="A. Bruehl", sort_name="Bruehl, A.")
    released(team, second)
    petra.page.get_by_role("link", name="Merge", exact=True).click()
    page = petra.page
    page.wait_for_url("**/merge/")
    clean(petra)
    choose(page, "into", "Ada Brühl")
    page.get_by_role("button", name="Show what will move").click()
    expect(page.locator("#content")).to_contain_text("New spellings: A. Bruehl")
    clean(petra)
    page.fill("#id_reason", "Both reports print the same office.")
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.locator(".messagelist .success")).to_contain_text("the old address leads there")
    answer = read(public, "/people/a-bruehl/")
    assert (answer.status, answer.headers["Location"]) == (301, "/people/ada-bruehl/")


def test_the_other_pages_of_the_desk_are_clean(team, source):
    window = team["petra"]
    page = window.open("/admin/to-check/")
    clean(window)
    page.goto("/admin/talks/meeting/?q=istanbul-2025-06-02")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("link", name="Copy delegations from an earlier meeting").click()
    page.wait_for_url("**/delegations/")
    clean(window)


def test_what_is_withdrawn_answers_410_with_the_reason(team, public, drafted, window):
    petra = team["petra"]
    petra.open(drafted)
    petra.page.get_by_label("Why, in a sentence for the public").fill("The report itself was taken back.")
    press(petra, "Withdraw", "is withdrawn.")
    expect(petra.page.locator(".desk [aria-current]")).to_have_text("Withdrawn")
    clean(petra)
    gone = window().open("/statements/bruehl-map/", status=410)
    expect(gone.locator("main")).to_contain_text("The report itself was taken back.")
