"""The timeline: what a reader gets of it, and what its layout promises for any meetings."""

from __future__ import annotations

import csv
import json
import re
from datetime import date, timedelta
from html import unescape
from urllib.parse import urlsplit
from xml.dom.minidom import parseString

import pytest
from django.db import transaction
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from talks import drawing
from talks.drawing import as_file
from talks.editing import ledger
from talks.models import Delegation, DelegationMember, Meeting, Party, Passage, Person, Source, Statement
from talks.timeline import EACH, MOST, Said, Scope, Side, Talk, Tallied, condense, draw
from talks.timeline.lanes import BLOCK
from talks.timeline.lettering import width
from talks.timeline.windows import NEAR

SVG = "/meetings.svg"
PAGES = ["/", "/meetings/", "/people/rustem-umerov/", "/parties/ukraine/"]
SIDES = (Side(1, "Ruritania", "ruritania"), Side(2, "Arcadia", "arcadia"))


def talk(key: int, day: str, title: str = "", sides: tuple[Side, ...] = SIDES) -> Talk:
    return Talk(key, f"m{key}", title or f"Meeting {key}", day, f"/meetings/m{key}/", sides)


days = st.dates(date(1990, 1, 1), date(2030, 12, 31))


@st.composite
def edtf(draw_: st.DrawFn) -> str:
    """A date as it may be known: mostly a day, or a month, a year, an interval; close together or far apart."""
    near = date(2025, 1, 1) + timedelta(days=draw_(st.integers(0, 60)))
    day = draw_(st.one_of(st.just(near), days))
    kind = draw_(st.sampled_from(["day", "day", "day", "month", "year", "interval", "about"]))
    last = day + timedelta(days=draw_(st.integers(1, 40)))
    whole = day.isoformat()
    return {"day": whole, "month": whole[:7], "year": whole[:4], "interval": f"{whole}/{last}", "about": whole + "~"}[
        kind
    ]


@st.composite
def timelines(draw_: st.DrawFn) -> tuple[list[Talk], list[Said]]:
    dates = draw_(st.lists(edtf(), min_size=1, max_size=MOST))
    names = st.sampled_from(
        ["Ruritania", "The United Kingdom of Far Too Many Words to Stand in One Line", "日本", "ا" * 60]
    )
    sides = [Side(key, draw_(names), f"p{key}") for key in range(1, 5)]
    talks = [
        talk(key, day, sides=tuple(draw_(st.lists(st.sampled_from(sides), unique=True, max_size=3))))
        for key, day in enumerate(dates, 1)
    ]
    talks.sort(key=lambda one: (one.first, one.slug))
    said = [
        Said(
            draw_(st.integers(1, len(talks))),
            draw_(st.sampled_from([None, 1, 2, 3, 4])),
            kind,
            day,
            "Smith",
            f"/s/{number}/",
        )
        for number, (kind, day) in enumerate(
            draw_(st.lists(st.tuples(st.sampled_from(["direct", "mixed", "indirect"]), edtf()), max_size=40))
        )
    ]
    return talks, sorted(said, key=lambda one: one.days, reverse=True)


def crossing(boxes: list[tuple[float, float, float, float]]) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    """The pairs of boxes (left, top, right, bottom) that share more than an edge, but for what rounding does."""
    return [
        (one, other)
        for number, one in enumerate(boxes)
        for other in boxes[number + 1 :]
        if min(one[2], other[2]) - max(one[0], other[0]) > 0.3 and min(one[3], other[3]) - max(one[1], other[1]) > 0.3
    ]


