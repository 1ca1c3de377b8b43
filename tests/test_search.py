"""Search as readers and programs meet it: through addresses, in every format, judged by what comes back."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from datetime import date
from html import unescape
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from talks import search
from talks.editing import ledger
from talks.models import EditorsNote, Meeting, Party, Person, Source, Statement
from talks.paging import SIZE
from talks.querysets import found as found_module
from talks.search import Wanted, known
from talks.search.marks import mark
from talks.search.words import LONGEST, parse, spans
from tests.once import Reader
from tests.searched import (
    MARKED,
    QUOTATION,
    count,
    count_few,
    csv_rows,
    data,
    every_row,
    feed_entries,
    flat,
    heading,
    listed,
    many,
    number_told,
    said,
    slugs,
    slugs_of,
    walked,
)
from tests.test_pages import links, page, words

pytestmark = pytest.mark.django_db

REPORT = "myglobalnews-2025-05-29"
MEETING = "istanbul-2025-06-02"
FACETS = ("party", "speaker", "meeting", "type", "publisher", "found", "source", "year", "month")


# What is found


def of_person(slug: str) -> set[str]:
    return set(Statement.objects.published().filter(speaker__slug=slug).values_list("slug", flat=True))


@pytest.mark.parametrize(
    ("typed", "person"),
    [("Sergey Lavrov", "sergei-lavrov"), ("Лавров", "sergei-lavrov"), ("ЛАВРОВ", "sergei-lavrov"),
     ("Umierov", "rustem-umerov"), ("Умеров", "rustem-umerov"), ("Умєров", "rustem-umerov"), ("ümerov", "rustem-umerov"),
     ('"Rustem Umerov"', "rustem-umerov"), ("Zelenskyy", "volodymyr-zelensky"), ("мединскии", "vladimir-medinsky")],
)  # fmt: skip
def test_a_person_is_found_by_every_spelling(client, typed, person):
    own = of_person(person)
    assert own <= set(every_row(client, q=typed))
    assert set(every_row(client, q=typed)) == set(csv_rows(client, q=typed))


@pytest.mark.parametrize("typed", ["Turkiye", "Türkiye", "TÜRKİYE", "turkıye", "Tu\u0308rkiye"])
def test_marks_on_letters_make_no_difference(client, typed):
    found = set(every_row(client, q=typed))
    assert "fidan-opens-talks" in found
    assert found == set(every_row(client, q="turkiye"))


def test_a_phrase_is_found_as_it_stands_and_its_words_anywhere(client):
    assert QUOTATION in slugs(client, q='"awaiting their memorandum"')
    assert slugs(client, q='"memorandum their awaiting"') == []
    assert QUOTATION in slugs(client, q="memorandum their awaiting")


def test_a_phrase_does_not_reach_from_the_text_into_a_name(client):
    Statement.objects.filter(slug="fidan-opens-talks").update(text="They saw a gewgaw", speaker_as_printed="Baubles")
    assert slugs(client, q="gewgaw Baubles") == ["fidan-opens-talks"]
    assert slugs(client, q='"gewgaw Hakan"') == []
    assert slugs(client, q='"baubles TRT"') == []


def test_a_word_with_a_minus_must_not_stand_there(client):
    with_it, without = set(every_row(client, q="memorandum")), set(every_row(client, q="memorandum -Umerov"))
    assert without < with_it
    assert with_it - without == with_it & set(every_row(client, q="Umerov"))
    everything = set(every_row(client))
    assert set(every_row(client, q="-memorandum")) == everything - with_it
    assert set(every_row(client, q='-"awaiting their memorandum"')) == everything - set(
        every_row(client, q='"awaiting their memorandum"')
    )
    assert every_row(client, q="memorandum -memorandum") == []


@pytest.mark.parametrize(
    ("typed", "whole"),
    [("memorand", "memorandum"), ("memorand*", "memorandum"), ("MEMORAND*", "memorandum"), ("prisone", "prisoners")],
)
def test_a_beginning_finds_what_begins_so(client, typed, whole):
    found = set(every_row(client, q=typed))
    assert found >= set(every_row(client, q=whole)) != set()


def test_a_beginning_finds_words_whose_stem_is_shorter_than_it(client):
    Statement.objects.filter(slug="fidan-opens-talks").update(text="The negotiations went on.")
    for end in range(3, len("negotiations") + 1):
        typed = "negotiations"[:end]
        assert "fidan-opens-talks" in every_row(client, q=typed), typed


def test_a_word_that_stands_somewhere_is_not_taken_for_a_beginning(client):
    Statement.objects.filter(slug="fidan-opens-talks").update(text="A gewg and a gewgaw.")
    Statement.objects.filter(slug="lavrov-confirms-date").update(text="A gewgaw.")
    assert slugs(client, q="gewg") == ["fidan-opens-talks"]
    assert len(slugs(client, q="gewg*")) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [("memorandum", "memorandums"), ("propose", "proposed"), ("meeting", "MEETINGS"), ("call", "calling")],
)
def test_english_endings_make_no_difference(client, one, other):
    assert set(every_row(client, q=one)) == set(every_row(client, q=other)) != set()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("Ukrainian Defense Minister", {"role_as_printed": "Ukrainian Defense Minister"}), ("Hürriyet", {"source__publisher__startswith": "Hürriyet"}),
     ("myglobalnews.net", {"source__slug": REPORT}), ("Facebook", {"channel": "Facebook"}),
     ("Gomel", {"meeting__slug": "gomel-region-2022-02-28"})],
)  # fmt: skip
def test_roles_publishers_channels_and_meetings_are_searched(client, typed, expected):
    there = set(Statement.objects.published().filter(**expected).values_list("slug", flat=True))
    assert there <= set(every_row(client, q=typed))


def test_editors_notes_are_searched(client):
    note = EditorsNote.objects.get(slug="e07-four-days")
    EditorsNote.objects.filter(pk=note.pk).update(text="A gewgaw of a note.")
    assert set(slugs(client, q='"gewgaw of a note"')) == set(note.statements.values_list("slug", flat=True))
    EditorsNote.objects.filter(pk=note.pk).update(status="draft")
    assert slugs(client, q="gewgaw") == []


def test_drafts_are_found_by_nothing(client):
    Statement.objects.filter(slug="fidan-opens-talks").update(status="draft")
    for asked in ({"q": "Fidan"}, {"speaker": "hakan-fidan"}, {"q": "-gewgaw"}, {"type": "indirect"}, {}):
        assert "fidan-opens-talks" not in every_row(client, **asked)
        assert "fidan-opens-talks" not in csv_rows(client, **asked)
        assert "fidan-opens-talks" not in feed_entries(client, **asked)


ON_POSTGRESQL = connection.vendor == "postgresql"
# PostgreSQL's parser takes the fractions of some scripts, such as ୲, for no part of a word.
FRACTIONS = "".join(
    letter for letter in map(chr, range(0x30, 0x1100))
    if unicodedata.category(letter) == "No" and not any(map(str.isdecimal, unicodedata.normalize("NFKD", letter)))
)  # fmt: skip
LETTERS = st.characters(
    min_codepoint=0x30, max_codepoint=0x10FF, categories=["Ll", "Lo", "Nd", "No", "Lm"],
    # FTS5 takes the first two apart as nobody else does.
    exclude_characters="ǡʹ" + (FRACTIONS if ON_POSTGRESQL else ""),
) | st.sampled_from("ÄĆĐŁØÑİŽЁЙҐЎΑΩ가힣漢字ひがカپآ½²①é́й̆ẞßﬁ")  # fmt: skip


@pytest.mark.usefixtures("unnoted")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(LETTERS, min_size=1, max_size=8), min_size=1, max_size=4))
@example(["0\u03010", "u\u0308ber", "и\u0306"])
def test_every_word_of_a_text_finds_it_as_it_stands(db, texts):
    text = " – ".join(texts)
    Statement.objects.filter(slug="fidan-opens-talks").update(text=text)
    key = Statement.objects.get(slug="fidan-opens-talks").pk
    for start, end, _ in spans(text):
        wanted = Wanted(parse(text[start:end]))
        assert key in search.page(wanted, 100), text[start:end]


# What the page says of it


def test_the_words_searched_for_are_marked_and_not_a_character_is_altered(client):
    evil = "A <b>memorandum</b> & “memorandums”, <script>\n  two  spaces"
    Statement.objects.filter(slug="fidan-opens-talks").update(text=evil)
    for typed in ("memorandum", "memorand*", "the", "2025", "b script"):
        html = page(client, listed(q=typed))
        texts = dict(Statement.objects.values_list("slug", "text"))
        shown = [unescape(re.sub(r"<[^>]*>", "", text)) for text in MARKED.findall(html)]
        assert shown == [texts[slug] for slug in slugs_of(html)] != []
    html = page(client, listed(q="memorandum"))
    assert "A &lt;b&gt;<mark>memorandum</mark>&lt;/b&gt; &amp; “<mark>memorandums</mark>”, &lt;script&gt;" in html
    assert "<q><mark>memorandum</mark></q>" in html


def test_without_words_nothing_is_marked(client):
    assert "<mark>" not in page(client, listed(party="russia"))
    assert "<mark>" not in page(client, listed(q="-memorandum"))


def test_the_page_says_how_many_match_what(client):
    html = page(client, listed(q="memorandum"))
    assert heading(html) == f"{len(every_row(client, q='memorandum'))} statements match “memorandum”"
    assert heading(page(client, listed(q='"inside four days"'))).startswith("1 statement matches “")


def test_what_was_typed_stands_in_the_form_again_and_other_filters_stay_in_force(client):
    html = page(client, listed(q='"a <b> & c', party="russia", said_from="2025-05-01", order="oldest"))
    assert 'name="q" type="search" value="&#34;a &lt;b&gt; &amp; c"' in html
    assert '<input type="hidden" name="party" value="russia">' in html
    assert 'name="said_from" type="date" value="2025-05-01"' in html
    assert '<option value="oldest" selected>' in html
    assert 'type="hidden" name="q"' not in html


# Facets


@pytest.fixture
def reader(client):
    return Reader(client)


def facet_links(html: str) -> list[tuple[str, str, int]]:
    """(facet, address, count) of every value by which the page offers to narrow."""
    aside = html[html.index('<aside class="facets"') :]
    found = re.findall(r'<a href="([^"]+)"[^>]*>[^<]*<data value="(\d+)">', aside[: aside.index("</aside>")])
    now = set(parse_qs(urlsplit(html).query))
    return [(_new(unescape(address), now), unescape(address), int(number)) for address, number in found]


def _new(address: str, now: set[str]) -> str:
    """The name of the last filter of an address, which is the new one."""
    return address.rpartition("&")[2].rpartition("?")[2].partition("=")[0]


def agrees(client, address: str, number: int) -> None:
    """The count stands for as many statements in every format, the same ones."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    html = page(client, address)
    assert number_told(html) == number, address
    told = data(client, **asked)
    assert told["total"] == number, address
    rows = every_row(client, **asked)
    assert len(rows) == len(set(rows)) == number, address
    assert set(csv_rows(client, **asked)) == set(rows)
    assert len(csv_rows(client, **asked)) == number
    assert Counter(feed_entries(client, **asked)) == Counter(rows)
    assert Counter(flat(walked(client, "next", address))) == Counter(rows)


