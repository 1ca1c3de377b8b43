"""Every page, judged by what a reader sees, through its address."""

from __future__ import annotations

import gzip
import random
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.assets import LAYERS, smaller
from config.shelf import GZIP_LEVEL
from talks.editing import ledger
from talks.models import LinkCheck, Meeting, Party, Passage, Person, Source, Statement
from talks.problems import DATA
from talks.records import NOUNS
from tests.once import once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ROOT = Path(__file__).resolve().parent.parent

Q1 = "/statements/umerov-awaits-memorandum/"
Q2 = "/statements/lavrov-proposes-2-june/"
MEETING = "/meetings/istanbul-2025-06-02/"
REPORT = "/sources/myglobalnews-2025-05-29/"


def links(html: str) -> set[str]:
    return {unescape(found) for found in re.findall(r'href="([^"]*)"', html)}


def page(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.getvalue().decode()


def page_once(client, address: str) -> str:
    """The same, made once for all tests that look at every page."""
    answer = once(client, address)
    assert answer.status_code == 200, address
    return answer.getvalue().decode()


def words(html: str) -> str:
    """What a reader reads: no tags, white space folded."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def test_every_internal_link_from_the_front_page_answers_200(client):
    waiting, seen = {"/"}, set()
    while waiting:
        address = waiting.pop()
        seen.add(address)
        html = page_once(client, address)
        ids = set(re.findall(r'id="([^"]+)"', html))
        for link in links(html):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or link.startswith("/static/"):
                continue
            if not parts.path and parts.fragment:
                assert parts.fragment in ids, f"{address}: #{parts.fragment} is not on the page"
                continue
            # Filters multiply: what several leave together is looked at in the tests of the search.
            if "&" in parts.query and "?" in address:
                continue
            path = parts.path or address.partition("?")[0]
            target = f"{path}?{parts.query}" if parts.query else path
            if target not in seen:
                waiting.add(target)
        if not html.startswith("<!DOCTYPE html>"):
            assert urlsplit(address).path.endswith((*DATA, "/opensearch.xml"))
    nouns = sum(record.model.objects.published().count() for record in NOUNS.values())
    pages = {address for address in seen if address.endswith("/") and address.count("/") == 3}
    assert len({address for address in pages if address.split("/")[1] in NOUNS}) == nouns


def test_a_link_into_another_page_points_at_something_there(client):
    for address in ("/", MEETING, Q1, Q2, "/about/", "/statements/", REPORT):
        for link in links(page_once(client, address)):
            parts = urlsplit(link)
            if parts.fragment and parts.path and not parts.netloc:
                assert f'id="{parts.fragment}"' in page_once(client, parts.path), link


@pytest.mark.parametrize("address", ["/", MEETING, Q1, REPORT, "/people/rustem-umerov/", "/statements/", "/about/"])
def test_no_blank_stands_before_a_comma_or_full_stop(client, address):
    assert not re.findall(r"\w [,.;](?: |$)", words(page(client, address)))


def test_the_front_page_leads_with_the_meeting_of_2_june_and_both_quotations(client):
    html = page(client, "/")
    read = words(html)
    assert "Istanbul, 2 June 2025" in read
    assert "We are not opposed to further meetings with the Russians and are awaiting their memorandum" in read
    assert "<q>sustainable peace settlement</q>" in html
    assert {Q1, Q2, MEETING, REPORT} <= links(html)


@pytest.mark.parametrize("address", [Q1, Q2])
def test_from_a_quotation_meeting_and_source_are_one_click_away(client, address):
    assert {MEETING, REPORT, "/sources/cgtn/", "https://www.cgtn.com/"} <= links(page(client, address))


def test_umerovs_quotation_is_shown_code_point_for_code_point(client):
    html = page(client, Q1)
    text = Statement.objects.get(slug="umerov-awaits-memorandum").text
    quoted = re.search(r"<blockquote[^>]*><p>(.*?)</p></blockquote>", html)
    assert unescape(quoted[1]) == text
    assert "“" not in text
    read = words(html)
    for fact in ("Ukrainian Defense Minister", "on Facebook", "28 May 2025", "Found in the source’s text, checked",
                 "478–650", "cf4cf3d7…c9e2d620", "2,119 characters", "myglobalnews.net"):  # fmt: skip
        assert fact in read


@pytest.mark.parametrize("address", ["/", MEETING, "/statements/", "/people/rustem-umerov/", "/parties/ukraine/", REPORT,
                                     "/delegations/ukraine-istanbul-2025-06-02/", Q1])  # fmt: skip
def test_a_statement_shows_who_about_what_and_from_where_wherever_it_stands(client, address):
    html = page(client, address)
    figure = next(
        part for part in re.findall(r"<figure.*?</figure>", html, re.S) if "awaiting their memorandum so" in part
    )
    assert {"/people/rustem-umerov/", REPORT, "/sources/cgtn/", "https://www.cgtn.com/"} <= links(figure)
    assert "Ukrainian Defense Minister" in figure
    assert "29 May 2025" in figure
    assert address == MEETING or MEETING in links(html)


def test_a_meetings_state_is_its_latest_and_every_state_has_its_source(client):
    read = words(page(client, MEETING))
    section = read[read.index("State, as its sources told it") :]
    order = [section.index(state) for state in ("Held", "Confirmed", "Scheduled", "Proposed")]
    assert order == sorted(order)
    assert "says" in section


def test_a_meetings_parties_stand_in_alphabetical_order_with_their_heads(client):
    read = words(page(client, MEETING))
    section = read[read.index("Delegations", read.index("State, as")) :]
    places = [section.index(name) for name in ("Russia", "Vladimir Medinsky", "Ukraine", "Rustem Umerov", "Türkiye")]
    assert places == sorted(places)


def test_a_meeting_names_the_one_before_and_the_one_after(client):
    html = page(client, MEETING)
    assert {"/meetings/istanbul-2025-05-16/", "/meetings/istanbul-2025-07-23/"} <= links(html)
    assert "17 days earlier" in words(html)
    assert "51 days later" in words(html)


def test_other_wordings_stand_with_the_first_and_not_beside_it(client):
    assert "Other wordings" in words(page(client, Q1))
    assert "/statements/umerov-awaits-memorandum-pravda/" not in links(page(client, MEETING))


def test_umerovs_role_changes_in_july(client):
    read = words(page(client, "/people/rustem-umerov/"))
    assert read.index("Ukrainian Defense Minister") < read.index("NSDC secretary")


def test_the_editors_notes_stand_where_they_belong(client):
    assert "Editor’s note:" in words(page(client, Q1))
    assert "Sources disagree" in words(page(client, "/statements/lavrov-four-days/"))


@pytest.mark.parametrize(
    "address",
    ["/", "/about/", "/meetings/", MEETING, "/delegations/", "/delegations/ukraine-istanbul-2025-06-02/", "/parties/",
     "/parties/ukraine/", "/people/", "/people/rustem-umerov/", "/statements/", Q1, "/sources/", REPORT,
     f"/statements/?meeting={MEETING.split('/')[2]}&party=ukraine&type=direct"],
)  # fmt: skip
def test_no_page_takes_more_than_thirteen_queries_however_much_it_lists(client, django_assert_max_num_queries, address):
    many_statements(200)
    with django_assert_max_num_queries(13):
        client.get(address)


@ledger.aside()
def many_statements(number: int) -> None:
    meeting = Meeting.objects.get(slug="istanbul-2025-06-02")
    source = Source.objects.get(slug="myglobalnews-2025-05-29")
    instant = meeting.first_published_at
    speakers = list(Person.objects.filter(party__slug__in=["russia", "ukraine"]).select_related("party"))
    statements = [
        Statement(
            slug=f"many-{count:04}", status="published", first_published_at=instant, changed_at=instant,
            quotation_type="indirect", text=f"Said number {count}.", speaker=speaker, party=speaker.party,
            said_on=f"2025-06-0{count % 4 + 1}", meeting=meeting, source=source,
        )
        for count in range(number)
        for speaker in [speakers[count % len(speakers)]]
    ]  # fmt: skip
    Statement.objects.bulk_create(statements)
    Passage.objects.bulk_create(Passage(statement=statement, start=0, end=10) for statement in statements)


def test_a_full_cell_of_a_meeting_says_how_much_more_there_is(client):
    many_statements(200)
    html = page(client, MEETING)
    assert html.count('<figure class="statement') < 150
    assert "more in the list of statements" in words(html)


def test_a_long_list_has_every_statement_once_page_by_page(client):
    many_statements(120)
    address, found = "/statements/", []
    for _ in range(10):
        html = page(client, address)
        found += re.findall(r'href="(/statements/[^"/?]+/)">Evidence', html)
        further = re.search(r'href="(\?[^"]*)" rel="next"', html)
        if not further:
            break
        address = "/statements/" + unescape(further[1])
    published = [statement.get_absolute_url() for statement in Statement.objects.published()]
    assert sorted(found) == sorted(published)
    last = re.findall(r'href="(/statements/[^"/?]+/)">Evidence', html)
    back = unescape(re.search(r'href="(\?[^"]*)" rel="prev"', html)[1])
    before = re.findall(r'href="(/statements/[^"/?]+/)">Evidence', page(client, "/statements/" + back))
    assert before == found[-len(last) - len(before) : -len(last)]


@pytest.mark.parametrize(
    "address",
    ["/statements/nobody/", "/meetings/nowhere/", "/people/x/", "/statements/?meeting=nowhere", "/statements/?type=poem",
     "/statements/?party=%00", "/statements/?speaker=a&source=b", "/statements/?after=soon", "/statements/?after=2025-13-45~x",
     "/statements/?after=2025-06-02~x&before=2025-06-02~x", "/people/?after=x", "/people/?after=x%00~y", "/sources/?before=~",
     "/statements/%00/", "/statements/%ff%fe/", "/nothing/", "/statements/" + "x" * 3000 + "/", "/meetings/../etc/"],
)  # fmt: skip
def test_bad_input_is_a_404_and_never_a_fault(client, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert "There is no page at this address" in answer.content.decode()


def test_a_404_names_the_nearest_addresses_and_shows_what_was_typed_as_text(client):
    html = client.get("/statements/umerov-awaits-<script>/").content.decode()
    assert "<script" not in html.replace("<script defer src=", "")
    assert "/statements/umerov-awaits-memorandum/" in html


def test_a_missing_slash_redirects_to_the_page(client):
    answer = client.get("/statements/umerov-awaits-memorandum?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/statements/umerov-awaits-memorandum/?x=1")


def test_a_withdrawn_statement_is_gone_with_its_reason_and_without_its_words(client):
    Statement.objects.filter(slug="umerov-awaits-memorandum-pravda").update(
        status="withdrawn", withdrawn_on="2026-12-01", withdrawn_because="It was entered twice."
    )
    answer = client.get("/statements/umerov-awaits-memorandum-pravda/")
    read = words(answer.content.decode())
    assert answer.status_code == 410
    assert "It was entered twice." in read
    assert "1 December 2026" in read
    assert "We are not opposed" not in read


def test_drafts_are_nowhere(client):
    Statement.objects.filter(slug="lavrov-proposes-2-june").update(status="draft")
    assert client.get(Q2).status_code == 404
    for address in ("/", MEETING, "/people/sergei-lavrov/", "/statements/", REPORT, "/parties/russia/"):
        html = page(client, address)
        assert "<q>sustainable peace settlement</q>" not in html
        assert Q2 not in links(html)


def test_an_optional_reference_to_what_is_not_public_is_left_out(client):
    Source.objects.filter(slug="cgtn").update(status="draft")
    Party.objects.filter(slug="united-states").update(status="draft")
    assert "/sources/cgtn/" not in links(page(client, Q1))
    assert "/parties/united-states/" not in links(page(client, "/people/marco-rubio/"))


def test_text_from_data_is_never_markup(client):
    evil = "<script>alert(1)</script>&amp;"
    Meeting.objects.update(title=evil, summary=evil, venue=evil)
    Person.objects.update(name=evil, sort_name=evil, description=evil)
    Source.objects.update(publisher=evil, title=evil)
    for address in (
        "/",
        MEETING,
        Q1,
        "/people/",
        "/sources/",
        REPORT,
        "/people/rustem-umerov/",
        "/statements/",
        "/meetings/",
    ):
        html = page(client, address)
        # JSON-LD stands in a script element that nothing runs; no < of the data stands in it. The other is our own.
        ours = ('<script type="application/ld+json">{"@context"', "<script defer src=")
        assert "<script" not in html.replace(ours[0], "").replace(ours[1], "")
        assert "&lt;script&gt;" in html


def test_a_statement_whose_link_is_dead_says_when_it_last_worked_and_leads_to_the_copy(client):
    statement = Statement.objects.get(slug="umerov-leaders")
    checks = [(404, 3), (200, 2), (200, 1)]
    LinkCheck.objects.bulk_create(
        LinkCheck(source=statement.source, status=status, checked_at=datetime(2026, month, 5, tzinfo=UTC))
        for status, month in checks
    )
    copy = {"archive_url": "https://archive.example/1/", "archived_on": date(2026, 1, 2)}
    Source.objects.filter(pk=statement.source.pk).update(**copy)
    page = client.get(statement.get_absolute_url()).content.decode()
    assert "link last worked on" in page
    assert "5 February 2026" in page
    assert 'href="https://archive.example/1/"' in page
    LinkCheck.objects.create(source=statement.source, status=200, checked_at=datetime(2026, 4, 5, tzinfo=UTC))
    assert "link last worked on" not in client.get(statement.get_absolute_url()).content.decode()


def test_a_row_of_a_meetings_page_has_the_days_of_all_that_was_said_and_not_only_of_what_is_shown(client):
    meeting = Meeting.objects.get(slug="istanbul-2025-06-02")
    first = Statement.objects.get(slug="umerov-four-days")
    for number in range(30):
        said = date(2025, 4, 1) + timedelta(days=number)
        copy = {"slug": f"copy-{number}", "said_on": said.isoformat(), "text": f"Said {number}.", "status": "published"}
        Statement.objects.create(
            **copy, quotation_type="indirect", speaker=first.speaker, party=first.party, meeting=meeting,
            source=first.source,
        )  # fmt: skip
    text = words(page(client, meeting.get_absolute_url()))
    assert "1 April 2025 to 29 May 2025" in text
    assert "Said 0." in text
    assert "Said 29." not in text


def test_a_role_that_many_sources_print_stands_once_with_the_first_of_them(client):
    person, meeting = Person.objects.get(slug="tammy-bruce"), Meeting.objects.get(slug="istanbul-2025-06-02")
    for number, source in enumerate(Source.objects.published()[:9]):
        Statement.objects.create(
            slug=f"role-{number}", status="published", quotation_type="indirect", text=f"Said {number}.",
            speaker=person, role_as_printed="Envoy of a test", said_on=f"2025-07-0{number + 1}", meeting=meeting,
            source=source,
        )  # fmt: skip
    text = words(page(client, "/people/tammy-bruce/"))
    roles = text.split("Roles as printed, over time")[1].split("What Tammy Bruce said")[0]
    assert roles.count("Envoy of a test") == 1
    assert roles.count("Printed by") == 3
    assert "and by 6 more sources, the last of 9 July 2025" in roles


def test_the_first_view_holds_14_kilobytes_with_much_data_too(client):
    person, meeting = Person.objects.get(slug="rustem-umerov"), Meeting.objects.get(slug="istanbul-2025-06-02")
    speakers = list(Person.objects.published().filter(party__isnull=False).order_by("slug"))
    sources = list(Source.objects.published().order_by("slug"))
    dice = random.Random(7)
    vocabulary = " ".join(Statement.objects.published().in_order().texts()).split()
    made = [
        Statement(
            slug=f"much-{number}", status="published", quotation_type="indirect", speaker=one, party=one.party,
            text=" ".join(dice.choices(vocabulary, k=20)), said_on=f"2025-{dice.randint(5, 7):02}-{dice.randint(1, 28):02}",
            meeting=meeting, source=dice.choice(sources), first_published_at=NOW, changed_at=NOW,
        )
        for number in range(600) for one in [dice.choice(speakers)]
    ]  # fmt: skip
    Statement.objects.bulk_create(made)
    css = "".join((ROOT / "static" / "css" / f"{layer}.css").read_text("utf-8") for layer in LAYERS)
    style = len(gzip.compress(smaller(css).encode()))
    for address in (
        "/", "/statements/", "/statements/?q=memorandum", meeting.get_absolute_url(), person.get_absolute_url(),
        "/meetings/", "/parties/ukraine/", sources[0].get_absolute_url(),
    ):  # fmt: skip
        # What stands last on a meeting's page, its sources, is far below the first view.
        seen = client.get(address).content.partition(b'<section class="folio" aria-labelledby="sources">')[0]
        assert len(gzip.compress(seen, GZIP_LEVEL)) + style <= 14_336, address
