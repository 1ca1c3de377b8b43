"""Addresses as somebody writes them who means ill: of every route of the site, with every parameter that it knows.

Routes, converters and parameters are read from the site itself, so that a new one is among them without being named.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_from_bytes

from django.urls import Resolver404, get_resolver, resolve
from django.urls.converters import get_converters
from hypothesis import strategies as st

from talks import parameters
from talks.filters import FILTERS
from talks.records import NOUNS
from tests.servers import ROOT

# What is answered beside the routes of the configuration.
BESIDE = ("healthz", "readyz", "static/css/tokens.css", "favicon.ico", "admin/login/")
CONVERTED = re.compile(r"<(\w+):\w+>")
SITE = "http://127.0.0.1:8000"

# Bytes that are no text, texts that are no names, and numbers that fit into no column.
BYTES = [b"\0", b"\xff\xfe", b"\xc0\xae\xc0\xae/", b"\xe0\x80\xaf", b"\xf8\x88\x80\x80\x80", b"\xed\xa0\x80", b"\x80"]
WAYS = b".. ../.. ../../../etc/passwd %2e%2e%2f ..%c0%af ..\\ . // ; ;a=b \\ /.".split()
LINES = [
    b"\r\nSet-Cookie: a=b", b"\r\n\r\n<script>alert(1)</script>", b"\nX-Injected: 1", b"\r", b"a\r\n b", b"%0d%0aX: y",
]  # fmt: skip
LIKE = "ｕｋｒａｉｎｅ ukrаine ﬁ İ ß ／ ．． ٣ २०२५ \u202eevil \ufeff 🕊 é".split()  # noqa: SIM905
NUMBERS = [
    "-1", "0", "00", "1e999", "NaN", "9" * 9, "9" * 10, "9223372036854775808", "9" * 5000, "+1", "1.5", "Infinity",
]  # fmt: skip
DAYS = [
    "0001-01-01", "9999-12-31", "10000-01-01", "-001-01-01", "2025-02-30", "0000-00-00", "2025-6-2", "20250602",
    "2025-W23-1", "2025-06-02T00:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2025-06-02T00:00Z",
]  # fmt: skip
CODE = [
    "'", '"', "' OR 1=1 --", "; DROP TABLE talks_party", '"><script>alert(1)</script>', "{{ 7*7 }}", "{% x %}", "$(id)",
    "%s%n%x", "*", "%", "_", "|", "a|b", "NEAR(", "(" * 1000, '"' * 1000, "-a " * 500, "a* " * 500, "^a", "a:b", "AND",
]  # fmt: skip
PLACES = [
    "//evil.example/", "http://[", "http://[::1", "https://evil.example/statements/a/", "javascript:alert(1)", f"{SITE}/",
]  # fmt: skip
HUGE = ["a" * 10_000, "é" * 3000, "a " * 5000, "/" * 3000, "~" * 3000, "x" * 101, "e\u0301" * 9]
NOTHING = ["", " ", "~", "~~", "best~", "none", "None", "null", "true", "[]", "\u2028"]
KEYS = [f"{value}~a" for value in (*DAYS, *NUMBERS, "\0", "Ukraine", "")]
TEXTS = [*LIKE, *NUMBERS, *DAYS, *KEYS, *CODE, *PLACES, *HUGE, *NOTHING]
HOSTILE = [*BYTES, *WAYS, *LINES, *(text.encode() for text in TEXTS)]

some_text = st.text(max_size=8).map(lambda text: text.encode("utf-8", "replace"))
hostile = st.one_of(st.sampled_from(HOSTILE), st.binary(max_size=12), some_text)


def flat(patterns: Any, before: str = "") -> Iterator[str]:
    """Every route of the configuration, as it is written there."""
    for one in patterns:
        route = before + str(one.pattern)
        yield from flat(one.url_patterns, route) if hasattr(one, "url_patterns") else [route]


def routes() -> list[str]:
    return [*flat(get_resolver("config.urls").url_patterns), *BESIDE]


def built_in_slugs() -> dict[str, list[str]]:
    """The slugs of the built-in data by record: those that are public, moved and withdrawn."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "fixtures").glob("*.json")):
        for row in json.loads(path.read_text("utf-8")):
            fields = row["fields"]
            for name in ("slug", "old_slug"):
                if name in fields:
                    found[fields.get("record", path.stem)].append(fields[name])
    return found


SLUGS = built_in_slugs()
EVERY_SLUG = sorted({slug for slugs in SLUGS.values() for slug in slugs})
FILES = ["SHA256SUMS", "statements.csv", "statements.json", "talks-in-context.zip", "datapackage.json", "README.md"]


def likely(converter: str, before: str) -> list[str]:
    """Values for a part of a route of which something is there; `before` is the address up to it."""
    if converter == "slug":
        record = next((name for name in NOUNS if f"/{name}/" in before), "")
        return SLUGS[record] or EVERY_SLUG
    if converter == "number":
        return ["1"]
    if converter == "file":
        return FILES
    return [re.sub(r"\\(.)", r"\1", one) for one in get_converters()[converter].regex.split("|")]


