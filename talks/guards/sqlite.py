"""The guards in SQLite's SQL. Knows tables and columns by name; no models."""

from __future__ import annotations

from collections.abc import Iterator

from talks.guards import addresses_sqlite as addresses
from talks.guards import search_sqlite as search
from talks.guards import tally_sqlite as tally

Edtf = list[tuple[str, str, str, str]]
Chains = tuple[tuple[str, str], ...]

INSTALLED = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'talks!_%' ESCAPE '!'"
remake = search.remake

# A number that was never given out before, should somebody have deleted the row: milliseconds since 1970.
_NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
_RAISE = (
    f"INSERT INTO talks_edition (id, number, raised_at) "
    f"VALUES (1, CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER), {_NOW}) "
    f"ON CONFLICT (id) DO UPDATE SET number = number + 1, raised_at = {_NOW};"
)


def names(tables: list[str], edtf: Edtf, chains: Chains) -> list[str]:
    """The names of all triggers, as `statements` makes them."""
    return [name for name, _ in _triggers(tables, edtf, chains)]


def statements(tables: list[str], edtf: Edtf, chains: Chains) -> Iterator[str]:
    """The SQL that makes all guards anew, statement by statement."""
    triggers = list(_triggers(tables, edtf, chains))
    for name, _ in triggers:
        yield f"DROP TRIGGER IF EXISTS {name}"
    yield from _evidence_tables()
    for name, body in triggers:
        yield f"CREATE TRIGGER {name} {body}"
    yield f"INSERT OR IGNORE INTO talks_edition (id, number, raised_at) VALUES (1, 1, {_NOW})"


def _triggers(tables: list[str], edtf: Edtf, chains: Chains) -> Iterator[tuple[str, str]]:
    for table in tables:
        for event in ("INSERT", "UPDATE", "DELETE"):
            yield f"talks_edition_{table}_{event.lower()}", f"AFTER {event} ON {table} BEGIN {_RAISE} END"
    for table, text, first, last in edtf:
        refuse = f"SELECT RAISE(ABORT, '{table}.{text} is not an EDTF date, or its derived days do not fit it')"
        when = f"WHEN NOT ({_edtf(f'NEW.{text}', f'NEW.{first}', f'NEW.{last}')})"
        yield f"talks_edtf_{table}_{text}_insert", f"BEFORE INSERT ON {table} {when} BEGIN {refuse}; END"
        columns = f"{text}, {first}, {last}"
        yield (
            f"talks_edtf_{table}_{text}_update",
            f"BEFORE UPDATE OF {columns} ON {table} {when} BEGIN {refuse}; END",
        )
    for table, column in chains:
        for event in ("INSERT", f"UPDATE OF {column}"):
            yield f"talks_chain_{table}_{event.split()[0].lower()}", _no_cycle(table, column, event)
    yield from _evidence_triggers()
    yield from addresses.triggers()
    yield from search.triggers()
    yield from tally.triggers()


def _edtf(text: str, first: str, last: str) -> str:
    """An SQL condition: the text is EDTF of our kind, and the two days are its first and last."""
    cut = f"instr({text}, '/')"
    left = f"substr({text}, 1, {cut} - 1)"
    right = f"substr({text}, {cut} + 1)"
    one = f"{cut} = 0 AND {_side(text)} AND {first} IS {_first(text)} AND {last} IS {_last(text)}"
    two = (
        f"{cut} > 0 AND {_side(left)} AND {_side(right)} AND {_first(left)} <= {_first(right)} "
        f"AND {first} IS {_first(left)} AND {last} IS {_last(right)}"
    )
    return f"({text} = '' AND {first} IS NULL AND {last} IS NULL) OR ({one}) OR ({two})"


def _bare(side: str) -> str:
    return f"CASE WHEN substr({side}, -1) IN ('~', '?', '%') THEN substr({side}, 1, length({side}) - 1) ELSE {side} END"


def _side(side: str) -> str:
    bare, year = _bare(side), "[0-9][0-9][0-9][0-9]"
    return (
        f"(substr({side}, 1, 4) <> '0000' AND (({bare}) GLOB '{year}' "
        f"OR (({bare}) GLOB '{year}-[0-9][0-9]' AND date(({bare}) || '-01') = ({bare}) || '-01') "
        f"OR (({bare}) GLOB '{year}-[0-9][0-9]-[0-9][0-9]' AND date({bare}) = ({bare}))))"
    )