def labels(drawing) -> list[tuple[float, float, float, float]]:
    """Where words stand: on flags, under and over windows, beside pauses and lanes."""
    boxes = [(one.x + 5, one.y + 4, one.x + 5 + width(one.text), one.y + 20) for one in drawing.columns]
    for window in drawing.windows:
        boxes.append((window.title, 97, window.title + width(window.heading), 113))
        for _, text, place, anchor in window.ticks:
            start = place - width(text) * {"start": 0, "middle": 0.5, "end": 1}[anchor]
            boxes.append((start, drawing.bottom + 7, start + width(text), drawing.bottom + 23))
    boxes += [
        (pause.middle - 40, drawing.middle - 40, pause.middle + 40, drawing.middle + 24) for pause in drawing.pauses
    ]
    return boxes + [(0, y - 12, width(line), y + 3) for lane in drawing.lanes for y, line in lane.texts]


@settings(deadline=None, max_examples=120)
@given(timelines())
def test_no_two_labels_overlap_and_none_leaves_the_drawing(given_):
    drawing = draw(*given_, Scope())
    boxes = labels(drawing)
    assert not crossing(boxes)
    assert all(left >= 0 and right <= 960 and bottom <= drawing.height for left, _, right, bottom in boxes)


def test_a_long_name_of_a_day_at_the_edge_stays_on_the_drawing():
    talks = [talk(2, "1999-01-01"), talk(1, "2001")]
    days = ("2025-02-23", "2000-01-01", "2000-01-01")
    said = [Said(1, None, "direct", day, "Smith", f"/s/{number}/") for number, day in enumerate(days)]
    boxes = labels(draw(talks, said, Scope()))
    assert not crossing(boxes)
    assert max(right for _, _, right, _ in boxes) <= 960


@settings(deadline=None, max_examples=120)
@given(timelines())
def test_every_meeting_and_every_statement_stands_once_and_inside_its_window(given_):
    talks, said = given_
    drawing = draw(talks, said, Scope())
    assert sorted(column.talk.key for column in drawing.columns) == sorted(one.key for one in talks)
    marks = [mark for lane in drawing.lanes if not lane.beyond for group in lane.groups for mark in group.marks]
    assert len(marks) == len({mark.said.address for mark in marks})
    shown = {key: sum(one.meeting == key for one in said) for key in {one.meeting for one in said}}
    assert len(marks) == sum(min(EACH, number) for number in shown.values())
    for left, right in [
        *((column.left, column.right) for column in drawing.columns),
        *((mark.x - BLOCK / 2, mark.x + BLOCK / 2) for mark in marks),
        *(mark.line for mark in marks if mark.line),
    ]:
        assert any(window.left <= left + 0.1 and right <= window.right + 0.1 for window in drawing.windows)


@settings(deadline=None, max_examples=120)
@given(timelines())
def test_spans_are_as_wide_as_their_days_at_one_scale(given_):
    drawing = draw(*given_, Scope())
    scale = drawing.windows[0].scale
    assert {window.scale for window in drawing.windows} == {scale}
    for column in drawing.columns:
        assert column.right - column.left == pytest.approx((column.talk.last - column.talk.first + 1) * scale, abs=0.2)
        assert column.left - 0.1 <= column.x <= column.right + 0.1


@settings(deadline=None, max_examples=120)
@given(timelines())
def test_targets_are_24_pixels_at_least_and_apart_or_one_link(given_):
    drawing = draw(*given_, Scope())
    flags = [(one.x, one.y, one.x + one.wide, one.y + NEAR) for one in drawing.columns]
    groups = [(one.left, one.top, one.right, one.top + one.high) for lane in drawing.lanes for one in lane.groups]
    boxes = flags + groups
    assert all(right - left >= NEAR - 0.2 and bottom - top >= NEAR for left, top, right, bottom in boxes)
    assert not crossing(boxes)
    # Nor does a pole go through a flag.
    for pole in drawing.columns:
        assert not [one for one in drawing.columns if one.y > pole.y and one.x + 5 < pole.x < one.x + one.wide - 0.2]


@settings(deadline=None, max_examples=60)
@given(timelines())
def test_blocks_do_not_cover_one_another_and_stay_in_their_lane(given_):
    drawing = draw(*given_, Scope())
    for lane in drawing.lanes:
        marks = [mark for group in lane.groups for mark in group.marks]
        assert not crossing([(mark.x, mark.y, mark.x + BLOCK, mark.y + BLOCK) for mark in marks])
        assert all(lane.top < mark.y and mark.y + BLOCK < lane.bottom for mark in marks)


