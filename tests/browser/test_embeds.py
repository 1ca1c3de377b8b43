"""A statement in a page of another site, in a real browser; and what a reader copies from its own page to put it there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Frame, Page

from tests.browser.conftest import Window
from tests.servers import Place, ask

pytestmark = pytest.mark.browser

SITE = "http://127.0.0.1:8000"  # what the site calls itself here, whatever port it has
Q1 = "/statements/umerov-awaits-memorandum/"
KINDS = {
    "direct": "umerov-awaits-memorandum",
    "mixed": "lavrov-proposes-2-june",
    "indirect": "umerov-four-days",
    "narration": "report-second-meeting",
    "unchecked": "umerov-awaits-memorandum-pravda",
    "lost": "lavrov-four-days",
    "long": "umerov-at-length",
    "from right to left": "umerov-in-hebrew",
}
EMBEDS = {kind: f"/embed/statements/{slug}/" for kind, slug in KINDS.items()}
GONE, OLD = "/embed/statements/umerov-awaits-memorandum-unn/", "/embed/statements/before/"
SCHEMES = ("light", "dark")
# WordPress frames what it does not know so; then nothing is of our site, not even our own stylesheet.
STRICT = 'sandbox="allow-scripts"'


@pytest.fixture(scope="module", autouse=True)
def every_kind(place: Place) -> None:
    """The built-in statements, a long one, one from right to left, one withdrawn, one moved, one no longer found."""
    place.edit(
        "from django.db import transaction\n"
        "def another(slug, text, **more):\n"
        "    with transaction.atomic():\n"
        "        statement = Statement.objects.get(slug='umerov-awaits-memorandum')\n"
        "        passage = statement.passages.get()\n"
        "        statement.pk, statement.slug, statement.text = None, slug, text\n"
        "        statement._state.adding = passage._state.adding = True\n"
        "        for name, value in more.items():\n"
        "            setattr(statement, name, value)\n"
        "        statement.save()\n"
        "        passage.pk, passage.statement, passage.exact = None, statement, text\n"
        "        passage.end = passage.start + len(text)\n"
        "        passage.save()\n"
        "another('umerov-at-length', 'We are not opposed to further meetings. ' * 30 + 'Donaudampfschifffahrt' * 12)\n"
        "another('umerov-in-hebrew', 'אנחנו לא מתנגדים לפגישות נוספות ומחכים למזכר', language='he',\n"
        "        role_as_printed='שר הביטחון')\n"
        "Statement.objects.filter(slug='umerov-awaits-memorandum-unn').update(\n"
        "    status='withdrawn', withdrawn_on='2026-11-24', withdrawn_because='It was entered twice.')\n"
        "Statement.objects.filter(slug='lavrov-four-days').update(verified_sha256='a' * 64)\n"
        "Redirect.objects.create(record='statements', old_slug='before', slug='umerov-awaits-memorandum')"
    )


class Host:
    """Somebody else's site: another port, and so another origin, with one page that a test writes."""

    def __init__(self) -> None:
        self.body, host = "", self

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(
                    f'<!DOCTYPE html><title>Host</title><link rel="icon" href="data:,">{host.body}'.encode()
                )

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def shows(self, window: Window, body: str, frames: int = 1) -> list[Frame]:
        """Open the page with this body in it; gives its frames."""
        self.body = body
        window.context.route(f"{self.address}/**", lambda route: route.continue_())
        window.page.goto(f"{self.address}/")
        assert len(window.page.frames) == frames + 1
        for frame in window.page.frames[1:]:
            frame.wait_for_load_state()
        return window.page.frames[1:]


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    host = Host()
    yield host
    host.server.shutdown()
    host.server.server_close()


def handed_out(public: str, slug: str, **more: int) -> str:
    """The code that oEmbed hands out, with the address that the site has here."""
    room = "".join(f"&{name}={value}" for name, value in more.items())
    answer = ask(urlsplit(public).port or 0, f"/oembed?url={quote(f'{SITE}/statements/{slug}/')}{room}")
    return json.loads(answer.body)["html"].replace(SITE, public)


def is_styled(frame: Frame) -> bool:
    return frame.locator(".embed").evaluate("one => getComputedStyle(one).borderTopStyle") == "solid"


def sideways(page: Page | Frame) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_code_that_a_reader_copies_shows_the_words_elsewhere_and_leads_the_whole_window_back(window, host, public):
    one = window(permissions=["clipboard-read", "clipboard-write"])
    page = one.open(Q1)
    page.get_by_role("textbox", name="Code to show it in another page").click(click_count=3)
    page.keyboard.press("ControlOrMeta+c")
    code = page.evaluate("navigator.clipboard.readText()")
    assert code.startswith(f'<iframe src="{SITE}/embed{Q1}" ')
    (frame,) = host.shows(one, f"<h1>News</h1>{code.replace(SITE, public)}")
    assert page.url == f"{host.address}/"
    assert frame.get_by_text("We are not opposed to further meetings").is_visible()
    # Nothing is evaluated in the frame before the click: Playwright's own script in it would be told to the console.
    frame.get_by_role("link", name="Talks in Context").click()
    page.wait_for_url(f"{public}{Q1}")
    assert page.locator("h1").is_visible(), "the site's own page, in the whole window"


@pytest.mark.parametrize("link", ["Istanbul, 2 June 2025", "Rustem Umerov", "myglobalnews.net"])
def test_each_link_in_the_frame_leads_the_whole_window_to_its_page(window, host, public, link):
    one = window()
    (frame,) = host.shows(one, handed_out(public, KINDS["direct"]))
    address = frame.get_by_role("link", name=link).get_attribute("href")
    frame.get_by_role("link", name=link).click()
    one.page.wait_for_url(f"{public}{address}")