def test_every_value_of_every_facet_stands_for_as_many_statements_as_it_says(reader):
    said("2022-03-29", slug="fidan-opens-talks")
    seen = set()
    for asked in ({}, {"year": "2025"}):
        for name, address, number in facet_links(page(reader, listed(**asked))):
            seen.add(name)
            assert number > 0
            agrees(reader, address, number)
    assert seen == set(FACETS)


@pytest.mark.parametrize("asked", [{"q": "memorandum"}, {"q": "-memorandum", "party": "ukraine"}, {"q": '"2 June"', "year": "2025", "type": "indirect"},
                                   {"meeting": MEETING, "as_of": "2025-05-29"}, {"said_from": "2025-05-28", "said_to": "2025-05-28"}])  # fmt: skip
def test_facets_of_a_search_narrow_it_further(reader, asked):
    html = page(reader, listed(**asked))
    agrees(reader, listed(**asked), number_told(html))
    links_there = facet_links(html)
    assert links_there
    whole = set(every_row(reader, **asked))
    for _, address, number in links_there[::3]:
        more = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked.items() < more.items()
        agrees(reader, address, number)
        assert set(every_row(reader, **more)) < whole


@pytest.mark.parametrize("facet", ["type", "found", "party", "year", "speaker"])
def test_the_values_of_a_facet_make_up_all_statements(client, facet):
    said("2022-03-29", slug="fidan-opens-talks")
    html = page(client, listed())
    counts = [number for name, _, number in facet_links(html) if name == facet]
    assert sum(counts) == number_told(html) == Statement.objects.published().count()