@settings(deadline=None, max_examples=60)
@given(timelines())
def test_a_window_ends_at_the_long_pauses_that_stand_out_and_the_list_names_all(given_):
    talks, said = given_
    drawing = draw(talks, said, Scope())
    assert len(drawing.pauses) == len(drawing.windows) - 1 <= 3
    assert all(pause.days > 0 for pause in drawing.pauses)
    for one, other in zip(drawing.columns, drawing.columns[1:], strict=False):
        between = other.talk.first - one.talk.last
        assert other.pause == (between if between > 120 else 0)


def test_a_pause_is_told_in_days_from_meeting_to_meeting():
    drawing = draw([talk(1, "2022-03-29"), talk(2, "2025-05-16")], [], Scope())
    assert [(pause.days, pause.meetings) for pause in drawing.pauses] == [(1144, True)]
    assert [column.pause for column in drawing.columns] == [0, 1144]
    assert len(draw([talk(1, "2025-01-01"), talk(2, "2025-05-01")], [], Scope()).windows) == 1
    assert len(draw([talk(1, "2025-01-01"), talk(2, "2025-05-02")], [], Scope()).windows) == 2


def test_a_month_and_a_year_are_drawn_as_spans_and_say_no_day():
    drawing = draw([talk(1, "2022"), talk(2, "2022-03"), talk(3, "2022-03-29")], [], Scope())
    year, month, day = sorted(drawing.columns, key=lambda column: column.talk.key)
    assert (year.precise, month.precise, day.precise) == (False, False, True)
    assert year.span > month.span > day.span == 0
    assert "stroke-dasharray" in as_file(drawing)


def test_statements_of_one_day_are_one_link_that_says_what_it_holds():
    said = [Said(1, 1, "direct", "2025-06-02", "Smith", "/s/1/"), Said(1, 1, "mixed", "2025-06-02", "Jones", "/s/2/")]
    said.append(Said(1, 2, "indirect", "2025-06-02", "Roe", "/s/3/"))
    drawing = draw([talk(1, "2025-06-02")], said, Scope())
    arcadia, ruritania, third = drawing.lanes
    assert [group.address for group in arcadia.groups] == ["/s/3/"]
    assert [group.address for group in ruritania.groups] == ["/statements/?meeting=m1&party=ruritania"]
    assert ruritania.groups[0].label == "Ruritania, 2 June 2025: 2 statements: Smith, direct; Jones, mixed"
    assert not third.groups
    assert drawing.columns[0].said == "Arcadia 1 statement, Ruritania 2"


def test_lanes_are_three_parties_by_name_and_all_others_together():
    sides = [Side(key, name, name.lower()) for key, name in enumerate("DCBA", 1)]
    talks = [talk(1, "2025-06-02", sides=tuple(sides)), talk(2, "2025-06-03", sides=tuple(sides[:3]))]
    said = [Said(1, 4, "direct", "2025-06-02", "Smith", "/s/1/")]
    drawing = draw(talks, said, Scope())
    assert [lane.side.name for lane in drawing.lanes] == ["B", "C", "D", "Third parties"]
    assert [group.address for group in drawing.lanes[-1].groups] == ["/s/1/"]


