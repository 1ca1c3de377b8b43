"""Formats: what feed readers, calendars and reference managers read is what the data says, to the code point."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit
from xml.etree import ElementTree

import bibtexparser
import feedparser
import icalendar
import pytest
import rispy
from django.template.backends.jinja2 import Template
from django.urls import resolve

from talks import formats
from talks.formats.csv import plain
from talks.models import (
    Correction,
    Delegation,
    Meeting,
    MeetingState,
    Party,
    Passage,
    Person,
    Redirect,
    Source,
    Statement,
    Tombstone,
)
from talks.records import LISTS, NOUNS, RECORDS
from tests.once import once

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"
Q1 = "umerov-awaits-memorandum"
MEETING = "istanbul-2025-06-02"
REPORT = "myglobalnews-2025-05-29"
THEN = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"
TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "jsonld": "application/ld+json",
    "atom": "application/atom+xml",
    "ics": "text/calendar; charset=utf-8",
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems",
    "csl.json": "application/vnd.citationstyles.csl+json",
}
LISTED_AS = {name: {"json", "csv", "ndjson", "jsonld", "atom"} for name in LISTS}
LISTED_AS["meetings"] = LISTED_AS["meetings"] | {"ics"}
SHOWN_AS = {name: {"json", "csv", "jsonld"} for name in NOUNS}
SHOWN_AS["meetings"] = SHOWN_AS["meetings"] | {"ics"}
SHOWN_AS.update({name: SHOWN_AS[name] | {"bib", "ris", "csl.json"} for name in ("statements", "sources")})
FILTERED = [f"speaker=rustem-umerov&meeting={MEETING}", "party=ukraine", f"meeting={MEETING}", f"source={REPORT}"]
FEEDS = [f"/{name}.atom" for name in LISTS] + [f"/statements.atom?{query}" for query in FILTERED]
FEEDS.append("/meetings.atom?party=turkiye")
STRANGE = "=a “b” 🕊 e\u0301 \u05d0\u05d1\r\nnext\rlast\u2028 a\ttab, \"quoted\" | 'x' <b>&amp;</b></script><!-- ]]>"
# What TeX takes for commands, and a script without case.
TEX = 'a {b} \\c % d & e # f _ g $ h ~ i ^ j "k" \\textbf{l} {{m} n'
NAMES = [("Лавров", "Сергей Викторович"), ("王", "毅"), ("O’Brien–Smith", "Jean-Émile"), ("عبد الله", "محمد")]
NAMES += [("Smith and Wesson", "Ann and Bob"), ("King", "Martin Luther, Jr."), ("{B}\\rown & Co", "A_b #1")]


def read(client, address: str) -> str:
    return checked(address, client.get(address))


def read_once(client, address: str) -> str:
    """The same, made once for all tests that look at every page."""
    return checked(address, once(client, address))


def checked(address: str, answer) -> str:
    assert answer.status_code == 200, address
    ending = urlsplit(address).path.rpartition("/")[2].partition(".")[2]
    assert answer["Content-Type"] == TYPES.get(ending, "text/html; charset=utf-8")
    return answer.getvalue().decode()


def local(address: str) -> str:
    assert address.startswith(SITE)
    return address.removeprefix(SITE)


def rows(client, address: str) -> list[dict]:
    """All records of a list in JSON."""
    found: list[dict] = []
    while address:
        content = json.loads(read(client, address))
        found += content["records"]
        address = local(content["next"]) if content["next"] else ""
    return found


def table(client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read(client, address), newline="")))


def feed(client, address: str):
    """One page of a feed as a feed reader reads it."""
    parsed = feedparser.parse(io.BytesIO(read(client, address).encode()))
    assert (parsed.bozo, parsed.version) == (0, "atom10"), parsed.get("bozo_exception")
    return parsed


def entries(client, address: str) -> list:
    """All entries of a feed, over all its pages."""
    found: list = []
    while address:
        parsed = feed(client, address)
        found += parsed.entries
        address = next((local(link.href) for link in parsed.feed.links if link.rel == "next"), "")
    return found


def raw_entry(client, address: str, name: str) -> ElementTree.Element:
    """An entry as XML says it, before a feed reader tidies it up."""
    root = ElementTree.fromstring(read(client, address))
    return next(one for one in root.findall(f"{ATOM}entry") if one.findtext(f"{ATOM}id") == name)


def calendar(client, address: str) -> icalendar.Calendar:
    return icalendar.Calendar.from_ical(read(client, address))


def events(client, address: str) -> dict[str, icalendar.Event]:
    return {str(event["UID"]): event for event in calendar(client, address).walk("VEVENT")}


class Head(HTMLParser):
    """The JSON-LD and the alternate links of a page, as a browser finds them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.alternates: list[tuple[str, str]] = []
        self.in_script = False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.in_script = tag == "script" and given.get("type") == "application/ld+json"
        if self.in_script:
            self.scripts.append("")
        if tag == "link" and given.get("rel") == "alternate":
            self.alternates.append((given["type"], given["href"]))

    def handle_data(self, text):
        if self.in_script:
            self.scripts[-1] += text

    def handle_endtag(self, tag):
        self.in_script = False


def linked_data(html: str) -> list[dict]:
    return [json.loads(script) for script in Head(html).scripts]


def addresses_of_pages() -> list[str]:
    nouns = [noun.get_absolute_url() for record in NOUNS.values() for noun in record.model.objects.published()]
    return [*nouns, *(f"/{name}/" for name in LISTS)]


def add_correction(slug=f"{Q1}-1", record="statements", noun=Q1, **given) -> Correction:
    told = {"kind": "correction", "column": "text", "before": "old <b>", "after": "new & better", **given}
    return Correction.objects.create(
        slug=slug, record=record, noun=noun, corrected_at=THEN, **{"reason": "A slip of the pen.", **told}
    )


def redate(model, slug: str, column: str, known: str) -> None:
    """Give a noun another date, and with it the days that are derived from it."""
    noun = model.objects.get(slug=slug)
    setattr(noun, column, known)
    noun.save()


# Feeds