def test_a_facet_says_what_the_statements_say(client):
    def counted(facet: str, column: str) -> None:
        told = {parse_qs(urlsplit(address).query)[facet][0]: number
                for name, address, number in facet_links(page(client, listed())) if name == facet}  # fmt: skip
        groups = Statement.objects.published().values_list(column).annotate(number=Count("pk")).order_by()
        assert told == {value or "none": number for value, number in groups}

    counted("party", "party__slug")
    counted("speaker", "speaker__slug")
    counted("meeting", "meeting__slug")
    counted("type", "quotation_type")
    counted("publisher", "source__publisher")
    counted("source", "source__slug")


def test_several_filters_at_once_each_of_which_can_be_removed_again(client):
    asked = {"q": "memorandum", "party": "ukraine", "speaker": "rustem-umerov", "meeting": MEETING, "type": "direct",
             "publisher": "myglobalnews.net", "source": REPORT, "found": "yes", "year": "2025", "month": "2025-05",
             "said_from": "2025-05-01", "said_to": "2025-05-31", "as_of": "2025-06-30"}  # fmt: skip
    html = page(client, listed(**asked))
    assert slugs_of(html) == [QUOTATION]
    assert every_row(client, **asked) == csv_rows(client, **asked) == feed_entries(client, **asked) == [QUOTATION]
    bar = html[html.index('<ul class="filter-list"') :]
    removing = [unescape(address) for address in re.findall(r'<a href="([^"]+)"', bar[: bar.index("</ul>")])]
    without = [{name for name in asked if name not in parse_qs(urlsplit(address).query)} for address in removing]
    assert without == [{name} for name in asked]
    for address in removing:
        rest = parse_qs(urlsplit(address).query)
        assert all(rest[name] == [asked[name]] for name in rest)
        assert QUOTATION in slugs_of(page(client, address))


