"""How many public statements each noun has, and how many rows each list: counts that the database keeps as it is written.

`talks_tally` has a row for each kind of count and each noun (0 for the counts of whole lists). Without it a list of
four parties would read a million statements. What is counted stands here once, for both databases: the triggers add
and take away what a written row counts for, `fill` counts all anew, and both take their conditions from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

TABLE = "talks_tally"
MADE = (
    "CREATE TABLE IF NOT EXISTS talks_tally "
    "(kind varchar(20) NOT NULL, noun bigint NOT NULL, number bigint NOT NULL, PRIMARY KEY (kind, noun))"
)
EMPTIED = "DELETE FROM talks_tally"


class Count(NamedTuple):
    """What rows of a table count for: the kind, the noun (an expression on the row `{row}`), and which rows do."""

    kind: str
    noun: str = "0"
    where: str = "{row}.status = 'published'"


_PRINCIPAL = "{row}.status = 'published' AND {row}.variant_of_id IS NULL"
# By table: the columns in which a change matters, and what is counted.
COUNTS: dict[str, tuple[tuple[str, ...], tuple[Count, ...]]] = {
    "talks_statement": (
        ("status", "variant_of_id", "party_id", "speaker_id", "meeting_id", "source_id"),
        (
            Count("statements"),
            Count("party", "{row}.party_id", _PRINCIPAL),
            Count("person", "{row}.speaker_id", _PRINCIPAL),
            Count("meeting", "{row}.meeting_id", _PRINCIPAL),
            Count("source", "{row}.source_id"),
        ),
    ),
    "talks_party": (("status",), (Count("parties"),)),
    "talks_person": (("status",), (Count("people"),)),
    "talks_source": (("status",), (Count("sources"),)),
    "talks_meeting": (("status",), (Count("meetings"),)),
    "talks_delegation": (("status",), (Count("delegations"),)),
    "talks_correction": ((), (Count("corrections", where="true"),)),
}


def fill() -> Iterator[str]:
    """The SQL that counts all anew."""
    yield EMPTIED
    for table, (_, counts) in COUNTS.items():
        for count in counts:
            noun, where = count.noun.format(row="s"), count.where.format(row="s")
            there = f"FROM {table} s WHERE {where} AND {noun} IS NOT NULL GROUP BY {noun}"
            # Grouping by a bare number would mean the column of that place.
            there = there.replace(" GROUP BY 0", " HAVING count(*) > 0")
            yield f"INSERT INTO talks_tally (kind, noun, number) SELECT '{count.kind}', {noun}, count(*) {there}"


def differs(columns: tuple[str, ...], apart: str) -> str:
    """An SQL condition: one of these columns is another than before."""
    return " OR ".join(f"OLD.{column} {apart} NEW.{column}" for column in columns)
