"""The tally in SQLite: triggers for each row written."""

from __future__ import annotations

from collections.abc import Iterator

from talks.guards import tally


def triggers() -> Iterator[tuple[str, str]]:
    """(name, body) of the triggers that keep the tally, whoever writes."""
    for table, (columns, counts) in tally.COUNTS.items():
        more, less = _change(counts, "NEW", 1), _change(counts, "OLD", -1)
        yield f"talks_tally_{table}_insert", f"AFTER INSERT ON {table} BEGIN {more} END"
        yield f"talks_tally_{table}_delete", f"AFTER DELETE ON {table} BEGIN {less} END"
        if columns:
            when = tally.differs(columns, "IS NOT")
            event = f"AFTER UPDATE OF {', '.join(columns)} ON {table} WHEN {when}"
            yield f"talks_tally_{table}_update", f"{event} BEGIN {less} {more} END"


def _change(counts: tuple[tally.Count, ...], row: str, by: int) -> str:
    """The SQL that adds to the counts of a row or takes away from them."""
    each = (f"SELECT {count.select(row, day)} WHERE {count.where.format(row=row)}" for count in counts)
    return (
        f"INSERT INTO talks_tally (kind, noun, part, number) SELECT kind, noun, part, {by} "
        f"FROM ({' UNION ALL '.join(each)}) WHERE noun IS NOT NULL "
        f"ON CONFLICT (kind, noun, part) DO UPDATE SET number = number + {by};"
    )


def day(column: str) -> str:
    """A column that has a day, as text: here it is one."""
    return column