def test_the_sources_own_accounts_have_neither_party_nor_speaker(client):
    own = set(Statement.objects.published().filter(quotation_type="narration").values_list("slug", flat=True))
    assert set(every_row(client, speaker="none")) == own
    nobodys = set(Statement.objects.published().filter(party=None).values_list("slug", flat=True))
    assert set(every_row(client, party="none")) == nobodys
    assert "None, such as the source’s own account" in words(page(client, listed(party="none")))


def test_only_what_had_been_reported_by_a_day_is_found(client):
    for day in ("2025-05-28", "2025-05-29", "2025-06-02", "2026-01-01"):
        reported = Statement.objects.published().reported_by(date.fromisoformat(day)).values_list("slug", flat=True)
        assert set(every_row(client, as_of=day)) == set(reported) != set()
    assert every_row(client, as_of="2022-01-01") == []


def test_only_what_was_said_within_two_days_is_found(client):
    said("2022-03-29", slug="fidan-opens-talks")
    for first, last in (("2025-05-28", "2025-05-30"), ("2025-06-02", "2025-06-02"), ("2022-01-01", "2022-12-31")):
        within = Statement.objects.published().filter(said_from__gte=first, said_from__lte=last)
        expected = set(within.values_list("slug", flat=True))
        assert set(every_row(client, said_from=first, said_to=last)) == expected != set()
    assert every_row(client, said_from="2025-06-02", said_to="2025-06-01") == []
    everything = Statement.objects.published().count()
    assert data(client, said_from="0001-01-01", said_to="9999-12-31")["total"] == everything


@pytest.mark.parametrize(
    "query",
    ["party=nobody", "speaker=x", "meeting=none", "source=none", "type=poem", "found=maybe", "year=25", "year=2025-06", "month=2025",
     "month=2025-13", "said_from=soon", "said_to=2025-02-30", "as_of=2025", "order=random", "publisher=Nobody", "party=%00",
     "publisher=a%00", "said_from=%00", "month=%00", "type=%00", "after=best~nobody&q=memorandum", "after=best~x", "after=%00"],
)  # fmt: skip
def test_an_unknown_value_is_an_unknown_address_in_every_format(client, query):
    for ending in ("/", ".json", ".csv", ".atom"):
        if ending in (".csv", ".atom") and query.startswith(("after", "order")):
            continue  # a file is never paged, and a feed has an order of its own
        assert client.get(f"/statements{ending}?{query}").status_code == 404, ending


# Order


@pytest.mark.parametrize("common", [search.COMMON, 1, 0])
def test_the_best_come_first_a_word_in_the_text_before_one_in_the_context(client, monkeypatch, common):
    monkeypatch.setattr(search, "COMMON", common)
    Statement.objects.filter(slug="fidan-opens-talks").update(text="A gewgaw, a gewgaw and a gewgaw.")
    Statement.objects.filter(slug="lavrov-confirms-date").update(
        channel="gewgaw", said_on="2025-12-31", said_from="2025-12-31", said_to="2025-12-31"
    )
    assert (
        slugs(client, q="gewgaw")
        == slugs(client, q="gewgaw", order="best")
        == ["fidan-opens-talks", "lavrov-confirms-date"]
    )
    assert slugs(client, q="gewgaw", order="newest") == ["lavrov-confirms-date", "fidan-opens-talks"]
    assert slugs(client, q="gewgaw", order="oldest") == ["fidan-opens-talks", "lavrov-confirms-date"]


@pytest.mark.parametrize("typed", ["gewgaw", '"gewgaw number"', "gewg*", "gewgaw number -opens", "gewgaw number*"])
def test_words_that_many_have_are_ranked_by_how_often_they_stand_there(client, monkeypatch, typed):
    many(30)
    Statement.objects.filter(slug="many-00011").update(text="Gewgaw number one and gewgaw number two.")
    rare = slugs(client, q=typed)
    assert rare[0] == "many-00011"
    monkeypatch.setattr(search, "COMMON", 0)
    common = every_row(client, q=typed)
    assert common[0] == "many-00011"
    assert len(common) >= 10
    assert sorted(common) == sorted(every_row(client, q=typed, order="newest"))


