"""What an editor's page does while one types, and the pages of the desk in a browser: no complaint, and axe clean."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window
from tests.browser.test_editor import choose, desk, invented, logged_in  # noqa: F401  (fixtures)
from tests.servers import Place

pytestmark = pytest.mark.browser

WORDS = "We came with a map, and we shall leave with two signatures under it"


@pytest.fixture(scope="module")
def told(place: Place, invented: None) -> None:  # noqa: F811
    """A statement that is entered already, another of the same words, an earlier delegation and a record in review."""
    place.edit(
        "import datetime\n"
        "speaker, earlier = Person.objects.get(slug='ada-bruehl'), Meeting.objects.get(slug='zuerich-2026-03-03')\n"
        "later = Meeting(slug='bern-2026', title='Bern, 2026', date='2026-05', city='Bern', follows=earlier)\n"
        "later.save()\n"
        "source = Source(slug='alpine', publisher='The Alpine Post', kind='news_report', title='Maps', status='review')\n"
        "source.save()\n"
        "sent = Delegation(slug='highland-zuerich', meeting=earlier, party=speaker.party)\nsent.save()\n"
        "sent.members.create(person=speaker, role='head', source=source)\n"
        "for number in (1, 2):\n"
        f"    Statement(slug=f'bruehl-{{number}}', quotation_type='indirect', text={WORDS!r}, speaker=speaker,\n"
        "              said_on='2026-03-03', meeting=earlier, source=source).save()"
    )


def test_what_is_entered_already_is_told_below_the_words(desk: Page, told: None):  # noqa: F811
    desk.goto("/admin/talks/statement/add/")
    desk.fill("#id_text", f"“{WORDS.upper()}”")
    desk.fill("#id_said_on", "2026-03-05")
    likely = desk.locator("#id_text-likely")
    with desk.expect_response("**/likely/"):
        choose(desk, "speaker", "Ada Brühl")
    expect(likely.locator("li a")).to_have_count(2)
    with desk.expect_response("**/likely/"):
        desk.fill("#id_text", "Other words.")
        desk.locator("#id_slug").focus()
    expect(likely.locator("li a")).to_have_count(0)


def test_it_is_told_inside_a_meeting_too(desk: Page, told: None):  # noqa: F811
    desk.goto("/admin/talks/meeting/add/")
    desk.get_by_text("Add another Statement").click()
    desk.fill("#id_statements-0-said_on", "2026-03-05")
    choose(desk, "statements-0-speaker", "Ada Brühl")
    desk.fill("#id_statements-0-text", WORDS)
    with desk.expect_response("**/likely/"):
        desk.locator("#id_statements-0-slug").focus()
    expect(desk.locator("#id_statements-0-text-likely li a")).to_have_count(2)


def test_two_statements_are_made_one_by_a_button(desk: Page, told: None):  # noqa: F811
    desk.goto("/admin/talks/statement/?q=bruehl-2")
    desk.locator("#result_list tbody th a").first.click()
    desk.get_by_role("button", name="Make it a variant of this").click()
    expect(desk.locator(".messagelist .success")).to_contain_text("is now a wording of")
    expect(desk.get_by_text("Said already?")).to_have_count(0)


@pytest.mark.parametrize("path", ["/admin/", "/admin/to-review/", "/admin/to-check/"])
def test_the_queues_are_clean(desk: Page, logged_in: Window, told: None, path: str):  # noqa: F811
    desk.goto(path)
    assert logged_in.axe("#content") == []


def test_delegations_are_copied_on_a_clean_page(desk: Page, logged_in: Window, told: None):  # noqa: F811
    desk.goto("/admin/talks/meeting/?q=bern-2026")
    desk.locator("#result_list tbody th a").first.click()
    desk.get_by_role("link", name="Copy delegations from an earlier meeting").click()
    desk.wait_for_url("**/delegations/")
    # The fields of Select2 have no name anywhere in Django's admin.
    assert [line for line in logged_in.axe("#content") if "select2" not in line] == []
    choose(desk, "source", "Alpine")
    desk.get_by_role("button", name="Make drafts of those ticked").click()
    expect(desk.locator(".messagelist .success")).to_contain_text("1 draft delegation with 1 member was made")
    expect(desk.locator("#id_delegations-0-slug")).to_have_value("highland-bern-2026")
