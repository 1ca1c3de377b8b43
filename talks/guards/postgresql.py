"""The guards in PostgreSQL's SQL. Knows tables and columns by name; no models."""

from __future__ import annotations

from collections.abc import Iterator

from talks.guards import addresses_postgresql as addresses
from talks.guards import remade_postgresql
from talks.guards import search_postgresql as search
from talks.guards import tally_postgresql as tally

Edtf = list[tuple[str, str, str, str]]
Chains = tuple[tuple[str, str], ...]

INSTALLED = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'talks\\_%'"

RAISED = "UPDATE talks_edition SET number = number + 1, raised_at = clock_timestamp()"

remake = remade_postgresql.remake

_FUNCTIONS = r"""
CREATE OR REPLACE FUNCTION talks_raise_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- A number that was never given out before, should somebody have deleted the row: milliseconds since 1970.
  INSERT INTO talks_edition AS present (id, number, raised_at)
  VALUES (1, floor(extract(epoch FROM clock_timestamp()) * 1000), clock_timestamp())
  ON CONFLICT (id) DO UPDATE SET number = present.number + 1, raised_at = clock_timestamp();
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION talks_edtf_day(side text, wants_last boolean) RETURNS date LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  bare text := regexp_replace(side, '[~?%]$', '');
  first date;
BEGIN
  IF side !~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?[~?%]?$' THEN
    RAISE check_violation USING MESSAGE = 'not an EDTF date';
  END IF;
  first := make_date(substr(bare, 1, 4)::int, coalesce(nullif(substr(bare, 6, 2), ''), '1')::int,
                     coalesce(nullif(substr(bare, 9, 2), ''), '1')::int);
  IF NOT wants_last THEN RETURN first; END IF;
  RETURN CASE length(bare) WHEN 4 THEN first + interval '1 year' - interval '1 day'
    WHEN 7 THEN first + interval '1 month' - interval '1 day' ELSE first END;
EXCEPTION WHEN datetime_field_overflow THEN
  RAISE check_violation USING MESSAGE = 'not an EDTF date: no such day';
END $$;

CREATE OR REPLACE FUNCTION talks_edtf_fits(value text, first date, last date) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  sides text[] := string_to_array(value, '/');
BEGIN
  IF value = '' THEN RETURN first IS NULL AND last IS NULL; END IF;
  IF cardinality(sides) > 2 THEN RETURN false; END IF;
  RETURN first IS NOT NULL AND last IS NOT NULL
    AND first = talks_edtf_day(sides[1], false)
    AND last = talks_edtf_day(sides[cardinality(sides)], true)
    AND first <= talks_edtf_day(sides[cardinality(sides)], false);
END $$;

CREATE OR REPLACE FUNCTION talks_check_edtf() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  line jsonb := to_jsonb(NEW);
BEGIN
  IF talks_edtf_fits(line->>TG_ARGV[0], (line->>TG_ARGV[1])::date, (line->>TG_ARGV[2])::date) THEN
    RETURN NEW;
  END IF;
  RAISE check_violation USING MESSAGE =
    TG_TABLE_NAME || '.' || TG_ARGV[0] || ' is not an EDTF date, or its derived days do not fit it';
END $$;

CREATE OR REPLACE FUNCTION talks_refuse_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  line jsonb := to_jsonb(NEW);
  found boolean;
BEGIN
  IF line->>TG_ARGV[0] IS NULL THEN RETURN NULL; END IF;
  EXECUTE format('WITH RECURSIVE chain (id) AS (SELECT $1 UNION SELECT t.%1$I FROM %2$I t JOIN chain ON t.id = chain.id)
    SELECT EXISTS (SELECT 1 FROM chain WHERE id = $2)', TG_ARGV[0], TG_TABLE_NAME)
    INTO found USING (line->>TG_ARGV[0])::bigint, (line->>'id')::bigint;
  IF found THEN
    RAISE check_violation USING MESSAGE = TG_TABLE_NAME || '.' || TG_ARGV[0] || ' would be a cycle';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION talks_check_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  line jsonb := to_jsonb(coalesce(NEW, OLD));
  asked bigint := coalesce(line->>'statement_id', line->>'id')::bigint;
  kind text;
  passages integer;
  quoted integer;
BEGIN
  SELECT quotation_type INTO kind FROM talks_statement WHERE id = asked;
  IF kind IS NULL THEN RETURN NULL; END IF;
  SELECT count(*), count(nullif(exact, '')) INTO passages, quoted FROM talks_passage WHERE statement_id = asked;
  IF kind IN ('direct', 'mixed') AND (passages = 0 OR quoted < passages) THEN
    RAISE check_violation USING MESSAGE =
      'talks_passage.exact: a direct or mixed statement has the words of its source in every passage';
  ELSIF kind NOT IN ('direct', 'mixed') AND quoted > 0 THEN
    RAISE check_violation USING MESSAGE = 'talks_passage.exact: words of ours carry none of the source';
  END IF;
  RETURN NULL;
END $$;
"""


def names(tables: list[str], edtf: Edtf, chains: Chains) -> list[str]:
    """The names of all triggers, as `statements` makes them."""
    return [name for name, _, _ in _triggers(tables, edtf, chains)]


def statements(tables: list[str], edtf: Edtf, chains: Chains) -> Iterator[str]:
    """The SQL that makes all guards anew, statement by statement."""
    yield _FUNCTIONS
    yield from addresses.functions()
    yield from search.functions()
    yield from tally.functions()
    for name, table, body in _triggers(tables, edtf, chains):
        yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
        yield f"CREATE {body.format(name=name)}"
    yield ("INSERT INTO talks_edition (id, number, raised_at) VALUES (1, 1, clock_timestamp()) ON CONFLICT DO NOTHING")


def _triggers(tables: list[str], edtf: Edtf, chains: Chains) -> Iterator[tuple[str, str, str]]:
    for table in tables:
        yield (
            f"talks_edition_{table}"[:63],
            table,
            f"TRIGGER {{name}} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION talks_raise_edition()",
        )
    yield from _of_dates(edtf)
    yield from _of_chains(chains)
    for table in ("talks_statement", "talks_passage"):
        yield (
            f"talks_evidence_{table}",
            table,
            f"CONSTRAINT TRIGGER {{name}} AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION talks_check_evidence()",
        )
    yield from addresses.triggers()
    yield from search.triggers()
    yield from tally.triggers()


def _of_dates(edtf: Edtf) -> Iterator[tuple[str, str, str]]:
    for table, text, first, last in edtf:
        yield (
            f"talks_edtf_{table}_{text}",
            table,
            f"TRIGGER {{name}} BEFORE INSERT OR UPDATE OF {text}, {first}, {last} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION talks_check_edtf('{text}', '{first}', '{last}')",
        )


def _of_chains(chains: Chains) -> Iterator[tuple[str, str, str]]:
    for table, column in chains:
        yield (
            f"talks_chain_{table}",
            table,
            f"TRIGGER {{name}} AFTER INSERT OR UPDATE OF {column} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION talks_refuse_cycle('{column}')",
        )