@pytest.mark.parametrize(
    ("typed", "is_common"),
    [("gewgaw", True), ("memorandum", False), ("memorandum gewgaw", True), ('"gewgaw memorandum"', False),
     ('"gewgaw number"', True), ("memorandum -gewgaw", False), ("memoran*", True)],
)  # fmt: skip
def test_a_phrase_is_as_common_as_its_rarest_word_and_a_beginning_always(monkeypatch, typed, is_common):
    many(40)
    monkeypatch.setattr(search, "COMMON", 35)
    assert search.has_common(Wanted(parse(typed))) == is_common
    assert search.has_common(Wanted(parse("memorandum"), (mark("type", "indirect"),)))
    assert not search.has_common(Wanted(parse("memorandum"), (mark("year", 2025), mark("meeting", 0))))
    assert search.has_common(Wanted(parse("-memorandum")))


def test_what_is_too_much_to_be_ranked_comes_newest_first(client, monkeypatch):
    Statement.objects.filter(slug="fidan-opens-talks").update(text="Gewgaw gewgaw gewgaw.")
    many(30)
    assert slugs(client, q="gewgaw")[0] == "fidan-opens-talks"
    monkeypatch.setattr(found_module, "RANKED", 30)
    monkeypatch.setattr(search, "RANKED", 30)
    ranked = every_row(client, q="gewgaw")
    assert slugs(client, q="gewgaw") == ranked[:SIZE]
    days = dict(Statement.objects.values_list("slug", "said_from"))
    assert ranked == sorted(ranked, key=lambda slug: (days[slug], slug), reverse=True)
    assert len(ranked) == 31
    best = every_row(client, q="gewgaw", order="best")
    assert len(best) == 30, "only the newest are ranked when it is asked for"


@pytest.fixture
def few_counted(monkeypatch):
    """Fifty are many."""
    count_few(monkeypatch, 50, 20)


@pytest.mark.usefixtures("few_counted")
@pytest.mark.parametrize(("number", "is_more"), [(49, False), (50, False), (51, True), (120, True)])
def test_more_than_are_counted_are_told_as_more(client, number, is_more):
    many(number)
    html, told = page(client, listed(q="gewgaw")), data(client, q="gewgaw")
    assert number_told(html) == min(number, 50)
    assert heading(html).startswith("More than 50") == is_more
    assert ("of the newest 20" in html) == is_more
    assert told["total"] == (None if is_more else number)
    assert told.get("more_than") == (50 if is_more else None)
    assert len(csv_rows(client, q="gewgaw")) == len(every_row(client, q="gewgaw")) == number


