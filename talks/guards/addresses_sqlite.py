"""The guards of addresses in SQLite's SQL."""

from __future__ import annotations

from collections.abc import Iterator

from talks.guards import addresses

_EVENTS = (("insert", "INSERT"), ("update", "UPDATE OF {columns}"))


def triggers() -> Iterator[tuple[str, str]]:
    """(name, body) of each."""
    for record, table in addresses.NOUNS.items():
        yield from _of_noun(record, table)
    for table, column in addresses.MEMORY.items():
        where = addresses.stands(column)
        yield from _on_writing(table, f"record, {column}", f"{table}.{column}{addresses.STANDS}", where)
    yield from _on_writing("talks_redirect", "record, slug, old_slug", addresses.CHAIN, addresses.MAKES_CHAIN, "chain")


def _of_noun(record: str, table: str) -> Iterator[tuple[str, str]]:
    # After the row, not before it: an INSERT that turns into an UPDATE of the same row is none.
    used = _refuse(f"{table}{addresses.USED}", addresses.remembered(f"'{record}'"))
    yield f"talks_address_{table}_insert", f"AFTER INSERT ON {table} BEGIN {used} END"
    yield (
        f"talks_address_{table}_update",
        f"AFTER UPDATE OF slug, status ON {table} WHEN {addresses.OTHER_ADDRESS} BEGIN {used} END",
    )
    final = f"SELECT RAISE(ABORT, '{table}{addresses.FINAL}');"
    yield (
        f"talks_withdrawn_{table}_update",
        f"AFTER UPDATE OF slug, status ON {table} WHEN {addresses.COMES_BACK} BEGIN {final} END",
    )
    bury = (
        "INSERT INTO talks_tombstone (record, slug, withdrawn_on, withdrawn_because) "
        f"SELECT '{record}', OLD.slug, coalesce(OLD.withdrawn_on, date('now')), "
        f"coalesce(nullif(OLD.withdrawn_because, ''), '{addresses.NO_REASON}') WHERE NOT EXISTS "
        f"(SELECT 1 FROM talks_tombstone WHERE record = '{record}' AND slug = OLD.slug);"
    )
    yield (
        f"talks_tombstone_{table}_delete",
        f"AFTER DELETE ON {table} WHEN {addresses.WAS_PUBLIC} BEGIN {bury} END",
    )


def _on_writing(table: str, columns: str, why: str, where: str, kind: str = "address") -> Iterator[tuple[str, str]]:
    for name, event in _EVENTS:
        body = f"AFTER {event.format(columns=columns)} ON {table} BEGIN {_refuse(why, where)} END"
        yield f"talks_{kind}_{table}_{name}", body


def _refuse(why: str, where: str) -> str:
    return f"SELECT RAISE(ABORT, '{why}') WHERE {where};"
