"""The kinds of pages, each with many addresses, so that no cache answers what is measured as made."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle
from typing import NamedTuple

from bench.generate import FIRST, MEETINGS, SOURCES
from bench.measure.homes import SITE

VOCABULARY = [
    "delegation",
    "talks",
    "ceasefire",
    "exchange",
    "prisoners",
    "sides",
    "memorandum",
    "proposals",
    "settlement",
]
PAIRS = [f"{one}+{other}" for one in VOCABULARY for other in VOCABULARY if one != other]
# The first ten meetings, persons and sources have fifty statements at every N; the others share the rest.
FULL = range(10)
DAYS = [f"20{15 + n % 9}-{n % 12 + 1:02}-{n % 28 + 1:02}" for n in range(97)]


# What a search may have; each as likely as the others. Two common words are as common here as a phrase of them.
ASKED = {
    "q": [
        "memorandum",
        "talks+ceasefire",
        "%22exchange+prisoners%22",
        "given+5",
        "prop*",
        "-talks",
        "zzyzx",
        "publisher+7",
    ],
    "party": ["party-1", "party-3", "none"],
    "type": ["direct", "indirect", "narration"],
    "speaker": ["person-005", "person-150"],
    "meeting": ["meeting-001", "meeting-300"],
    "source": ["source-0001", "source-0500"],
    "publisher": ["Publisher+4"],
    "found": ["yes", "lost"],
    "year": ["2015", "2020", "2023"],
    "month": ["2019-05"],
    "said_from": ["2019-01-01"],
    "said_to": ["2018-01-01"],
    "as_of": ["2016-03-01", "2020-06-01"],
    "order": ["oldest"],
}


class Kind(NamedTuple):
    """A kind of page: its addresses, given N, and those of the page of Datasette that comes nearest, if any."""

    name: str
    addresses: Callable[[int], list[str]]
    peer: Callable[[int], list[str]] | None = None
    # Such pages say more where there is more to say, so that they are compared with nothing.
    grows: bool = False
    # Asked of a site that keeps no pages, but how many statements a search finds: so are the pages of who reads on.
    counted: bool = False

    def walk(self, count: int) -> Iterator[str]:
        """The addresses again and again."""
        return cycle(self.addresses(count))

    def peer_walk(self, count: int) -> Iterator[str]:
        return cycle(self.peer(count) if self.peer else [])


def each(pattern: str, numbers: range | list) -> Callable[[int], list[str]]:
    """The pattern with each of the numbers, or words, in it."""
    return lambda count: [pattern.format(n) for n in numbers]


def mixed(count: int) -> list[str]:
    """Searches of one to four of these, and lists as JSON in turn: always the same, whatever N is."""
    dice = random.Random(7)
    found = []
    for n in range(400):
        names = dice.sample(sorted(ASKED), dice.choice((1, 2, 2, 3, 3, 4)))
        query = "&".join(f"{name}={dice.choice(ASKED[name])}" for name in names)
        found.append(f"/statements{'.json' if n % 2 else '/'}?{query}")
    return found


def statements(pattern: str) -> Callable[[int], list[str]]:
    """Two thousand statements from all over, none of them twice."""
    return lambda count: [pattern.format(n) for n in range(0, count, max(count // 2000, 1))]


def alone(address: str) -> Callable[[int], list[str]]:
    return lambda count: [address]


def places(address: str) -> Callable[[int], list[str]]:
    """Pages of a list somewhere in the middle."""
    joined = "&" if "?" in address else "?"
    return lambda count: [f"{address}{joined}after={day}~x" for day in DAYS]


def reported(count: int) -> list[str]:
    """The first meetings, each as of the day on which its source was published."""
    days = {n: FIRST + timedelta(days=7 * (n * MEETINGS // SOURCES) + 2) for n in FULL}
    return [f"/meetings/meeting-{n:03}/?as_of={day}" for n, day in days.items()]


MEETING_FORMATS = ("json", "jsonld", "csv", "ics")
STATEMENT_FORMATS = ("json", "jsonld", "csv", "bib", "ris", "csl.json")
TABLE = "/talks/statements"

KINDS = [
    Kind("statement", statements("/statements/statement-{:07}/"), statements(TABLE + "/statement-{:07}")),
    Kind("meeting of 50 statements", each("/meetings/meeting-{:03}/", FULL),
         each(TABLE + "?meeting=meeting-{:03}&_size=50", FULL)),
    Kind("search, two common words, with facets", each("/statements/?q={}", PAIRS), each(TABLE + "?_search={}", PAIRS)),
    Kind("statement.json", statements("/statements/statement-{:07}.json"), statements(TABLE + "/statement-{:07}.json")),
    Kind("list of 50 statements of a meeting.json", each("/statements.json?meeting=meeting-{:03}", FULL),
         each(TABLE + ".json?meeting=meeting-{:03}&_size=100&_shape=objects", FULL)),
    Kind("meeting.json", each("/meetings/meeting-{:03}.json", range(500)),
         each("/talks/meetings/meeting-{:03}.json", range(500))),
    Kind("search.json", each("/statements.json?q={}", PAIRS),
         each(TABLE + ".json?_search={}&_size=100&_shape=objects", PAIRS)),
    Kind("front page", alone("/")),
    Kind("meetings, list with timeline", alone("/meetings/")),
    Kind("meetings, further on", places("/meetings/")),
    Kind("meetings of a party", each("/meetings/?party=party-{}", range(2))),
    Kind("meetings.svg", alone("/meetings.svg")),
    Kind("meeting as of a day", reported),
    Kind("delegations, list", alone("/delegations/")),
    Kind("delegation", each("/delegations/delegation-{:03}-0/", FULL)),
    Kind("parties, list", alone("/parties/")),
    Kind("party", each("/parties/party-{}/", range(4))),
    Kind("people, list", alone("/people/")),
    Kind("person of 50 statements", each("/people/person-{:03}/", FULL)),
    Kind("statements, list with facets", alone("/statements/")),
    Kind("statements, further on", places("/statements/")),
    # Of ten statements at N = 1,000.
    Kind("search, a phrase of common words", each("/statements/?q=%22{}%22", PAIRS)),
    Kind("search, the beginning of a word", each("/statements/?q={}*", ["memo", "dele", "cease", "exch", "pris"])),
    Kind("search, a word not in the others", each("/statements/?q=-{}", VOCABULARY)),
    Kind("search, a word that is nowhere", each("/statements/?q=nowhere{}", range(200))),
    Kind("search, words and a party", each("/statements/?q={}&party=party-1", PAIRS)),
    Kind("search, two common words in a meeting",
         lambda count: [f"/statements/?q={pair}&meeting=meeting-{n:03}" for pair in PAIRS for n in FULL]),
    Kind("search, a word as of a day", each("/statements/?q=ceasefire&as_of={}", DAYS)),
    Kind("search, further on", places("/statements/?q=memorandum+talks")),
    Kind("search.json, further on", places("/statements.json?q=memorandum+talks")),
    Kind("search, further on, counted before", places("/statements/?q=memorandum+talks"), counted=True),
    Kind("search.json, further on, counted before", places("/statements.json?q=memorandum+talks"), counted=True),
    Kind("search, words and values at random", mixed),
    Kind("statements of a speaker", each("/statements/?speaker=person-{:03}", FULL)),
    Kind("statements of a party in some years",
         each("/statements/?party=party-1&said_from={}-01-01&said_to=2023-12-31", range(2015, 2022))),
    Kind("sources, list", alone("/sources/")),
    Kind("source of 50 statements", each("/sources/source-{:04}/", FULL)),
    Kind("corrections", alone("/corrections/")),
    Kind("data", alone("/data/")),
    Kind("codebook", alone("/data/codebook/")),
    Kind("openapi.json", alone("/openapi.json")),
    Kind("about", alone("/about/")),
    Kind("embedded statement", statements("/embed/statements/statement-{:07}/")),
    Kind("oEmbed", statements(f"/oembed?url={SITE}/statements/statement-{{:07}}/")),
    *(Kind(f"meeting.{ending}", each(f"/meetings/meeting-{{:03}}.{ending}", FULL)) for ending in MEETING_FORMATS[1:]),
    *(Kind(f"statement.{ending}", statements(f"/statements/statement-{{:07}}.{ending}"))
      for ending in STATEMENT_FORMATS[1:]),
    Kind("person.json", each("/people/person-{:03}.json", FULL)),
    Kind("source.bib", each("/sources/source-{:04}.bib", range(1000))),
    *(Kind(f"{name}.json, further on", places(f"/{name}.json")) for name in ("statements", "meetings")),
    *(Kind(f"{name}.{ending}", alone(f"/{name}.{ending}"))
      for name in ("people", "sources", "delegations", "parties") for ending in ("json", "atom")),
    Kind("meetings.ics", alone("/meetings.ics")),
    Kind("meetings.atom", alone("/meetings.atom")),
    Kind("statements.atom", alone("/statements.atom")),
    Kind("statements.atom of a party", each("/statements.atom?party=party-{}", range(4))),
    Kind("statements.atom of a search", each("/statements.atom?q={}", PAIRS)),
    Kind("statements.jsonld, further on", places("/statements.jsonld")),
    Kind("corrections.atom", alone("/corrections.atom")),
    *(Kind(name, alone(f"/{name}")) for name in ("sitemap.xml", "robots.txt", "opensearch.xml", "data.jsonld")),
    Kind("meeting of N / 500 statements", each("/meetings/meeting-{:03}/", range(10, 500)), grows=True),
    Kind("person of N / 200 statements", each("/people/person-{:03}/", range(10, 200)), grows=True),
    Kind("source of N / 1,000 statements", each("/sources/source-{:04}/", range(10, 1000)), grows=True),
]  # fmt: skip
