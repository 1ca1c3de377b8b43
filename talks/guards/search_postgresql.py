"""The index of the search in PostgreSQL: a tsvector with a GIN index, kept by triggers."""

from __future__ import annotations

from collections.abc import Iterator

from talks.guards import search
from talks.search.sample import drawn
from talks.search.words import ENDINGS, PLAIN

DROPPED = ("talks_search", "talks_search_made")
WRITTEN = tuple(f"talks_{name}" for name in ("statement", "editorsnote", "editorsnote_statements", *search.NAMED))
_DAY = "coalesce(s.said_from - date '1970-01-01', -1000000)"
_PLACE = f"(({_DAY})::bigint << 32 | s.id)"
_MONTH = "to_char(s.said_from, 'YYYY-MM')"
_DIGITS = "to_char(s.said_from, 'YYYYMM')"
_MARKS = search.marks("encode(convert_to(o.publisher, 'UTF8'), 'hex')")
_NAMES = search.NAMES.format(also="p.also_written::text")
_NOTES = search.NOTES.format(joined="string_agg(n.subject || ' ' || n.text, ' ' ORDER BY n.slug)")
_CONTEXT = search.CONTEXT.format(notes=_NOTES)
LONGEST = 100_000  # code points of a text that are indexed: a tsvector has its bounds
_FROM, _TO = "".join(PLAIN), "".join(PLAIN.values())
TABLE = "talks_search"
INDEXES = (
    "pkey",
    "statement_id_key",
    "days",
    "found",
    "early",
    "party",
    "kind",
    "party_kind",
    "party_found",
    "kind_found",
    "document",
    "pairs",
    "sample",
    "sample_document",
    "sample_pairs",
)


def _hexed(number: str, digits: int) -> str:
    return f"lpad(to_hex({number}), {digits}, '0')"


_VALUES = search.values(_PLACE, _MONTH, _DIGITS, _hexed)


def written(which: str, table: str = TABLE) -> str:
    """The SQL that indexes some statements, in the order of days, in which lists read them."""
    columns = f"{', '.join(search.COLUMNS)}, document"
    return f"""INSERT INTO {table} ({columns}, pairs) SELECT w.*, talks_pairs(w.document) FROM (
  SELECT {_VALUES},
    setweight(to_tsvector('talks_words', talks_fold(left(s.text, {LONGEST}))), 'A')
    || '=edge:1'::tsvector || setweight(to_tsvector('talks_words', talks_fold({_NAMES})), 'B')
    || '=edge:1'::tsvector || setweight(to_tsvector('talks_words', talks_fold(left({_CONTEXT}, {LONGEST}))), 'C')
    || array_to_tsvector(string_to_array('=' || replace({_MARKS}, ' ', ' ='), ' '))
  FROM {search.TABLES} WHERE s.status = 'published' AND {which}) w ({columns}) ORDER BY place"""


# Letters and figures only, so that the parser of the server finds the same words as SQLite's. The collation is named
# because small letters of a database in the C locale are those of English alone.
WORDS = rf"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_ts_config WHERE cfgname = 'talks_words') THEN
    CREATE TEXT SEARCH DICTIONARY talks_stem (TEMPLATE = snowball, Language = english);
    CREATE TEXT SEARCH CONFIGURATION talks_words (COPY = simple);
    ALTER TEXT SEARCH CONFIGURATION talks_words ALTER MAPPING FOR asciiword, word, numword WITH talks_stem;
  END IF;
END $$;

CREATE OR REPLACE FUNCTION talks_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(
    regexp_replace(
      normalize(translate(lower(value COLLATE "und-x-icu"), '{_FROM}', '{_TO}'), NFKD), '[\u0300-\u036f]', '', 'g'),
    '[^[:alnum:]]+' COLLATE "und-x-icu", ' ', 'g')
$$;

-- What begins so, or is one of these whole words whose stem is shorter: the others begin so themselves, and each row that is
-- walked past would be asked for all of them.
CREATE OR REPLACE FUNCTION talks_beginning(word text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  WITH begun (folded, form) AS (SELECT talks_fold(word), to_tsvector('talks_words', talks_fold(word)))
  SELECT coalesce(string_agg(part, ' | '), '')::tsquery FROM (
    SELECT nullif(to_tsquery('talks_words', '''' || folded || ''':*')::text, '') AS part FROM begun
    UNION ALL
    SELECT '''' || other || '''' FROM begun, unnest(tsvector_to_array(to_tsvector('talks_words', (
      SELECT string_agg(folded || ending, ' ') FROM unnest('{{{",".join(ENDINGS)}}}'::text[]) AS ending
    )))) AS other
    WHERE folded !~ ' ' AND NOT starts_with(other, (tsvector_to_array(form))[1])
  ) parts
$$;

-- Every two words that stand next to one another, as a number. A phrase of common words has rare pairs: without them
-- each statement that has all its words would be looked at. They stand in a column: who looks at a row has them ready.
CREATE OR REPLACE FUNCTION talks_pairs(document tsvector) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(DISTINCT hashtext(lexeme || ' ' || after)), '{{}}') FROM (
    SELECT u.lexeme, p.place, lead(u.lexeme) OVER line AS after, lead(p.place) OVER line AS next
    FROM unnest(document) u, unnest(u.positions) AS p (place) WINDOW line AS (ORDER BY p.place)
  ) words WHERE next = place + 1
