"""What the broken runs work on: two packages to and fro, a source with many quotations, persons to be merged."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from talks.fixtures import FILES, columns, lists
from talks.models import Statement
from talks.release.archive import SUMS
from tests.servers import Place
from tests.test_at_once import NAME, PASSWORD

SAVED, KEPT, PARTY = "umerov-awaits-memorandum-unn", "rustem-umerov", "ukraine"
QUOTED = 40  # statements, so that recording what was found takes many writes
SAID = 12  # statements by each person who is merged
# As our own releases have them: a line that differs by a letter is another row.
IN_ORDER = [field.name for field in (*columns(Statement), *lists(Statement))]
# A source whose text is held, with many quotations that nobody looked for. Drafts: no page shows them.
HERONS = f"""
import hashlib
from django.db import transaction
from talks.editing import ledger
words = [f"heron number {{number:04}} is orange" for number in range({QUOTED})]
text = "In the report it says: " + ", then ".join(words) + "."
with transaction.atomic(), ledger.aside():
    like = Statement.objects.filter(quotation_type="direct").first()
    source = Source.objects.get(pk=like.source_id)
    source.pk, source.slug, source.status, source._state.adding = None, "herons", "draft", True
    source.url = "https://herons.example.org/"
    source.document_sha256 = hashlib.sha256(text.encode()).hexdigest()
    source.save()
    SourceText.objects.create(source=source, text=text)
    for number, exact in enumerate(words):
        statement = Statement.objects.create(
            slug=f"heron-{{number}}", status="draft", quotation_type="direct", text=exact, speaker=like.speaker,
            said_on="2025-06-02", meeting=like.meeting, source=source, role_as_printed="Minister",
        )
        start = text.index(exact)
        Passage.objects.create(statement=statement, exact=exact, start=start, end=start + len(exact))
"""
# As `verify_quotations --record` found them.
UNVERIFIED = (
    "UPDATE talks_statement SET verified_on = NULL, verified_sha256 = '' WHERE slug LIKE 'heron-%'",
    "UPDATE talks_passage SET prefix = '', suffix = '' WHERE exact LIKE 'heron number%'",
)
# Persons who are all one, with rows in every table that a merger touches.
TWINS = """
from talks.editing import ledger
kept = Person.objects.get(slug={kept!r})
like = Statement.objects.filter(quotation_type="indirect", status="published").first()
delegation = Delegation.objects.filter(members__person=kept).first()
note, seat = EditorsNote.objects.first(), DelegationMember.objects.first()
for number in range({count}):
    with ledger.change("carol"):
        twin = Person.objects.create(
            slug=f"twin-{{number}}", name=f"Twin {{number}}", sort_name=f"Twin {{number}}", party=kept.party,
            status="published", also_written=[f"The {{number}}th twin"],
        )
        for other in range({said}):
            statement = Statement.objects.create(
                slug=f"said-by-{{number}}-{{other}}", status="draft", quotation_type="indirect", text="They will see.",
                speaker=twin, said_on="2025-06-02", meeting=like.meeting, source=like.source, role_as_printed="M.",
            )
            statement.mentions.add(twin, kept)
        delegation.members.create(person=twin, source=seat.source)
        note.people.add(twin)
"""


def an_editor(place: Place) -> None:
    place.manage("make_editor", EDITOR_NAME=NAME, EDITOR_PASSWORD=PASSWORD)


def twins(place: Place, count: int) -> None:
    place.edit(TWINS.format(kept=KEPT, count=count, said=SAID))


def package(like: Path, folder: Path, channel: str) -> Path:
    """The fixtures of a release with other channels on every statement, and their digests: the least that is a package."""
    folder.mkdir()
    for name in FILES:
        entries = json.loads((like / f"{name}.json").read_text("utf-8"))
        for entry in entries:
            if entry["model"] == "talks.statement":
                given = {**entry["fields"], "channel": channel}
                entry["fields"] = {name: given[name] for name in IN_ORDER if name in given}
        lines = [
            f"{',' if number else ''}\n{json.dumps(entry, ensure_ascii=False)}" for number, entry in enumerate(entries)
        ]
        (folder / f"{name}.json").write_text(f"[{''.join(lines)}\n]\n", "utf-8")
    paths = sorted(folder.iterdir())
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in paths]
    (folder / SUMS).write_text("".join(sums), "utf-8")
    return folder


def packages(place: Place) -> list[Path]:
    """Two that differ in every statement, so that one can be taken over the other."""
    first = place.var / "releases" / "1"
    return [package(first, place.var.parent / f"package-{name}", f"Channel {name}") for name in "AB"]


def load(folder: Path) -> list[str]:
    """The command that loads the fixtures of a package over what is there."""
    return ["loaddata", "--force", *(str(folder / f"{name}.json") for name in FILES)]


def take(folder: Path) -> list[str]:
    """The command that imports a package."""
    return ["import_release", str(folder), "--apply", "--take-theirs"]
