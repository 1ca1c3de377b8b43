"""Links into a page at the very words: how they are written, and that a browser goes there."""

from __future__ import annotations

import threading
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talks.evidence import context
from talks.fragments import text_fragment
from talks.models import Source, Statement
from tests.run import browser

BEGINNING = "#:~:text="
SHORT = "fair and lasting peace"
LONG = "We are not opposed to further meetings and are awaiting their memorandum this week"


def directive(exact: str, prefix: str = "", suffix: str = "") -> str:
    fragment = text_fragment(exact, prefix, suffix)
    assert fragment.startswith(BEGINNING)
    return fragment.removeprefix(BEGINNING)


def parts(exact: str, prefix: str = "", suffix: str = "") -> list[str]:
    """What a browser reads out of the directive: prefix-, start, end, -suffix."""
    return [unquote(part) for part in directive(exact, prefix, suffix).split(",")]


@pytest.mark.parametrize(
    ("exact", "encoded"),
    [
        ("peace", "peace"),
        ("two words", "two%20words"),
        ("cease-fire", "cease%2Dfire"),
        ("-begins and ends-", "%2Dbegins%20and%20ends%2D"),
        ("peace, now", "peace%2C%20now"),
        ("bread & salt", "bread%20%26%20salt"),
        ("100 % sure", "100%20%25%20sure"),
        ("%2C", "%252C"),
        ("a=b#c?d/e", "a%3Db%23c%3Fd%2Fe"),
        ('he said "no"', "he%20said%20%22no%22"),
        ("it’s “so”", "it%E2%80%99s%20%E2%80%9Cso%E2%80%9D"),
        ("<b>'x'</b>", "%3Cb%3E%27x%27%3C%2Fb%3E"),
        ("we 🤝 them", "we%20%F0%9F%A4%9D%20them"),
        ("שלום עכשיו", "%D7%A9%D7%9C%D7%95%D7%9D%20%D7%A2%D7%9B%D7%A9%D7%99%D7%95"),
        ("Türkiye’de", "T%C3%BCrkiye%E2%80%99de"),
        ("a+b", "a%2Bb"),
    ],
)
def test_each_sign_that_means_something_is_encoded(exact, encoded):
    assert directive(exact) == encoded


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))  # fmt: skip
def test_whatever_the_words_the_directive_has_only_its_own_marks(exact, prefix, suffix):
    written = directive(exact, prefix, suffix)
    assert written.isascii()
    assert not set(written) & set(" \"'<>&#?+/=\n\r\t")
    pieces = written.split(",")
    assert 1 <= len(pieces) <= 4
    bare = [piece for piece in pieces if not piece.startswith("-") and not piece.endswith("-")]
    assert 1 <= len(bare) <= 2
    assert "-" not in "".join(bare)
    assert "-" not in "".join(piece.strip("-") for piece in pieces)


def test_a_short_quotation_is_named_whole_with_whole_words_around_it():
    prefix, suffix = "osed June 2 in Istanbul for a “", ".” Lavrov said Russia would fina"
    before, words, after = parts("sustainable peace settlement", prefix, suffix)
    assert (before, words) == ("Istanbul for a “-", "sustainable peace settlement")
    assert after == "-.” Lavrov said Russia"


@pytest.mark.parametrize(
    ("prefix", "suffix", "before", "after"),
    [
        ("", "", None, None),
        ("cut word", "", "word-", None),
        ("alone", "", None, None),
        ("", " then cu", None, "-then"),
        ("", "cut", None, None),
        ("end of one.\nIt was a ", "", "was a-", None),
        ("", " it ended.\nAnother one beg", None, "-it ended."),
        ("one.\n", "\nAnother", None, None),
        ("w 1 2 3 4 5 6 ", " a b c d e f g", "3 4 5 6-", "-a b c d"),
    ],
)
def test_words_that_may_be_cut_and_other_lines_are_left_out(prefix, suffix, before, after):
    assert parts(SHORT, prefix, suffix) == [part for part in (before, SHORT, after) if part]


def test_a_long_quotation_is_named_by_its_first_and_last_words():
    assert [part for part in parts(LONG) if "-" not in part] == [
        "We are not opposed",
        "awaiting their memorandum this week"[9:],
    ]


def test_the_line_between_short_and_long_is_eight_words():
    assert len(parts("1 2 3 4 5 6 7")) == 1
    assert parts("1 2 3 4 5 6 7 8") == ["1 2 3 4", "5 6 7 8"]


def test_a_long_quotation_too_carries_what_tells_it_from_the_same_words_elsewhere():
    pieces = parts(LONG, "d again: the envoy wrote: “", "” and left the hall soon after th")
    assert any(piece.endswith("-") for piece in pieces) or any(piece.startswith("-") for piece in pieces)


@pytest.mark.django_db
def test_a_statement_links_to_its_words_in_its_source():
    address = Statement.objects.with_evidence().get(slug="lavrov-proposes-2-june").passage_url
    source = Source.objects.get(slug="myglobalnews-2025-05-29")
    assert address.startswith(f"{source.url}#:~:text=")
    assert "sustainable%20peace%20settlement" in address


