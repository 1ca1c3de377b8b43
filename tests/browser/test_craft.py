"""How a page is made: light, still, whole in every rendering, on paper, and with its extras.

What a reader does and reads is in `test_reader.py`, which also runs axe and looks at widths on its kinds of page.
"""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Playwright
from pypdf import PdfReader

from config.assets import LAYERS, smaller
from tests.browser.conftest import FLAGS, Window
from tests.browser.test_reader import KINDS, MEETING, Q1, Q2, shown, sideways
from tests.run import browser_with_windows
from tests.servers import ROOT, ask

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("every_kind")]

# The kinds that a reader's tests have not, so that between them every kind of page is seen.
MORE = {
    "corrections": "/corrections/",
    "data": "/data/",
    "codebook": "/data/codebook/",
    "api": "/data/api/",
    "release": "/data/releases/1/",
    "search": "/statements/?q=memorandum",
    "nothing found": "/statements/?q=%22no+such+words%22",
    "as of a day": f"{MEETING}?as_of=2025-05-28",
}
PAGES = KINDS | MORE
FIRST_VIEW = 14_336  # bytes, compressed: what the first flight of packets carries
CGTN = "https://www.cgtn.com/"
QUOTED = "awaiting their memorandum so"


# Light


@pytest.fixture
def counted(public: str) -> Iterator[tuple[str, list[str]]]:
    """The site behind a server that writes down what is asked for: Playwright hides the request for an icon."""
    asked: list[str] = []

    class Between(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer = ask(int(public.rpartition(":")[2]), self.path)
            self.send_response(answer.status)
            for name in ("Content-Type", "Content-Security-Policy"):
                self.send_header(name, answer.headers[name])
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Between)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.fixture
def with_windows(playwright: Playwright) -> Iterator[Browser]:
    """The Chromium that asks for icons."""
    browser = playwright.chromium.launch(executable_path=browser_with_windows(), args=FLAGS)
    yield browser
    browser.close()


def test_a_page_takes_three_requests_at_most_its_icon_included(with_windows: Browser, counted):
    base, asked = counted
    for kind, address in [*PAGES.items(), ("embed", f"/embed{Q1}")]:
        window = Window(with_windows, base)  # a profile of its own: nothing is kept from the page before
        asked.clear()
        window.open(address, int(kind) if kind.isdecimal() else 200)
        window.page.wait_for_load_state("networkidle")
        window.close()
        assert len(asked) <= 3, (kind, asked)
        assert asked[0] == address


def compressed(port: int, address: str) -> tuple[int, str]:
    """How many bytes come for an address to one who takes gzip, and the text in them."""
    answer = ask(port, address, headers={"Accept-Encoding": "gzip"})
    packed = answer.headers["Content-Encoding"] == "gzip"
    return len(answer.body), (gzip.decompress(answer.body) if packed else answer.body).decode()


def test_the_first_view_of_every_page_is_14_kilobytes_with_its_stylesheet(public):
    port, weights = int(public.rpartition(":")[2]), {}
    for kind, address in PAGES.items():
        weight, html = compressed(port, address)
        [sheet] = re.findall(r'<link rel="stylesheet" href="([^"]+)"', html)
        weights[kind] = weight + compressed(port, sheet)[0]
    assert {kind: weight for kind, weight in weights.items() if weight > FIRST_VIEW} == {}


def test_the_smaller_stylesheet_has_the_rules_of_the_five(window, public):
    page = window().open("/about/")
    css = "".join((ROOT / "static" / "css" / f"{layer}.css").read_text("utf-8") for layer in LAYERS)
    rules = """css => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      return [...sheet.cssRules].map(rule => rule.cssText).join("\\n");
    }"""
    # Chromium keeps the blanks of custom properties as they were written.
    written, served = (page.evaluate(rules, text).replace(", ", ",") for text in (css, smaller(css)))
    assert served == written
    assert len(served) > 20_000
    assert len(smaller(css)) < len(css) * 0.9
    assert (
        smaller('a { content: "; } /* " ; b: c(1 + 2) } /* x */ d > e { }') == 'a{content:"; } /* ";b:c(1 + 2)} d>e{}'
    )


# Still, silent, whole


@pytest.fixture(scope="module", params=MORE)
def seen(request: pytest.FixtureRequest, chromium: Browser, public: str) -> Iterator[Window]:
    """A window with one page in it; when it is closed, nothing may have been said on the console."""
    window = Window(chromium, public)
    shown(window, request.param, PAGES)
    yield window
    window.close()


def test_the_other_pages_fit_every_width(seen):
    for width in (320, 360, 768, 1280):
        seen.page.set_viewport_size({"width": width, "height": 640})
        assert not sideways(seen.page), width


def test_axe_finds_nothing_on_the_other_pages_in_either_scheme(seen):
    seen.page.set_viewport_size({"width": 1280, "height": 800})
    found = {}
    for scheme in ("light", "dark"):
        seen.page.emulate_media(color_scheme=scheme)
        found[scheme] = seen.axe()
    assert found == {"light": [], "dark": []}


