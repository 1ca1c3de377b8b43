"""The guards of addresses in PostgreSQL's SQL."""

from __future__ import annotations

from collections.abc import Iterator

from talks.guards import addresses


def functions() -> Iterator[str]:
    """The SQL of all functions, made anew each time."""
    yield _refusing("talks_refuse_used", addresses.remembered("TG_ARGV[0]"), f"TG_TABLE_NAME || '{addresses.USED}'")
    yield _refusing("talks_refuse_return", "true", f"TG_TABLE_NAME || '{addresses.FINAL}'")
    for table, column in addresses.MEMORY.items():
        yield _refusing(f"{table}_is_free", addresses.stands(column), f"'{table}.{column}{addresses.STANDS}'")
    yield _refusing("talks_refuse_chain", addresses.MAKES_CHAIN, f"'{addresses.CHAIN}'")
    yield f"""
CREATE OR REPLACE FUNCTION talks_bury() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO talks_tombstone (record, slug, withdrawn_on, withdrawn_because)
  VALUES (TG_ARGV[0], OLD.slug, coalesce(OLD.withdrawn_on, (clock_timestamp() AT TIME ZONE 'UTC')::date),
          coalesce(nullif(OLD.withdrawn_because, ''), '{addresses.NO_REASON}'))
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$"""


def _refusing(name: str, where: str, why: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {where} THEN RAISE check_violation USING MESSAGE = {why}; END IF; RETURN NULL; END $$"
    )


def triggers() -> Iterator[tuple[str, str, str]]:
    """(name, table, body) of each."""
    for record, table in addresses.NOUNS.items():
        used = f"talks_refuse_used('{record}')"
        yield _trigger("address", table, "insert", "INSERT", used)
        yield _trigger("address", table, "update", "UPDATE OF slug, status", used, addresses.OTHER_ADDRESS)
        back = "talks_refuse_return()"
        yield _trigger("withdrawn", table, "update", "UPDATE OF slug, status", back, addresses.COMES_BACK)
        yield _trigger("tombstone", table, "delete", "DELETE", f"talks_bury('{record}')", addresses.WAS_PUBLIC)
    for table, column in addresses.MEMORY.items():
        event = f"INSERT OR UPDATE OF record, {column}"
        yield _trigger("address", table, "write", event, f"{table}_is_free()")
    event = "INSERT OR UPDATE OF record, slug, old_slug"
    yield _trigger("chain", "talks_redirect", "write", event, "talks_refuse_chain()")


def _trigger(kind: str, table: str, name: str, event: str, function: str, when: str = "") -> tuple[str, str, str]:
    # After the row, not before it: an INSERT that turns into an UPDATE of the same row is none.
    condition = f"WHEN ({when}) " if when else ""
    body = f"TRIGGER {{name}} AFTER {event} ON {table} FOR EACH ROW {condition}EXECUTE FUNCTION {function}"
    return f"talks_{kind}_{table}_{name}", table, body