@st.composite
def part(draw: Any, converter: str, before: str) -> bytes:
    """What stands in the place of a converter: mostly something that is there, else what fits, else what does not."""
    fitting = st.from_regex(re.compile(get_converters()[converter].regex, re.ASCII), fullmatch=True)
    there = st.sampled_from(likely(converter, before)) if likely(converter, before) else fitting
    how = draw(st.integers(0, 9))
    return draw(hostile) if how == 9 else draw(fitting if how == 8 else there).encode()


@st.composite
def paths(draw: Any) -> bytes:
    """The path of a route, before it is percent-encoded; one of three has something in it that should not be there."""
    written = b"/"
    for number, piece in enumerate(CONVERTED.split(draw(st.sampled_from(routes())))):
        written += draw(part(piece, written.decode("latin-1"))) if number % 2 else piece.encode()
    if draw(st.integers(0, 2)):
        return written
    at, evil = draw(st.integers(1, len(written))), draw(hostile)
    spoilt = [written[:at] + evil + written[at:], written + evil, written.rstrip(b"/"), written + b"/"]
    return draw(st.sampled_from(spoilt))


# Values of which something comes; of a name that is not here, slugs.
VALUES = {
    "type": ["direct", "mixed", "indirect", "narration"], "found": ["yes", "unchecked", "lost", "none"],
    "order": ["newest", "oldest", "best"], "year": ["2025", "2022", "0001", "9999"],
    "month": ["2025-06", "9999-12", "0001-01"], "publisher": ["cgtn.com", "TASS"],
    "q": ["memorandum", '"fair and lasting"', "-talks peace", "мир", "a"],
    "after": ["2025-05-29~report-second-meeting", "Ukraine~ukraine", f"best~{SLUGS['statements'][0]}"],
    "url": [f"{SITE}/statements/{slug}/" for slug in SLUGS["statements"][:3]], "format": ["json", "xml"],
    "maxwidth": ["1", "400", "999999999"], "maxheight": ["1", "400"],
}  # fmt: skip
VALUES["after"] += KEYS
VALUES["before"] = VALUES["after"]
SOME_DAYS = ["2025-05-28", "2025-06-02", "0001-01-01", "9999-12-31"]
VALUES |= {name: SOME_DAYS for name in ("said_from", "said_to", "as_of")}
VALUES |= {"party": [*SLUGS["parties"], "none"], "speaker": [*SLUGS["people"], "none"]}
VALUES |= {"meeting": SLUGS["meetings"], "source": SLUGS["sources"]}
EVERY_NAME = sorted({name for form in FILTERS.values() for name in form.base_fields} | set(VALUES))
STRANGE_NAMES = [
    b"utm_source", b"fbclid", b"x", b"q[]", b"Q", b"", b"\0", b"\xff", b"a\r\nSet-Cookie: b", "ԛ".encode(),
]  # fmt: skip


def names_known_at(path: bytes) -> list[str]:
    """The parameters that an address knows; all there are where it is none."""
    try:
        return list(parameters.known(resolve(path.decode()))) or EVERY_NAME
    except (Resolver404, UnicodeDecodeError):
        return EVERY_NAME


@st.composite
def pairs(draw: Any, path: bytes) -> tuple[bytes, bytes]:
    name = draw(st.sampled_from(names_known_at(path)))
    if draw(st.integers(0, 7)) == 0:
        return draw(st.sampled_from(STRANGE_NAMES)), draw(hostile)
    fitting = st.sampled_from(VALUES.get(name, EVERY_SLUG)).map(str.encode)
    return name.encode(), draw(fitting if draw(st.booleans()) else hostile)


def spelled(draw: Any, text: bytes, safe: str) -> bytes:
    """Bytes of a path or a query as an address has them: escaped where they must be, or everywhere."""
    how = draw(st.sampled_from(["plain", "plain", "every", "lower"]))
    if how == "plain":
        return quote_from_bytes(text, safe).encode()
    escaped = "".join(f"%{byte:02X}" for byte in text[:2000]).encode()
    return escaped if how == "every" else escaped.lower()


@st.composite
def targets(draw: Any) -> bytes:
    """The target of a request, which has no byte that HTTP forbids there."""
    path = draw(paths())
    written = b"/" + spelled(draw, path[1:], "/%;:@!$&'()*+,=~.-_")
    asked = draw(st.lists(pairs(path), max_size=4))
    if not asked:
        return written + draw(st.sampled_from([b"", b"", b"?", b"?&&=", b"??", b"?a?b#c"]))
    safe = "/:@!$'()*,~.-_"
    query = [spelled(draw, name, safe) + b"=" + spelled(draw, value, safe) for name, value in asked]
    return written + b"?" + b"&".join(query)


def plain_targets(nouns: int = 2) -> list[str]:
    """Addresses of every route at which something is, with every record and format; of so many nouns each."""
    split = [CONVERTED.split(route) for route in routes()]
    every = [address for pieces in split for number in range(nouns) for address in filled(pieces, number)]
    return [quote(address) for address in dict.fromkeys(every)]


def filled(pieces: list[str], number: int, written: str = "/") -> Iterator[str]:
    """A route with each choice that its converters have, and the noun of this number."""
    if not pieces:
        yield written
        return
    text, *rest = pieces
    if not rest:
        yield written + text
        return
    converter, *rest = rest
    choices = likely(converter, written + text)
    if converter in ("slug", "number"):
        choices = [choices[number % len(choices)]]
    for choice in choices:
        yield from filled(rest, number, written + text + choice)
