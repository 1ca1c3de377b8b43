"""Public statements by the state of their evidence, as the index has it: what the desk asks. No models."""

from __future__ import annotations

from django.db import connection


def of_evidence(found: str, most: int) -> list[int]:
    """The row numbers of at most so many public statements of one state, as the index names it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement_id FROM talks_search WHERE found = %s ORDER BY statement_id LIMIT %s", [found, most]
        )
        return [key for (key,) in cursor.fetchall()]


def number(found: str, most: int) -> int:
    """How many there are, counted up to so many: read off an index alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM talks_search WHERE found = %s LIMIT %s) counted", [found, most]
        )
        return int(cursor.fetchone()[0])