def _first(side: str) -> str:
    return f"substr(({_bare(side)}) || '-01-01', 1, 10)"


def _last(side: str) -> str:
    bare = _bare(side)
    return (
        f"CASE length({bare}) WHEN 4 THEN ({bare}) || '-12-31' "
        f"WHEN 7 THEN date(({bare}) || '-01', '+1 month', '-1 day') ELSE ({bare}) END"
    )


def _no_cycle(table: str, column: str, event: str) -> str:
    return (
        f"AFTER {event} ON {table} WHEN NEW.{column} IS NOT NULL AND EXISTS ("
        f"WITH RECURSIVE chain (id) AS (SELECT NEW.{column} UNION "
        f"SELECT {table}.{column} FROM {table} JOIN chain ON {table}.id = chain.id) "
        f"SELECT 1 FROM chain WHERE id = NEW.id) "
        f"BEGIN SELECT RAISE(ABORT, '{table}.{column} would be a cycle'); END"
    )


# SQLite has no trigger at commit, but it has foreign keys that are checked at commit. Two tables of numbers
# put them to use: a statement that needs quoted words is written into `owed`, which points at `paid`; and a
# statement stands in `paid` while it has passages and each has words.
_NEEDS = "quotation_type IN ('direct', 'mixed')"
_PAID = "(SELECT COUNT(*) > 0 AND MIN(exact <> '') = 1 FROM talks_passage WHERE statement_id = {id})"


def _evidence_tables() -> Iterator[str]:
    yield "DROP TABLE IF EXISTS talks_evidence_owed"
    yield "DROP TABLE IF EXISTS talks_evidence_paid"
    yield "CREATE TABLE talks_evidence_paid (id INTEGER PRIMARY KEY)"
    yield (
        "CREATE TABLE talks_evidence_owed (id INTEGER PRIMARY KEY "
        "REFERENCES talks_evidence_paid (id) DEFERRABLE INITIALLY DEFERRED)"
    )
    yield (
        "INSERT INTO talks_evidence_paid SELECT statement_id FROM talks_passage "
        "GROUP BY statement_id HAVING MIN(exact <> '') = 1"
    )
    yield f"INSERT INTO talks_evidence_owed SELECT id FROM talks_statement WHERE {_NEEDS}"


def _evidence_triggers() -> Iterator[tuple[str, str]]:
    # Not OR IGNORE: in a trigger, SQLite puts the policy of the statement that fired it in its place.
    owe = (
        f"INSERT INTO talks_evidence_owed SELECT NEW.id WHERE NEW.{_NEEDS} "
        "AND NOT EXISTS (SELECT 1 FROM talks_evidence_owed WHERE id = NEW.id);"
    )
    forget = "DELETE FROM talks_evidence_owed WHERE id = OLD.id;"
    yield "talks_evidence_statement_insert", f"AFTER INSERT ON talks_statement BEGIN {owe} END"
    yield (
        "talks_evidence_statement_update",
        f"AFTER UPDATE OF quotation_type ON talks_statement BEGIN {forget} {owe} "
        f"SELECT RAISE(ABORT, '{OURS}') WHERE NOT NEW.{_NEEDS} AND EXISTS "
        "(SELECT 1 FROM talks_passage WHERE statement_id = NEW.id AND exact <> ''); END",
    )
    yield "talks_evidence_statement_delete", f"AFTER DELETE ON talks_statement BEGIN {forget} END"
    for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        weigh = (
            f"INSERT INTO talks_evidence_paid SELECT {row}.statement_id "
            f"WHERE {_PAID.format(id=f'{row}.statement_id')} "
            f"AND NOT EXISTS (SELECT 1 FROM talks_evidence_paid WHERE id = {row}.statement_id); "
            f"DELETE FROM talks_evidence_paid WHERE id = {row}.statement_id "
            f"AND NOT {_PAID.format(id=f'{row}.statement_id')};"
        )
        refuse = (
            f"SELECT RAISE(ABORT, '{OURS}') WHERE NEW.exact <> '' AND EXISTS "
            f"(SELECT 1 FROM talks_statement WHERE id = NEW.statement_id AND NOT {_NEEDS});"
        )
        body = weigh if event == "DELETE" else f"{refuse} {weigh}"
        yield f"talks_evidence_passage_{event.lower()}", f"AFTER {event} ON talks_passage BEGIN {body} END"


OURS = "talks_passage.exact: words of ours carry none of the source"