$$;
"""
INDEX = f"""
CREATE OR REPLACE FUNCTION talks_index(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM talks_search WHERE statement_id = ANY (ids);
  {written("s.id = ANY (ids)")};
END $$;
"""


def _changes(name: str, statement: str, truncated: str) -> str:
    """A function for a trigger: indexes the statements that written rows name in this column."""
    return (
        f"CREATE OR REPLACE FUNCTION talks_index_of_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'TRUNCATE' THEN {truncated}; "
        f"ELSIF TG_OP = 'INSERT' THEN PERFORM talks_index(array(SELECT {statement} FROM fresh)); "
        f"ELSIF TG_OP = 'DELETE' THEN PERFORM talks_index(array(SELECT {statement} FROM stale)); "
        f"ELSE PERFORM talks_index(array(SELECT {statement} FROM fresh UNION SELECT {statement} FROM stale)); "
        "END IF; RETURN NULL; END $$"
    )


def _follows(name: str, columns: tuple[str, ...], concerned: str) -> str:
    """A function for a trigger: indexes the statements concerned by rows whose columns are others than before."""
    differs = " OR ".join(f"o.{column} IS DISTINCT FROM n.{column}" for column in columns)
    return (
        f"CREATE OR REPLACE FUNCTION talks_index_by_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"PERFORM talks_index(array(SELECT DISTINCT {concerned} AND EXISTS ("
        f"SELECT 1 FROM stale o WHERE o.id = n.id AND ({differs})))); RETURN NULL; END $$"
    )


def tables() -> Iterator[str]:
    """The SQL that makes the index, empty."""
    yield (
        'CREATE TABLE talks_search (place bigint PRIMARY KEY, statement_id bigint NOT NULL UNIQUE, slug text COLLATE "C", '
        "meeting_id bigint, source_id bigint, speaker_id bigint, party_id bigint, kind text, found text, "
        "month text, publisher text, reported date, is_wording smallint, early smallint, counted text, "
        "document tsvector NOT NULL, pairs integer[] NOT NULL)"
    )


def fill() -> Iterator[str]:
    """The SQL that fills an empty index: first its rows, since an index that is made of all of them is made sooner."""
    yield "SET LOCAL maintenance_work_mem = '128MB'"
    yield written("true")
    yield search.DAYS
    yield search.EVIDENCE
    yield search.EARLIER
    # What is narrowed by what many have is walked in the order of the list.
    yield "CREATE INDEX talks_search_party ON talks_search (party_id, place)"
    yield "CREATE INDEX talks_search_kind ON talks_search (kind, place)"
    yield "CREATE INDEX talks_search_party_kind ON talks_search (party_id, kind, place)"
    yield "CREATE INDEX talks_search_kind_found ON talks_search (kind, found, place)"
    yield "CREATE INDEX talks_search_party_found ON talks_search (party_id, found, place)"
    yield "CREATE INDEX talks_search_document ON talks_search USING gin (document) WITH (fastupdate = off)"
    yield "CREATE INDEX talks_search_pairs ON talks_search USING gin (pairs) WITH (fastupdate = off)"
    sampled = f"WHERE {drawn('statement_id')}"
    yield f"CREATE INDEX talks_search_sample ON talks_search (party_id, place) {sampled}"
    yield f"CREATE INDEX talks_search_sample_document ON talks_search USING gin (document) WITH (fastupdate = off) {sampled}"
    yield f"CREATE INDEX talks_search_sample_pairs ON talks_search USING gin (pairs) WITH (fastupdate = off) {sampled}"
    # So that the planner knows how frequent a word is, and reads the index for a rare one, the table for a common one.
    yield "ALTER TABLE talks_search ALTER COLUMN document SET STATISTICS 1000, ALTER COLUMN pairs SET STATISTICS 1000"
    yield "ANALYZE talks_search"


def functions() -> Iterator[str]:
    """The SQL of all functions, made anew each time."""
    yield WORDS
    yield INDEX
    yield _changes("statements", "id", "DELETE FROM talks_search")
    yield _changes("notes", "statement_id", "PERFORM talks_index(array(SELECT id FROM talks_statement))")
    said = "s.id FROM talks_statement s JOIN fresh n ON"
    yield _follows("party", search.PARTY, f"{said} n.id = s.party_id WHERE true")
    yield _follows("person", search.SPEAKER, f"{said} n.id = s.speaker_id WHERE true")
    yield _follows("source", search.SOURCE, f"{said} n.id IN (s.source_id, s.dated_by_id) WHERE true")
    yield _follows("meeting", search.MEETING, f"{said} n.id = s.meeting_id WHERE true")
    noted = "k.statement_id FROM talks_editorsnote_statements k JOIN fresh n ON n.id = k.editorsnote_id WHERE true"
    yield _follows("editorsnote", ("subject", "text", "status"), noted)


def triggers() -> Iterator[tuple[str, str, str]]:
    """(name, table, body) of the triggers that keep the index in step, whoever writes."""
    for table, function in (("statement", "statements"), ("editorsnote_statements", "notes")):
        for event, rows in (
            ("INSERT", "REFERENCING NEW TABLE AS fresh"),
            ("UPDATE", "REFERENCING NEW TABLE AS fresh OLD TABLE AS stale"),
            ("DELETE", "REFERENCING OLD TABLE AS stale"),
            ("TRUNCATE", ""),
        ):
            yield (
                f"talks_search_{table}_{event.lower()}",
                f"talks_{table}",
                f"TRIGGER {{name}} AFTER {event} ON talks_{table} {rows} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION talks_index_of_{function}()",
            )
    for noun in (*search.NAMED, "editorsnote"):
        yield (
            f"talks_search_{noun}_update",
            f"talks_{noun}",
            f"TRIGGER {{name}} AFTER UPDATE ON talks_{noun} REFERENCING NEW TABLE AS fresh OLD TABLE AS stale "
            f"FOR EACH STATEMENT EXECUTE FUNCTION talks_index_by_{noun}()",
        )
