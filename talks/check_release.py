"""Checks that a release of Talks in Context is whole, and that its files agree. Needs nothing but Python 3.9 or newer.

FOLDER is that of the release, by default this program's own. Every passage of a source is looked for in the FILE that
is its document, by the SHA-256. Exit status: 0 the release is whole, 1 it is not, 2 there is no such folder.
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
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import Any

SHOWN = 20  # problems of each kind
TYPES = {"number": int, "truth value": bool, "slugs": list, "list": list}  # in JSON; all others are texts
DAY, DATE = r"\d{4}-\d\d-\d\d", r"\d{4}(-\d\d){0,2}[~?%]?"
FORMS = {"day": DAY, "instant (UTC)": rf"{DAY}T\d\d:\d\d:\d\dZ", "date (EDTF)": rf"({DATE}(/{DATE})?)?"}
MODELS = {"parties": "talks.party", "people": "talks.person"}  # meeting_states are talks.meetingstate, and so on
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "'")  # a text that begins so has a ' more in CSV
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


def trouble(value: Any, column: Any) -> str:
    """What is wrong with a value; nothing if it may stand in this column."""
    if value in (None, "", []) and column.may_be_empty != "true":
        return "is empty"
    fits = type(value) is TYPES.get(column.type.partition(" of ")[0], str)
    fits = fits and all(isinstance(text, str) for text in (value if isinstance(value, list) else []))
    if value is not None and not (fits and re.fullmatch(FORMS.get(column.type, "(?s:.*)"), as_cell(value), re.ASCII)):
        return f"{value!r:.80} is no {column.type}"
    known = not value or not column.values or value in column.values.split("|")
    return "" if known else f"{value!r:.80} is not one of {column.values:.200}"


def misfit(statement: dict, words: list[str], digest: str) -> str:
    """What a statement says that its passages, or the digest of its source's document, do not bear out."""
    kind, text, checked = (statement[name] for name in ("quotation_type", "text", "verified_sha256"))
    quoted = kind in ("direct", "mixed")
    if any(words) != quoted or (quoted and not all(words)):
        return f"quotation_type: is {kind!r:.80}, but the words of its passages are {words!r:.80}"
    if (kind == "direct" and text != " […] ".join(words)) or not all(word in text for word in words):
        return f"text: has not the words of its passages, {words!r:.80}"
    state = "anchored" if not quoted else "unchecked" if not checked else "verified" if checked == digest else "lost"
    return "" if statement["evidence_state"] == state else f"evidence_state: is not {state}, as its digests say"


def stands(passage: dict, document: str) -> bool:
    """Whether a document has a passage at its place, between its prefix and suffix."""
    exact, start, end = passage["exact"], passage["start"], passage["end"]
    if start is None:
        return exact in document
    around = document.endswith(passage["prefix"], 0, start) and document.startswith(passage["suffix"], end)
    return end <= len(document) and (not exact or (document[start:end] == exact and around))


