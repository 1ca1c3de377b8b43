"""Checks that a release of Talks in Context is whole, and that its files agree. Needs nothing but Python 3.9 or newer.

FOLDER is that of the release; without it, the one that this program lies in. A FILE is the document of a source, by
the SHA-256 that the release has of it: every passage of that source is then looked for in it. Of the tables, only
slugs and digests are kept in memory. Exit status: 0 the release is whole, 1 it is not, 2 there is no such folder.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import sqlite3
import sys
from collections import Counter, namedtuple
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from heapq import merge
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any

SHOWN = 20  # problems of each kind
TYPES = {"number": int, "truth value": bool, "slugs": list, "list": list}  # in JSON; all others are texts
DAY, DATE = r"\d{4}-\d\d-\d\d", r"\d{4}(-\d\d){0,2}[~?%]?"
FORMS = {"day": DAY, "instant (UTC)": rf"{DAY}T\d\d:\d\d:\d\dZ", "date (EDTF)": rf"({DATE}(/{DATE})?)?"}
MODELS = {"parties": "talks.party", "people": "talks.person"}  # meeting_states are talks.meetingstate, and so on
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "'")  # a text that begins so has a ' more in CSV
UNITS = {
    "digests": "files",
    "counts": "rows",
    "values": "values",
    "foreign keys": "references",
    "evidence": "statements",
}
Row, Tell = dict[str, Any], Callable[[str], object]
Column = namedtuple("Column", "record name meaning type unit values may_be_empty since_release example")
csv.field_size_limit(1 << 28)  # a text may be as long as a document


def sha256(path: Path) -> str:
    """The digest of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def as_cell(value: Any) -> str:
    """A value as CSV has it."""
    if not isinstance(value, (str, list)):
        return "" if value is None else json.dumps(value)
    text = "|".join(map(str, value)) if isinstance(value, list) else value
    return f"'{text}" if text.startswith(DANGEROUS) else text


def slug_of(row): ...


def trouble(value: Any, column: Any) -> str:
    """What is wrong with a value; nothing if it may stand in this column."""
    if value in (None, "", []) and column.may_be_empty != "true":
        return "is empty"
    fits = type(value) is TYPES.get(column.type.partition(" of ")[0], str)
    fits = fits and all(isinstance(text, str) for text in (value if isinstance(value, list) else []))
    if value is not None and not (fits and re.fullmatch(FORMS.get(column.type, "(?s:.*)"), as_cell(value), re.ASCII)):
        return f"{value!r:.80} is no {column.type}"
    known = not value or not column.values or value in column.values.split("|")
    return "" if known else f"{value!r:.80} is not one of {column.values}"


def misfit(statement: Row, words: list[str], digest: str) -> str:
    """What a statement says that its passages, or the digest of its source's document, do not bear out."""
    kind, text, checked = (statement[name] for name in ("quotation_type", "text", "verified_sha256"))
    quoted = kind in ("direct", "mixed")
    if any(words) != quoted or (quoted and not all(words)):
        return f"quotation_type: is {kind}, but the words of its passages are {words!r:.80}"
    if (kind == "direct" and text != " […] ".join(words)) or not all(word in text for word in words):
        return f"text: has not the words of its passages, {words!r:.80}"
    state = "anchored" if not quoted else "unchecked" if not checked else "verified" if checked == digest else "lost"
    return "" if statement["evidence_state"] == state else f"evidence_state: is not {state}, as its digests say"


def stands(passage: Row, document: str) -> bool:
    """Whether a document has a passage at its place, between its prefix and suffix."""
    exact, start, end = passage["exact"], passage["start"], passage["end"]
    if start is None:
        return exact in document
    around = document.endswith(passage["prefix"], 0, start) and document.startswith(passage["suffix"], end)
    return end <= len(document) and (not exact or (document[start:end] == exact and around))


