"""Whatever is asked: an answer that the site knows, of few questions to the database, the same each time, and with no
header of the asker's making.

EXAMPLES is how many addresses are tried. In the long form, 2000 or more, none may take longer than two seconds; the short
form runs beside other tests, whose load would be measured instead.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from config.bridge import aim
from talks import parameters
from talks.models import Release
from tests.fronted import Got, houses
from tests.hostile import HOSTILE, plain_targets, targets
from tests.lasting import lasting

EXAMPLES = int(os.environ.get("EXAMPLES", "150"))
# 501 is what oEmbed says to another format than JSON.
KNOWN = {200, 206, 301, 302, 304, 400, 404, 405, 410, 412, 416, 501}
# Names whose value is another one for each address.
OF_THE_ADDRESS = {"etag", "content-length", "location", "link", "content-range"}
# Twice as many as any page of the built-in data asks.
QUESTIONS = 60

HANG = timedelta(seconds=2) if EXAMPLES >= 2000 else None  # for all that is asked about one address

many = settings(
    max_examples=EXAMPLES, derandomize=True, deadline=HANG,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
asking = pytest.mark.django_db


@pytest.fixture(scope="module")
def both(first_release, django_db_blocker):
    """With a release, whose files are routes too."""
    folder, row = first_release
    with lasting(django_db_blocker), override_settings(RELEASES=folder):
        Release.objects.create(**row)
        with houses() as both:
            yield both


STRANGE = (
    "/nowhere/", "/nowhere.json", "/oembed?url=x", "/oembed?url=x&format=xml", "/statements/?x=1", "/data/latest/x",
    "/people.json?x=1", "/statements", "/meetings/istanbul-2025-06-02.json?as_of=2025-06-03", "/statements.json",
)  # fmt: skip
ASKED = (
    [], [(b"accept-encoding", b"gzip")], [(b"accept-encoding", b"br")], [(b"range", b"bytes=0-1")],
    [(b"range", b"bytes=9-"), (b"if-range", b"x")], [(b"if-none-match", b"*")], [(b"if-match", b"x")],
)  # fmt: skip


class Usual(dict):
    """Every header that plain addresses have, with all its values; and the pages that were kept of them."""

    shelf: Any = None

    def __repr__(self) -> str:
        return "Usual()"  # a falsified test tells of its arguments


@pytest.fixture(scope="module")
def usual(both) -> Usual:
    found, (house, _) = Usual(), both
    plain = [(target, []) for target in plain_targets(1)]
    for target, headers in plain + [(target, told) for target in STRANGE for told in ASKED]:
        for method in ("GET", "POST") if target == "/statements" else ("GET",):
            for name, value in house.ask(target.encode(), method, *headers).headers:
                found.setdefault(name, set()).add(value)
    found.shelf = house.front.keeper.shelf
    return found


@pytest.fixture
def house(both, usual):
    """The one that keeps pages, and has those of plain addresses."""
    both[0].front.keeper.shelf = usual.shelf
    return both[0]


def is_sound(got: Got, usual: Usual) -> None:
    """What must hold of every answer, whatever was asked."""
    assert got.status in KNOWN
    assert got.questions <= QUESTIONS
    for name, value in got.headers:
        assert not re.search(rb"[\r\n\0]", value), name
        assert name in usual, name
        assert name in OF_THE_ADDRESS or value in usual[name], (name, value)
    names = [name for name, _ in got.headers]
    assert len(names) == len(set(names))
    assert "set-cookie" not in names
    assert re.fullmatch(rb"(/(?!/)[!-~]*)?", got.get("location")), "it leads to a page of this site"


def plainly(target: bytes) -> bytes:
    """The one way to write an address, from which its page is made; the address itself if it is that of no page."""
    path, _, query = target.partition(b"?")
    known = parameters.plain(aim(path)[1], query.decode("latin-1"))
    return target if known is None else path + (b"?" + known.encode() if known else b"")


def without_tag(got: Got) -> tuple[Any, ...]:
    """An answer without its tag, which speaks of one way to write its address."""
    return got.status, sorted(pair for pair in got.headers if pair[0] not in ("etag", "server")), got.body


@asking
@many
@given(target=targets())
@example(target=b"/corrections/?after=0001-01-01T00:00:00%2B23:59~a")
@example(target=b"/people.atom?before=2025-06-02~a")
def test_no_address_is_a_fault_and_its_answer_is_the_same_kept_or_made_anew(both, usual, target):
    first, again, made = both[0].forget().ask(target), both[0].ask(target), both[1].ask(plainly(target))
    for got in (first, again, made):
        is_sound(got, usual)
    assert first[:3] == again[:3]
    assert without_tag(first) == without_tag(made)


CONDITIONS = [b"*", b'"', b"W/", b'"a", W/"b"', b"", b"\xff", b'"' * 3000, b'"a' * 2000, b'W/"a-gzip"', b"\t"]
RANGES = [
    b"bytes=0-9", b"bytes=9-0", b"bytes=-1", b"bytes=-", b"bytes=0-", b"bytes=0-1,3-4", b"bytes=" + b"9" * 20 + b"-",
    b"lines=1-2", b"bytes=" + b"0-1," * 500, b"bytes=-" + b"9" * 18, "bytes=٣-٤".encode(),
]  # fmt: skip
# What an answer may depend on besides its address, and what none may.
MEANT = {
    b"if-none-match": CONDITIONS, b"if-match": CONDITIONS, b"if-range": CONDITIONS, b"range": RANGES,
    b"accept-encoding": [b"gzip", b"br", b"gzip;q=0", b"br;q=" + b"9" * 500, b"," * 500, b"*", b"identity;q=0"],
}  # fmt: skip
MEANINGLESS = {
    b"if-modified-since": [b"Mon, 02 Jun 2025 00:00:00 GMT", b"0", b"-1"], b"accept": [b"application/json", b"*/*;q=9"],
    b"accept-language": [b"uk", b"x" * 3000], b"cookie": [b"sessionid=a; csrftoken=b", b"=;=;", b"\xff" * 99],
    b"authorization": [b"Basic YTpi"], b"content-type": [b"multipart/form-data; boundary=" + b"a" * 300, b"x"],
    b"x-forwarded-host": [b"evil.example"], b"x-http-method-override": [b"DELETE"],
    b"content-length": [b"0", b"1", b"9999"],
}  # fmt: skip
ONE_LINE = [one for one in HOSTILE if len(one) < 4000 and not re.search(rb"[\r\n\0]", one)]


def told(headers: dict[bytes, list[bytes]]) -> st.SearchStrategy:
    pairs = {name: st.tuples(st.just(name), st.sampled_from(values + ONE_LINE)) for name, values in headers.items()}
    return st.lists(st.sampled_from(sorted(pairs)).flatmap(pairs.__getitem__), max_size=4)


@asking
@settings(many, max_examples=EXAMPLES // 2)
@given(target=targets(), method=st.sampled_from(["GET", "GET", "HEAD"]), headers=told({**MEANT, **MEANINGLESS}))
def test_headers_choose_between_the_answer_a_part_of_it_and_none(both, usual, target, method, headers):
    got, plain = both[0].forget().ask(target, method, *headers), both[1].ask(plainly(target))
    is_sound(got, usual)
    if got.status in (206, 304, 412, 416):
        assert plain.status == 200
        assert {name for name, _ in headers} & set(MEANT)
    else:
        assert (got.status, got.unpacked) == (plain.status, b"" if method == "HEAD" else plain.body)


@asking
@settings(many, max_examples=EXAMPLES // 2)
@given(target=targets(), headers=told(MEANINGLESS))
@example(target=b"/people.atom?before=&after=", headers=[(b"content-length", b"1")])
def test_a_page_does_not_depend_on_what_else_a_client_says(house, target, headers):
    told = house.forget().ask(target, "GET", *headers)
    assert told[:3] == house.ask(target)[:3] == house.forget().ask(target)[:3]


@asking
@settings(many, max_examples=EXAMPLES // 4)
@given(target=targets(), method=st.sampled_from(["POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "BREW", "Ä"]))
def test_another_method_than_reading_is_refused_everywhere(house, usual, target, method):
    got = house.ask(target, method, (b"content-length", b"0"))
    is_sound(got, usual)
    alive = aim(target.partition(b"?")[0])[1] in ("/healthz", "/readyz")  # which answer whoever asks
    assert got.status in (200,) if alive else got.status in (400, 405)
