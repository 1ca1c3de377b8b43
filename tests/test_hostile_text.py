"""Hostile words in every field of the data: in each format they come back as they are, and nothing is made of them.

Each answer is held against that of the same data in which every sign of the words is a harmless one: it has the same
elements, attributes, lines, keys and cells. So a new page, field or format is examined without being named.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, unquote
from xml.etree import ElementTree

import icalendar
import pytest
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import IntegrityError, models, transaction

from talks.formats import of_page
from talks.formats.csv import DANGEROUS, plain
from talks.models import Edition, LinkCheck, Passage, Source, SourceText, Statement, Tombstone
from talks.models.fields import EdtfField, SlugField
from talks.records import RECORDS
from tests.hostile import SITE, plain_targets
from tests.test_formats import Q1, REPORT, THEN, add_correction, bib, ris

pytestmark = pytest.mark.django_db

TEXTS = {
    "markup": "\"><img src=x onerror='alert(1)'><script>alert(1)</script></script></title></style></textarea><!-- ]]> &lt;&amp;"
    " {{ 7*7 }} {% now %} \u2028\u202e | \\u003c `",
    "lines": "one\r\nSet-Cookie: a=b\r\n\r\n<b>\nBEGIN:VEVENT\nEND:VCALENDAR\rATTENDEE:x\nER  - \r\nTY  - JOUR\n"
    '\\n;,:\\N " end\t.',
    "sheet": "=cmd|' /C calc'!A0\",\r\n\"@SUM(1+1)*1\n+1\n-1;\ttab",
    "braces": '}, url = {javascript:alert(1)}, \\input{/etc/passwd} %$#&_~^ and {b}, Jr. @online{x, title = "y" # z}\\',
}
# What says where a text is, and what only programs write; a text that is none of these cannot get there.
NO_WORDS = (EdtfField, SlugField)
# What nobody is shown, and what must be as long as its places say.
ALONE = ("imported_sha256", "exact")
GONE = "umerov-awaits-memorandum-pravda"
ADDRESSES = [
    *plain_targets(), f"/statements/{GONE}/", f"/statements/{GONE}.json", f"/embed/statements/{GONE}/",
    "/people/nobody-here/", f"/oembed?url={SITE}/statements/{Q1}/", "/meetings/istanbul-2025-06-02/?as_of=2025-06-02",
    f"/sources/{REPORT}/", *(f"/sources/{REPORT}.{name}" for name in of_page("sources")),
]  # fmt: skip


@cache  # most texts of a page stand on every other one, too
def tamed(text: str) -> str:
    """The same text with a harmless sign for each that may mean something. A comma stays, since names are cut at it."""
    return re.sub(r"[^\sA-Za-z0-9,]", "x", text)


def columns() -> Iterator[tuple[Any, Any]]:
    """Every model whose rows are public, with every field of words."""
    for model in [*(record.model for record in RECORDS.values()), LinkCheck, SourceText]:
        for field in model._meta.concrete_fields:
            worded = isinstance(field, models.CharField | models.TextField | models.JSONField)
            if worded and not isinstance(field, NO_WORDS) and not field.choices and field.name not in ALONE:
                yield model, field


def permitted(field: Any, text: str) -> Iterator[Any]:
    """The text, or as much of it as a field of this kind takes from an editor or a file."""
    addresses = f"https://x.example/{text}", f"https://x.example/{''.join(text.split())}"
    for one in (text, text.replace("|", "/"), *addresses, text[:32]):
        value = [one] if isinstance(field, models.JSONField) else one[: field.max_length]
        with suppress(ValidationError):
            yield field.clean(value, None)


def fill(text: str) -> set[Any]:
    """Put the text in every field that has something; gives the fields that took none of it."""
    refused = set()
    for model, field in columns():
        rows = model._base_manager.exclude(**{field.name: [] if isinstance(field, models.JSONField) else ""})
        for value in permitted(field, text):
            with suppress(IntegrityError), transaction.atomic():
                if rows.update(**{field.name: value}):
                    break
        else:
            refused.add(field)
    for passage in Passage.objects.exclude(exact=""):
        Passage.objects.filter(pk=passage.pk).update(exact=(text * 99)[: len(passage.exact)])
    Edition.objects.update(number=1000)  # which stands on every page
    return refused


@pytest.fixture
def data(release, unnoted):
    """The built-in data with something in every field."""
    add_correction()
    add_correction("another-1", "people", "rustem-umerov", column="name")
    source = Source.objects.get(slug=REPORT)
    SourceText.objects.update_or_create(source=source, defaults={"text": "x" * 3000, "is_public": True})
    LinkCheck.objects.create(source=source, checked_at=THEN, status=500, final_url="https://x.example/", problem="x")
    Source.objects.filter(slug="cgtn").update(archive_url="https://x.example/", archived_on="2026-11-24")
    Statement.objects.filter(slug="lavrov-proposes-2-june").update(is_translation="yes", original_language="ru")
    gone = {"withdrawn_on": "2026-11-25", "withdrawn_because": "It was entered twice."}
    Statement.objects.filter(slug=GONE).update(status="withdrawn", **gone)
    Tombstone.objects.create(record="people", slug="nobody-here", **gone)


class Page(HTMLParser):
    """The elements and attributes of a page, the texts between them, and the scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.shape: list[Any] = []
        self.texts: list[str] = [""]
        self.scripts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.shape.append((tag, [name for name, _ in attrs]))
        self.texts += [unquote(value or "") for _, value in attrs] + [""]
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):
        self.shape.append(f"/{tag}")
        self.texts.append("")

    def handle_comment(self, data):
        self.shape.append("comment")

    def handle_decl(self, decl):
        self.shape.append(decl)

    def unknown_decl(self, data):
        self.shape.append("unknown")

    def handle_pi(self, data):
        self.shape.append("instruction")

    def handle_data(self, data):
        if self.shape and self.shape[-1][0] == "script":
            self.scripts[-1] += data
        else:
            self.texts[-1] += data


