"""What the index of the search says of a statement, in the SQL that both databases share.

`talks_search` has a row for every published statement: what it is counted and sorted by, in the order of its key.
The key, `place`, is the first day on which it can have been said (days since 1970) times 2³², plus its row number.
The marks are words that no reader can type, one for each value by which a list can be narrowed (but for years and
months, which are stretches of the key), so that the full-text index finds words and values in one step (on SQLite in a
column of their own, on PostgreSQL with a `=` before them). Each ends in a figure, so that no stemmer takes anything off.
"""

from __future__ import annotations

from collections.abc import Callable

from talks.search.counting import KINDS, STATES

COLUMNS = (
    "place",
    "statement_id",
    "slug",
    "meeting_id",
    "source_id",
    "speaker_id",
    "party_id",
    "kind",
    "found",
    "month",
    "publisher",
    "reported",
    "is_wording",
    "early",
    "counted",
)
FOUND = (
    "CASE WHEN s.quotation_type NOT IN ('direct', 'mixed') THEN 'none' WHEN s.verified_sha256 = '' THEN 'unchecked' "
    "WHEN s.verified_sha256 = o.document_sha256 THEN 'yes' ELSE 'lost' END"
)
# The day from which it could be known: that of its source, or of the one that dates it if that came later.
# One of which no day is known never could, as in `talks.querysets.reported`.
REPORTED = (
    "CASE WHEN s.dated_by_id IS NULL OR d.published_to <= o.published_to THEN o.published_to "
    "WHEN o.published_to IS NOT NULL THEN d.published_to END"
)
# It was reported before it was said: none, unless a day is wrong, or was another one elsewhere on the globe.
EARLY = f"CASE WHEN ({REPORTED}) < s.said_from THEN 1 ELSE 0 END"
TABLES = (
    "talks_statement s JOIN talks_source o ON o.id = s.source_id JOIN talks_meeting m ON m.id = s.meeting_id "
    "LEFT JOIN talks_source d ON d.id = s.dated_by_id LEFT JOIN talks_person p ON p.id = s.speaker_id "
    "LEFT JOIN talks_party t ON t.id = s.party_id"
)
NAMES = "coalesce(p.name, '') || ' ' || coalesce(p.native_name, '') || ' ' || coalesce({also}, '') || ' ' || s.speaker_as_printed"
NOTES = (
    "coalesce((SELECT {joined} FROM talks_editorsnote n JOIN talks_editorsnote_statements k "
    "ON k.editorsnote_id = n.id WHERE k.statement_id = s.id AND n.status = 'published'), '')"
)
CONTEXT = (
    "s.role_as_printed || ' ' || o.publisher || ' ' || m.title || ' ' || m.round_label || ' ' || m.city || ' ' "
    "|| m.venue || ' ' || s.channel || ' ' || coalesce(t.name, '') || ' ' || {notes}"
)
# By meeting: on which days its statements were reported, read off the index alone.
DAYS = "CREATE INDEX talks_search_days ON talks_search (meeting_id, is_wording, reported)"
# Which public quotations were found in their sources: asked at the desk.
EVIDENCE = "CREATE INDEX talks_search_found ON talks_search (found, statement_id)"
# What a day's end does not tell of what was said later.
EARLIER = "CREATE INDEX talks_search_early ON talks_search (place) WHERE early = 1"
NAMED = ("party", "person", "source", "meeting")
# What of another table's row stands in the index: a change of anything else leaves it alone.
PARTY = ("name",)
SPEAKER = ("name", "native_name", "also_written")
SOURCE = ("publisher", "document_sha256", "published_to")
MEETING = ("title", "round_label", "city", "venue")


def made_by(digest: str) -> tuple[str, str]:
    """The SQL that notes by which description the index was made."""
    return "CREATE TABLE talks_search_made (digest text NOT NULL)", f"INSERT INTO talks_search_made VALUES ('{digest}')"


def values(place: str, month: str, digits: str, hexed: Callable[[str, int], str]) -> str:
    """The columns of `talks_search`, in their order. `digits`: the month as six of them; `hexed`: how the database
    writes a number as so many hexadecimal digits.
    """
    return (
        f"{place}, s.id, s.slug, s.meeting_id, s.source_id, s.speaker_id, s.party_id, s.quotation_type, {FOUND}, {month}, "
        f"o.publisher, {REPORTED}, CASE WHEN s.variant_of_id IS NULL THEN 0 ELSE 1 END, {EARLY}, "
        f"{_counted(place, digits, hexed)}"
    )


def _counted(place: str, digits: str, hexed: Callable[[str, int], str]) -> str:
    """The key and what a statement is counted by as one text of fixed width, which `talks.search.counting` reads: that
    of ten thousand rows is put together by the database sooner than Python makes as many rows.
    """
    nouns = [f"coalesce(s.{column}_id, 0)" for column in ("meeting", "source", "speaker", "party")]
    numbers = [*nouns, _number("s.quotation_type", KINDS), _number(FOUND, STATES)]
    words = [hexed(place, 16), *(hexed(number, 8) for number in numbers)]
    return " || ".join([*words, f"'00' || {digits}"])


def _number(value: str, values: tuple[str, ...]) -> str:
    cases = " ".join(f"WHEN '{one}' THEN {n}" for n, one in enumerate(values, 1))
    return f"CASE {value} {cases} ELSE 0 END"


def marks(publisher: str) -> str:
    """The marks of a statement, joined by blanks; `talks.search` asks for the same."""
    return (
        "'x0 xm' || s.meeting_id || ' xo' || s.source_id || ' xs' || coalesce(s.speaker_id, 0) "
        f"|| ' xp' || coalesce(s.party_id, 0) || ' xk' || s.quotation_type || '0 xf' || {FOUND} "
        f"|| '0 xb' || {publisher} || '0'"
    )
