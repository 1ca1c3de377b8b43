"""The index of the search in SQLite: FTS5 beside a plain table, both kept by triggers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from talks.guards import search
from talks.search.beginnings import TOKENIZER
from talks.search.sample import drawn
from talks.search.words import PLAIN

DROPPED = ("talks_search_vocabulary", "talks_search_words", "talks_search_sample", "talks_search", "talks_search_made")
_DAY = "coalesce(CAST(julianday(s.said_from) - 2440587.5 AS INTEGER), -1000000)"
_PLACE = f"(({_DAY} << 32) | s.id)"
# The number of a row of words: newest first.
ROW = f"-{_PLACE}"
_MONTH = "substr(s.said_from, 1, 7)"
_DIGITS = f"replace({_MONTH}, '-', '')"
_MARKS = search.marks("lower(hex(o.publisher))")
_NAMES = search.NAMES.format(also="p.also_written")
_NOTES = search.NOTES.format(joined="group_concat(n.subject || ' ' || n.text, ' ')")

# Tables of words, and which statements have theirs there, by their number: all, and those of the sample once more.
WORDS = {"talks_search_words": lambda _: "1", "talks_search_sample": drawn}
# Of many rows the tables are then filled sooner, and more closely; FTS5 begins another piece of its index wherever a number is
# lower than the one before.
IN_ORDER = " ORDER BY 1"
# Into one piece: a word is looked up in each.
TIDIED = tuple(f"INSERT INTO {table} ({table}) VALUES ('optimize')" for table in WORDS)


def _folded(text: str) -> str:
    """FTS5 takes the marks off Latin letters only."""
    for letter, plain in PLAIN.items():
        text = f"replace(replace({text}, '{letter}', '{plain}'), '{letter.upper()}', '{plain}')"
    return text


def _hexed(number: str, digits: int) -> str:
    return f"printf('%0{digits}x', {number})"


_VALUES = search.values(_PLACE, _MONTH, _DIGITS, _hexed)
_TEXTS = ", ".join([ROW, *map(_folded, ("s.text", _NAMES, search.CONTEXT.format(notes=_NOTES))), _MARKS])


def tables() -> Iterator[str]:
    """The SQL that makes the index, empty."""
    yield (
        "CREATE TABLE talks_search (place INTEGER PRIMARY KEY, statement_id INTEGER NOT NULL UNIQUE, slug TEXT, "
        "meeting_id INTEGER, source_id INTEGER, speaker_id INTEGER, party_id INTEGER, kind TEXT, found TEXT, "
        "month TEXT, publisher TEXT, reported TEXT, is_wording INTEGER, "
        "early INTEGER, counted TEXT)"
    )
    yield search.DAYS
    yield search.EVIDENCE
    yield search.EARLIER
    for table in WORDS:
        yield f"CREATE VIRTUAL TABLE {table} USING fts5(text, names, context, marks, tokenize = '{TOKENIZER}')"
    # Nothing of it is kept: FTS5 reads out of the index, in the order of letters, which words it has.
    yield "CREATE VIRTUAL TABLE talks_search_vocabulary USING fts5vocab(talks_search_words, instance)"


def fill() -> Iterator[str]:
    """The SQL that fills an empty index."""
    yield from write("1")
    yield from TIDIED


def remake(cursor: Any, digest: str) -> None:
    """Make and fill the index anew. Whoever reads has the old one until this is committed."""
    for table in DROPPED:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in (*tables(), *fill(), *search.made_by(digest)):
        cursor.execute(statement)


def functions() -> Iterator[str]:
    """None: what PostgreSQL has as functions stands in the triggers."""
    yield from ()


def write(which: str) -> Iterator[str]:
    """The SQL that indexes some statements: first what they are counted by, then their words."""
    public = f"FROM {search.TABLES} WHERE s.status = 'published' AND {which}"
    yield f"INSERT INTO talks_search ({', '.join(search.COLUMNS)}) SELECT {_VALUES} {public}{IN_ORDER}"
    for table, has in WORDS.items():
        into = f"INSERT INTO {table} (rowid, text, names, context, marks)"
        yield f"{into} SELECT {_TEXTS} {public} AND {has('s.id')}{IN_ORDER}"


def _erase(which: str) -> Iterator[str]:
    """Of statements: `which` is a condition on their number, `{id}`."""
    there = which.format(id="statement_id")
    for table in WORDS:
        yield f"DELETE FROM {table} WHERE rowid IN (SELECT -place FROM talks_search WHERE {there})"
    yield f"DELETE FROM talks_search WHERE {there}"


def _anew(which: str) -> str:
    return "; ".join([*_erase(which), *write(which.format(id="s.id"))]) + ";"


def triggers() -> Iterator[tuple[str, str]]:
    """(name, body) of the triggers that keep the index in step, whoever writes."""
    own = "{id} = NEW.id"
    yield "talks_search_statement_insert", f"AFTER INSERT ON talks_statement BEGIN {_anew(own)} END"
    yield "talks_search_statement_update", f"AFTER UPDATE ON talks_statement BEGIN {_anew('{id} = OLD.id')} END"
    gone = "; ".join(_erase("{id} = OLD.id"))
    yield "talks_search_statement_delete", f"AFTER DELETE ON talks_statement BEGIN {gone}; END"
    for noun, column, columns in (
        ("party", "party_id", search.PARTY),
        ("person", "speaker_id", search.SPEAKER),
        ("source", "source_id", search.SOURCE),
        ("meeting", "meeting_id", search.MEETING),
    ):
        concerned = f"{{id}} IN (SELECT id FROM talks_statement WHERE {column} = NEW.id)"
        yield from _when_changed(noun, columns, _anew(concerned))
    dated = "{id} IN (SELECT id FROM talks_statement WHERE dated_by_id = NEW.id)"
    yield from _when_changed("source", ("published_to",), _anew(dated), "dater")
    noted = "{id} IN (SELECT statement_id FROM talks_editorsnote_statements WHERE editorsnote_id = NEW.id)"
    yield from _when_changed("editorsnote", ("subject", "text", "status"), _anew(noted))
    for event, row in (("INSERT", "NEW"), ("DELETE", "OLD")):
        one = _anew(f"{{id}} = {row}.statement_id")
        name = f"talks_search_note_of_statement_{event.lower()}"
        yield name, f"AFTER {event} ON talks_editorsnote_statements BEGIN {one} END"
    both = _anew("{id} IN (OLD.statement_id, NEW.statement_id)")
    yield "talks_search_note_of_statement_update", f"AFTER UPDATE ON talks_editorsnote_statements BEGIN {both} END"


def _when_changed(noun: str, columns: tuple[str, ...], body: str, name: str = "") -> Iterator[tuple[str, str]]:
    differs = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)
    yield f"talks_search_{name or noun}_update", f"AFTER UPDATE ON talks_{noun} WHEN {differs} BEGIN {body} END"