def test_a_link_in_the_frame_opens_in_a_new_window_when_a_reader_wants_one(window, host, public):
    one = window()
    (frame,) = host.shows(one, handed_out(public, KINDS["direct"]))
    with one.context.expect_page() as opened:
        frame.get_by_role("link", name="Talks in Context").click(modifiers=["ControlOrMeta"])
    opened.value.wait_for_url(f"{public}{Q1}")
    assert opened.value.locator("h1").is_visible()
    assert one.page.url == f"{host.address}/"


def test_it_has_its_looks_in_a_frame_of_any_kind_and_through_an_old_address(window, host, public):
    one = window()
    codes = [
        f'<iframe {more} src="{public}{path}"></iframe>' for path in (EMBEDS["direct"], OLD) for more in ("", STRICT)
    ]
    for frame in host.shows(one, "".join(codes), len(codes)):
        assert frame.url == f"{public}{EMBEDS['direct']}"
        assert frame.get_by_text("We are not opposed to further meetings").is_visible()
        assert is_styled(frame)


def test_a_frame_of_a_withdrawn_statement_says_that_it_was_withdrawn(window, host, public):
    one = window()
    (frame,) = host.shows(one, f'<iframe src="{public}{GONE}"></iframe>')
    assert "This statement was withdrawn on 24 November 2026." in frame.locator("main").inner_text()
    assert is_styled(frame)
    one.wrong = [line for line in one.wrong if "410" not in line]


@pytest.mark.parametrize("address", [Q1, "/", "/embed/statements/nobody/"])
def test_any_other_page_stays_empty_in_a_frame(window, host, public, address):
    one = window()
    (frame,) = host.shows(one, f'<iframe src="{public}{address}" title="x"></iframe>')
    frame.wait_for_url("chrome-error://**")
    assert "Umerov" not in frame.locator("body").inner_text()
    told = [line for line in one.wrong if "frame-ancestors" in line]
    assert len(told) == 1, one.wrong
    one.wrong = [line for line in one.wrong if line not in told and "404" not in line and "ERR_BLOCKED" not in line]


@pytest.mark.parametrize("width", [280, 390, 550])
def test_a_frame_of_the_size_handed_out_shows_all_of_it_without_scrolling(window, host, public, width):
    kinds = [slug for kind, slug in KINDS.items() if kind != "long"]
    one = window(viewport={"width": 600, "height": 6000})
    frames = host.shows(one, "".join(handed_out(public, slug, maxwidth=width) for slug in kinds), len(kinds))
    for frame in frames:
        frame.locator(".embed-home").wait_for()
        assert frame.evaluate("innerWidth") == width, "no border of the browser's adds to it"
        assert not sideways(frame), frame.url
        assert not frame.evaluate("document.documentElement.scrollHeight > innerHeight"), (frame.url, width)


@pytest.mark.parametrize("kind", [*EMBEDS, "withdrawn", "own page"])
def test_axe_finds_nothing_and_nothing_is_wider_than_280_pixels_in_either_scheme(window, kind):
    address = {**EMBEDS, "withdrawn": GONE, "own page": Q1}[kind]
    for scheme in SCHEMES:
        one = window(color_scheme=scheme, viewport={"width": 1280, "height": 800})
        page = one.open(address, 410 if kind == "withdrawn" else 200)
        assert one.axe() == [], scheme
        page.set_viewport_size({"width": 280, "height": 600})
        assert not sideways(page), scheme
        assert one.axe() == [], f"{scheme}, 280 px"


def test_an_embed_fetches_two_small_stylesheets_and_leaves_nothing_behind(window):
    one = window()
    page = one.open(EMBEDS["direct"])
    fetched = [address for address in one.requests if not address.endswith(".svg")]
    assert [address.rpartition(".")[2] for address in fetched[1:]] == ["css", "css"]
    assert page.evaluate("document.scripts.length") == 0
    assert one.context.cookies() == []


def test_words_from_right_to_left_begin_at_the_right(window):
    one = window(viewport={"width": 550, "height": 400})
    words = one.open(EMBEDS["from right to left"]).locator(".statement-text")
    assert words.evaluate("one => getComputedStyle(one).direction") == "rtl"
    assert (
        one.open(EMBEDS["direct"]).locator(".statement-text").evaluate("one => getComputedStyle(one).direction")
        == "ltr"
    )


FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  return [one.id, style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth), one.selectionEnd - one.selectionStart, one.value?.length];
}"""


def test_tab_reaches_each_field_marks_all_of_it_and_shows_where_one_is(window):
    one = window(reduced_motion="reduce")
    page = one.open(Q1)
    page.get_by_role("textbox", name="Sentence to cite").focus()
    page.keyboard.press("Shift+Tab")
    for name in ("copy-sentence", "copy-address", "copy-passage", "copy-embed"):
        page.keyboard.press("Tab")
        found, outline, selected, length = page.evaluate(FOCUSED)
        assert found == name
        assert outline >= 2
        assert selected == length > 20
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Copy: ")


def test_a_field_is_hidden_on_paper_where_nothing_can_be_copied(window):
    page = window().open(Q1)
    assert page.locator(".copy-fields").is_visible()
    page.emulate_media(media="print")
    assert not page.locator(".copy-fields").is_visible()
    assert page.locator(".citation p").is_visible()