# Begun before the page is, so that nothing is missed.
SHIFTS = """
  window.moved = [];
  new PerformanceObserver(list => list.getEntries().forEach(one => moved.push(
    one.value + " " + one.sources.map(source => source.node && source.node.outerHTML?.slice(0, 80)).join(" | "),
  ))).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_on_any_page(window, width):
    one = window(viewport={"width": width, "height": 800})
    one.context.add_init_script(SHIFTS)
    moved = {}
    for kind in PAGES:
        page = shown(one, kind, PAGES)
        page.evaluate("() => new Promise(tell => requestAnimationFrame(() => setTimeout(tell, 50)))")
        moved[kind] = page.evaluate("moved")
    assert {kind: told for kind, told in moved.items() if told} == {}


# What is drawn by borders: the bar of a statement, the block of a badge, the brackets of a note, a state's frame.
DRAWN = """() => {
  const sides = style => ["Top", "Right", "Bottom", "Left"].filter(side =>
    parseFloat(style[`border${side}Width`]) > 0 && style[`border${side}Style`] !== "none"
    && style[`border${side}Color`] !== getComputedStyle(document.body).backgroundColor).length;
  const lacking = [];
  const look = (selector, pseudo) => document.querySelectorAll(selector).forEach(one => {
    if (one.checkVisibility() && !sides(getComputedStyle(one, pseudo))) lacking.push(selector + (pseudo || ""));
  });
  for (const kind of ["direct", "mixed", "indirect"]) look(`.statement-${kind}`);
  for (const kind of ["direct", "mixed", "indirect", "narration"]) look(`.badge-${kind}`, "::before");
  look(".state-word");
  look(".editors-note", "::before");
  look(".editors-note", "::after");
  look(".masthead-row");
  return lacking;
}"""


@pytest.mark.parametrize("kind", ["front", "meeting", "direct", "mixed", "indirect", "about"])
def test_what_is_drawn_stays_with_more_contrast_and_forced_colours(window, kind):
    page = shown(one := window(), kind, PAGES)
    assert page.locator(".badge").count()
    for scheme in ("light", "dark"):
        for contrast, forced in (("no-preference", "none"), ("more", "none"), ("no-preference", "active")):
            page.emulate_media(color_scheme=scheme, contrast=contrast, forced_colors=forced)
            assert page.evaluate(DRAWN) == [], (scheme, contrast, forced)
    page.emulate_media(contrast="more", forced_colors="none", color_scheme="light")
    colours = page.evaluate("[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]")
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert one.axe(tags=("cat.color",)) == []


def test_nothing_glides_unless_motion_is_wanted(window):
    page = shown(window(reduced_motion="reduce"), "meeting")
    gliding = """[...document.querySelectorAll("*")].filter(one => {
      const style = getComputedStyle(one);
      return style.scrollBehavior === "smooth" || style.transitionDuration !== "0s" || style.animationName !== "none";
    }).length"""
    assert page.evaluate(gliding) == 0


# On paper


def paper(window: Window, address: str, folder: Path) -> str:
    """The text of the page as it is printed."""
    page = window.open(address)
    printed = folder / "page.pdf"
    page.pdf(path=printed, format="A4")
    return " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(printed).pages).split())


@pytest.mark.parametrize("address", [Q1, MEETING])
def test_a_printed_page_has_the_words_the_speaker_and_addresses_written_out(window, public, tmp_path, place, address):
    one = window(color_scheme="dark")
    text = paper(one, address, tmp_path)
    whole = text.replace(" ", "")
    assert QUOTED.replace(" ", "") in whole
    assert "Rustem Umerov" in text
    assert "Direct quotation" in text
    assert f"<{CGTN}>" in whole
    canonical = one.page.get_attribute('link[rel="canonical"]', "href")
    assert canonical.replace(" ", "") in whole, "the page says where it stands"
    assert urlsplit(canonical).path == address


def test_an_address_that_is_its_own_link_is_printed_once(window, tmp_path):
    text = paper(window(), "/sources/cgtn/", tmp_path)
    assert text.replace(" ", "").count(CGTN) == 1


# Extras


def test_a_stroke_leads_to_the_search_field_but_not_out_of_a_field(window):
    page = window().open(Q1)
    page.keyboard.press("/")
    field = page.locator("input[type=search]").first
    assert field.evaluate("field => field === document.activeElement")
    assert field.input_value() == "", "the stroke itself is not typed"
    page.keyboard.type("a/b")
    assert field.input_value() == "a/b"


def test_a_citation_is_copied_by_a_button_that_says_so(window):
    page = window(permissions=["clipboard-read", "clipboard-write"]).open(Q1)
    for field in page.locator(".copy-fields input").all():
        name = page.locator(f"label[for={field.get_attribute('id')}]").inner_text()
        page.get_by_role("button", name=f"Copy: {name}", exact=True).click()
        page.get_by_role("status").get_by_text(f"Copied: {name}").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == field.input_value()


def test_a_copy_that_the_browser_refuses_is_told_and_the_text_selected(window):
    page = window().open(Q1)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.get_by_role("button", name="Copy: Sentence to cite").click()
    page.get_by_role("status").get_by_text("The text is selected").wait_for()
    assert page.evaluate("document.activeElement.selectionEnd > 50")


@pytest.mark.parametrize("address", [Q1, Q2, "/"])
def test_without_scripts_nothing_dead_stands_on_a_page(window, address):
    page = window(java_script_enabled=False).open(address)
    assert [one.inner_text() for one in page.get_by_role("button").all()] == ["Find"], "which is the form's own"
    page.locator("#masthead-q").fill("memorandum")
    page.get_by_role("button", name="Find").click()
    page.wait_for_url("**/statements/?q=memorandum")