def test_beyond_twenty_statements_of_a_meeting_a_link_leads_to_the_list():
    said = [Said(1, 1, "direct", "2025-06-02", "Smith", f"/s/{number}/") for number in range(EACH + 1)]
    drawing = draw([talk(1, "2025-06-02")], said, Scope())
    assert drawing.lanes[-1].beyond
    assert [group.address for group in drawing.lanes[-1].groups] == ["/statements/?meeting=m1"]
    assert drawing.columns[0].said == "More than 20 statements"


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 9999), st.integers(0, 3), st.integers(1, 99999)), min_size=1, max_size=60))
def test_condensed_columns_stand_apart_and_hold_every_meeting(rows):
    tallied = [Tallied(0, f"{first:04}", f"{min(9999, first + more):04}", number) for first, more, number in rows]
    drawing = condense(SIDES, tallied, "/meetings/?", "")
    for band in drawing.bands:
        columns = [(year.x, band.top, year.x + band.wide, band.top + band.height) for year in band.years]
        assert not crossing(columns)
        assert band.wide >= NEAR
        assert band.end <= 960
    for year in range(1, 10000, 7):
        wanted = sum(number for first, more, number in rows if first <= year <= first + more)
        found = [column.counts[0] for column in drawing.years if column.address == f"/meetings/?year={year:04}"]
        assert found == ([wanted] if wanted else [])


def test_nobody_met_is_a_drawing_that_says_so():
    assert draw([], [], Scope()) is None
    assert "No meeting in this data" in as_file(None)
    parseString(as_file(None))


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", "\"&'<", "x" * 200, "שלום‮עולם", "\x0b\x00"])
@pytest.mark.django_db
def test_a_hostile_title_is_text_in_a_wellformed_drawing(client, title):
    Meeting.objects.update(title=title.replace("\0", "\x01"))
    Party.objects.update(name=title.replace("\0", "\x01"))
    document = parseString(client.get(SVG).content)
    assert not document.getElementsByTagName("script")
    assert len([one for one in document.getElementsByTagName("a") if "/meetings/" in one.getAttribute("href")]) == 7
    html = render_to_string("parts/timeline.html", {"drawing": draw([talk(1, "2025", title)], [], Scope())})
    assert "<script" not in html


def links(text: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'href="([^"]+)"', text)]


@pytest.mark.django_db
@pytest.mark.parametrize("address", [SVG, *PAGES])
def test_all_links_of_the_drawing_answer(client, settings, address):
    text = client.get(address).getvalue().decode()
    drawing = text[text.index("<svg xmlns") : text.rindex("</svg>")]
    found = links(drawing)
    assert len(found) > 4
    for link in found:
        assert link.startswith(settings.SITE_URL if address == SVG else "/")
        parts = urlsplit(link)
        assert client.get(f"{parts.path}?{parts.query}").status_code == 200, link


@pytest.mark.django_db
def test_the_file_is_a_drawing_of_its_own_with_its_own_colours(client):
    answer = client.get(SVG)
    assert answer.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    root = parseString(answer.content).documentElement
    assert root.getAttribute("color").startswith("#")
    assert not root.getElementsByTagName("style")
    assert b"style=" not in answer.content
    assert b"Canvas" not in answer.content
    assert answer.content == client.get(SVG).content


@pytest.mark.django_db
def test_the_drawing_on_a_page_is_read_as_lists_of_links_with_names(client):
    html = client.get("/meetings/").content.decode()
    drawing = html[html.index("<svg xmlns") : html.rindex("</svg>")]
    for item in re.findall(r'<g role="listitem">(.*?)</g>', drawing, re.S):
        assert re.match(r'<a [^>]*aria-label="[^"]+"><title>[^<]+</title>', item)
    assert 'aria-label="Istanbul, 2 June 2025: Russia 7 statements, Ukraine 6, Third parties 2"' in drawing
    assert "Timeline as SVG" in html
    assert "1,144 days without a meeting in this data" in html


@pytest.mark.django_db
def test_a_person_has_a_timeline_of_what_the_person_said_only(client):
    html = client.get("/people/rustem-umerov/").content.decode()
    drawn = html[html.index("<svg xmlns") : html.rindex("</svg>")]
    assert "Umerov, direct" in drawn
    assert "Lavrov" not in drawn
    assert "no meeting</text>" in drawn
    assert "of this person" in drawn
    assert "Ukraine" in drawn
    assert "Third parties" not in drawn