class Check:
    """Holds the files of a release against one another, and tells what is wrong."""

    def __init__(self, folder: Path, documents: list[Path], out: Callable[..., Any], err: Callable[..., Any]) -> None:
        self.folder, self.documents, self.out, self.err = folder, documents, out, err
        self.checked, self.problems = Counter[str](), Counter[str]()  # by kind of check
        self.codebook: dict[str, list[Any]] = {}  # the columns of each record
        self.keys: dict[str, list[str]] = {}  # of these, the ones that name a row
        self.slugs: dict[str, Counter[str]] = {}  # those of each record
        self.in_sqlite = Counter[str]()  # the rows of each record

    def run(self) -> int:
        """All checks; gives the exit status."""
        if not self.folder.is_dir():
            self.err(f"{self.folder}: there is no such folder.")
            return 2
        for check in (self.digests, self.columns, self.counts, self.values, self.evidence):
            with self._checking(check.__name__, str(self.folder)):
                check()
        for kind in {**self.checked, **self.problems}:
            found = self.problems[kind]
            if found > SHOWN:
                self.err(f"{kind}: and {found - SHOWN:,} more")
            self.out(f"{kind}: {self.checked[kind]:,} checked, {f'problems: {found:,}' if found else 'all is well'}")
        return 1 if any(self.problems.values()) else 0

    def digests(self) -> None:
        """Every file is listed, and every file listed is there and has its digest."""
        listed: dict[str, str] = {}
        for place, line in self._lines("SHA256SUMS"):
            match = re.fullmatch(r"([0-9a-f]{64})  ([^/\\\0-\x1f]+)\n", line)
            if match is None or match[2] in (".", "..", *listed):
                self._say("digests", f"{place}: is not one digest and one plain name, for the first time")
            else:
                listed[match[2]] = match[1]
        for name in sorted(listed.keys() | {path.name for path in self.folder.iterdir()}):
            path = self.folder / name
            if name in listed and not (path.is_file() and sha256(path) == listed[name]):
                self._say("digests", f"{name}: is {'changed' if path.is_file() else 'missing, or no file'}")
            elif name not in listed and not re.fullmatch(r"SHA256SUMS|talks-in-context-[0-9]+\.zip", name):
                self._say("digests", f"{name!r}: is not listed in SHA256SUMS")
        self.checked["digests"] = len(listed)

    def columns(self) -> None:
        """The data package and SQLite have the records of the codebook, and their columns."""
        columns = []
        with self._checking("columns", "codebook.csv"):
            columns = [Column(*cells) for _, cells in self._cells("codebook.csv") if cells[0].isidentifier()][1:]
        self.codebook = {name: list(group) for name, group in groupby(columns, lambda column: column.record)}
        self.checked["columns"] = len(columns)
        self._compare("*.ndjson", sorted(path.stem for path in self.folder.glob("*.ndjson")), sorted(self.codebook))
        with self._checking("columns", "datapackage.json"):
            package = json.loads((self.folder / "datapackage.json").read_bytes())
            schemas = {part["name"]: part["schema"] for part in package["resources"]}
            for name, columns in self.codebook.items():
                fields = [field["name"] for field in schemas[name]["fields"]]
                self.keys[name] = schemas[name]["primaryKey"]
                self._compare(f"datapackage.json: {name}", fields, [column.name for column in columns])
        address = f"{(self.folder / 'talks.sqlite3').resolve().as_uri()}?mode=ro&immutable=1"
        with self._checking("columns", "talks.sqlite3"), closing(sqlite3.connect(address, uri=True)) as database:
            for (problem,) in database.execute("PRAGMA integrity_check"):
                if problem != "ok":
                    self._say("columns", f"talks.sqlite3: {problem}")
            for name, columns in self.codebook.items():
                lists = [column.name for column in columns if column.type.startswith(("slugs of", "list of"))]
                tables = {f"{name}_{column}": ["slug", "position", "value"] for column in lists}
                tables[name] = [column.name for column in columns if column.name not in lists]
                for table, wanted in tables.items():
                    found = database.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", [table])
                    self._compare(f"talks.sqlite3: {table}", [column for (column,) in found], wanted)
                (self.in_sqlite[name],) = database.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608

    def counts(self) -> None:
        """Every record has as many rows in each format."""
        objects: Counter[str] = Counter()
        for file in (f"{name}.json" for name in self.codebook):
            with self._checking("counts", file):
                objects.update(self._models(file) if (self.folder / file).exists() else ())
        for name in self.codebook:
            with self._checking("counts", name):
                self.slugs[name] = Counter(row.get("slug", "") for _, row in self._rows(name))
                cells, rows = sum(1 for _ in self._cells(f"{name}.csv")) - 1, sum(self.slugs[name].values())
                model = MODELS.get(name, f"talks.{name.replace('_', '')[:-1]}")
                found = {"CSV": cells, "NDJSON": rows, "fixtures": objects[model], "SQLite": self.in_sqlite[name]}
                if len(set(found.values())) > 1:
                    self._say("counts", f"{name}: {', '.join(f'{n:,} rows in {form}' for form, n in found.items())}")
                self.checked["counts"] += rows

    def values(self) -> None:
        """Every row is as the codebook says, the same in CSV and NDJSON, and names rows that are there."""
        for name, columns in self.codebook.items():
            with self._checking("values", name):
                self._hold_side_by_side(name, columns)

    def evidence(self) -> None:
        """Statements are as their passages, their sources' digests and the documents at hand bear out."""
        sources = {row["slug"]: (row["document_sha256"], row["document_length"]) for _, row in self._rows("sources")}
        documents, found = self._documents(set(sources.values())), Counter[tuple[str, bool]]()
        statements = ((row["slug"], 0, place, row) for place, row in self._rows("statements"))
        passages = ((row["statement"], 1, place, row) for place, row in self._rows("passages"))
        for slug, group in groupby(merge(statements, passages), lambda found: found[0]):
            (_, _, place, statement), *own = group
            with self._checking("evidence", place):
                digest, _ = sources[statement["source"]]
                if wrong := misfit(statement, [passage["exact"] for *_, passage in own], digest):
                    self._say("evidence", f"{place}, column {wrong}")
                for *_, there, passage in own:
                    length, start, end = len(passage["exact"]), passage["start"], passage["end"]
                    if start is not None and (start < 0 or end - start != (length or end - start)):
                        self._say("evidence", f"{there}, column end: {start} to {end} is no place of {length} signs")
                    if digest in documents:
                        if not (stood := stands(passage, documents[digest])):
                            self._say("documents", f"{there}, {slug}, passage {passage['number']}: not in the document")
                        found[statement["source"], stood] += 1
            self.checked["evidence"] += 1
        for source in sorted({source for source, _ in found}):
            self.out(f"documents: {source}: of its passages {found[source, True]} found, {found[source, False]} not")

    def _say(self, kind: str, problem: str) -> None:
        self.problems[kind] += 1
        if self.problems[kind] <= SHOWN:
            self.err(f"{kind}: {problem}")

    @contextmanager
    def _checking(self, kind: str, what: str) -> Iterator[None]:
        # What keeps rows from being checked is a problem too; if it is a column, it is also told as what it is.
        try:
            yield
        except (OSError, LookupError, TypeError, ValueError, RuntimeError, sqlite3.Error) as error:
            self._say(kind, f"{what}: cannot be checked further: {error!s:.400}")

    def _compare(self, place: str, found: list[Any], wanted: list[str]) -> None:
        if found != wanted:
            odd = [repr(name) for name in [*wanted, *found] if (name in wanted) != (name in found)]
            self._say("columns", f"{place}: differs from the codebook in {', '.join(odd) or 'the order':.200}")

    def _lines(self, name: str, read: Callable[[str], Any] = str) -> Iterator[tuple[str, Any]]:
        with (self.folder / name).open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    if not line.endswith(b"\n"):
                        raise ValueError("is cut off")
                    yield f"{name}: line {number}", read(line.decode("utf-8"))
                except (ValueError, LookupError, TypeError, RecursionError) as error:
                    raise ValueError(f"{name}: line {number}: {error}") from None

    def _rows(self, record: str) -> Iterator[tuple[str, dict]]:
        for place, row in self._lines(f"{record}.ndjson", json.loads):
            if not isinstance(row, dict):
                raise ValueError(f"{place}: is no JSON object")
            yield place, row

    def _cells(self, name: str) -> Iterator[tuple[str, list[str]]]:
        reader, begins = csv.reader((line for _, line in self._lines(name)), strict=True), 1
        try:
            for cells in reader:
                yield f"{name}: line {begins}", cells
                begins = reader.line_num + 1
        except csv.Error as error:
            raise ValueError(f"{name}: line {begins}: {error}") from None

    def _models(self, name: str) -> Iterator[str]:
        # A fixture file is `[`, an object on each line, `]`.
        may_follow = "["
        entries = self._lines(name, lambda line: (line, json.loads(line.strip("[],\n") or '{"model": ""}')["model"]))
        for place, (line, model) in entries:
            if line[0] not in may_follow:
                raise ValueError(f"{place}: does not go on as JSON")
            yield model
            may_follow = {"[\n": "{]", "]\n": ""}.get(line, "{" if line.endswith(",\n") else "]")
        if may_follow:
            raise ValueError(f"{name}: is cut off")

    def _documents(self, known: set[tuple[str, int]]) -> dict[str, str]:
        found: dict[str, str] = {}
        for path in self.documents:
            with self._checking("documents", str(path)):
                digest, text = sha256(path), path.read_bytes().decode("utf-8")
                if (digest, len(text)) not in known:
                    self._say("documents", f"{path}: no source has SHA-256 {digest} with {len(text)} code points")
                found[digest] = text
                self.checked["documents"] += 1
        return found

    def _hold_side_by_side(self, name: str, columns: list[Any]) -> None:
        names, key, before = [column.name for column in columns], self.keys.get(name, []), None
        table = self._cells(f"{name}.csv")
        self._compare(f"{name}.csv: line 1", next(table, ("", []))[1], names)
        for (place, row), (there, cells) in zip(self._rows(name), table):  # noqa: B905 (strict came with Python 3.10)
            self._compare(place, list(row), names)
            if len(cells) != len(names):
                raise ValueError(f"{there}: has {len(cells)} cells, not {len(names)}")
            for column, value, cell in zip(columns, map(row.get, names), cells):  # noqa: B905
                if wrong := trouble(value, column):
                    self._say("values", f"{place}, column {column.name}: {wrong}")
                if cell != as_cell(value):
                    self._say("values", f"{there}, column {column.name}: {cell!r:.80}, but {place} has {value!r:.80}")
                linked = value if isinstance(value, list) else [] if value is None else [value]
                target = column.type.partition(" of ")[2]
                for slug in linked if target in self.slugs else []:
                    self.checked["foreign keys"] += 1
                    if slug not in self.slugs[target]:
                        self._say("foreign keys", f"{place}, column {column.name}: {slug!r:.80} is not in {target}")
            self.checked["values"] += len(names)
            this = [row[column] for column in key]
            if before and not before < this:
                self._say("values", f"{place}, column {key[0]}: {this!r:.80} stands twice, or not in order")
            before = this


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--document", action="append", type=Path, default=[], metavar="FILE")
    options = parser.parse_args()
    sys.exit(Check(options.folder, options.document, print, lambda line: print(line, file=sys.stderr)).run())