@pytest.mark.django_db
def test_a_fragment_that_the_address_has_already_is_replaced():
    Source.objects.filter(slug="myglobalnews-2025-05-29").update(url="https://x.example/a?b=c#comments")
    address = Statement.objects.with_evidence().get(slug="lavrov-proposes-2-june").passage_url
    assert address.startswith("https://x.example/a?b=c#:~:text=")
    assert address.count("#") == 1


@pytest.mark.django_db
def test_without_an_address_or_without_quoted_words_there_is_no_link():
    Source.objects.filter(slug="myglobalnews-2025-05-29").update(url="")
    assert Statement.objects.with_evidence().get(slug="lavrov-proposes-2-june").passage_url == ""
    indirect = Statement.objects.published().filter(quotation_type="indirect").exclude(source__url="").first()
    assert indirect.passage_url == ""


# In a browser.

FAR = "<div style='height: 4000px'>far away</div>"


class Pages(BaseHTTPRequestHandler):
    pages: dict[str, str] = {}

    def do_GET(self) -> None:
        html = self.pages.get(self.path.partition("?")[0])
        self.send_response(200 if html else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<!DOCTYPE html><title>x</title><body>{html or ''}".encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def served():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def scrolled(served):
    """How far down a browser is after following a link into a page."""
    from playwright.sync_api import sync_playwright

    program = browser()
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=flags)
        tab = chromium.new_page(viewport={"width": 800, "height": 600})

        def follow(html: str, fragment: str) -> float:
            # A page of its own each time: within one page a fragment is not followed anew.
            path = f"/{len(Pages.pages)}"
            Pages.pages[path] = html
            tab.goto(f"{served}{path}{fragment}")
            tab.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 60)))")
            return tab.evaluate("window.scrollY")

        yield follow
        chromium.close()


def paragraphs(*texts: str) -> str:
    return FAR.join(f"<p>{escape(text)}</p>" for text in texts) + FAR


@pytest.mark.browser
@pytest.mark.parametrize(
    "exact",
    [
        "sustainable peace settlement",
        "cease-fire, now",
        "bread & salt",
        "100 % sure",
        "it’s “so”",
        "🤝 agreed",
        "שלום עכשיו",
    ],
)
def test_the_link_scrolls_to_the_second_of_two_equal_words(scrolled, exact):
    first, second = (
        f"The clerk first wrote of {exact} and then of rain.",
        f"Later on the envoy spoke of {exact} again, and left.",
    )
    start = second.index(exact)
    there = text_fragment(exact, *context(second, start, start + len(exact)))
    start = first.index(exact)
    here = text_fragment(exact, *context(first, start, start + len(exact)))
    html = paragraphs(first, second)
    assert scrolled(html, there) > 2000
    assert scrolled(paragraphs("Top.") + html, here) in range(3000, 7000)


@pytest.mark.browser
def test_without_a_fragment_a_page_opens_at_its_top(scrolled):
    assert scrolled(paragraphs("Top.", "Later."), "") == 0


@pytest.mark.browser
def test_the_link_goes_to_a_long_quotation(scrolled):
    html = paragraphs("We are not here.", f"He wrote: “{LONG},” and left.")
    assert scrolled(html, text_fragment(LONG, "He wrote: “", ",” and left.\n")) > 2000


@pytest.mark.browser
def test_the_link_goes_to_the_second_of_two_equal_long_quotations(scrolled):
    second = f"In his second letter of that day he wrote: “{LONG},” and then he left the hall."
    start = second.index(LONG)
    html = paragraphs(f"In the morning he wrote: “{LONG},” they say.", second)
    fragment = text_fragment(LONG, *context(second, start, start + len(LONG)))
    assert scrolled(html, fragment) > 2000


@pytest.mark.browser
def test_the_link_goes_past_earlier_words_that_begin_like_a_long_quotation(scrolled):
    second = f"In his second letter of that day he wrote: “{LONG},” and then he left the hall."
    start = second.index(LONG)
    html = paragraphs("“We are not opposed” is what the headline says.", second)
    fragment = text_fragment(LONG, *context(second, start, start + len(LONG)))
    assert scrolled(html, fragment) > 2000


@pytest.mark.browser
@pytest.mark.parametrize("blank", ["\n", "  ", "\u00a0"])
def test_the_link_goes_to_words_with_another_blank_between_them(scrolled, blank):
    exact = f"fair and{blank}lasting"
    text = f"Later on the envoy spoke of {exact} again, and left."
    start = text.index(exact)
    fragment = text_fragment(exact, *context(text, start, start + len(exact)))
    assert scrolled(paragraphs("Top.", text), fragment) > 2000


@pytest.mark.browser
def test_the_link_goes_to_words_at_the_edge_of_a_paragraph(scrolled):
    text = "One more line.\nFair words\nA last line."
    start = text.index("Fair words")
    fragment = text_fragment("Fair words", *context(text, start, start + len("Fair words")))
    assert scrolled(paragraphs("Top.", *text.split("\n")), fragment) > 2000
