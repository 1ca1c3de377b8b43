"""Public statements by the state of their evidence, as the index has it: what the desk asks. No models."""

from __future__ import annotations

from talks.search.asking import rows


def of_evidence(found: str, most: int) -> list[int]:
    """The row numbers of at most so many public statements of one state, as the index names it."""
    asked = "SELECT statement_id FROM talks_search WHERE found = %s ORDER BY statement_id LIMIT %s"
    return [key for (key,) in rows(asked, [found, most])]


def number(found: str, most: int) -> int:
    """How many there are, counted up to so many: read off an index alone."""
    ((counted,),) = rows(
        "SELECT count(*) FROM (SELECT 1 FROM talks_search WHERE found = %s LIMIT %s) counted", [found, most]
    )
    return int(counted)