@pytest.mark.django_db
def test_a_person_who_spoke_about_many_meetings_has_them_by_year_with_the_way_to_what_was_said(client):
    many_meetings(60)
    many_statements(60, [*Meeting.objects.filter(slug__startswith="many-")])
    html = client.get("/people/rustem-umerov/").content.decode()
    drawn = html[html.index("<svg xmlns") : html.rindex("</svg>")]
    assert "2003: 3 meetings, Ukraine 3" in drawn
    assert "/statements/?speaker=rustem-umerov&year=2003" in links(drawn)


@pytest.mark.django_db
def test_a_persons_page_says_in_whose_name_and_who_led(client):
    member = DelegationMember.objects.exclude(role="head").filter(delegation__members__role="head").first()
    head = member.delegation.members.get(role="head").person
    html = client.get(member.person.get_absolute_url()).content.decode()
    part = html[html.index('id="delegations"') :]
    assert f"Delegation of {member.delegation.party}" in part
    assert f'led by <a href="{head.get_absolute_url()}">{head}</a>' in part


@pytest.mark.django_db
def test_narration_other_wordings_and_drafts_are_not_drawn(client):
    drawn = set(links(client.get(SVG).content.decode()))
    for statement in Statement.objects.all():
        if statement.quotation_type == "narration" or statement.variant_of_id or statement.status != "published":
            assert not [link for link in drawn if link.endswith(statement.get_absolute_url())]


@ledger.aside()
def many_meetings(number: int, days: str = "") -> None:
    instant = Meeting.objects.first().first_published_at
    stamped = {"status": "published", "first_published_at": instant, "changed_at": instant}
    when = [days or f"{2000 + count % 20}-{count % 12 + 1:02}-{count % 28 + 1:02}" for count in range(number)]
    made = Meeting.objects.bulk_create(
        Meeting(slug=f"many-{count:04}", title=f"Many {count}", date=day, **stamped) for count, day in enumerate(when)
    )
    parties = list(Party.objects.filter(slug__in=["russia", "ukraine"]))
    Delegation.objects.bulk_create(
        Delegation(slug=f"many-{meeting.slug}-{party.slug}", meeting=meeting, party=party, **stamped)
        for meeting in made
        for party in parties
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("number", "condensed"), [(1, False), (7, False), (24, False), (25, True), (700, True)])
def test_up_to_24_meetings_stand_one_by_one_and_more_by_year(client, number, condensed):
    many_meetings(number)
    Meeting.objects.exclude(slug__startswith="many-").update(status="draft")
    text = client.get(SVG).content.decode()
    parseString(text)
    assert f"{number:,} meeting" in text
    assert ('class="timeline-year"' in text) == condensed
    assert len(set(re.findall(r'href="[^"]*/meetings/many-[^"]+"', text))) == (0 if condensed else number)
    html = client.get("/meetings/").content.decode()
    assert html.count("<svg xmlns") == 1


@pytest.mark.django_db
def test_each_year_of_many_leads_to_its_own_meetings_and_its_number_is_the_lists(client):
    many_meetings(700)
    html = client.get("/meetings/").content.decode()
    found = re.findall(r'href="(/meetings/\?year=\d{4})" aria-label="(\d{4}): (\d+) meetings?', html)
    assert len(found) == 22
    for address, year, number in found[::5]:
        assert json.loads(client.get(f"/meetings.json?year={year}").content)["total"] == int(number)
        inner = client.get(address).content.decode()
        assert f"month={year}-" in inner or int(number) <= MOST