@pytest.mark.parametrize("address", FEEDS)
def test_every_feed_is_read_and_has_what_its_list_has(client, address):
    add_correction()
    list_, _, query = address.partition(".atom")
    wanted = {
        f"{SITE}{list_}/#{row['slug']}" if list_ == "/corrections" else f"{SITE}{list_}/{row['slug']}/": row
        for row in rows(client, f"{list_}.json{query}")
    }
    found = entries(client, address)
    assert wanted
    assert sorted(entry.id for entry in found) == sorted(wanted)
    for entry in found:
        row = wanted[entry.id]
        assert [link.href for link in entry.links] == [entry.id]
        assert entry.updated == (row.get("changed_at") or row["corrected_at"]).replace("Z", "+00:00")
        assert entry.published == (row.get("first_published_at") or row["corrected_at"]).replace("Z", "+00:00")
        assert resolve(urlsplit(entry.id).path)
    links = {link.rel: link.href for link in feed(client, address).feed.links}
    assert (links["self"], links["alternate"]) == (SITE + address, f"{SITE}{list_}/")


def test_an_entry_is_called_as_its_page_is(client):
    titles = {
        "parties": lambda noun: noun.name,
        "people": lambda noun: noun.name,
        "meetings": lambda noun: noun.title,
        "sources": lambda noun: f"{noun.publisher}: {noun.title or noun.described_as}",
        "delegations": lambda noun: f"{noun.party.name}, {noun.meeting.title}",
        "statements": lambda noun: str(noun).replace("\n", " "),
    }
    for name, title in titles.items():
        nouns = {SITE + noun.get_absolute_url(): noun for noun in NOUNS[name].model.objects.published()}
        for entry in entries(client, f"/{name}.atom"):
            assert entry.title == title(nouns[entry.id])


def test_the_words_of_a_statement_are_the_content_of_its_entry(client):
    nouns = {SITE + noun.get_absolute_url(): noun for noun in Statement.objects.published()}
    for entry in entries(client, "/statements.atom"):
        noun = nouns[entry.id]
        assert [(part.type, part.value) for part in entry.content] == [("text/plain", noun.text)]
        assert entry.summary_detail.type == "text/plain"
        assert f"About the meeting: {noun.meeting.title}" in entry.summary
        assert noun.source.publisher in entry.summary
        assert entry.author == str(noun.speaker or noun.speaker_as_printed or noun.source.publisher)
        assert [tag.term for tag in entry.tags] == [noun.quotation_type]


def test_a_strange_text_is_in_the_feed_code_point_for_code_point_and_markup_is_text(client):
    Statement.objects.filter(slug=Q1).update(text=STRANGE)
    Meeting.objects.filter(slug=MEETING).update(title="A <i>title</i> & more", summary=STRANGE)
    entry = raw_entry(client, "/statements.atom", f"{SITE}/statements/{Q1}/")
    content = entry.find(f"{ATOM}content")
    assert (content.text, content.get("type")) == (STRANGE, "text")
    assert "About the meeting: A <i>title</i> & more." in entry.findtext(f"{ATOM}summary")
    meeting = raw_entry(client, "/meetings.atom", f"{SITE}/meetings/{MEETING}/")
    assert meeting.findtext(f"{ATOM}title") == "A <i>title</i> & more"
    assert meeting.findtext(f"{ATOM}summary").endswith(STRANGE)
    kinds = {one.tag.removeprefix(ATOM): one.get("type") for one in [*entry, *meeting]}
    assert "html" not in kinds.values()
    [shown] = [one for one in entries(client, "/meetings.atom") if one.id == f"{SITE}/meetings/{MEETING}/"]
    assert shown.summary_detail.type == "text/plain"