# What an answer is made of, and the texts in it, by the type of the answer.
Read = tuple[list[Any], list[str]]


def of_html(text: str) -> Read:
    page = Page(text)
    read = [*(of_json(script) for script in page.scripts if script), *map(of_text, page.texts)]
    shape = [*page.shape, text.count("<"), *(shape for shape, _ in read)]
    return shape, [text for _, texts in read for text in texts]


def of_text(text: str) -> Read:
    """A text, in which there may be the code that shows a statement in another page."""
    return of_html(text) if text.startswith("<iframe") else (["text"], [text])


def of_json(text: str) -> Read:
    return of_value(json.loads(text))


def of_value(value: Any) -> Read:
    if isinstance(value, str):
        return of_text(value)
    if isinstance(value, dict):
        value = [one for name, part in value.items() for one in (len(name), part)]
    if not isinstance(value, list):
        return [value], []
    read = [of_value(one) for one in value]
    return [shape for shape, _ in read], [text for _, texts in read for text in texts]


def of_lines(text: str) -> Read:
    read = [of_json(line) for line in text.split("\n") if line]
    return [shape for shape, _ in read], [text for _, texts in read for text in texts]


def of_csv(text: str) -> Read:
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert not [cell for row in rows for cell in row if cell.startswith(DANGEROUS) and cell[0] != "'"]
    return [len(row) for row in rows], [plain(cell) for row in rows for cell in row]


def of_xml(text: str) -> Read:
    elements = list(ElementTree.fromstring(text).iter())
    shape = [(one.tag, sorted(one.keys())) for one in elements]
    texts = [text or "" for one in elements for text in (one.text, one.tail, *one.attrib.values())]
    return [*shape, text.count("<")], texts


def of_calendar(text: str) -> Read:
    parts = list(icalendar.Calendar.from_ical(text).walk())
    shape = [(part.name, sorted(part.keys())) for part in parts]
    lines = [line.partition(":")[0] for line in text.replace("\r\n ", "").split("\r\n")]
    return [*shape, lines], [str(part[name]) for part in parts for name in sorted(part) if isinstance(part[name], str)]


def of_ris(text: str) -> dict[str, Any]:
    """Its reader takes an address with a semicolon for two, as old ones do."""
    read = ris(None, "", lambda *_: text)
    return {**read, "urls": ";".join(read["urls"])}