@pytest.mark.django_db
def test_a_full_year_is_condensed_by_month_and_a_full_month_by_day(client):
    many_meetings(30, "2024-05-03")
    assert f"{30} meetings" in (by_month := client.get(f"{SVG}?year=2024").content.decode())
    assert "month=2024-05" in by_month
    by_day = client.get(f"{SVG}?month=2024-05").content.decode()
    assert "3 May 2024: 30 meetings" in by_day
    assert not links(by_day)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("period", "number"), [("year=2022", 4), ("year=2025", 3), ("month=2022-03", 3), ("year=2023", 0)]
)
def test_year_and_month_mean_the_same_in_page_and_data(client, period, number):
    html = client.get(f"/meetings/?{period}").content.decode()
    titles = {meeting["slug"] for meeting in json.loads(client.get(f"/meetings.json?{period}").content)["records"]}
    rows = client.get(f"/meetings.csv?{period}").getvalue().decode("utf-8-sig")
    drawn = client.get(f"{SVG}?{period}").content.decode()
    assert len(titles) == number
    assert {row["slug"] for row in csv.DictReader(rows.splitlines())} == titles
    assert {link.split("/")[-2] for link in links(drawn) if "/meetings/" in link} == titles
    assert set(re.findall(r'<h2 id="([^"]+)"><a', html)) == titles


@pytest.mark.django_db
def test_a_meeting_known_by_its_year_or_over_new_year_is_of_every_month_that_it_touches(client):
    meeting = Meeting.objects.get(slug="istanbul-2025-07-23")
    meeting.date = "2025-12-30/2026-01-02"
    meeting.save()
    for period, there in [("year=2025", True), ("year=2026", True), ("month=2026-01", True), ("month=2026-02", False)]:
        assert (b"istanbul-2025-07-23" in client.get(f"{SVG}?{period}").content) == there


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["party=nobody", "party=%00", "year=soon", "year=20245", "month=2024", "month=2024-13", "year=%00"]
)
def test_an_unknown_value_is_an_unknown_address(client, query):
    assert client.get(f"{SVG}?{query}").status_code == 404
    assert client.get(f"/meetings/?{query}").status_code == 404


@pytest.mark.django_db
def test_a_partys_drawing_has_its_meetings_only(client):
    whole, own = (links(client.get(SVG + query).content.decode()) for query in ("", "?party=turkiye"))
    assert len([link for link in whole if "/meetings/" in link]) == 7
    sent = Delegation.objects.published().filter(party__slug="turkiye").count()
    assert len([link for link in own if "/meetings/" in link]) == sent < 7
    assert "/meetings.svg?party=turkiye" in links(client.get("/parties/turkiye/").content.decode())


@pytest.mark.django_db
def test_a_timeline_takes_three_questions_however_much_there_is(client, django_assert_max_num_queries):
    person = Person.objects.get(slug="rustem-umerov")
    for number in (0, 17, 700):
        with transaction.atomic():
            many_meetings(number) if number else None
            many_statements(100)
            with django_assert_max_num_queries(3):
                assert drawing.of_meetings(Meeting.objects.published(), {})
            with django_assert_max_num_queries(3):
                assert drawing.of_person(person, [])
            transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_pages_with_a_timeline_stay_in_their_budget(client, django_assert_max_num_queries, address):
    many_meetings(40)
    many_statements(100)
    with django_assert_max_num_queries(13):
        assert client.get(address).status_code == 200


@pytest.mark.django_db
def test_only_the_newest_twenty_of_a_meeting_are_drawn_with_the_way_to_all(client):
    many_statements(100)
    text = client.get(SVG).content.decode()
    assert "Istanbul, 2 June 2025: More than 20 statements" in text
    assert "/statements/?meeting=istanbul-2025-06-02" in " ".join(links(text))


@ledger.aside()
def many_statements(number: int, about: list[Meeting] | None = None) -> None:
    meetings = about or [Meeting.objects.get(slug="istanbul-2025-06-02")]
    speaker = Person.objects.get(slug="rustem-umerov")
    instant = meetings[0].first_published_at
    made = Statement.objects.bulk_create(
        Statement(
            slug=f"said-{count:04}", status="published", first_published_at=instant, changed_at=instant,
            quotation_type="indirect", text=f"Said number {count}.", speaker=speaker, party=speaker.party,
            said_on=f"2025-06-0{count % 4 + 1}", meeting=meetings[count % len(meetings)], source=Source.objects.first(),
        )
        for count in range(number)
    )  # fmt: skip
    Passage.objects.bulk_create(Passage(statement=statement, start=0, end=10) for statement in made)
