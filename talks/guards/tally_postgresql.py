"""The tally in PostgreSQL: triggers for each statement, however many rows it writes.

They fire in the order of their names, so that `talks_edition_…` has taken the lock on the edition's row before: two
who write never wait for one another in a circle.
"""

from __future__ import annotations

from collections.abc import Iterator

from talks.guards import tally

_EVENTS = {
    "INSERT": "REFERENCING NEW TABLE AS fresh",
    "UPDATE": "REFERENCING NEW TABLE AS fresh OLD TABLE AS stale",
    "DELETE": "REFERENCING OLD TABLE AS stale",
    "TRUNCATE": "",
}

# Adds to numbers, given as columns.
CORRECTED = """
INSERT INTO talks_tally AS t (kind, noun, part, number)
SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::bigint[])
ON CONFLICT (kind, noun, part) DO UPDATE SET number = t.number + excluded.number"""


def functions() -> Iterator[str]:
    """The SQL of all functions, made anew each time."""
    for table, (_, counts) in tally.COUNTS.items():
        more, less = _rows(counts, "fresh", 1), _rows(counts, "stale", -1)
        kinds = ", ".join(f"'{count.kind}'" for count in counts)
        yield (
            f"CREATE OR REPLACE FUNCTION talks_tally_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'TRUNCATE' THEN DELETE FROM talks_tally WHERE kind IN ({kinds}); "
            f"ELSIF TG_OP = 'INSERT' THEN {_change(more)} "
            f"ELSIF TG_OP = 'DELETE' THEN {_change(less)} "
            f"ELSE {_change(f'{more} UNION ALL {less}')} END IF; RETURN NULL; END $$"
        )


def triggers() -> Iterator[tuple[str, str, str]]:
    """(name, table, body) of the triggers that keep the tally, whoever writes."""
    for table in tally.COUNTS:
        for event, rows in _EVENTS.items():
            yield (
                f"talks_tally_{table}_{event.lower()}",
                table,
                f"TRIGGER {{name}} AFTER {event} ON {table} {rows} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION talks_tally_of_{table}()",
            )


def _rows(counts: tuple[tally.Count, ...], rows: str, by: int) -> str:
    """What written rows count for, a row for each count."""
    each = (
        f"SELECT {count.select('s', day)}, {by} AS number FROM {rows} s WHERE {count.where.format(row='s')}"
        for count in counts
    )
    return " UNION ALL ".join(each)


def _change(rows: str) -> str:
    return (
        "INSERT INTO talks_tally AS t (kind, noun, part, number) SELECT kind, noun, part, sum(number) "
        f"FROM ({rows}) r WHERE noun IS NOT NULL GROUP BY kind, noun, part HAVING sum(number) <> 0 "
        "ON CONFLICT (kind, noun, part) DO UPDATE SET number = t.number + excluded.number;"
    )


def day(column: str) -> str:
    """A column that has a day, as text, however this server is told to write days."""
    return f"to_char({column}, 'YYYY-MM-DD')"