@pytest.mark.usefixtures("few_counted")
@pytest.mark.parametrize("least", [1, 7, 60, 119, 120, 121])
@pytest.mark.parametrize("asked", [{}, {"said_from": "2025-06-03"}, {"said_to": "2025-06-05"}, {"year": "2025"}])
def test_a_long_list_that_is_cut_into_stretches_has_every_row_once_and_in_order(monkeypatch, client, least, asked):
    monkeypatch.setattr(found_module, "STRETCH", least)
    monkeypatch.setattr(found_module, "BEGINNING", 1 + least // 2)
    many(120, days=9)
    with ledger.aside():
        said("9999-12-31", slug__startswith="many-0001")  # after which there is no day
    asked = {**asked, "q": "gewgaw"}
    found = csv_rows(client, **asked)
    days = dict(Statement.objects.values_list("slug", "said_from"))
    assert found == sorted(found, key=lambda slug: (days[slug], slug))
    assert found == sorted(every_row(client, **asked, order="oldest"), key=lambda slug: (days[slug], slug))
    assert len(found) > 50


@pytest.mark.parametrize("typed", ["zzyzx", "zzyzx*", '"zzyzx gewgaw"', "gewgaw zzyzx*"])
def test_a_whole_list_of_nothing_is_its_header(client, typed):
    many(3)
    assert csv_rows(client, q=typed) == []
    assert client.get(listed(".csv", q=typed)).getvalue().startswith(b"slug,")


@pytest.mark.usefixtures("few_counted")
def test_no_count_of_a_facet_stands_bare_above_what_is_counted(client):
    many(20, prefix="later", said_on="2025-07-01")
    many(70)
    html = page(client, listed(q="gewgaw"))
    aside = words(html[html.index('<aside class="facets"') : html.index("</aside>")])
    numbers = re.findall(r'<data value="(\d+)">([^<]*)</data>', html)
    assert numbers
    assert all(told == f"{number} of the newest 20" for number, told in numbers)
    assert "Numbers are those of the newest 20." in aside
    newest = every_row(client, q="gewgaw", order="newest")[:20]
    assert all(slug.startswith("later-") for slug in newest)
    parties = Counter(Statement.objects.filter(slug__in=newest).values_list("party__slug", flat=True))
    told = {parse_qs(urlsplit(address).query)["party"][0]: number
            for name, address, number in facet_links(html) if name == "party"}  # fmt: skip
    assert told == {slug or "none": number for slug, number in parties.items()}


@pytest.mark.usefixtures("few_counted")
@pytest.mark.parametrize(
    ("number", "among", "is_counted"), [(120, 120, False), (120, 19, True), (30, 30, False), (15, 120, True)]
)
def test_a_feed_is_whole_and_what_many_of_the_newest_have_is_not_counted_for_it(
    client, monkeypatch, number, among, is_counted
):
    monkeypatch.setattr(found_module, "DENSE", among)
    many(number)
    with CaptureQueriesContext(connection) as asked:
        entries = feed_entries(client, q="gewgaw")
    assert ("ELSE 51 END" in str(asked.captured_queries)) == is_counted
    assert Counter(entries) == Counter(every_row(client, q="gewgaw"))
    assert len(entries) == number
    assert len(feed_entries(client, type="indirect", party="russia")) == len(
        csv_rows(client, type="indirect", party="russia")
    )


# What an index alone tells, on PostgreSQL.
OF_KEYS = [{"type": "indirect"}, {"party": "", "year": "2025"}, {"said_from": "2025-06-03", "said_to": "2026-12-31"}]
ALONE = [{}, *({name: ""} for name in ("party", "speaker", "meeting", "source"))]


@pytest.mark.usefixtures("few_counted")
@pytest.mark.parametrize("asked", [*ALONE, *OF_KEYS])
def test_what_is_known_to_be_many_is_told_like_what_was_counted(client, monkeypatch, asked):
    one = Statement.objects.get(slug=QUOTATION)
    nouns = {"party": one.party, "speaker": one.speaker, "meeting": one.meeting, "source": one.source}
    many(110, days=9, **nouns)
    many(10, prefix="later", said_on="2026-07-01", **nouns)
    query = urlencode({name: value or nouns[name].slug for name, value in asked.items()})
    # How many there are of all is kept, and told as JSON.
    addresses = [f"/statements{ending}?{query}" for ending in ("/", ".atom", ".json" if asked else "/")]

    def told() -> list[bytes]:
        return [client.get(address).content for address in addresses]

    with CaptureQueriesContext(connection) as fewer:
        at_first = told()
    assert b"of the newest 20" in at_first[0]
    for kept in ("of_list", "of_noun"):
        monkeypatch.setattr(found_module, kept, lambda *_: 0)
    monkeypatch.setattr(search, "is_of_keys", lambda _: False)
    known.numbers.clear()
    with CaptureQueriesContext(connection) as all_counted:
        counted = told()
    assert "ELSE 51 END" in str(all_counted.captured_queries)
    if asked not in OF_KEYS or connection.vendor == "postgresql":
        assert "ELSE 51 END" not in str(fewer.captured_queries)
    assert counted == at_first


# Text of any kind

STRANGE = [
    "\0", "a\0b", "\0" * 50, "x" * 10_000, "𝔊" * 10_000, "talks " * 2_000, '"' * 10_000, "-" * 10_000, "- - -", '"', "“", "”", "„“", '"never closed',
    'a "b c', '-"', '""', "' OR 1=1 --", "'; DROP TABLE talks_statement; --", "%", "%s", "%(q)s", "{}", "{0}", "{x}", "text:x", "text : x",
    "marks:x0", "{text names} : x", "NEAR(a b)", "NEAR(a b, 2)", "NEAR/3", "^a", "a*b", "a**", "*", "* *", "+a", "a + b", "AND", "OR", "NOT", "a AND", "NOT a",
    "(a", "a)", "((()))", "a & !b", "a <-> b", "<2>", ":*", "a:*", "a:A", "!a", "!!", "a | b", "\\", "\\\\", "a\\", "\\'", "'a", "a''b", "$$", "$1", "?",
    "\ufffd", "\u202eevil\u202c", "مذكرة", "מזכר", "備忘錄", "각서", "हिन्दी", "\u200b", "\ufeff", "e\u0301", "\u0301", "İ", "ß", "ﷺ" * 500, "🕊", "🇺🇦", "\U0010ffff",
    "\x01\x02\x1f\x7f\x80\x9f", "a\tb\r\nc\u2028d", "1e5", "1.5", "-1", "2025-06-02", "http://example.org/a?b=c", "a@b.example", "/usr/bin", "<b>", "&amp;", "-" + "x" * 600,
    " ".join(f"w{n}" for n in range(2_000)), " ".join(f"-w{n}" for n in range(2_000)), " ".join("abcdefghijklmnopqrstuvw"),
    " ".join(f"{one}eg*" for one in "abcdefghijklm"), " ".join(f"-{one}eg*" for one in "abcdefghijklm"), "ﬁ" * 500, "Ǆ" * 500,
]  # fmt: skip


def is_a_result_page(client, query: str) -> None:
    html = client.get(f"/statements/?{query}")
    assert html.status_code == 200, query[:80]
    text = html.content.decode()
    assert '<h2 id="results">' in text
    assert len(text) < 500_000, "an address that is long is not repeated as it is"
    told = client.get(f"/statements.json?{query}")
    assert told.status_code == 200
    assert len(told.headers.get("Link", "")) < 8_000
    total = json.loads(told.content)["total"]
    assert number_told(text) == total
    assert ("No statement" in text) == (total == 0)


@pytest.mark.parametrize("typed", STRANGE, ids=lambda typed: ascii(typed)[:30])
def test_whatever_is_typed_is_answered_with_results(client, typed):
    is_a_result_page(client, urlencode({"q": typed}))


@pytest.mark.parametrize(
    "query", ["q=%ED%A0%80", "q=%FF%FE", "q=%", "q=%ZZ", "q=a&q=b", "q", "q=", "q=+", "q=%C0%80", "q=a;b", "q=\u0416"]
)
def test_whatever_an_address_holds_is_answered_with_results(client, query):
    is_a_result_page(client, query)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60) | st.text("\"-*“”„«» \0():&|!<>\\'^+{}abx0=", max_size=30))
