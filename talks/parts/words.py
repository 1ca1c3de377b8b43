"""Parts that carry a source's words and what is known of them, in their states."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings

from talks import arrangement, edition, questions
from talks.models import Source
from talks.parts.stock import Samples, Stock, changed, shows
from talks.search import marking
from talks.search.words import parse

LOST = {"verified_sha256": "0" * 64}
UNCHECKED: dict[str, Any] = {"verified_sha256": "", "verified_on": None}


@shows("badge")
def badges(stock: Stock) -> Samples:
    for kind in ("direct", "mixed", "indirect", "narration"):
        yield kind, {"statement": stock.statement(kind)}
    yield "not yet looked for", {"statement": stock.statement("direct", **UNCHECKED)}
    yield "no longer found", {"statement": stock.statement("direct", **LOST)}
    gone = changed(stock.statement("mixed").source, document_sha256="", document_on=None)
    yield "no longer found, its text removed", {"statement": stock.statement("mixed", source=gone)}


@shows("statement")
def statements(stock: Stock) -> Samples:
    words = " ".join(stock.statement("direct").text for _ in range(20)).split()
    yield "direct", {"statement": stock.statement("direct"), "about": True, "evidence": True}
    yield "of one word", {"statement": stock.statement("direct", text=words[0]), "evidence": True}
    yield "of 300 words", {"statement": stock.statement("direct", text=" ".join(words[:300])), "evidence": True}
    yield "mixed", {"statement": stock.statement("mixed"), "evidence": True}
    yield "indirect", {"statement": stock.statement("indirect"), "evidence": True}
    nobody = {"speaker": None, "speaker_as_printed": "a person close to the talks", "role_as_printed": ""}
    yield "of somebody without a page", {"statement": stock.statement("indirect", **nobody), "evidence": True}
    yield "the source’s own account", {"statement": stock.statement("narration"), "evidence": True}
    disputed = [one for one in stock.statements if any(note.disagreement for note in one.notes.all())]
    yield "sources disagree", {"statement": disputed[0], "evidence": True}
    worded = [one for one in stock.statements if one.wordings]
    yield "with other wordings", {"statement": worded[0], "evidence": True}


@shows("statements")
def lists_of_statements(stock: Stock) -> Samples:
    yield "two", {"statements": stock.statements[:2], "about": True}
    yield "none", {"statements": []}


@shows("source_chain")
def source_chains(stock: Stock) -> Samples:
    statement = stock.statement("direct")
    yield "with a link to the evidence", {"statement": statement, "evidence": True}
    noted = changed(statement.source, publisher_note="state news agency")
    yield "with a note on the publisher", {"statement": stock.statement("direct", source=noted)}
    alone = changed(statement.source, derived_from=None, published_on="")
    yield "no reference, no day", {"statement": stock.statement("direct", source=alone)}
    copied = changed(statement.source, archive_url="https://archive.example/1/", archived_on=date(2025, 6, 1))
    dead = {"link_status": 404, "link_worked_at": datetime(2026, 6, 1, tzinfo=UTC)}
    yield "its link is dead", {"statement": stock.statement("direct", source=copied, **dead)}


@shows("source_line")
def source_lines(stock: Stock) -> Samples:
    source = stock.statement("direct").source
    yield "with a title", {"source": changed(source, title=source.title or "A printed title")}
    yield "described by us", {"source": changed(source, title="", described_as="a report without a title")}


@shows("evidence")
def evidence(stock: Stock) -> Samples:
    statement = stock.statement("direct")
    yield "found", {"statement": statement, "around": questions.around(statement)}
    yield "several passages or words around them", {"statement": stock.statement("mixed")}
    yield "anchored", {"statement": stock.statement("indirect")}
    yield "no longer found", {"statement": stock.statement("direct", **LOST)}
    copied = {"archive_url": "https://archive.example/1/", "archived_on": date(2025, 6, 1)}
    kept = changed(statement.source, **copied)
    yield "with an archived copy", {"statement": stock.statement("direct", source=kept)}
    bare = changed(statement.source, document_sha256="", document_length=None, document_on=None)
    yield "text not held", {"statement": stock.statement("direct", source=bare, **UNCHECKED)}


@shows("reading")
def readings(stock: Stock) -> Samples:
    direct = [one for one in stock.statements if one.quotation_type == "direct"]
    for wording, pieces in arrangement.readings(direct[0], direct[1:2]):
        yield "two renderings", {"statement": direct[0], "wording": wording, "pieces": pieces}


@shows("copy_fields")
def copy_fields(stock: Stock) -> Samples:
    told = {"edition": edition.present(), "site_url": settings.SITE_URL}
    yield "a statement’s", {"statement": stock.statement("direct"), **told}


@shows("note")
def notes(stock: Stock) -> Samples:
    note = stock.spread.disagreements[0].note
    yield "short", {"note": note}
    yield "with its sources", {"note": note, "sources": list(Source.objects.published().in_order()[:2])}


@shows("notes")
def lists_of_notes(stock: Stock) -> Samples:
    yield "two", {"notes": [note for one in stock.spread.disagreements for note in (one.note,) * 2][:2]}
    yield "none", {"notes": []}


@shows("contradiction")
def contradictions(stock: Stock) -> Samples:
    yield "sources disagree", {"disagreement": stock.spread.disagreements[0]}


@shows("meeting_statements")
def statements_of_a_meeting(stock: Stock) -> Samples:
    yield "some", {"meeting": stock.meeting, "spread": stock.spread}
    yield "none", {"meeting": stock.meeting, "spread": arrangement.spread([], [])}


@shows("marked")
def marked(stock: Stock) -> Samples:
    for kind in ("direct", "mixed"):
        statement = stock.statement(kind)
        query = parse(" ".join(statement.text.split()[1:4:2]))
        pieces = marking.cut(statement.pieces, marking.found_in(statement.text, query))
        yield f"{kind}, two words", {"pieces": pieces, "is_direct": kind == "direct"}
