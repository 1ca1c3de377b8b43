"""How PostgreSQL's full-text search is asked. Every word is a value of the question, none a part of it."""

from __future__ import annotations

from typing import Any

from talks.search.sample import drawn
from talks.search.words import Query, Term

# What is kept of each row that fits, besides its key: the row has been read for its words.
SLUGS = ", e.slug"
KEPT = ", e.counted, e.publisher"
# What is read of the newest at once, in their order: a text of their words, and a list of their publishers.
JOINED = "string_agg(e.counted, ''), json_agg(e.publisher)::text FROM newest e"
# Keys and slugs as one text, of what was found.
PLACES = "string_agg(f.place::text || ' ' || f.slug, ',') FROM found f"
WEIGHS_RARITY = False  # of words
ESTIMATES = True  # how many rows a condition leaves, and walks or gathers accordingly
GREATEST, LEAST = "greatest", "least"
# What was reported by a day was said by then, as the bounds of the keys say already: a planner that is told it once more takes it
# for one in a hundred instead of one in ten, and gathers all.
REPORTED = "CASE WHEN e.reported <= %s THEN true ELSE false END"
# Marks that many rows have are looked for in columns; such columns as stand together in an index in the order of the list.
APART = "pkf"
INDEXED = ("", "p", "k", "kp", "fk", "fp")


def found(query: Query | None, marks: tuple[str, ...]) -> tuple[str, list[Any], str]:
    """FROM and WHERE of what fits, the values in them, and the column that is in order."""
    sql, values = "FROM talks_search e WHERE true", []
    terms = query.terms if query else ()
    phrases = tuple(term for term in terms if term.wanted and len(term.words) > 1 and not term.is_beginning)
    others = tuple(term for term in terms if term not in phrases)
    is_led = bool(marks) or any(term.wanted for term in others)  # by more than its phrases
    if phrases:
        # To a phrase its pairs of words lead. IS TRUE keeps the planner from asking for all that has its words, too.
        asked, own = expression(phrases if is_led else terms, ())
        sql += f" AND e.pairs @> talks_pairs({_TEXT})" * len(phrases) + f" AND (e.document @@ ({asked})) IS TRUE"
        values += [*(term.text for term in phrases), *own]
    if is_led or (terms and not phrases):
        asked, own = expression(others, marks)
        sql += f" AND e.document @@ ({asked})"
        values += own
    return sql, values, "e.place"


_TEXT = "to_tsvector('talks_words', talks_fold(%s))"


def spelled(query: Query) -> Query:
    """The query as it is: a beginning is looked for in the row, which is at hand."""
    return query


def walk(sql: str, most: int, limit: int | str) -> str:
    """The table `found` of a question: what is walked to, as far as the limit says, which is a number or a subquery.

    The planner takes a limit that it does not know for a tenth of all, and might walk past much that does not fit. So it is
    told another one, too; what is not read of a table of a question is not walked to.
    """
    if isinstance(limit, int):
        return f"found AS MATERIALIZED ({sql} LIMIT {limit})"
    walked = f"walk AS MATERIALIZED ({sql} LIMIT {most})"
    return f"{walked}, found AS MATERIALIZED (SELECT * FROM walk LIMIT {limit})"


def of_sample(sql: str) -> str:
    """What `found` gives, of the sample, which has indexes of its own."""
    return f"{sql} AND {drawn('e.statement_id')}"


def one_of(column: str, subquery: str) -> str:
    """A condition: that a column has one of these values, which are asked for first, however many tables are joined."""
    return f"{column} = ANY (ARRAY ({subquery}))"


def of_numbers(numbers: list[int]) -> tuple[str, list[int]]:
    """A subquery for these numbers, and its value."""
    return "SELECT unnest(%s::bigint[])", numbers


def apart(sql: str) -> tuple[str, str]:
    """What stands before a question for all that fits, and what it is then asked from; for what is known to be few.

    That few fit does not tell the planner where they stand: it might walk past all others from the newest on.
    """
    return f"WITH found AS MATERIALIZED (SELECT e.place, e.slug, e.statement_id {sql}) ", "FROM found e WHERE true"


def best(sql: str, values: list[Any], query: Query | None, most: int, common: bool = False) -> tuple[str, list[Any]]:
    """The slugs and row numbers, best first. A word in the text weighs most, one in a name half, one in the context a tenth."""
    asked, own = expression(query.terms if query else (), ())
    newest = f"SELECT e.slug, e.statement_id AS id, e.document, e.place >> 32 AS day {sql} ORDER BY e.place DESC LIMIT {most}"
    rank = f"round(ts_rank('{{0, 0.1, 0.5, 1}}', f.document, ({asked}))::numeric, 6)"
    return f"SELECT slug, id FROM ({newest}) f ORDER BY {rank} DESC, day DESC, slug DESC", [*values, *own]


def expression(terms: tuple[Term, ...], marks: tuple[str, ...]) -> tuple[str, list[Any]]:
    """Terms and marks as an expression of type tsquery, and the values in it."""
    parts: list[str] = []
    values: list[Any] = []
    for term in terms:
        asked, own = _term(term)
        parts.append(asked if term.wanted else f"!!{asked}")
        values += own
    if marks or not any(term.wanted for term in terms):
        parts.append("%s::tsquery")
        values.append(" & ".join(f"'={mark}'" for mark in marks or ("x0",)))
    return " && ".join(parts), values


def _term(term: Term) -> tuple[str, list[Any]]:
    asked = "talks_beginning(%s)" if term.is_beginning else "phraseto_tsquery('talks_words', talks_fold(%s))"
    return asked, [term.text]
