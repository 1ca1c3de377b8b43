"""What a release says about itself: README, licence, citation, codebook, addresses, Data Package and Croissant."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models

from talks import codebook, openapi
from talks.fixtures import FILES
from talks.formats.csv import cell
from talks.formats.jsonld import LICENCE
from talks.records import BY_MODEL
from talks.release import croissant, datapackage

CHECKER = "check_release.py"
ABOUT = "Quotations from diplomatic talks, each with its meeting and the words of its source."


class Told(NamedTuple):
    """What every description begins with."""

    number: int
    as_of: str
    site: str
    counts: dict[str, int]

    @property
    def day(self) -> str:
        """The day of the last change of the data."""
        return self.as_of[:10]

    @property
    def citation(self) -> str:
        """The sentence to cite the release by."""
        return f"Talks in Context, release {self.number}, data of {self.day}, {self.site}/data/releases/{self.number}/"


def write(folder: Path, told: Told) -> None:
    """Write all descriptions; the tables must be there already."""
    _text(folder / "codebook.md", codebook.markdown())
    with (folder / "codebook.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(codebook.HEADER)
        writer.writerows([cell(value) for value in row.values()] for row in codebook.table())
    _json(folder / "openapi.json", openapi.document(told.site, f"release {told.number}"))
    _json(folder / "datapackage.json", datapackage.document(folder, told))
    _json(folder / "croissant.json", croissant.document(folder, told))
    _text(folder / "CITATION.cff", _citation(told))
    _text(folder / "README.md", "".join(_readme(told)))
    shutil.copyfile(Path(settings.BASE_DIR) / "LICENSE", folder / "LICENSE")
    shutil.copyfile(Path(__file__).parent.parent / CHECKER, folder / CHECKER)


def _record(model: type[models.Model]) -> str:
    return BY_MODEL[model].name if model in BY_MODEL else ""


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _json(path: Path, content: Any) -> None:
    _text(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def _citation(told: Told) -> str:
    return (
        "cff-version: 1.2.0\n"
        'message: "To cite the whole, take this; to cite one statement, take its .bib, .ris or .csl.json."\n'
        'title: "Talks in Context"\n'
        f'abstract: "{ABOUT}"\n'
        "type: dataset\n"
        'authors:\n  - name: "The authors of Talks in Context"\n'
        "license: CC-BY-4.0\n"
        f'license-url: "{LICENCE}"\n'
        f'url: "{told.site}/data/releases/{told.number}/"\n'
        f'version: "{told.number}"\n'
        f"date-released: {told.day}\n"
    )


def _readme(told: Told) -> Iterator[str]:
    yield f"# Talks in Context, release {told.number}\n\n{ABOUT} Data of {told.as_of}.\n\n"
    yield "| Record | Rows |\n|---|---:|\n"
    yield from (f"| {name} | {count:,} |\n" for name, count in told.counts.items())
    yield from _about_files()
    yield from _about_use(told)
    yield f"\n## Citing\n\n{told.citation}\n"


def _about_files() -> Iterator[str]:
    yield (
        "\n## Files\n\n"
        "- Each record as `.csv` (UTF-8, a header, CR LF) and `.ndjson` (a JSON object a line), sorted by its key.\n"
        f"- Fixtures of the project: {', '.join(f'`{name}.json`' for name in FILES)}.\n"
        "- `talks.sqlite3`: all of it with foreign keys, indexes and full text (`statements_fts`); lists within a row "
        "are tables of their own.\n"
        "- `codebook.md`, `codebook.csv`: every column with meaning, type, unit, values and an example.\n"
        "- `datapackage.json` (Frictionless), `croissant.json` (MLCommons), `openapi.json`: the same for programs.\n"
        "- `CHANGES.csv`: what was added, changed and removed since the release before, by column.\n"
        "- `CITATION.cff`, `LICENSE`, `SHA256SUMS`, `check_release.py`.\n"
    )
    yield (
        "\n## CSV\n\nIn a cell, lists are joined by `|`, and a text that begins with one of `= + - @ '`, a tab or a "
        "carriage return has one `'` in front, lest a spreadsheet take it for a formula: take it off again. In every "
        "other file texts are those of the site, code point for code point.\n"
    )


def _about_use(told: Told) -> Iterator[str]:
    filled = [name for name, group in FILES.items() if any(told.counts.get(_record(model)) for model in group)]
    order = " ".join(f"{name}.json" for name in filled)
    yield (
        f"\n## Checking\n\n`python3 {CHECKER} .` needs nothing but Python: digests, counts, values, "
        "foreign keys, columns, evidence; with "
        "`--document FILE` also the quotations of the source whose document that file is.\n"
        "\n## Loading\n\nInto an empty database of the project, files in any order:\n\n"
        f"    python manage.py loaddata {' '.join(f'FOLDER/{name}.json' for name in FILES)}\n\n"
        "With Django’s own `loaddata`, in this order and in one go (it does not take files without records):\n\n"
        f"    {order}\n"
        "\nInto a database that is not empty: `python manage.py import_release FOLDER`.\n"
    )
