"""What was found, as tables in Markdown for people and as JSON for programs."""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from bench.measure.servers import ROOT

README = ROOT / "bench" / "README.md"
BEGIN, END = "<!-- figures: written by `make bench WRITE=1` -->", "<!-- end of figures -->"


class Table(NamedTuple):
    """A heading, the names of the columns, the rows, and sentences below."""

    title: str
    header: list[str]
    rows: list[list[str]]
    notes: list[str] = []

    def markdown(self) -> str:
        lines = [f"### {self.title}", "", f"| {' | '.join(self.header)} |", f"|---{'|---:' * (len(self.header) - 1)}|"]
        lines += [f"| {' | '.join(row)} |" for row in self.rows]
        return "\n".join([*lines, *(f"\n{note}" for note in self.notes)]) + "\n"


class Section(NamedTuple):
    """The tables of one part of the benchmark, and the figures that they were made of."""

    tables: list[Table]
    figures: dict[str, Any]


def number(value: float, digits: int = 0, unit: str = "") -> str:
    """As it stands in a cell; empty if there is none."""
    return "" if value is None or math.isnan(value) else f"{value:,.{digits}f}{unit and ' ' + unit}"


def times(value: float, other: float) -> str:
    """How many times another value, with two figures that say something; empty if one is missing."""
    if not other or math.isnan(value) or math.isnan(other):
        return ""
    ratio = value / other
    return f"{ratio:.{0 if ratio >= 100 else 1 if ratio >= 10 else 2}f} ×"


def told_of_run(rounds: int, counts: list[int], left_out: list[str], busy: float) -> str:
    """When, where and of what the figures are; and how busy the machine was with other things when it began."""
    sizes = " and ".join(f"{count:,}" for count in counts)
    lines = [
        f"Measured on {datetime.now(UTC):%-d %B %Y} at commit {commit()}: {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, medians of {rounds} rounds, N = {sizes} statements. "
        f"Load average before it began: {busy:.1f}.",
        *(f"Left out: {line}." for line in left_out),
    ]
    return "\n".join(lines) + "\n"


def commit() -> str:
    """The short name of the commit, and whether files differ from it."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no")
    return f"{git('rev-parse', '--short', 'HEAD') or 'none'}{' with changes' if changed else ''}"


def written(text: str, sections: list[Section], folder: Path) -> None:
    """The figures as JSON, and the tables beside them."""
    figures: dict[str, Any] = {}
    for section in sections:
        figures.update(section.figures)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "figures.json"
    told = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "commit": commit(), **figures}
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    path.with_suffix(".md").write_text(text)


def put_into_readme(text: str) -> None:
    """Between the two marks, in place of the figures of an earlier run."""
    before, _, rest = README.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    README.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")
