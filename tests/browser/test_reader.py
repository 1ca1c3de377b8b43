"""What a reader meets in a browser: a click from quotation to meeting and source, at any size, in any scheme."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise, product

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser.conftest import Window
from tests.servers import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("every_kind")]

Q1 = "/statements/umerov-awaits-memorandum/"
Q2 = "/statements/lavrov-proposes-2-june/"
MEETING = "/meetings/istanbul-2025-06-02/"
REPORT = "/sources/myglobalnews-2025-05-29/"
CGTN = "https://www.cgtn.com/"
KINDS = {
    "front": "/",
    "meetings": "/meetings/",
    "meeting": MEETING,
    "delegations": "/delegations/",
    "delegation": "/delegations/ukraine-istanbul-2025-06-02/",
    "parties": "/parties/",
    "party": "/parties/ukraine/",
    "people": "/people/",
    "person": "/people/rustem-umerov/",
    "statements": "/statements/",
    "some statements": "/statements/?meeting=istanbul-2025-06-02&party=ukraine&type=direct",
    "direct": Q1,
    "mixed": Q2,
    "indirect": "/statements/umerov-four-days/",
    "narration": "/statements/report-second-meeting/",
    "unchecked": "/statements/umerov-awaits-memorandum-pravda/",
    "lost": "/statements/lavrov-four-days/",
    "sources": "/sources/",
    "source": REPORT,
    "about": "/about/",
    "404": "/statements/umerov-awaits-nothing/",
    "410": "/statements/umerov-awaits-memorandum-unn/",
}
BADGES = {
    "direct": "Direct quotation. Found in the source’s text, checked",
    "mixed": "Mixed: our sentence around quoted words. The words were found in the source’s text, checked",
    "indirect": "Indirect. Reported speech, in our words",
    "narration": "The source’s own account, in our words. No speaker",
    "unchecked": "Direct quotation. Not checked: not yet looked for in the source’s text",
    "lost": "Mixed: our sentence around quoted words. Found on",
}
# The last is 1280 × 1024 at 400 %.
SIZES = ((320, 640), (360, 740), (768, 1024), (1280, 800), (320, 256))
SCHEMES = ("light", "dark")
QUOTED = "figure.statement-direct blockquote.statement-text p"


def shown(window: Window, kind: str, pages: dict[str, str] = KINDS) -> Page:
    """A page of this kind; a number is the status that it is answered with."""
    return window.open(pages[kind], int(kind) if kind.isdecimal() else 200)


@pytest.fixture(scope="module", params=KINDS)
def seen(request: pytest.FixtureRequest, chromium: Browser, public: str) -> Iterator[Window]:
    """A window with one page in it, loaded once."""
    window = Window(chromium, public)
    shown(window, request.param)
    yield window
    window.close()


def exact_text(slug: str) -> str:
    for row in json.loads((ROOT / "fixtures" / "statements.json").read_text("utf-8")):
        if row["model"] == "talks.statement" and row["fields"]["slug"] == slug:
            return row["fields"]["text"]
    raise AssertionError(slug)


# A reader's journey


def statement(page: Page, words: str) -> Locator:
    """The statement with these words, wherever it stands on the page."""
    return page.locator("figure.statement", has_text=words).first


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_reader_gets_from_the_front_page_to_cgtns_address_with_the_mouse(window, script):
    one = window(java_script_enabled=script)
    page = one.open("/")
    statement(page, "awaiting their memorandum so").get_by_role("link", name="Evidence", exact=True).click()
    page.wait_for_url(f"**{Q1}")
    page.locator("main").get_by_role("link", name="Istanbul, 2 June 2025").first.click()
    page.wait_for_url(f"**{MEETING}")
    page.go_back()
    page.wait_for_url(f"**{Q1}")
    statement(page, "awaiting their memorandum so").get_by_role("link", name="myglobalnews.net").click()
    page.wait_for_url(f"**{REPORT}")
    link = page.get_by_role("link", name=CGTN)
    assert link.get_attribute("href") == CGTN
    with page.expect_event("requestfailed"):
        link.click()
    assert one.outward == [CGTN], "the only request to another host, and it was held back"
    one.outward.clear()


FOCUSED = """() => {
  const found = document.activeElement, box = found.getBoundingClientRect(), style = getComputedStyle(found);
  return {
    href: found.getAttribute("href"), text: found.textContent.trim(), main: !!found.closest("main"),
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    within: box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight,
  };
}"""


def tab_to(page: Page, href: str) -> None:
    """Press Tab until this link of the content has the focus; each stop on the way is seen."""
    for _ in range(300):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        assert focused["outline"] >= 2, focused
        assert focused["within"], focused
        if focused["href"] == href and focused["main"]:
            return
    raise AssertionError(f"{href} cannot be reached on {page.url}")


def follow(page: Page, href: str) -> None:
    tab_to(page, href)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{href}")


def test_a_reader_gets_there_with_the_keyboard_alone(window):
    one = window(reduced_motion="reduce")
    page = one.open("/")
    page.keyboard.press("Tab")
    first = page.evaluate(FOCUSED)
    assert (first["href"], first["text"]) == ("#main", "Skip to the content")
    assert first["within"]
    assert first["outline"] >= 2
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["main"], "the skip link leads past the navigation"
    follow(page, Q1)
    follow(page, MEETING)
    page.go_back()  # Alt and an arrow is the browser's own, which has no keys here
    page.wait_for_url(f"**{Q1}")
    follow(page, REPORT)
    tab_to(page, CGTN)


@pytest.mark.parametrize("address", [Q1, Q2])
def test_both_quotations_are_one_click_away_and_from_each_its_meeting_and_source(window, address):
    one = window()
    targets = [MEETING, REPORT]
    one.open("/").locator(f'main a[href="{address}"]').first.click()
    one.page.wait_for_url(f"**{address}")
    for target in targets:
        one.page.locator(f'main a[href="{target}"]').first.click()
        one.page.wait_for_url(f"**{target}")
        one.page.go_back()
        one.page.wait_for_url(f"**{address}")


def test_a_quotation_that_is_copied_is_the_exact_text(window):
    one = window(permissions=["clipboard-read", "clipboard-write"])
    for slug in ("umerov-awaits-memorandum", "umerov-awaits-memorandum-pravda"):
        page = one.open(f"/statements/{slug}/")
        page.locator(QUOTED).first.click(click_count=3)
        page.keyboard.press("ControlOrMeta+c")
        assert page.evaluate("navigator.clipboard.readText()").strip() == exact_text(slug)
        assert page.locator(QUOTED).first.evaluate("found => found.textContent") == exact_text(slug)
    page = one.open(Q1)
    assert page.locator(".evidence mark").first.inner_text() == exact_text("umerov-awaits-memorandum")


# Every kind of page


def sideways(page: Page) -> str:
    """What sticks out of the page's right edge; empty if nothing makes it scroll sideways."""
    return page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? "" : [...document.querySelectorAll("body *")]
        .filter(one => one.getBoundingClientRect().right > innerWidth + 0.5).slice(0, 3)
        .map(one => one.outerHTML.slice(0, 150)).join(" | ")
        || `scrollWidth ${document.documentElement.scrollWidth}`"""
    )


def test_a_page_fetches_little_and_leaves_nothing_behind(seen):
    page = seen.page
    assert len(seen.requests) <= 3, seen.requests
    assert len([address for address in seen.requests if address.endswith(".css")]) == 1
    assert page.evaluate("document.styleSheets.length") == 1
    assert page.locator('script:not([type="application/ld+json"], [defer][src])').count() == 0
    assert page.locator("script[src]").count() == 1, "the extras, after the page"
    assert seen.context.cookies() == []
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]


def test_a_page_fits_every_width_in_both_schemes(seen):
    for width, height in SIZES:
        seen.page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            seen.page.emulate_media(color_scheme=scheme)
            assert not sideways(seen.page), f"{width} × {height} px, {scheme}"


def test_axe_finds_nothing_in_either_scheme(seen):
    seen.page.set_viewport_size({"width": 1280, "height": 800})
    seen.page.emulate_media(color_scheme="light")
    found = {"light": seen.axe()}
    seen.page.emulate_media(color_scheme="dark")
    found["dark"] = seen.axe(tags=("cat.color",))  # the scheme changes nothing but colours
    assert found == {"light": [], "dark": []}


def test_a_page_has_one_h1_and_its_headings_leave_no_level_out(seen):
    levels = seen.page.eval_on_selector_all("h1, h2, h3, h4, h5, h6", "all => all.map(one => Number(one.tagName[1]))")
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels


def test_no_blank_stands_before_a_comma_or_a_full_stop(window):
    one, found = window(), {}
    for kind in ("front", "meeting", "direct", "person", "410"):
        text = shown(one, kind).locator("body").inner_text()
        found[kind] = [text[max(0, hit.start() - 20) : hit.end() + 5] for hit in re.finditer(r"\w [,.;]", text)]
    assert not any(found.values()), found


SHIFTS = """() => new Promise(tell => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(one => sum += one.value))
    .observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => tell(sum), 50));
})"""


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_while_a_page_is_loaded(window, width):
    one = window(viewport={"width": width, "height": 800})
    moved = {kind: shown(one, kind).evaluate(SHIFTS) for kind in ("front", "meeting", "direct", "source")}
    assert moved == dict.fromkeys(moved, 0)


# The badges that have no words or whose words have the colour of what is behind them.
UNREADABLE = """badges => badges.filter(badge => {
  let behind = badge;
  while (behind && /^rgba\\(.*, 0\\)$/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
  const paper = getComputedStyle(behind || document.documentElement).backgroundColor;
  const parts = [badge, ...badge.querySelectorAll("*")];
  return !badge.checkVisibility() || badge.innerText.length < 5 || parts.some(one => getComputedStyle(one).color === paper);
}).map(badge => badge.outerHTML.slice(0, 150))"""


@pytest.mark.parametrize("seen", ["about", "meeting", *BADGES], indirect=True)
def test_badges_are_words_also_with_more_contrast_and_forced_colours(seen):
    badges = seen.page.locator(".badge")
    assert badges.count()
    for scheme, (contrast, forced) in product(SCHEMES, (("more", "none"), ("no-preference", "active"))):
        seen.page.emulate_media(color_scheme=scheme, contrast=contrast, forced_colors=forced)
        assert badges.evaluate_all(UNREADABLE) == [], (scheme, contrast, forced)
        assert not sideways(seen.page)
    seen.page.emulate_media(contrast="no-preference", forced_colors="none")


@pytest.mark.parametrize(("seen", "words"), BADGES.items(), indirect=["seen"])
def test_a_badge_says_how_near_the_words_are_and_whether_they_were_found(seen, words):
    assert seen.page.locator(".statement-hero .badge").inner_text().startswith(words)


@pytest.mark.parametrize("address", [MEETING, Q1])
def test_a_page_on_paper_has_its_words_and_no_navigation(window, address):
    one = window()
    page = one.open(address)
    assert page.pdf(format="A4").startswith(b"%PDF")
    assert page.locator(".masthead nav").is_visible()
    page.emulate_media(media="print")
    for hidden in (".skip", ".masthead nav", ".crumbs", ".colophon nav"):
        assert not page.locator(hidden).is_visible(), hidden
    assert statement(page, "awaiting their memorandum so").is_visible()
    assert statement(page, "awaiting their memorandum so").locator(".badge").is_visible()
