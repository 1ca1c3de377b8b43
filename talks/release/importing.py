"""What a release would bring to this database: what is new, changed, the same, and what was edited here since.

A noun and the rows that belong to it are one block. Its mark is the sum of the SHA-256 of its lines, which a noun
keeps from the last import: a block that still has it was not edited here, by any path, and may be written over.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db import models

from talks.fixtures import FILES, MODELS, key_fields, writer
from talks.fixtures.addresses import MEMORY, NOUN_OF
from talks.fixtures.reader import Row, row_of
from talks.models import DelegationMember, MeetingState, Passage, Redirect, Source, SourceText, Tombstone
from talks.models.base import Noun, Status
from talks.records import BY_MODEL
from talks.release.package import Package, Refused

LONGEST_CELL = 1_000_000  # code points; a text of a source may have as many as evidence allows
LONGEST_LINE = 100 << 20
OWNERS: dict[type[models.Model], str] = {
    SourceText: "source",
    MeetingState: "meeting",
    DelegationMember: "delegation",
    Passage: "statement",
}
MODULUS = 1 << 256
Place = tuple[type[models.Model], str]


class Block(NamedTuple):
    """A noun with its rows, or a row that belongs to none."""

    place: Place
    rows: list[Row]
    mark: str

    @property
    def name(self) -> str:
        return f"{BY_MODEL[self.place[0]].name}/{self.place[1]}"


class Plan(NamedTuple):
    """What an import would do, block by block."""

    added: list[Block]
    changed: list[Block]
    conflicting: list[tuple[Block, str]]
    same: int


class Marks:
    """Adds up the marks of blocks, line by line, in any order."""

    def __init__(self) -> None:
        self.sums: dict[Place, int] = defaultdict(int)

    def add(self, place: Place, line: str) -> None:
        digest = int.from_bytes(hashlib.sha256(line.encode()).digest(), "big")
        self.sums[place] = (self.sums[place] + digest) % MODULUS

    def of(self, place: Place) -> str:
        """The mark of a block (64 hexadecimal signs); empty if there is no such block."""
        return f"{self.sums[place]:064x}" if place in self.sums else ""


def lines(package: Package) -> Iterator[tuple[str, int, str]]:
    """Every object of the fixture files: file, line, JSON text. Raises Refused for a file that is cut off."""
    for name in FILES:
        file = f"{name}.json"
        number, ended = 0, False
        with package.open(file) as stream:
            while raw := stream.readline(LONGEST_LINE):
                number += 1
                text = _decoded(file, number, raw)
                if ended or (number == 1 and text != "["):
                    raise Refused(file, f"line {number} does not belong there: one object a line between [ and ]")
                ended = text == "]"
                if number > 1 and not ended:
                    yield file, number, text.removesuffix(",")
        if not ended:
            raise Refused(file, f"is cut off after line {number}")


def _decoded(file: str, number: int, raw: bytes) -> str:
    if len(raw) >= LONGEST_LINE:
        raise Refused(file, f"line {number} is longer than {LONGEST_LINE:,} bytes")
    try:
        return raw.decode().removesuffix("\n")
    except UnicodeDecodeError as error:
        raise Refused(file, f"line {number} is not UTF-8: {error}") from None


def read(package: Package) -> tuple[dict[Place, list[Row]], Marks]:
    """The rows of a package by block, and the marks of the blocks."""
    blocks: dict[Place, list[Row]] = defaultdict(list)
    marks = Marks()
    for file, number, text in lines(package):
        try:
            entry = json.loads(text)
            line = writer.written(entry)
            line.encode()
        except (ValueError, RecursionError) as error:  # not JSON, a number of 5,000 figures, half of a surrogate pair
            raise Refused(file, f"line {number} is not JSON: {error}") from None
        row = row_of(file, number, entry)
        _refuse_large(row)
        _refuse_unpublished(row)
        place = place_of(row.model, row.fields, row.key)
        blocks[place].append(row)
        marks.add(place, line)
    for place in [place for place in blocks if place[0] in MEMORY]:
        if remembered(place) in blocks:
            raise Refused(f"{BY_MODEL[place[0]].name}.json", f"{place[1]}: is also published in this package")
    return blocks, marks


def remembered(place: Place) -> Place:
    """The noun whose address a tombstone or a redirect has."""
    record, _, slug = place[1].partition("/")
    return NOUN_OF.get(record, Tombstone), slug


def place_of(model: type[models.Model], fields: dict[str, Any], key: Iterable[str]) -> Place:
    """The block that a row belongs to."""
    if model in OWNERS:
        owner: Any = model._meta.get_field(OWNERS[model]).related_model
        return owner, str(next(iter(key)))
    return model, "/".join(key)


def _refuse_large(row: Row) -> None:
    for name, value in row.fields.items():
        size = len(value) if isinstance(value, str) else len(str(value)) if isinstance(value, list) else 0
        if size > LONGEST_CELL and row.model is not SourceText:
            raise Refused(row.file, f"{' / '.join(row.key)}: {name}: has {size:,} characters; {LONGEST_CELL:,} at most")


def local_marks(places: set[Place]) -> Marks:
    """The marks of what this database publishes, of those blocks that the package has."""
    marks = Marks()
    for model in MODELS:
        if model is SourceText:
            made: Iterable[dict[str, Any]] = writer.texts()
        else:
            record = BY_MODEL[model]
            made = map(writer.entry_maker(model), record.rows(record.public()))
        for entry in made:
            fields = entry["fields"]
            key = [_plain_key(fields.get(name, 1)) for name in key_fields(model)]
            place = place_of(model, fields, key)
            if place in places:
                marks.add(place, writer.written(entry))
    return marks


def _refuse_unpublished(row: Row) -> None:
    if issubclass(row.model, Noun) and row.fields.get("status") != Status.PUBLISHED:
        raise Refused(row.file, f"{row.key[0]}: status: a release has published records only")


def _plain_key(value: Any) -> str:
    return str(value[0]) if isinstance(value, list) else str(value)


def plan(package: Package) -> Plan:
    """Compare a package with this database."""
    blocks, incoming = read(package)
    here, standing = local_marks(set(blocks)), _standing(blocks)
    found = Plan([], [], [], sum(here.of(place) == incoming.of(place) for place in blocks))
    for place, rows in blocks.items():
        block = Block(place, rows, incoming.of(place))
        mark = here.of(place)
        if mark == block.mark:
            continue
        why = _conflict(block, mark, standing.get(remembered(place) if place[0] in MEMORY else place))
        if why:
            found.conflicting.append((block, why))
        else:
            (found.changed if mark else found.added).append(block)
    return found


class Standing(NamedTuple):
    """How a noun of this database stands: its status, the mark of its last import, its last change."""

    status: str
    mark: str
    changed_at: str


def _standing(blocks: dict[Place, list[Row]]) -> dict[Place, Standing]:
    """Every noun of this database that the package speaks of, and every old address, whatever its status."""
    found: dict[Place, Standing] = {}
    nouns = {model for model, _ in blocks if issubclass(model, Noun)}
    for model in nouns | set(NOUN_OF.values()):
        columns = ("slug", "status", "imported_sha256", "changed_at")
        rows: Any = model._default_manager.values_list(*columns).iterator()
        for slug, status, mark, changed in rows:
            if (model, slug) in blocks or any((kind, f"{BY_MODEL[model].name}/{slug}") in blocks for kind in MEMORY):
                instant = changed.strftime("%Y-%m-%dT%H:%M:%SZ") if changed else ""
                found[model, slug] = Standing(status, mark, instant)
    for slug in SourceText.objects.in_private().values_list("source__slug", flat=True):
        if any(row.model is SourceText for row in blocks.get((Source, slug), ())):
            found[Source, slug] = Standing("published, with a text of its own that is private,", "", "")
    for record, slug in Tombstone.objects.values_list("record", "slug"):
        found.setdefault((NOUN_OF[record], slug), Standing("withdrawn", "", ""))
    for record, slug in Redirect.objects.values_list("record", "old_slug"):
        if (NOUN_OF[record], slug) in blocks:
            found.setdefault((NOUN_OF[record], slug), Standing("an old address", "", ""))
    return found


# Of tombstones and redirects of what is there: conflicts that no flag decides.
STANDS: dict[type[models.Model], str] = {
    Tombstone: "is {} here; withdraw it in the admin first",
    Redirect: "is {} here; give it its new address in the admin first",
}
LASTING = {why.format(status) for why in STANDS.values() for status in Status.values}


def _conflict(block: Block, mark: str, here: Standing | None) -> str:
    """Why a block that differs cannot simply be written; empty if it can."""
    model = block.place[0]
    if model in STANDS and here is not None and here.status != "withdrawn":
        return STANDS[model].format(here.status)
    if not issubclass(model, Noun):
        return "differs from the one of this name here" if mark else ""
    if here is None:
        return ""
    if here.status != "published":
        return f"is {here.status} here"
    if here.mark:
        return "" if here.mark == mark else "was edited here since the last import"
    own = next((row for row in block.rows if row.model is model), None)
    newer = own is not None and str(own.fields.get("changed_at", "")) > here.changed_at
    return "" if newer else "was changed here, and not earlier than in the release"
