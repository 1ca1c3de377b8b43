"""How SQLite's FTS5 is asked. Every word stands in quotation marks, so that none is read as an operator."""

from __future__ import annotations

import json
from typing import Any

from talks.search.beginnings import spelled as spelled
from talks.search.words import Query, Term

# What is kept of each row that fits, besides its key: nothing, since the words have no more at hand.
KEPT = SLUGS = ""
# What is read of the newest at once, in their order: a text of their words, and a list of their publishers.
JOINED = (
    "group_concat(e.counted, ''), json_group_array(e.publisher) "
    "FROM newest n CROSS JOIN talks_search e ON e.place = n.place"
)
# Keys and slugs as one text, of what was found.
PLACES = "group_concat(f.place || ' ' || e.slug) FROM found f CROSS JOIN talks_search e ON e.place = f.place"
READ = "{text names context} : "
RARE = "round(bm25(talks_search_words, 4.0, 4.0, 1.0, 0.0), 6)"
WEIGHS_RARITY = True
ESTIMATES = False
GREATEST, LEAST = "max", "min"
REPORTED = "e.reported <= %s"
APART = ""  # no marks are looked for elsewhere than among the words
WORDS, SAMPLE = "talks_search_words", "talks_search_sample"
# CROSS JOIN is SQLite's way to be told which table to begin with.
WITH_ROWS = " CROSS JOIN talks_search e ON e.place = -w.rowid"
# FTS5 reads its rows forwards in four fifths of the time that it needs backwards: so theirs are the keys with the other sign.
MIRRORED = "w.rowid"


def found(query: Query | None, marks: tuple[str, ...]) -> tuple[str, list[Any], str]:
    """FROM and WHERE of what fits, the values in them, and the column that is in order."""
    if not query and not marks:
        return "FROM talks_search e WHERE 1", [], "e.place"
    return (
        f"FROM talks_search_words w{WITH_ROWS} WHERE talks_search_words MATCH %s",
        [expression(query, marks)],
        MIRRORED,
    )


def walk(sql: str, most: int, limit: int | str) -> str:
    """The table `found` of a question: what is walked to, as far as the limit says, which is a number or a subquery."""
    return f"found AS MATERIALIZED ({sql} LIMIT {limit})"


def of_sample(sql: str) -> str:
    """What `found` gives, of the sample."""
    return sql.replace(WORDS, SAMPLE)


def one_of(column: str, subquery: str) -> str:
    """A condition: that a column has one of these values."""
    return f"{column} IN ({subquery})"


def of_numbers(numbers: list[int]) -> tuple[str, str]:
    """A subquery for these numbers, and its value."""
    return "SELECT value FROM json_each(%s)", json.dumps(numbers)


def best(sql: str, values: list[Any], query: Query | None, most: int, common: bool) -> tuple[str, list[Any]]:
    """The slugs and row numbers, best first. A word in the text or in a name weighs four times one in the context.

    `common`: there are words that so many statements have that FTS5 had better not look at them all, to tell how rare
    each is. Then it is counted how often they stand in what was found.
    """
    rank = f"-4 * ({_stand('text', 0)} + {_stand('names', 1)}) - {_stand('context', 2)}" if common else RARE
    newest = (
        f"SELECT e.slug, e.statement_id AS id, {rank} AS rank, e.place >> 32 AS day {sql} ORDER BY w.rowid LIMIT {most}"
    )
    return f"SELECT slug, id FROM ({newest}) f ORDER BY rank, day DESC, slug DESC", values


def _stand(column: str, number: int) -> str:
    """How often what is searched for stands in a column of a row: a sign is put before each."""
    return f"(length(highlight(talks_search_words, {number}, char(1), '')) - length(w.{column}))"


def expression(query: Query | None, marks: tuple[str, ...]) -> str:
    """The query in the language of FTS5."""
    wanted = list(map(_term, query.wanted)) if query else []
    unwanted = list(map(_term, query.unwanted)) if query else []
    parts = [*wanted, *(f'marks : "{mark}"' for mark in marks)] or ['marks : "x0"']
    return " NOT ".join([f"({' AND '.join(parts)})", *unwanted])


def _term(term: Term) -> str:
    whole = f'"{term.text}"' + (" *" if term.is_beginning else "")
    words = [f'"{word}"' for word in term.spelled or term.forms]
    # To look in some columns only takes FTS5 an eighth of its time. The marks, in the other, all begin with an x.
    columns = READ if any(word.startswith("x") for word in term.words) else ""
    return f"{columns}({' OR '.join(words if term.spelled else [whole, *words])})"
