"""What PostgreSQL itself says of its tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import DatabaseError, connection, transaction

from talks.doctor.remark import Remark

_AMCHECK = (
    "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
    "WHERE extname = 'amcheck'"
)
_HEAP = "SELECT msg FROM {schema}.verify_heapam(%s) LIMIT 21"
_BTREE = "SELECT {schema}.bt_index_check(%s, true)"
_RELATIONS = (
    "SELECT c.oid, c.relname FROM pg_class c JOIN pg_am a ON a.oid = c.relam "
    "WHERE c.relnamespace = current_schema()::regnamespace AND a.amname = %s AND c.relpersistence = 'p' ORDER BY 2"
)
_CHECKSUMS = "SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()"
_KEYS = """
SELECT c.conrelid::regclass::text, c.confrelid::regclass::text, c.convalidated,
  array(SELECT quote_ident(attname) FROM unnest(c.conkey) WITH ORDINALITY k (number, place)
        JOIN pg_attribute ON attrelid = c.conrelid AND attnum = k.number ORDER BY place),
  array(SELECT quote_ident(attname) FROM unnest(c.confkey) WITH ORDINALITY k (number, place)
        JOIN pg_attribute ON attrelid = c.confrelid AND attnum = k.number ORDER BY place),
  EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = c.conrelid AND attname = 'slug' AND NOT attisdropped),
  EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = c.conrelid AND attname = 'id' AND NOT attisdropped)
FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace ORDER BY 1, 2"""
_BROKEN = "SELECT {name} FROM {child} c WHERE {there} AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {same}) LIMIT 21"


def integrity() -> Iterator[str]:
    """Every table and every btree, by the extension amcheck; the checksums that failed as pages were read."""
    with connection.cursor() as cursor:
        cursor.execute(_CHECKSUMS)
        if failed := cursor.fetchone()[0]:
            yield f"{failed} pages had another checksum than when they were written"
        cursor.execute(_AMCHECK)
        row = cursor.fetchone()
        if row is None:
            yield Remark("the extension amcheck is not installed: tables and indexes were not looked into")
            return
        for oid, name in _relations(cursor, "heap"):
            yield from _asked(cursor, name, _HEAP.format(schema=row[0]), oid)
        for oid, name in _relations(cursor, "btree"):
            yield from _asked(cursor, name, _BTREE.format(schema=row[0]), oid)


def _relations(cursor: Any, kind: str) -> list[tuple[int, str]]:
    cursor.execute(_RELATIONS, [kind])
    return cursor.fetchall()


def _asked(cursor: Any, name: str, question: str, oid: int) -> Iterator[str]:
    """What an answer or an error says of a table or an index."""
    try:
        with transaction.atomic():
            cursor.execute(question, [oid])
            found = [message for (message,) in cursor.fetchall() if message]
    except DatabaseError as error:
        found = [str(error).splitlines()[0]]
    for message in found:
        yield f"{name}: {message}"


def foreign_keys() -> Iterator[str]:
    """Every row names rows that are there; the server looks only when a row is written."""
    with connection.cursor() as cursor:
        cursor.execute(_KEYS)
        for child, parent, validated, columns, keys, has_slug, has_number in cursor.fetchall():
            named = ", ".join(columns)
            if not validated:
                yield f"{child}.{named}: was never looked through for {parent}"
            name = "c.slug" if has_slug else "'row ' || c.id" if has_number else f"'row ' || c.{columns[0]}"
            same = " AND ".join(f"p.{key} = c.{column}" for key, column in zip(keys, columns, strict=True))
            there = " AND ".join(f"c.{column} IS NOT NULL" for column in columns)
            cursor.execute(_BROKEN.format(name=name, child=child, there=there, parent=parent, same=same))
            for (row,) in cursor.fetchall():
                yield f"{row}, {child}.{named}: names no {parent}"
