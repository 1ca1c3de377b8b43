"""How many public statements each noun has, and how many rows each list: counts that the database keeps as it is written.

`talks_tally` has a row for each kind of count and each noun (0 for the counts of whole lists). Without it a list of
four parties would read a million statements. The statements about a meeting are counted apart (`part`) for each party
and each pair of first and last days: of these the columns and rows of its page are made. What is counted stands here
once, for both databases: the triggers add and take away what a written row counts for, `fill` counts all anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

TABLE = "talks_tally"
DROPPED = "DROP TABLE IF EXISTS talks_tally"
MADE = (
    "CREATE TABLE talks_tally "
    "(kind varchar(20) NOT NULL, noun bigint NOT NULL, part varchar(50) NOT NULL, number bigint NOT NULL, "
    "PRIMARY KEY (kind, noun, part))"
)

# A column's name to its day as text.
Day = Callable[[str], str]


class Count(NamedTuple):
    """What rows of a table count for: the kind, the noun (an expression on the row `{row}`), which rows do, and by
    which columns the noun's are counted apart.
    """

    kind: str
    noun: str = "0"
    where: str = "{row}.status = 'published'"
    by: tuple[str, ...] = ()
    days: tuple[str, ...] = ()

    def select(self, row: str, day: Day) -> str:
        """Kind, noun and part of a row, as SQL; `day` writes a column that has a day as text."""
        columns = [column.format(row=row) for column in self.by]
        columns += [f"coalesce({day(f'{row}.{column}')}, '')" for column in self.days]
        part = " || ' ' || ".join(columns) or "''"
        return f"'{self.kind}' AS kind, {self.noun.format(row=row)} AS noun, {part} AS part"


_PRINCIPAL = "{row}.status = 'published' AND {row}.variant_of_id IS NULL"
# The party on whose side it is; none of them is 0, and the sources' own accounts are apart from all.
_SIDE = "CASE WHEN {row}.quotation_type = 'narration' THEN -1 ELSE coalesce({row}.party_id, 0) END"
_CELLS = Count("cells", "{row}.meeting_id", _PRINCIPAL, (_SIDE,), ("said_from", "said_to"))
_LED_FROM = {"person": "speaker", "meeting": "meeting", "source": "source"}
_OF_STATEMENTS = (
    *("status", "variant_of_id", "party_id", "speaker_id", "meeting_id", "source_id"),
    *("quotation_type", "said_from", "said_to"),
)
# By table: the columns in which a change matters, and what is counted.
COUNTS: dict[str, tuple[tuple[str, ...], tuple[Count, ...]]] = {
    "talks_statement": (
        _OF_STATEMENTS,
        (
            Count("statements"),
            Count("party", "{row}.party_id", _PRINCIPAL),
            Count("person", "{row}.speaker_id", _PRINCIPAL),
            Count("meeting", "{row}.meeting_id", _PRINCIPAL),
            Count("source", "{row}.source_id"),
            _CELLS,
            # For the desk: public or not.
            *(Count(f"all of {noun}", f"{{row}}.{column}_id", "true") for noun, column in _LED_FROM.items()),
        ),
    ),
    "talks_party": (("status",), (Count("parties"),)),
    "talks_person": (("status",), (Count("people"),)),
    "talks_source": (("status",), (Count("sources"),)),
    "talks_meeting": (("status",), (Count("meetings"),)),
    "talks_delegation": (("status",), (Count("delegations"),)),
    "talks_correction": ((), (Count("corrections", where="true"),)),
}


def fill(day: Day) -> Iterator[str]:
    """The SQL that counts all anew into the empty table."""
    for table, (_, counts) in COUNTS.items():
        for count in counts:
            one = f"SELECT {count.select('s', day)} FROM {table} s WHERE {count.where.format(row='s')}"
            yield (
                "INSERT INTO talks_tally (kind, noun, part, number) SELECT kind, noun, part, count(*) "
                f"FROM ({one}) r WHERE noun IS NOT NULL GROUP BY kind, noun, part"
            )


def differs(columns: tuple[str, ...], apart: str) -> str:
    """An SQL condition: one of these columns is another than before."""
    return " OR ".join(f"OLD.{column} {apart} NEW.{column}" for column in columns)