def of_plain(text: str) -> Read:
    return [text.count("\n")], [text]


READERS = {
    "text/html": of_html, "application/json": of_json, "application/ld+json": of_json, "application/x-ndjson": of_lines,
    "application/problem+json": of_json, "application/vnd.citationstyles.csl+json": of_json, "text/csv": of_csv,
    "application/atom+xml": of_xml, "image/svg+xml": of_xml, "application/xml": of_xml, "text/calendar": of_calendar,
    "application/opensearchdescription+xml": of_xml, "text/plain": of_plain,
    "application/x-bibtex": lambda text: of_value(bib(None, "", lambda *_: text)),
    "application/x-research-info-systems": lambda text: of_value(of_ris(text)),
}  # fmt: skip


# They say where things are, and no words of the data.
WITHOUT_DATA = {"text/plain", "application/xml", "application/opensearchdescription+xml"}


def asked(client) -> dict[str, tuple[int, str, list[str], str]]:
    """Status, type, names of headers and body of every address."""
    told = {}
    for address in ADDRESSES:
        if address.startswith(("/static/", "/data/releases/")):
            continue  # ready files, which were made before
        answer = client.get(address)
        body, kind = answer.getvalue().decode(), answer.headers.get("Content-Type", "").partition(";")[0]
        assert not re.search("[\r\n]", "".join(f"{name}{value}" for name, value in answer.headers.items()))
        told[address] = (answer.status_code, kind, sorted(answer.headers), body)
    return told


def is_the_same_but_for_the_words(kind: str, body: str, harmless: str) -> list[str]:
    """The texts of an answer, when all else in it is as in the harmless one."""
    (shape, texts), (other_shape, others) = READERS[kind](body), READERS[kind](harmless)
    assert shape == other_shape
    assert [tamed(unquote(one)).lower() for one in texts] == [tamed(unquote(one)).lower() for one in others]
    return [" ".join(one.split()) for one in texts]


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("name", TEXTS)
def test_nothing_is_made_of_hostile_words_and_they_come_back_as_they_are(client, name):
    text, found = TEXTS[name], defaultdict(set)
    fill(tamed(text))
    harmless = asked(client)
    refused = fill(text)
    strict = {field for field in refused if any(isinstance(one, RegexValidator) for one in field.validators)}
    assert {field.name for field in refused - strict} == {"withdrawn_because"}, "of kinds of which none is withdrawn"
    for address, (status, kind, headers, body) in asked(client).items():
        assert (status, kind, headers) == harmless[address][:3], address
        if body:
            found[kind].update(is_the_same_but_for_the_words(kind, body, harmless[address][3]))
    assert set(found) == set(READERS)
    for kind in set(found) - WITHOUT_DATA:
        assert any(" ".join(text.split())[:50] in one for one in found[kind]), kind


def test_a_code_and_an_address_have_no_line_break_at_their_end():
    for model, field in columns():
        value = model._base_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True).first()
        for validator in field.validators:
            if value and isinstance(validator, RegexValidator):
                with pytest.raises(ValidationError):
                    validator(f"{value}\n")


TYPED = [
    "/statements/?q=%s", "/statements.json?q=%s", "/statements.atom?q=%s", "/nowhere/%s/", "/people/%s/", "/%s.json",
    "/statements/?%s=a", "/meetings/istanbul-2025-06-02/?as_of=%s", "/statements/?publisher=%s", "/oembed?url=%s",
    "/people.json?%s=a", "/people/?after=%s",
]  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("address", TYPED)
def test_what_somebody_typed_is_text_where_it_is_shown_again(client, address, name):
    """Not held against harmless words, of which a search finds others."""
    answer = client.get(address % quote(TEXTS[name], safe=""))
    body, kind = answer.getvalue().decode(), answer.headers["Content-Type"].partition(";")[0]
    assert not re.search("[\r\n]", "".join(answer.headers.values()))
    READERS[kind](body)
    if kind == "text/html" and body:
        elements = [one for one in Page(body).shape if isinstance(one, tuple)]
        assert not [one for one in elements if one[0] == "img" or any(name.startswith("on") for name in one[1])]
        assert "<script>" not in body
