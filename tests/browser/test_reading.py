"""What a reader does besides following a quotation: searches, reads a meeting as it was known, finds a way in time."""

from __future__ import annotations

import pytest

from tests.browser.test_reader import MEETING, Q1

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}
DESK = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
BOTH = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone, dark", "desktop, light"])


def results(page) -> list[str]:
    return page.locator(".statement-text").all_inner_texts()


@BOTH
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_reader_searches_narrows_the_results_and_widens_them_again(window, size, script):
    page = window(java_script_enabled=script, **size).open("/")
    page.get_by_role("searchbox").fill("memorandum")
    page.get_by_role("button", name="Find").click()
    page.wait_for_url("**/statements/?q=memorandum")
    heading = page.get_by_role("heading", level=2, name="match “memorandum”")
    assert heading.inner_text().startswith(f"{len(results(page))} statements")
    assert all("memorandum" in text.lower() for text in page.locator("mark").all_inner_texts())
    told = page.get_by_role("complementary").get_by_role("link", name="Ukraine").first
    number = int(told.locator("data").get_attribute("value"))
    told.click()
    page.wait_for_url("**party=ukraine**")
    assert len(results(page)) == number
    page.get_by_role("link", name="Party: Ukraine: remove this filter").click()
    page.wait_for_url("**/statements/?q=memorandum")
    assert len(results(page)) > number


def test_a_reader_searches_with_the_keyboard_alone(window):
    page = window(**DESK).open("/people/")
    page.keyboard.press("/")
    page.keyboard.type("Умєров")
    page.keyboard.press("Enter")
    page.wait_for_url("**/statements/?q=*")
    assert results(page)
    assert page.get_by_role("link", name="Rustem Umerov").count() == len(results(page))


@BOTH
def test_who_finds_nothing_is_led_on(window, size):
    page = window(**size).open("/statements/?q=Umirov")
    assert page.get_by_role("heading", name="No statement contains “Umirov”").is_visible()
    assert page.get_by_role("searchbox").input_value() == "Umirov"
    page.get_by_role("link", name="Umerov", exact=True).click()
    page.wait_for_url("**/statements/?q=Umerov")
    assert results(page)


@BOTH
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_reader_goes_back_to_what_was_known_on_a_day_and_returns(window, size, script):
    page = window(java_script_enabled=script, **size).open(MEETING)
    now = len(results(page))
    days = page.get_by_role("navigation", name="This meeting as known on")
    days.get_by_role("link", name="29 May").click()
    page.wait_for_url(f"**{MEETING}?as_of=2025-05-29")
    assert "As known on 29 May 2025" in page.locator(".banner").inner_text()
    assert "29 May 2025" in page.title()
    assert "Held" not in page.locator(".state-list").inner_text()
    assert 0 < len(results(page)) < now
    page.locator(".banner").get_by_role("link").click()
    page.wait_for_url(f"**{MEETING}")
    assert len(results(page)) == now


def test_on_a_desktop_the_timeline_is_a_drawing_whose_marks_lead_on(window):
    page = window(**DESK).open("/")
    drawing = page.locator("svg.timeline-drawing")
    assert drawing.is_visible()
    assert not page.locator(".timeline-list").is_visible()
    lane = drawing.get_by_role("list", name="Ukraine")
    assert lane.get_by_role("listitem").count() == lane.get_by_role("link").count() > 1
    drawing.get_by_text("2 Jun", exact=True).click()
    page.wait_for_url(f"**{MEETING}")


def test_on_a_phone_and_for_who_reads_a_list_the_timeline_is_one(window):
    page = window(**PHONE).open("/meetings/")
    assert not page.locator("svg.timeline-drawing").is_visible()
    listed = page.locator(".timeline-list")
    assert "1,144 days" in listed.inner_text()
    listed.get_by_role("link", name="2 June 2025").click()
    page.wait_for_url(f"**{MEETING}")


def test_a_drawing_taken_home_says_where_it_leads(window, public):
    page = window(**DESK).open("/meetings.svg")
    links = page.evaluate("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
    assert any(link.endswith(MEETING) for link in links)
    assert any(link.endswith(Q1) or "/statements/" in link for link in links)
    assert all(link.startswith("http") for link in links)