@example("\0")
@example('-"a" b* "c')
def test_any_text_is_answered_with_results(client, typed):
    is_a_result_page(client, urlencode({"q": typed}, errors="surrogatepass"))


def test_a_nul_is_taken_for_a_blank(client):
    assert every_row(client, q="awaiting\0memorandum") == every_row(client, q="awaiting memorandum") != []
    assert "\0" not in page(client, listed(q="awaiting\0memorandum"))
    assert "%00" not in page(client, listed(q="awaiting\0memorandum"))


def test_of_a_very_long_text_the_first_words_are_searched_for_and_the_page_says_so(client):
    typed = "memorandum " * 1_000
    html = page(client, listed(q=typed))
    assert set(every_row(client, q=typed)) == set(every_row(client, q="memorandum"))
    assert "Only the first of these words were searched for" in html
    assert "Only the first" not in page(client, listed(q="memorandum"))
    addresses = [parse_qs(urlsplit(link).query)["q"][0] for link in links(html) if "q=" in link]
    assert addresses
    assert all(len(asked) <= LONGEST for asked in addresses)
    other = page(client, listed(q=" ".join(f"gewgaw{n}" for n in range(40))))
    assert "Only the first of these words were searched for" in other


@pytest.mark.parametrize(
    "typed",
    [
        "x0",
        "xm7",
        "=x0",
        "'=x0'",
        "xp0",
        "xkdirect0",
        "xfyes0",
        "xd2025",
        "xd202506",
        "x0*",
        "=edge",
        "edge",
        "marks:x0",
        '"x0 xm1"',
        "xb*",
        "xk*",
        "xnothing0",
    ],
)
def test_what_the_index_holds_besides_words_is_found_by_no_word(client, typed):
    assert every_row(client, q=typed) == []


def test_what_the_index_holds_besides_words_leaves_nothing_out(client):
    assert data(client, q="-x0 -xkdirect0 -edge")["total"] == Statement.objects.published().count()
    Statement.objects.filter(slug="fidan-opens-talks").update(text="The model x0 and xkdirect0.")
    assert slugs(client, q="x0") == slugs(client, q="xkdirect0") == ["fidan-opens-talks"]


# Nothing found


def test_where_nothing_is_found_the_page_says_what_was_searched(client):
    read = words(page(client, listed(q='gewgaw "two words" -bauble')))
    assert 'No statement contains “gewgaw "two words" -bauble”' in read
    assert "gewgaw and words that begin so, two words; without bauble." in read
    assert "editor’s notes" in read
    assert "There is no word in it to search for." in words(page(client, listed(q="?!")))


@pytest.mark.parametrize("more", [{}, {"party": "turkiye", "order": "oldest"}])
def test_a_spelling_that_comes_close_is_offered_and_finds_something(client, more):
    html = page(client, listed(q="Umirov", **more))
    section = html[html.index("Spellings that do occur") :]
    near = re.findall(r'<a href="(/statements/\?[^"]*)">([^<]+)</a>', section)
    assert "Umerov" in [word for _, word in near]
    for address, _ in near:
        assert number_told(page(client, unescape(address))) > 0
    assert "Spellings that do occur" not in page(client, listed(q="qqqqqqqq"))
    Person.objects.create(slug="x", name="Gewgaw", sort_name="Gewgaw", status="published")
    assert "Spellings that do occur" not in page(client, listed(q="gewgav"))