def test_what_xml_cannot_say_stands_in_a_feed_as_a_replacement_character(client):
    bad = "".join(chr(code) for code in [*range(1, 9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
    Statement.objects.filter(slug=Q1).update(text=f"a{bad}b\tc\u0085d\u007f")
    Person.objects.filter(slug="rustem-umerov").update(name="Rustem\x02Umerov")
    entry = raw_entry(client, "/statements.atom", f"{SITE}/statements/{Q1}/")
    assert entry.findtext(f"{ATOM}content") == "a" + "\ufffd" * len(bad) + "b\tc\u0085d\u007f"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Rustem\ufffdUmerov"
    assert json.loads(read(client, f"/statements/{Q1}.json"))["record"]["text"] == f"a{bad}b\tc\u0085d\u007f"
    assert feed(client, "/people.atom").entries


@pytest.mark.parametrize("address", FEEDS)
def test_a_feed_begins_with_what_changed_last(client, address):
    add_correction()
    add_correction(slug="another-1", noun="another")
    Correction.objects.filter(slug="another-1").update(corrected_at=THEN + timedelta(1))
    updated = [entry.updated_parsed for entry in entries(client, address)]
    assert updated == sorted(updated, reverse=True)
    if address == "/statements.atom?party=ukraine":
        last = Statement.objects.published().filter(party__slug="ukraine").order_by("said_from").first()
        last.channel = "Telegram"
        last.save()
        first = feed(client, address).entries[0]
        assert first.id == SITE + last.get_absolute_url()
        assert feed(client, address).feed.updated == first.updated


def test_the_pages_of_a_feed_have_every_record_once(client):
    meeting, source = Meeting.objects.first(), Source.objects.first()
    many = [
        Statement(slug=f"many-{number:04}", status="published", quotation_type="narration", text=f"x {number}",
                  said_on="2025-06-02", first_published_at=meeting.changed_at,
                  changed_at=meeting.changed_at + timedelta(seconds=number // 100), meeting=meeting, source=source)
        for number in range(250)
    ]  # fmt: skip
    Statement.objects.bulk_create(many)
    names = [entry.id for entry in entries(client, "/statements.atom")]
    assert len(names) == len(set(names)) == Statement.objects.published().count()
    first = feed(client, f"/statements.atom?source={source.slug}")
    assert len(first.entries) == 100
    follows = next(link.href for link in first.feed.links if link.rel == "next")
    assert f"source={source.slug}" in follows


@pytest.mark.parametrize("address", ["/corrections.atom", "/statements.atom?party=qatar", "/meetings.atom?party=qatar"])
def test_an_empty_feed_is_a_feed_and_does_not_depend_on_the_clock(client, address):
    Party.objects.create(slug="qatar", name="Qatar", status="published")
    empty = feed(client, address)
    assert empty.entries == []
    assert empty.feed.updated == "1970-01-01T00:00:00+00:00"
    assert {link.rel for link in empty.feed.links} == {"self", "alternate"}


def test_a_feed_has_the_same_bytes_each_time(client):
    add_correction()
    for address in FEEDS:
        assert read(client, address) == read(client, address)


# Calendars


def add_meeting(**given) -> Meeting:
    named = {"slug": "doha-2030", "title": "Doha", "city": "Doha", "country": "QA", "date": "2030-01-02"}
    return Meeting.objects.create(status="published", first_published_at=THEN, changed_at=THEN, **{**named, **given})


def test_every_calendar_is_read_and_has_every_meeting_of_its_list(client):
    statuses = {"held": "CONFIRMED", "confirmed": "CONFIRMED", "cancelled": "CANCELLED"}
    for query in ("", "?party=turkiye"):
        found = events(client, f"/meetings.ics{query}")
        wanted = {f"{SITE}/meetings/{row['slug']}/": row for row in rows(client, f"/meetings.json{query}")}
        assert found.keys() == wanted.keys()
        assert wanted
        for name, row in wanted.items():
            event = found[name]
            assert (str(event["SUMMARY"]), str(event["URL"])) == (row["title"], name)
            assert event.decoded("DTSTART") == date.fromisoformat(row["date_from"])
            assert event.decoded("DTEND") == date.fromisoformat(row["date_to"]) + timedelta(1)
            assert str(event["X-EDTF"]) == row["date"]
            stamps = {event.decoded(stamp).isoformat() for stamp in ("DTSTAMP", "LAST-MODIFIED")}
            assert stamps == {row["changed_at"].replace("Z", "+00:00")}
            assert event.get("STATUS") == (statuses.get(row["state"], "TENTATIVE") if row["state"] else None)
            assert event.errors == []
    whole = calendar(client, "/meetings.ics")
    assert (whole["VERSION"], bool(whole["PRODID"]), whole.errors) == ("2.0", True, [])


def test_the_calendar_of_a_meeting_has_that_meeting_as_the_list_has_it(client):
    listed = events(client, "/meetings.ics")
    for slug in Meeting.objects.published().values_list("slug", flat=True):
        [(name, event)] = events(client, f"/meetings/{slug}.ics").items()
        assert name == f"{SITE}/meetings/{slug}/"
        assert event.to_ical() == listed[name].to_ical()


def test_a_calendar_without_meetings_is_a_calendar(client):
    Party.objects.create(slug="qatar", name="Qatar", status="published")
    assert events(client, "/meetings.ics?party=qatar") == {}
    assert read(client, "/meetings.ics?party=qatar").endswith("END:VCALENDAR\r\n")


@pytest.mark.parametrize(
    ("known", "first", "after"),
    [
        ("2030-01-02", "2030-01-02", "2030-01-03"),
        ("2029-12-31", "2029-12-31", "2030-01-01"),
        ("2030-02-27/2030-03-02", "2030-02-27", "2030-03-03"),
        ("2030-02", "2030-02-01", "2030-03-01"),
        ("2030-12~", "2030-12-01", "2031-01-01"),
        ("2030?", "2030-01-01", "2031-01-01"),
        ("2029~/2030-04", "2029-01-01", "2030-05-01"),
    ],
)
def test_an_event_takes_the_days_that_its_date_can_mean_and_says_the_date(client, known, first, after):
    add_meeting(date=known)
    [event] = events(client, "/meetings/doha-2030.ics").values()
    days = (event.decoded("DTSTART"), event.decoded("DTEND"))
    assert days == (date.fromisoformat(first), date.fromisoformat(after))
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert str(event["X-EDTF"]) == known
    assert event["TRANSP"] == "TRANSPARENT"


@pytest.mark.parametrize(
    ("state", "status"),
    [("proposed", "TENTATIVE"), ("scheduled", "TENTATIVE"), ("confirmed", "CONFIRMED"), ("held", "CONFIRMED"),
     ("postponed", "TENTATIVE"), ("cancelled", "CANCELLED"), ("", None)],
)  # fmt: skip
def test_the_status_of_an_event_is_its_state_as_a_source_told_it(client, state, status):
    meeting = add_meeting()
    if state:
        source = Source.objects.published().first()
        MeetingState.objects.create(meeting=meeting, state="proposed", reported_on="2029-01-01", source=source)
        MeetingState.objects.create(meeting=meeting, state=state, reported_on="2029-02-01", source=source)
    [event] = events(client, "/meetings/doha-2030.ics").values()
    assert event.get("STATUS") == status
    assert ("State: " in event["DESCRIPTION"]) == bool(state)


def test_each_change_of_a_meeting_raises_its_sequence(client):
    meeting = add_meeting()
    found = []
    for venue in ("", "The first hall", "The second hall"):
        meeting.venue = venue
        meeting.save()
        [event] = events(client, "/meetings/doha-2030.ics").values()
        found.append((event["SEQUENCE"], event.decoded("LAST-MODIFIED")))
    assert found[0][0] == 0
    assert found == sorted(set(found))
    assert len({sequence for sequence, _ in found}) == 3


@pytest.mark.parametrize("letter", ["é", "中", "🕊", "ä,", "\\", "a;"])
def test_a_line_of_a_calendar_has_at_most_75_octets_and_no_letter_is_torn(client, letter):
    for shift in range(4):
        title, summary = "x" * shift + letter * 60, "y" * shift + letter * 200
        Meeting.objects.filter(slug=MEETING).update(title=title, summary=summary, venue=letter * 50)
        answer = client.get(f"/meetings/{MEETING}.ics").content
        lines = answer.split(b"\r\n")
        assert lines.pop() == b""
        assert max(map(len, lines)) <= 75
        assert all(line.decode() and b"\n" not in line for line in lines)
        [event] = icalendar.Calendar.from_ical(answer).walk("VEVENT")
        assert str(event["SUMMARY"]) == title
        assert str(event["DESCRIPTION"]).endswith(summary)
        assert letter * 50 in str(event["LOCATION"])


@pytest.mark.parametrize("text", ["a, b; c \\ d", "C:\\New \\n \\N \\, \\;", "first\nsecond\n\nthird", "BEGIN:VEVENT\nEND:VCALENDAR",
                                  "“q” <b>&amp;", "a:b=c\"d\"", " end "])  # fmt: skip
def test_a_text_comes_back_from_a_calendar_as_it_was(client, text):
    Meeting.objects.filter(slug=MEETING).update(summary=f"x{text}", title=text)
    [event] = events(client, "/meetings/istanbul-2025-06-02.ics").values()
    assert str(event["SUMMARY"]) == text
    assert str(event["DESCRIPTION"]).endswith(f"x{text}")


def test_line_breaks_of_every_kind_are_line_breaks_of_a_calendar_and_control_characters_are_replaced(client):
    Meeting.objects.filter(slug=MEETING).update(summary="a\r\nb\rc\nd\x07e\tf\x7fg")
    answer = client.get(f"/meetings/{MEETING}.ics").content
    [event] = icalendar.Calendar.from_ical(answer).walk("VEVENT")
    assert str(event["DESCRIPTION"]).endswith("a\nb\nc\nd\ufffde\tf\ufffdg")
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n", answer)


# Citations


def tex(value: str) -> str:
    """What TeX prints for this value."""
    said = {"textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^"}
    said |= {"textbraceleft": "{", "textbraceright": "}"}
    pieces = re.findall(r"\\[A-Za-z]+|\\.|[{}]|[^\\{}]+", value, re.S)
    return "".join(said[p[1:]] if p[1:] in said else p[1:] if p[0] == "\\" else "" if p in "{}" else p for p in pieces)


def test_the_reader_of_tex_in_these_tests_reads_tex():
    assert tex(r"{a} \{b\} {\textbackslash}c \% {\textasciitilde}") == "a {b} \\c % ~"


def bib(client, address: str, read=read) -> dict[str, str]:
    """The one entry of a BibTeX file, with `family` and `given` of its author."""
    parser = bibtexparser.bparser.BibTexParser(ignore_nonstandard_types=False, common_strings=True)
    [entry] = bibtexparser.loads(read(client, address), parser).entries
    for name in ("author", "title", "organization", "note", "url"):
        assert entry.get(name, "").count("{") == entry.get(name, "").count("}"), entry  # BibTeX knows no escaped brace
    people = bibtexparser.customization.getnames(_apart(entry["author"]))
    assert len(people) == 1, entry["author"]
    family, _, given = _cut(people[0])
    said = {name: value if name in ("ID", "ENTRYTYPE", "url") else tex(value) for name, value in entry.items()}
    return {**said, "family": tex(family), "given": tex(given)}


def _apart(author: str) -> list[str]:
    """Authors are set apart by an “and” outside braces."""
    return [name.strip() for name in _split(author, " and ")]


def _cut(name: str) -> tuple[str, str, str]:
    parts = [part.strip() for part in _split(name, ",")]
    assert len(parts) <= 2, f"{name}: BibTeX takes the middle part for a “Jr.”"
    return parts[0], ",", parts[1] if len(parts) == 2 else ""


def _split(text: str, mark: str) -> list[str]:
    found, depth, at = [""], 0, 0
    while at < len(text):
        if depth == 0 and text.startswith(mark, at):
            found.append("")
            at += len(mark)
            continue
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        found[-1] += text[at]
        at += 1
    return found


def ris(client, address: str, read=read) -> dict:
    content = read(client, address)
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - [^\x00-\x1f\x7f]*", line) for line in content.split("\r\n")[:-1])
    [found] = rispy.loads(content, newline="\r\n")
    return found


def csl(client, address: str, read=read) -> dict:
    [found] = json.loads(read(client, address))
    return found


def author_of(noun) -> tuple[str, str]:
    if isinstance(noun, Source):
        return noun.publisher, ""
    if noun.speaker:
        family, _, given = noun.speaker.sort_name.partition(", ")
        return family, given
    return noun.speaker_as_printed or noun.source.publisher, ""


def title_of(noun) -> str:
    title = noun.opening if isinstance(noun, Statement) else noun.title or f"[{noun.described_as}]"
    return " ".join(title.split())


def address_of(noun) -> str:
    return noun.url if isinstance(noun, Source) and noun.url else SITE + noun.get_absolute_url()


@pytest.mark.parametrize("name", ["statements", "sources"])
def test_every_citation_comes_back_from_bibtex_ris_and_csl_as_it_was(client, name):
    for noun in NOUNS[name].model.objects.published():
        stem = noun.get_absolute_url().rstrip("/")
        family, given = author_of(noun)
        on = noun.said_on if name == "statements" else noun.published_on
        first, _, last = on.partition("/")
        known = [int(part) for part in first.rstrip("~?%").split("-") if part]

        entry = bib(client, f"{stem}.bib", read_once)
        assert (entry["ID"], entry["ENTRYTYPE"]) == (noun.slug, "online")
        assert (entry["family"], entry["given"]) == (family, given)
        assert (entry["title"], entry.get("date", ""), entry["url"]) == (title_of(noun), on, address_of(noun))

        reference = ris(client, f"{stem}.ris", read_once)
        assert reference["id"] == noun.slug
        assert reference["authors"] == [", ".join(filter(None, [family, given]))]
        assert (reference["title"], reference["urls"]) == (title_of(noun), [address_of(noun)])
        if not last:
            assert [int(part) for part in reference.get("date", "").split("/") if part] == known
            assert reference.get("year", "") == (f"{known[0]:04}" if known else "")

        item = csl(client, f"{stem}.csl.json", read_once)
        assert item["id"] == noun.slug
        assert item["author"] == [{"family": family, "given": given} if given else {"literal": family}]
        assert (item["title"], item["URL"]) == (title_of(noun), address_of(noun))
        assert item.get("issued", {}).get("date-parts", [[]])[0] == known
        assert item.get("issued", {}).get("circa", False) == bool(re.search("[~?%]", on))
        assert entry.get("note") == reference.get("notes", [None])[0] == item.get("note")
        if name == "statements":
            assert item["abstract"] == noun.text
            assert noun.meeting.title in item["note"]
            assert noun.source.publisher in item["note"]


@pytest.mark.parametrize(
    "text", [TEX, STRANGE, "{", "}", "\\", "}{", "TY  - JOUR\r\nER  - \r\n", "a\nER  - \nb", "@online{x, title = {y}}"]
)
def test_hard_texts_come_back_from_every_citation(client, text):
    line = " ".join(text.split())
    short = line if len(line) <= 60 else line[:60].rsplit(" ", 1)[0] + " …"
    Statement.objects.filter(slug=Q1).update(text=text)
    Meeting.objects.filter(slug=MEETING).update(title=f"m {text}")
    Source.objects.filter(slug=REPORT).update(title=text, publisher=f"p {text}", publisher_note=f"n {text}")
    for stem, title in ((f"/statements/{Q1}", short), (f"/sources/{REPORT}", line)):
        entry, reference, item = bib(client, f"{stem}.bib"), ris(client, f"{stem}.ris"), csl(client, f"{stem}.csl.json")
        assert (entry["title"], reference["title"], item["title"]) == (title, title, title)
        assert entry["note"] == reference["notes"][0] == item["note"]
        assert line in item["note"]
    assert (entry["family"], reference["authors"]) == (f"p {line}", [f"p {line}"])
    assert item["author"] == [{"literal": f"p {line}"}]
    assert csl(client, f"/statements/{Q1}.csl.json")["abstract"] == text


@pytest.mark.parametrize(("family", "given"), NAMES)
def test_a_speakers_name_stays_cut_where_it_is_cut(client, family, given):
    Person.objects.filter(slug="rustem-umerov").update(sort_name=f"{family}, {given}")
    entry = bib(client, f"/statements/{Q1}.bib")
    assert (entry["family"], entry["given"]) == (family, given)
    assert ris(client, f"/statements/{Q1}.ris")["authors"] == [f"{family}, {given}"]
    assert csl(client, f"/statements/{Q1}.csl.json")["author"] == [{"family": family, "given": given}]


def test_a_name_without_a_comma_is_not_cut(client):
    Person.objects.filter(slug="rustem-umerov").update(sort_name="Ministry of Defence and Trade")
    entry = bib(client, f"/statements/{Q1}.bib")
    assert (entry["family"], entry["given"]) == ("Ministry of Defence and Trade", "")
    item = csl(client, f"/statements/{Q1}.csl.json")
    assert item["author"] == [{"literal": "Ministry of Defence and Trade"}]


@pytest.mark.parametrize(
    ("known", "year", "month", "day", "parts", "circa"),
    [
        ("2025", "2025", "", "2025//", [[2025]], False),
        ("2025-05", "2025", "may", "2025/05/", [[2025, 5]], False),
        ("2025-05-28", "2025", "may", "2025/05/28", [[2025, 5, 28]], False),
        ("2025-05-28~", "2025", "may", "2025/05/28", [[2025, 5, 28]], True),
        ("2025?", "2025", "", "2025//", [[2025]], True),
        ("2025-05-28/2025-06-02", "2025", "", "2025//", [[2025, 5, 28], [2025, 6, 2]], False),
        ("2025-05-28/2025-05-30~", "2025", "may", "2025/05/", [[2025, 5, 28], [2025, 5, 30]], True),
        ("2024-12/2025-01", "", "", "", [[2024, 12], [2025, 1]], False),
        ("0988-07", "0988", "jul", "0988/07/", [[988, 7]], False),
    ],
)
def test_a_citation_is_dated_as_precisely_as_is_known_and_no_more(client, known, year, month, day, parts, circa):
    redate(Statement, Q1, "said_on", known)
    entry = bib(client, f"/statements/{Q1}.bib")
    assert (entry["date"], entry.get("year", ""), entry.get("month", "")) == (known, year, month)
    reference = ris(client, f"/statements/{Q1}.ris")
    assert (reference.get("year", ""), reference.get("date", "")) == (year, day)
    item = csl(client, f"/statements/{Q1}.csl.json")
    assert item["issued"] == {"date-parts": parts, **({"circa": True} if circa else {})}
    # Where the fields cannot say it, the note does.
    told = "about" in item["note"] or "perhaps" in item["note"] or " to " in item["note"]
    assert told == (circa or "/" in known)


def test_an_unchecked_quotation_says_so_in_its_citation(client):
    Statement.objects.filter(slug=Q1).update(verified_on=None, verified_sha256="")
    for note in notes_of(client, Q1):
        assert note.startswith("Direct quotation; not checked against the source’s text.")


def test_a_lost_quotation_says_so_in_its_citation(client):
    Source.objects.filter(slug=REPORT).update(document_sha256="0" * 64)
    for note in notes_of(client, Q1):
        assert note.startswith("Direct quotation; not checked against the source’s present text (found in an earlier")


def test_a_verified_quotation_says_when_and_words_of_ours_say_that_they_are_ours(client):
    for note in notes_of(client, Q1):
        assert note.startswith("Direct quotation; found in the source’s text on 2026-11-23.")
    ours = Statement.objects.published().filter(quotation_type="indirect").first()
    for note in notes_of(client, ours.slug):
        assert note.startswith("Reported speech, in our words.")
    account = Statement.objects.published().filter(quotation_type="narration").first()
    for note in notes_of(client, account.slug):
        assert note.startswith("The source’s own account, in our words.")


def notes_of(client, slug: str) -> list[str]:
    stem = f"/statements/{slug}"
    item = csl(client, f"{stem}.csl.json")
    return [bib(client, f"{stem}.bib")["note"], ris(client, f"{stem}.ris")["notes"][0], item["note"]]


# Which formats are offered


def test_what_is_offered_is_what_was_promised():
    assert {name: set(formats.of_list(name)) for name in LISTS} == LISTED_AS
    assert {name: set(formats.of_page(name)) for name in NOUNS} == SHOWN_AS


@pytest.mark.parametrize("name", LISTS)
def test_every_format_that_is_offered_answers_and_every_other_is_a_problem(client, name):
    noun = LISTS[name].model.objects.published().first()
    for ending in formats.FORMATS:
        offered = {f"/{name}.{ending}": ending in LISTED_AS[name]}
        if noun:
            offered[f"/{name}/{noun.slug}.{ending}"] = ending in SHOWN_AS.get(name, ())
        for address, there in offered.items():
            answer = client.get(address)
            kind = TYPES[ending] if there else "application/problem+json"
            assert (answer.status_code, answer["Content-Type"]) == (200 if there else 404, kind), address
            body = answer.getvalue()  # a stream that is not read to its end would keep its transaction
            assert there or json.loads(body)["status"] == 404


@pytest.mark.parametrize("ending", formats.FORMATS)
def test_data_is_for_pages_of_other_sites_and_has_a_tag_that_makes_a_304(client, ending):
    add_correction()
    lists = [f"/{name}.{ending}" for name in LISTS if ending in LISTED_AS[name]]
    nouns = [f"/{name}/{NOUNS[name].model.objects.published().first().slug}.{ending}" for name in NOUNS if ending in SHOWN_AS[name]]  # fmt: skip
    for address in [*lists, *nouns]:
        answer = client.get(address)
        assert answer.getvalue()
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer["Cache-Control"] == "public, max-age=0, must-revalidate"
        same = client.get(address, headers={"If-None-Match": answer["ETag"]})
        assert (same.status_code, same.content, same["ETag"]) == (304, b"", answer["ETag"])
        other = client.get(address, headers={"If-None-Match": '"another"'})
        assert (other.status_code, bool(other.getvalue())) == (200, True)
    # Any write makes a new edition, and the old tag is of no use.
    Statement.objects.filter(slug=Q1).update(channel="Telegram")
    newer = client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert (newer.status_code, bool(newer.getvalue())) == (200, True)


def test_pages_are_not_for_pages_of_other_sites(client):
    for address in [*addresses_of_pages(), "/", "/about/", "/data/", "/data/codebook/", "/data/api/", "/nothing/"]:
        answer = once(client, address)
        assert "Access-Control-Allow-Origin" not in answer.headers, address
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("address", [f"/statements/{Q1}.json", "/statements.csv", f"/embed/statements/{Q1}/", f"/statements/{Q1}/"])  # fmt: skip
def test_a_304_takes_back_nothing_of_what_the_200_allowed(client, address):
    # A client puts the headers of a 304 in place of those that it kept (RFC 9111, 3.2).
    answer = client.get(address)
    assert answer.getvalue()
    same = client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert same.status_code == 304
    assert {name: answer[name] for name in same.headers} == dict(same.headers)


def test_a_page_of_another_site_may_read_that_data_has_moved_or_is_gone_or_never_was(client):
    Redirect.objects.create(record="people", old_slug="an-old-slug", slug="rustem-umerov")
    Tombstone.objects.create(record="people", slug="is-gone", withdrawn_on="2026-11-23", withdrawn_because="So.")
    for stem, status in (("an-old-slug", 301), ("is-gone", 410), ("nobody", 404)):
        answer = client.get(f"/people/{stem}.json")
        assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (status, "*")
        assert "Access-Control-Allow-Origin" not in client.get(f"/people/{stem}/").headers


def test_every_alternate_of_every_page_answers_with_the_type_that_it_names(client):
    asked = set()
    for address in [*addresses_of_pages(), "/", "/data/", "/meetings/?party=ukraine", "/statements/?type=mixed"]:
        found = Head(read_once(client, address)).alternates
        kind = address.split("/")[1]
        offered = LISTED_AS.get(kind, ()) if address.count("/") == 2 else SHOWN_AS.get(kind, ())
        assert {TYPES[ending].partition(";")[0] for ending in offered} <= {named for named, _ in found}
        assert all(target.endswith(f"?{address.partition('?')[2]}") for _, target in found if "?" in address)
        asked |= set(found)
    assert len(asked) > 500
    for named, address in asked:
        answer = once(client, address.removeprefix(SITE))
        no_lines = address.endswith(".ndjson")  # which is a file without a line where there is no row
        assert (answer.status_code, bool(answer.getvalue()) or no_lines) == (200, True), address
        kinds = {"application/json+oembed": "application/json"}
        assert answer["Content-Type"].partition(";")[0] == kinds.get(named, named), address


# Linked data


@pytest.mark.parametrize("name", NOUNS)
def test_the_linked_data_in_a_page_is_that_of_its_jsonld(client, name):
    slugs = list(NOUNS[name].model.objects.published().values_list("slug", flat=True))
    for slug in slugs:
        has_linked_data(client, name, slug)
    # One that was corrected has more to say.
    add_correction(slug=f"{slugs[0]}-1", record=name, noun=slugs[0])
    has_linked_data(client, name, slugs[0])


def has_linked_data(client, name: str, slug: str) -> None:
    """The page says to programs what its JSON-LD says."""
    page = read_once(client, f"/{name}/{slug}/")
    [inline] = [thing for thing in linked_data(page) if thing["@type"] != "BreadcrumbList"]
    assert inline == json.loads(read_once(client, f"/{name}/{slug}.jsonld"))
    assert inline["@id"] == f"{SITE}/{name}/{slug}/"
    assert inline["identifier"] == slug


def test_the_linked_data_of_a_statement_says_what_its_page_says(client):
    for statement in Statement.objects.published():
        told = json.loads(read(client, f"/statements/{statement.slug}.jsonld"))
        assert told["text"] == statement.text
        assert told["@type"] == ("Quotation" if statement.is_quoted else "Claim")
        assert told["about"]["name"] == statement.meeting.title
        assert told["isBasedOn"]["publisher"]["name"] == statement.source.publisher
        assert told.get("creator", {}).get("name") == (statement.speaker.name if statement.speaker else None)
        assert ("spokenByCharacter" in told) == statement.is_quoted
        assert {one["@id"] for one in told.get("mentions", [])} == {
            SITE + person.get_absolute_url() for person in statement.mentions.all()
        }


@pytest.mark.parametrize(
    ("known", "told"),
    [("2025", "2025"), ("2025-05", "2025-05"), ("2025-05-28~", "2025-05-28"), ("2025-05-28/2025-06-02", "2025"),
     ("2025-05-28~/2025-05-30", "2025-05"), ("2024-12/2025-01", None)],
)  # fmt: skip
def test_a_date_of_linked_data_is_one_date_and_no_more_precise_than_known(client, known, told):
    redate(Statement, Q1, "said_on", known)
    redate(Source, REPORT, "published_on", known)
    assert json.loads(read(client, f"/statements/{Q1}.jsonld")).get("dateCreated") == told
    assert json.loads(read(client, f"/sources/{REPORT}.jsonld")).get("datePublished") == told


@pytest.mark.parametrize(
    ("state", "status"),
    [("proposed", None), ("scheduled", "EventScheduled"), ("confirmed", "EventScheduled"), ("held", "EventScheduled"),
     ("postponed", "EventPostponed"), ("cancelled", "EventCancelled"), ("", None)],
)  # fmt: skip
def test_linked_data_says_no_more_of_a_meeting_than_its_sources_told(client, state, status):
    meeting = add_meeting(date="2030-01-02/2030-01-04~")
    if state:
        source = Source.objects.published().first()
        MeetingState.objects.create(meeting=meeting, state=state, reported_on="2029-02-01", source=source)
    told = json.loads(read(client, "/meetings/doha-2030.jsonld"))
    assert told.get("eventStatus") == (f"https://schema.org/{status}" if status else None)
    assert (told["startDate"], told["endDate"]) == ("2030-01-02", "2030-01-04")


def test_nothing_in_the_data_can_end_the_script_that_it_stands_in(client):
    bad = "</script><script>alert(1)</script><!-- <script> & ]]> \u2028"
    Statement.objects.filter(slug=Q1).update(text=bad)
    Person.objects.filter(slug="rustem-umerov").update(name=bad, description=bad, also_written=[bad])
    Party.objects.filter(slug="ukraine").update(name=bad)
    Meeting.objects.filter(slug=MEETING).update(title=bad, summary=bad, venue=bad, city=bad[:100])
    Source.objects.filter(slug=REPORT).update(publisher=bad, title=bad, described_as=bad)
    add_correction(reason=bad, before=bad, after=bad)
    delegation = Delegation.objects.published().get(party__slug="ukraine", meeting__slug=MEETING)
    for address in (f"/statements/{Q1}/", "/people/rustem-umerov/", "/parties/ukraine/", f"/meetings/{MEETING}/",
                    f"/sources/{REPORT}/", delegation.get_absolute_url(), "/corrections/", "/", "/statements/"):  # fmt: skip
        page = read(client, address)
        assert "<script>" not in page
        assert bad not in page
        assert "alert(1)<" not in page
        assert len(re.findall("<script", page)) == len(re.findall("</script>", page)) == len(Head(page).scripts) + 1
        linked_data(page)
    [statement] = [thing for thing in linked_data(read(client, f"/statements/{Q1}/")) if thing["@type"] == "Quotation"]
    assert statement["text"] == bad
    assert bad in {correction["text"] for correction in statement["correction"]}


def test_the_breadcrumbs_of_every_page_lead_from_the_front_page_to_it(client):
    for address in [*addresses_of_pages(), "/about/", "/data/", "/data/codebook/", "/data/api/"]:
        page = read_once(client, address)
        [crumbs] = [thing for thing in linked_data(page) if thing["@type"] == "BreadcrumbList"]
        items = crumbs["itemListElement"]
        assert [item["position"] for item in items] == list(range(1, len(items) + 1))
        assert (items[0]["item"], "item" in items[-1]) == (f"{SITE}/", False)
        assert all(item["name"] for item in items)
        for item in items[:-1]:
            assert address.startswith(local(item["item"]))
        assert len(items) == (3 if address.count("/") == 3 else 2)


# The same in every format


@pytest.mark.parametrize("query", ["", "party=ukraine", "party=turkiye", "party=united-states"])
def test_the_filter_of_meetings_means_the_same_in_every_format(client, query):
    asked = f"?{query}" if query else ""
    slugs = sorted(row["slug"] for row in rows(client, f"/meetings.json{asked}"))
    assert sorted(line["slug"] for line in table(client, f"/meetings.csv{asked}")) == slugs
    names = sorted(f"{SITE}/meetings/{slug}/" for slug in slugs)
    assert sorted(events(client, f"/meetings.ics{asked}")) == names
    assert sorted(entry.id for entry in entries(client, f"/meetings.atom{asked}")) == names
    graph = json.loads(read(client, f"/meetings.jsonld{asked}"))["@graph"]
    assert sorted(thing["@id"] for thing in graph) == names
    assert sorted(SITE + link for link in shown(client, f"/meetings/{asked}", "meetings")) == names
    party = query.removeprefix("party=")
    sent = Delegation.objects.published().filter(party__slug=party) if party else Delegation.objects.none()
    assert not party or slugs == sorted(set(sent.values_list("meeting__slug", flat=True)))
    for ending in LISTED_AS["meetings"]:
        assert client.get(f"/meetings.{ending}?party=nobody").status_code == 404


def shown(client, address: str, name: str) -> set[str]:
    """The addresses of this record's nouns that a reader finds when going through a list page by page."""
    found: set[str] = set()
    seen: set[str] = set()
    while address and address not in seen:
        seen.add(address)
        page = read(client, address)
        main = page[page.index("<main") : page.index("</main>")]
        found |= set(re.findall(rf'href="(/{name}/[^/"?#]+/)"', main))
        following = re.search(r'<a[^>]* rel="next"[^>]*>', main)
        address = f"/{name}/" + re.search(r'href="([^"]*)"', following[0])[1].replace("&amp;", "&") if following else ""
    return found


@pytest.mark.parametrize("query", ["", "?party=ukraine"])
@pytest.mark.parametrize("name", ["meetings", "statements"])
def test_a_list_of_lines_has_the_rows_of_the_list_as_json(client, name, query):
    lines = read(client, f"/{name}.ndjson{query}").splitlines()
    wanted = {row["slug"]: row for row in rows(client, f"/{name}.json{query}")}
    assert wanted
    assert {row["slug"]: row for row in map(json.loads, lines)} == wanted


@pytest.mark.parametrize("name", LISTS)
def test_page_json_csv_feed_and_linked_data_have_as_many_records(client, name):
    add_correction()
    told = json.loads(read(client, f"/{name}.json"))
    assert told["total"] == len(rows(client, f"/{name}.json")) == len(table(client, f"/{name}.csv"))
    assert told["total"] == len(entries(client, f"/{name}.atom")) > 0
    assert told["total"] == len(json.loads(read(client, f"/{name}.jsonld"))["@graph"])
    if name in NOUNS:
        assert told["total"] == len(shown(client, f"/{name}/", name))
    else:
        assert told["total"] == len(re.findall(r'<h2 id="[^"]+-\d+">', read(client, f"/{name}/")))


@pytest.fixture
def contexts(monkeypatch):
    """What pages are made of, the last one at the end."""
    made_of: list[dict] = []
    rendered = Template.render

    def render(template, context=None, request=None):
        made_of.append(context)
        return rendered(template, context, request)

    monkeypatch.setattr(Template, "render", render)
    return made_of


@pytest.mark.parametrize("name", NOUNS)
def test_a_row_in_hand_is_the_row_that_would_be_asked_for(client, contexts, django_assert_num_queries, name):
    record = NOUNS[name]
    lists = {field.name for field in record.model._meta.many_to_many}
    for slug in record.model.objects.published().values_list("slug", flat=True):
        client.get(f"/{name}/{slug}/")
        context = contexts.pop()
        noun = context[record.model._meta.model_name]
        with django_assert_num_queries(0):
            in_hand = record.row_in_hand(noun)
        asked = record.row(noun, captions=True)
        fetched = getattr(noun, "_prefetched_objects_cache", {}).keys()
        assert list(in_hand) == list(asked)
        assert in_hand == {key: [] if key in lists - fetched else value for key, value in asked.items()}
        for correction in context["corrections"]:
            assert RECORDS["corrections"].row_in_hand(correction) == RECORDS["corrections"].row(correction)


# Old addresses


@pytest.mark.parametrize("name", NOUNS)
def test_an_old_slug_leads_for_ever_to_the_new_one_for_the_page_and_each_format(client, name):
    noun = NOUNS[name].model.objects.published().first()
    Redirect.objects.create(record=name, old_slug="an-old-slug", slug=noun.slug)
    for ending in ("/", *(f".{format}" for format in SHOWN_AS[name])):
        for query in ("", *(["?as_of=2026-11-25"] if name == "meetings" else [])):
            answer = client.get(f"/{name}/an-old-slug{ending}{query}")
            assert (answer.status_code, answer["Location"]) == (301, f"/{name}/{noun.slug}{ending}{query}")
        assert client.get(f"/{name}/{noun.slug}{ending}").status_code == 200
    other = "people" if name == "parties" else "parties"
    assert client.get(f"/{other}/an-old-slug/").status_code == 404


@pytest.mark.parametrize("name", NOUNS)
def test_a_tombstone_says_what_was_there_and_why_it_is_gone(client, name):
    Tombstone.objects.create(record=name, slug="is-gone", withdrawn_on="2026-11-23", withdrawn_because="Not <so>.")
    page = client.get(f"/{name}/is-gone/")
    html = page.content.decode()
    assert (page.status_code, page["Content-Type"]) == (410, "text/html; charset=utf-8")
    assert "23 November 2026" in html
    assert "Not &lt;so&gt;." in html
    assert f"/{name}/is-gone/" in html
    for ending in SHOWN_AS[name]:
        answer = client.get(f"/{name}/is-gone.{ending}")
        assert (answer.status_code, answer["Content-Type"]) == (410, "application/problem+json")
        told = json.loads(answer.content)
        assert (told["status"], told["title"]) == (410, "Withdrawn on 2026-11-23: Not <so>.")


def test_a_noun_withdrawn_here_is_gone_in_every_format_and_from_every_list(client):
    Statement.objects.filter(slug=Q1).update(
        status="withdrawn", withdrawn_on="2026-11-24", withdrawn_because="Taken back."
    )
    for ending in ("/", *(f".{format}" for format in SHOWN_AS["statements"])):
        answer = client.get(f"/statements/{Q1}{ending}")
        assert answer.status_code == 410
        assert "Taken back." in answer.content.decode()
    assert Q1 not in {row["slug"] for row in rows(client, "/statements.json")}
    assert f"{SITE}/statements/{Q1}/" not in {entry.id for entry in entries(client, "/statements.atom")}


# Corrections


def test_a_correction_is_on_the_page_in_the_feed_and_in_all_data(client):
    made = add_correction(reason="A <slip> & more.")
    page = read(client, "/corrections/")
    assert f'id="{made.slug}"' in page
    assert f'href="/statements/{Q1}/"' in page
    assert "A &lt;slip&gt; &amp; more." in page
    assert "Was <del>old &lt;b&gt;</del>" in page
    assert "Is <ins>new &amp; better</ins>" in page
    [row] = rows(client, "/corrections.json")
    assert row == {
        "slug": f"{Q1}-1", "record": "statements", "noun": Q1, "kind": "correction", "column": "text",
        "before": "old <b>", "after": "new & better", "reason": "A <slip> & more.",
        "corrected_at": "2026-11-24T10:30:00Z",
    }  # fmt: skip
    [line] = table(client, "/corrections.csv")
    assert {name: plain(value) for name, value in line.items()} == row
    [entry] = entries(client, "/corrections.atom")
    assert (entry.id, entry.updated) == (f"{SITE}/corrections/#{Q1}-1", "2026-11-24T10:30:00+00:00")
    assert (entry.title, entry.summary) == (f"Correction: {Q1}", "A <slip> & more.")
    [thing] = json.loads(read(client, "/corrections.jsonld"))["@graph"]
    assert (thing["@type"], thing["text"]) == ("CorrectionComment", "A <slip> & more.")
    assert thing["datePublished"] == "2026-11-24T10:30:00Z"
    assert thing["parentItem"]["@id"] == f"{SITE}/statements/{Q1}/"


@pytest.mark.parametrize("name", NOUNS)
def test_a_correction_is_on_the_page_and_in_the_data_of_what_was_corrected(client, name):
    noun = NOUNS[name].model.objects.published().first()
    made = add_correction(slug="made-1", record=name, noun=noun.slug, column="slug", before="a <i>", after="b & c")
    add_correction(slug="other-1", record="people" if name == "parties" else "parties", noun=noun.slug, reason="Else.")
    page = read(client, f"/{name}/{noun.slug}/")
    assert "Was <del>a &lt;i&gt;</del>" in page
    assert "Is <ins>b &amp; c</ins>" in page
    assert made.reason in page
    assert "Else." not in page
    [row] = json.loads(read(client, f"/{name}/{noun.slug}.json"))["corrections"]
    assert (row["slug"], row["before"], row["after"]) == ("made-1", "a <i>", "b & c")
    told = json.loads(read(client, f"/{name}/{noun.slug}.jsonld"))
    if name in ("statements", "sources"):  # a CreativeWork has corrections, a person has none
        [comment] = told["correction"]
        assert (comment["@type"], comment["text"]) == ("CorrectionComment", made.reason)
    else:
        assert "correction" not in told
    [thing] = [one for one in json.loads(read(client, "/corrections.jsonld"))["@graph"] if one["text"] == made.reason]
    # What it is a comment on is a CreativeWork; of anything else it can be about.
    link = "parentItem" if name in ("statements", "sources") else "about"
    assert thing[link]["@id"] == f"{SITE}/{name}/{noun.slug}/"
    assert len({"parentItem", "about"} & thing.keys()) == 1


def test_a_correction_of_a_whole_record_or_of_a_note_has_no_old_and_new_words(client):
    add_correction(
        slug="note-1", record="editors_notes", noun="a-note", column="", before="", after="", kind="withdrawal"
    )
    page = read(client, "/corrections/")
    assert "<del>" not in page
    assert "Withdrawal of a-note" in re.sub(r"<[^>]+>", "", page)
    [thing] = json.loads(read(client, "/corrections.jsonld"))["@graph"]
    assert not {"parentItem", "about"} & thing.keys()


def test_a_passage_of_a_statement_is_the_same_in_json_and_in_the_page(client):
    content = json.loads(read(client, f"/statements/{Q1}.json"))
    [passage] = Passage.objects.filter(statement__slug=Q1)
    assert content["passages"] == [
        {"statement": Q1, "number": passage.number, "exact": passage.exact, "prefix": passage.prefix,
         "suffix": passage.suffix, "start": passage.start, "end": passage.end}
    ]  # fmt: skip
