"""What a page says of itself to those who share it, search it from elsewhere or keep its address."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest
from django.conf import settings

from talks.models import Meeting, Statement
from talks.templating.sharing import icon_address, without_site_name
from tests.servers import ROOT
from tests.test_pages import page

pytestmark = pytest.mark.django_db

STATEMENT = "/statements/umerov-awaits-memorandum/"
MEETING = "/meetings/istanbul-2025-06-02/"
PAGES = ("/", "/meetings/", MEETING, "/people/rustem-umerov/", "/statements/", STATEMENT, "/data/", "/about/")
EVIL = "\"><script>alert('1')</script>&amp;"


class Head(HTMLParser):
    """What the head of a page says: title, `meta` by name or property, `link` by relation."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.title, self.meta, self.links, self.scripts = "", {}, {}, []
        self.in_title = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.in_title = tag == "title" and not self.title  # a drawing has titles too
        if tag == "meta" and (name := given.get("property") or given.get("name")):
            assert name not in self.meta, f"{name} is said twice"
            self.meta[name] = given["content"]
        if tag == "link" and given["rel"] not in self.links:
            self.links[given["rel"]] = given["href"]
        if tag == "script" and "type" not in given:
            self.scripts.append(given)

    def handle_data(self, data):
        if self.in_title:
            self.title += data
            self.in_title = False


def head(client, address: str) -> Head:
    return Head(page(client, address))


@pytest.mark.parametrize("address", PAGES)
def test_a_page_that_is_shared_has_its_title_description_picture_and_own_address(client, address):
    told = head(client, address)
    assert told.meta["og:url"] == told.links["canonical"] == f"{settings.SITE_URL}{address}"
    assert told.meta["og:site_name"] == "Talks in Context"
    assert told.meta["og:image"] == f"{settings.SITE_URL}/static/img/share.png"
    assert told.meta["twitter:card"] == "summary_large_image"
    assert told.meta["og:type"] == ("article" if address == STATEMENT else "website")
    assert told.meta["og:title"] == without_site_name(told.title)
    assert address == "/" or "Talks in Context" not in told.meta["og:title"]
    if address != STATEMENT:
        assert told.meta["og:description"] == told.meta["description"]


def test_a_shared_quotation_names_its_speaker_and_carries_its_words_meeting_and_source(client):
    told = head(client, STATEMENT).meta
    statement = Statement.objects.get(slug="umerov-awaits-memorandum")
    assert told["og:title"].startswith("Rustem Umerov: We are not opposed to further meetings")
    assert f"“{statement.text}”" in told["og:description"]
    assert str(statement.meeting) in told["og:description"]
    assert str(statement.source) in told["og:description"]


def test_our_own_words_are_shared_without_quotation_marks_around_them(client):
    told = head(client, "/statements/umerov-four-days/").meta["og:description"]
    assert told.startswith("Umerov said that")
    assert "“Umerov" not in told


def test_a_long_quotation_is_shared_with_its_source_all_the_same(client):
    Statement.objects.filter(slug="umerov-awaits-memorandum").update(text="word " * 299 + "end")
    told = head(client, STATEMENT).meta["og:description"]
    assert len(told) < 400
    assert "myglobalnews.net" in told


def test_text_from_data_cannot_leave_the_head(client):
    Meeting.objects.filter(slug="istanbul-2025-06-02").update(title=EVIL)
    Statement.objects.filter(slug="umerov-awaits-memorandum").update(text=EVIL)
    for address in (STATEMENT, MEETING):
        told = head(client, address)
        assert EVIL in told.meta["og:title"]
        assert EVIL in told.meta["og:description"]
        assert len(told.scripts) == 1


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/statements/?type=direct&said_from=", "/statements/?type=direct"),
        ("/statements/?type=direct&party=ukraine", "/statements/?party=ukraine&type=direct"),
        ("/people/?after=Umerov%2C+Rustem~rustem-umerov", "/people/?after=Umerov%2C+Rustem~rustem-umerov"),
        ("/meetings/?party=ukraine", "/meetings/?party=ukraine"),
        (STATEMENT, STATEMENT),
        (f"{MEETING}?as_of=2025-05-28", f"{MEETING}?as_of=2025-05-28"),
        ("/statements/?order=&q=memorandum", "/statements/?q=memorandum"),
        ("/about/", "/about/"),
    ],
)
def test_the_canonical_address_keeps_what_the_page_was_asked_for_and_nothing_else(client, address, expected):
    assert head(client, address).links["canonical"] == f"{settings.SITE_URL}{expected}"


def test_the_canonical_address_of_an_unknown_page_is_an_address(client):
    html = client.get('/statements/"é <b>/').content.decode()
    assert Head(html).links["canonical"] == f"{settings.SITE_URL}/statements/%22%C3%A9%20%3Cb%3E/"


def test_a_page_that_is_not_there_offers_no_formats_of_itself_and_a_withdrawn_one_leads_on(client):
    Statement.objects.filter(slug="umerov-awaits-memorandum").update(
        status="withdrawn", withdrawn_on="2026-12-01", withdrawn_because="It was entered twice."
    )
    for address, status in (("/statements/nothing/", 404), (STATEMENT, 410)):
        answer = client.get(address)
        html = answer.content.decode()
        assert answer.status_code == status
        assert "alternate" not in Head(html).links
        assert "This page as" not in html
    assert f'It was about <a href="{MEETING}">' in html
    assert 'href="/corrections/"' in html


def test_the_picture_is_small_and_has_the_size_that_is_asked_for():
    picture = (ROOT / "static" / "img" / "share.png").read_bytes()
    assert struct.unpack(">II", picture[16:24]) == (1200, 630)
    for path in (ROOT / "static" / "img").glob("share.*"):
        assert path.stat().st_size < 60_000


def test_the_icon_needs_no_request_and_is_an_address_without_blanks(client):
    told = head(client, "/").links["icon"]
    assert told == icon_address()
    assert told.startswith("data:image/svg+xml,%3Csvg%20")
    assert not set(told) & set(" <>\"'{}#")


def test_a_page_loads_one_script_at_most_and_after_itself(client):
    for address in PAGES:
        assert [one.keys() for one in head(client, address).scripts] == [{"defer", "src"}]
    for path in (ROOT / "static" / "js").glob("*.js"):
        assert path.name == "check-quotation.js" or path.stat().st_size < 2048


def test_opensearch_describes_the_search_for_browsers(client):
    address = head(client, "/").links["search"]
    answer = client.get(address)
    assert (address, answer.status_code) == ("/opensearch.xml", 200)
    assert answer.headers["Content-Type"] == "application/opensearchdescription+xml"
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    described = ElementTree.fromstring(answer.content)
    assert described.tag == f"{space}OpenSearchDescription"
    assert len(described.findtext(f"{space}ShortName")) <= 16
    urls = {one.get("type"): one.get("template") for one in described.findall(f"{space}Url")}
    assert urls["text/html"] == f"{settings.SITE_URL}/statements/?q={{searchTerms}}"
    found = client.get("/statements/", {"q": "memorandum"})
    assert found.status_code == 200