def test_fewer_filters_are_offered_with_what_each_would_find(client):
    html = page(client, listed(q="memorandum", party="turkiye", type="direct"))
    assert "No statement" in heading(html)
    start = html.index("With fewer filters")
    offered = re.findall(r'<a href="([^"]+)">Without ([^:<]+)[^<]*</a> ([\d,]+) statement', html[start:])
    assert offered
    for address, _, number in offered:
        assert number_told(page(client, unescape(address))) == int(number.replace(",", "")) > 0


@pytest.mark.usefixtures("few_counted")
def test_fewer_filters_that_leave_more_than_are_counted_are_told_as_such(client):
    many(60)
    html = words(page(client, listed(q="gewgaw", type="direct")))
    assert "Without Type: Direct quotation more than 50 statements" in html


def test_filters_alone_that_leave_nothing_are_told_as_such(client):
    read = words(page(client, listed(speaker="hakan-fidan", party="russia")))
    assert "No statement fits" in read
    assert "Without Party: Russia" in read
    assert "There is no word in it" not in read


def test_meetings_of_that_name_are_offered(client):
    Meeting.objects.filter(slug="gomel-region-2022-02-28").update(venue="Gewgaw Hall")
    Statement.objects.filter(meeting__slug="gomel-region-2022-02-28").update(status="draft")
    html = page(client, listed(q="gewgaw"))
    assert "Meetings of that name" in html
    assert "/meetings/gomel-region-2022-02-28/" in links(html)


# Budget

FULL = {"q": "gewgaw", "party": "ukraine", "speaker": "rustem-umerov", "meeting": MEETING, "type": "indirect", "publisher": "myglobalnews.net",
        "source": REPORT, "found": "none", "year": "2025", "month": "2025-06", "said_from": "2025-01-01", "said_to": "2025-12-31", "as_of": "2025-12-31"}  # fmt: skip


@pytest.mark.parametrize("asked", [FULL, {"q": "gewgaw"}, {"q": "gewgaw", "order": "newest"}, {}], ids=len)
def test_a_search_takes_no_more_questions_for_more_results(client, django_assert_max_num_queries, asked):
    fields = {"speaker": Person.objects.get(slug="rustem-umerov"), "party": Party.objects.get(slug="ukraine"),
              "meeting": Meeting.objects.get(slug=MEETING), "source": Source.objects.get(slug=REPORT)}  # fmt: skip
    many(200, **fields)
    with django_assert_max_num_queries(14) as asked_with_many:
        assert number_told(page(client, listed(**asked))) >= 200
    with django_assert_max_num_queries(14):
        page(client, listed(**{**asked, "order": "oldest"}))
    with ledger.aside():
        Statement.objects.filter(slug__startswith="many-").exclude(slug="many-00007").update(text="Others.")
    with django_assert_max_num_queries(14) as asked_with_one:
        assert number_told(page(client, listed(**asked))) >= 1
    assert len(asked_with_many) == len(asked_with_one)


@pytest.mark.parametrize(
    "asked", [{"q": "Umirov", "party": "ukraine"}, {**FULL, "q": "Umirov Laurov Turkiyes"}, {**FULL, "q": "?"}], ids=len
)
def test_where_nothing_is_found_few_questions_are_asked(client, django_assert_max_num_queries, asked):
    many(200)
    with django_assert_max_num_queries(14):
        assert number_told(page(client, listed(**asked))) == 0


def test_a_count_reads_no_further_than_it_must():
    many(40)
    assert count(Wanted(parse("gewgaw")), 10) == 10
    counted = search.counted(Wanted(parse("gewgaw")), most=10, newest=4)
    assert (counted.number, counted.newest, counted.by["kind"].total()) == (11, 4, 4)
    known = search.counted(Wanted(parse("gewgaw")), most=10, newest=4, many=True)
    assert known._replace(places=counted.places) == counted
    assert search.walked(Wanted(parse("gewgaw")), most=10, newest=4, many=True).number == 11
    counted = search.counted(Wanted(parse("gewgaw")), most=40, newest=4)
    assert (counted.number, counted.newest, counted.by["kind"].total()) == (40, 40, 40)


def test_open_search_leads_to_results(client):
    template = re.search(r'template="([^"]+)"', client.get("/opensearch.xml").content.decode())[1]
    address = unescape(template).replace("{searchTerms}", quote("memorandum")).removeprefix("http://127.0.0.1:8000")
    assert number_told(page(client, address)) > 0