class Check:
    """Holds the files of a release against one another, and tells what is wrong."""

    def __init__(self, folder: Path, documents: Sequence[Path], out: Tell, err: Tell) -> None:
        self.folder, self.documents, self.out, self.err = folder, documents, out, err
        self.checked: Counter[str] = Counter()
        self.problems: Counter[str] = Counter()
        self.in_sqlite: Counter[str] = Counter()

    def run(self) -> int:
        """All checks; gives the exit status."""
        if not self.folder.is_dir():
            self.err(f"{self.folder}: there is no such folder.")
            return 2
        for check in (self.digests, self.columns, self.counts, self.values, self.evidence):
            with self.checking(check.__name__, self.folder.name):
                check()
        for kind in {**self.checked, **self.problems}:
            found = self.problems[kind]
            if found > SHOWN:
                self.err(f"{kind}: and {found - SHOWN:,} more")
            whole = f"{found:,} problems" if found else "all as they should be"
            self.out(f"{kind}: {self.checked[kind]:,} {UNITS.get(kind, kind)}, {whole}")
        return 1 if any(self.problems.values()) else 0

    def say(self, kind: str, problem: str) -> None:
        """Tell a problem, or only count it if many of its kind were told."""
        self.problems[kind] += 1
        if self.problems[kind] <= SHOWN:
            self.err(f"{kind}: {problem}")

    @contextmanager
    def checking(self, kind: str, what: str) -> Iterator[None]:
        """What keeps a file from being checked is a problem too; a column that does is also told as what it is."""
        try:
            yield
        except (OSError, LookupError, TypeError, ValueError, RecursionError, sqlite3.Error) as error:
            self.say(kind, f"{what}: cannot be checked further: {error}")

    def lines(self, name: str, read: Callable[[str], Any] = str) -> Iterator[tuple[str, Any]]:
        """What `read` makes of each line of a file, with the place to name it by."""
        with (self.folder / name).open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield f"{name}: line {number}", read(line.decode("utf-8"))
                except (ValueError, RecursionError) as error:
                    raise ValueError(f"{name}: line {number}: {error}") from None
                if not line.endswith(b"\n"):
                    raise ValueError(f"{name}: line {number}: is cut off")

    def rows(self, record: str) -> Iterator[tuple[str, Row]]:
        """The rows of a record as NDJSON has them."""
        for place, row in self.lines(f"{record}.ndjson", json.loads):
            if not isinstance(row, dict):
                raise ValueError(f"{place}: is no JSON object")
            yield place, row

    def cells(self, name: str) -> Iterator[tuple[str, list[str]]]:
        """The rows of a CSV file, the header first, each with the place where it begins."""
        reader, begins = csv.reader((line for _, line in self.lines(name)), strict=True), 1
        try:
            for cells in reader:
                yield f"{name}: line {begins}", cells
                begins = reader.line_num + 1
        except csv.Error as error:
            raise ValueError(f"{name}: line {begins}: {error}") from None

    def models(self, name: str) -> Iterator[str]:
        """The models of the objects of a fixture file: `[`, an object on each line, `]`."""
        may_follow = "["
        for place, line in self.lines(name):
            if line[0] not in may_follow:
                raise ValueError(f"{place}: does not go on as JSON")
            if line[0] == "{":
                yield json.loads(line.rstrip(",\n"))["model"]
            may_follow = {"[\n": "{]", "]\n": ""}.get(line, "{" if line.endswith(",\n") else "]")
        if may_follow:
            raise ValueError(f"{name}: is cut off")

    @cached_property
    def codebook(self) -> dict[str, list[Any]]:
        """The columns of each record."""
        columns = [Column(*cells) for _, cells in self.cells("codebook.csv")][1:]
        return {name: list(group) for name, group in groupby(columns, lambda column: column.record)}

    @cached_property
    def schemas(self) -> dict[str, Any]:
        """What the data package says of each record."""
        package = json.loads((self.folder / "datapackage.json").read_bytes())
        return {resource["name"]: resource["schema"] for resource in package["resources"]}

    def digests(self) -> None:
        """Every file is listed, and every file listed is there and has its digest."""
        listed: dict[str, str] = {}
        for place, line in self.lines("SHA256SUMS"):
            match = re.fullmatch(r"([0-9a-f]{64})  ([^/\\\0-\x1f]+)\n", line)
            if match is None or match[2] in (".", "..", *listed):
                self.say("digests", f"{place}: is not one digest and one plain name, for the first time")
            else:
                listed[match[2]] = match[1]
        for name in sorted(listed.keys() | {path.name for path in self.folder.iterdir()}):
            path = self.folder / name
            if name in listed and not (path.is_file() and sha256(path) == listed[name]):
                self.say("digests", f"{name}: is {'changed' if path.is_file() else 'missing, or no file'}")
            elif name not in listed and not re.fullmatch(r"SHA256SUMS|talks-in-context-[0-9]+\.zip", name):
                self.say("digests", f"{name!r}: is not listed in SHA256SUMS")
            self.checked["digests"] += name in listed

    def compare(self, place: str, found: list[Any], wanted: list[str]) -> None:
        """Columns as a file has them, beside those of the codebook."""
        if found != wanted:
            odd = [repr(name) for name in [*wanted, *found] if (name in wanted) != (name in found)]
            self.say("columns", f"{place}: differs from the codebook in {', '.join(odd) or 'the order'}")

    def columns(self) -> None:
        """The data package and SQLite have the records of the codebook, and their columns."""
        self.checked["columns"] = sum(map(len, self.codebook.values()))
        self.compare("*.ndjson", sorted(path.stem for path in self.folder.glob("*.ndjson")), sorted(self.codebook))
        address = f"{(self.folder / 'talks.sqlite3').resolve().as_uri()}?immutable=1"
        with self.checking("columns", "talks.sqlite3"), closing(sqlite3.connect(address, uri=True)) as database:
            for name, columns in self.codebook.items():
                lists = [column.name for column in columns if column.type.startswith(("slugs of", "list of"))]
                tables = {f"{name}_{column}": ["slug", "value"] for column in lists}
                tables[name] = [column.name for column in columns if column.name not in lists]
                for table, wanted in tables.items():
                    found = database.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", [table])
                    self.compare(f"talks.sqlite3: {table}", [column for (column,) in found], wanted)
                (self.in_sqlite[name],) = database.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608
        with self.checking("columns", "datapackage.json"):
            for name, columns in self.codebook.items():
                fields = [field["name"] for field in self.schemas[name]["fields"]]
                self.compare(f"datapackage.json: {name}", fields, [column.name for column in columns])

    def counts(self) -> None:
        """Every record has as many rows in each format."""
        objects: Counter[str] = Counter()
        for file in (f"{name}.json" for name in self.codebook):
            with self.checking("counts", file):
                objects.update(self.models(file) if (self.folder / file).exists() else ())
        for name in self.codebook:
            with self.checking("counts", name):
                csv_rows, rows = sum(1 for _ in self.cells(f"{name}.csv")) - 1, sum(1 for _ in self.rows(name))
                model = MODELS.get(name, f"talks.{name.replace('_', '')[:-1]}")
                found = {"CSV": csv_rows, "NDJSON": rows, "fixtures": objects[model], "SQLite": self.in_sqlite[name]}
                if len(set(found.values())) > 1:
                    self.say("counts", f"{name}: {', '.join(f'{n:,} rows in {form}' for form, n in found.items())}")
                self.checked["counts"] += rows

    def values(self) -> None:
        """Every row is as the codebook says, the same in CSV and NDJSON, and names rows that are there."""
        slugs: dict[str, set[str]] = {}
        for name in self.codebook:
            with self.checking("foreign keys", name):
                slugs[name] = {row.get("slug", "") for _, row in self.rows(name)}
        for name in self.codebook:
            with self.checking("values", name):
                self.record(name, slugs)

    def record(self, name: str, slugs: dict[str, set[str]]) -> None:
        """The rows of one record, in NDJSON and CSV side by side."""
        columns, key, before = self.codebook[name], self.schemas[name]["primaryKey"], []
        names, table = [column.name for column in columns], self.cells(f"{name}.csv")
        self.compare(f"{name}.csv: line 1", next(table, ("", []))[1], names)
        for (place, row), (there, cells) in zip(self.rows(name), table):  # noqa: B905 (strict came with 3.10)
            self.compare(place, list(row), names)
            for column, cell in zip_longest(columns, cells[: len(columns)]):
                value = row.get(column.name)
                self.checked["values"] += 1
                wrong = trouble(value, column)
                if wrong:
                    self.say("values", f"{place}, column {column.name}: {wrong}")
                if cell != as_cell(value):
                    self.say("values", f"{there}, column {column.name}: {cell!r:.80}, but {place} has {value!r:.80}")
                _, _, target = column.type.partition(" of ")
                for slug in as_list(value) if target in slugs else ():
                    self.checked["foreign keys"] += 1
                    if slug not in slugs[target]:
                        self.say("foreign keys", f"{place}, column {column.name}: {slug!r:.80} is none of {target}")
            this = [row[part] for part in key]
            if before and not before < this:
                self.say("values", f"{place}, column {key[0]}: {this} stands twice, or not in order")
            before = this

    def evidence(self) -> None:
        """Statements are as their passages, their sources' digests and the documents at hand bear out."""
        sources = {row["slug"]: (row["document_sha256"], row["document_length"]) for _, row in self.rows("sources")}
        documents, found, sought = self.texts(set(sources.values())), Counter[str](), Counter[str]()
        rows = merge(self.rows("statements"), self.rows("passages"), key=statement_of)
        for slug, group in groupby(rows, key=statement_of):
            (place, statement), *passages = group
            source = statement["source"]
            digest, _ = sources[source]
            wrong = misfit(statement, [passage["exact"] for _, passage in passages], digest)
            if wrong:
                self.say("evidence", f"{place}, column {wrong}")
            for there, passage in passages:
                length, start, end = len(passage["exact"]), passage["start"], passage["end"]
                if length and start is not None and end - start != length:
                    self.say(
                        "evidence", f"{there}, column end: {start} to {end} is not the length of the words, {length}"
                    )
                if digest in documents:
                    stood = stands(passage, documents[digest])
                    found[source] += stood
                    sought[source] += 1
                    if not stood:
                        self.say("documents", f"{there}, {slug}, passage {passage['number']}: is not in the document")
            self.checked["evidence"] += 1
        for source in sought:
            self.out(f"documents: {source}: {found[source]} of {sought[source]} passages found")

    def texts(self, known: set[tuple[str, int]]) -> dict[str, str]:
        """The documents at hand, by their digests."""
        found: dict[str, str] = {}
        for path in self.documents:
            with self.checking("documents", str(path)):
                digest, text = sha256(path), path.read_bytes().decode("utf-8")
                found[digest] = text
                self.checked["documents"] += 1
                if (digest, len(text)) not in known:
                    self.say(
                        "documents", f"{path}: no source has a document with SHA-256 {digest} and {len(text)} signs"
                    )
        return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--document", action="append", type=Path, default=[], metavar="FILE")
    options = parser.parse_args()
    sys.exit(Check(options.folder, options.document, print, lambda line: print(line, file=sys.stderr)).run())
