"""Words typed by a reader, and values to narrow by, to statements: which there are, newest first or best first.

Asks the index that the database itself keeps in step with every write (`talks/guards/search.py` describes it): FTS5
on SQLite, a tsvector on PostgreSQL. Knows rows and numbers; no models.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from talks.search import counting, postgresql
from talks.search.asking import DAY, EPOCH, FAR, Asked, ask, dated, last_by, lowest, rows, spoken
from talks.search.asking import Wanted as Wanted
from talks.search.counting import Counted
from talks.search.marks import by_values, is_dated
from talks.search.sample import ENOUGH
from talks.search.words import Query, Term

ALL = "FROM talks_search e WHERE 1 = 1"
# Up to here every count is exact; above it is “more than”.
COUNTED = 10_000
# A list shows fewer at once than this.
AT_ONCE = 101
# Up to here results are ranked; above they come newest first.
RANKED = 1_000
# What more statements have is not weighed by how rare it is.
COMMON = 5_000
# Of more than COUNTED, so many of the newest tell by what they can be narrowed.
NEWEST = 1_000
# Where nobody asks for that, so many are walked to: of a million statements the days with which a page begins have fewer.
LISTED = 400
DENSE = 20_000  # rows of the index: where so many have NEWEST that fit, one that fits is met soon in any order


class Key(NamedTuple):
    """A place in a list in order of days: what comes next comes after it."""

    day: date
    slug: str


def looked_up(wanted: Wanted) -> Wanted:
    """The same with its last key, where a planner that does not know it would expect far more. SQLite's plans by rule, and
    where a mark leads to few rows nothing depends on it.
    """
    dialect = spoken()
    is_led = any(not is_dated(one) and one[1] not in dialect.APART for one in wanted.marks)
    if wanted.reported is None or is_led or not dialect.ESTIMATES:
        return wanted
    ((until,),) = rows(f"SELECT {last_by(wanted.reported)}", [])
    return wanted._replace(until=until)


def counted(wanted: Wanted, most: int = COUNTED, newest: int = NEWEST, many: bool = False) -> Counted:
    """What fits, counted up to one more than so many, and by all that it can be narrowed by: of more, the newest only.
    `many`: more are known to fit.
    """
    dialect = spoken()
    number = f"SELECT CASE WHEN number > {most} THEN {newest} ELSE {most} END FROM told"
    read = f", newest AS (SELECT * FROM found LIMIT ({number}))"
    return _walked(wanted, most, newest, many, dialect.KEPT, read, f", {dialect.JOINED}")


def walked(wanted: Wanted, most: int = COUNTED, newest: int = LISTED, many: bool = False) -> Counted:
    """The same for who asks for no values to narrow by."""
    return _walked(wanted, most, newest, many)


def _walked(
    wanted: Wanted, most: int, newest: int, many: bool, kept: str = "", read: str = "", told: str = ""
) -> Counted:
    """The index is walked once: for the newest, if who asks knows that more than so many fit, or the sample tells that far
    more do; else for one more. Keys are told of the days with which a list begins, these days whole.

    What was found is not sorted again: both databases keep it as it was walked.
    """
    if wanted.is_vain:
        return counting.read(0, None)
    asked = ask(wanted)
    sample, values = ("SELECT 1 = 1", []) if many else _sampled(wanted, asked)
    limit = newest if many else f"(SELECT CASE WHEN is_so THEN {newest} ELSE {most + 1} END FROM many)"
    each = f"{asked.place} AS place{spoken().SLUGS}{kept}"
    found = spoken().walk(f"SELECT {each} {asked.alone()} {asked.newest_first}", most + 1, limit)
    number = f"SELECT CASE WHEN (SELECT is_so FROM many) THEN {most + 1} ELSE count(*) END AS number FROM found"
    day = f"SELECT place >> 32 FROM found LIMIT 1 OFFSET {AT_ONCE - 1}"
    first = f"SELECT {spoken().PLACES} WHERE f.place >= coalesce(({day}) * {DAY}, {lowest(EPOCH, -FAR)})"
    tables = f"many (is_so) AS MATERIALIZED ({sample}), {found}, told AS MATERIALIZED ({number})"
    counts = f"SELECT (SELECT number FROM told), ({first}){told}"
    (row,) = rows(f"WITH {tables}{read} {counts}", [*values, *asked.values])
    there = counting.read(*row)
    # Where the walk ends on such a day, the day may have more.
    is_whole = there.number <= most or len(there.places) < min(newest, most + 1)
    return there if is_whole else there._replace(places=[])


def _sampled(wanted: Wanted, asked: Asked) -> tuple[str, list[Any]]:
    """A question for whether the sample tells that far more than COUNTED fit, which is the most that anybody has counted. What
    nothing but days narrows is counted sooner.
    """
    if wanted.query is None and all(map(is_dated, wanted.marks)):
        return "SELECT 1 = 0", []
    drawn = asked._replace(bare=spoken().of_sample(asked.bare))
    return f"SELECT count(*) = {ENOUGH} FROM (SELECT 1 {drawn.alone()} LIMIT {ENOUGH}) drawn", asked.values


def is_much(wanted: Wanted) -> bool:
    """Whether the sample tells that far more than COUNTED fit."""
    if wanted.is_vain:
        return False
    ((is_so,),) = rows(*_sampled(wanted, ask(wanted)))
    return bool(is_so)


def is_dense(wanted: Wanted, newest: int = NEWEST, among: int = DENSE) -> bool:
    """Whether so many fit among so many of the newest; it takes less to tell than how many fit at all."""
    if wanted.is_vain:
        return False
    asked = ask(wanted)
    last = f"SELECT {asked.place} {asked.alone()} {asked.newest_first} LIMIT 1 OFFSET {newest - 1}"
    passed = f"SELECT 1 FROM talks_search WHERE place >= ({last}) LIMIT {among + 1}"
    ((number,),) = rows(f"SELECT count(*) FROM ({passed}) passed", asked.values)
    return 0 < number <= among


def is_of_keys(wanted: Wanted) -> bool:
    """Whether PostgreSQL need not see the rows to tell how many fit: nothing is asked but days and what stands in an index
    with the key.
    """
    letters = "".join(sorted(one[1] for one in wanted.marks if not is_dated(one)))
    is_bare = wanted.query is None and wanted.reported is None
    return is_bare and connection.vendor == "postgresql" and letters in postgresql.INDEXED


def of_keys(wanted: Wanted, most: int = COUNTED) -> int:
    """How many fit of what `is_of_keys`, counted up to one more than so many, if the sample does not tell that far more do."""
    asked = ask(wanted)
    sample, values = _sampled(wanted, asked)
    counted = f"SELECT count(*) FROM (SELECT 1 {asked.alone()} LIMIT {most + 1}) counted"
    ((number,),) = rows(f"SELECT CASE WHEN ({sample}) THEN {most + 1} ELSE ({counted}) END", [*values, *asked.values])
    return int(number)


def counts(several: list[Wanted], most: int = COUNTED + 1) -> list[int]:
    """How many fit each of several, counted up to so many, in one question."""
    asked = {n: ask(wanted) for n, wanted in enumerate(several) if not wanted.is_vain}
    each = (
        f"SELECT {n}, (SELECT count(*) FROM (SELECT 1 {one.alone()} LIMIT {most}) counted)" for n, one in asked.items()
    )
    values = [value for one in asked.values() for value in one.values]
    found = dict(rows(" UNION ALL ".join(each), values)) if asked else {}
    return [found.get(n, 0) for n in range(len(several))]


def page(wanted: Wanted, most: int, descending: bool = True, after: Key | None = None, few: bool = False) -> list[int]:
    """The row numbers of the first so many that fit, after a key, by day and then by slug; `few`: COUNTED at most fit.

    The index is in order of days. It is read from the day of the key until the day of the last row wanted is known, and no
    further; only the rows of these days are sorted by slug.
    """
    asked = ask(wanted)
    before, values = "", [*asked.values, *asked.values]
    if few and connection.vendor == "postgresql":
        (before, within), values = postgresql.apart(asked.sql()), asked.values
        asked = Asked(within, [], asked.column)
    direction, than = ("DESC", "<") if descending else ("ASC", ">")
    order = f"ORDER BY e.place >> 32 {direction}, e.slug {direction} LIMIT {most}"
    found = f"{_of_days(asked, most, descending, after)}{f' AND (e.place >> 32 {than} %s OR e.slug {than} %s)' if after else ''}"
    key = [(after.day - EPOCH).days, after.slug] if after else []
    return [number for (number,) in rows(f"{before}SELECT e.statement_id {found} {order}", [*values, *key])]


def _of_days(asked: Asked, most: int, descending: bool, after: Key | None) -> str:
    """All of the days that a page can be of: from that of the key to the one on which, beyond it, there are enough."""
    day, next_day = (str(lowest(after.day)), str(lowest(after.day, 1))) if after else ("", "")
    last = f"SELECT {asked.place} >> 32 {{}} {{}} LIMIT 1 OFFSET {most - 1}"
    if descending:
        last = last.format(asked.sql(high=day), asked.newest_first)
        return asked.sql(f"coalesce(({last}) * {DAY}, {lowest(EPOCH, -FAR)})", next_day)
    last = last.format(asked.sql(low=next_day), asked.oldest_first)
    return asked.sql(day, f"coalesce((({last}) + 1) * {DAY}, {lowest(EPOCH, FAR)})")


def stretches(wanted: Wanted, least: int, first: int) -> Iterator[list[int]]:
    """The row numbers of all that fit, by days, the oldest first, in stretches of whole days: each of at least so many,
    but for the first and the last one. No more of them are held than one stretch has.
    """
    if wanted.is_vain:
        return
    asked, beyond, size = ask(wanted), lowest(EPOCH, -FAR), first

    def walk(start: int, before: int) -> str:
        return f"SELECT {asked.place} {asked.alone(str(start), str(before))} {asked.oldest_first}"

    while places := rows(f"{walk(beyond, lowest(EPOCH, FAR))} LIMIT {size}", asked.values):
        is_last = len(places) < size
        if not is_last:
            ((end,),) = places[-1:]
            beyond, size = ((end >> 32) + 1) * DAY, least
            places += rows(walk(end + 1, beyond), asked.values)
        yield [place % DAY for (place,) in places]
        if is_last:
            return


def best(wanted: Wanted) -> dict[str, int]:
    """The slugs of those that fit with their row numbers, best first; ranks the newest RANKED only."""
    asked, dialect = ask(wanted), spoken()
    common = dialect.WEIGHS_RARITY and has_common(wanted)
    return dict(rows(*dialect.best(asked.sql(), asked.values, wanted.query, RANKED, common)))


def has_common(wanted: Wanted) -> bool:
    """Whether there is a mark that more than COMMON statements have, or a term each word of which so many have, or that
    may be many words, or nothing but what must not stand there.
    """
    terms = wanted.query.wanted if wanted.query else []
    words = sorted({word for term in terms for word in term.words})
    marks = [one for one in wanted.marks if not is_dated(one)]
    asked = [*(Wanted(Query("", (Term((word,)),))) for word in words), *(Wanted(marks=(one,)) for one in marks)]
    numbers = zip([*words, *marks], counts(asked, COMMON + 1), strict=True)
    common = {one for one, number in numbers if number > COMMON}
    return not terms or not common.isdisjoint(marks) or any(_is_common(term, common) for term in terms)


def _is_common(term: Term, common: set[str]) -> bool:
    return term.is_beginning or common.issuperset(term.words)


def numbers(wanted: Wanted, most: int) -> list[int]:
    """The row numbers of at most so many that fit, newest first."""
    asked = ask(wanted)
    newest = f"SELECT {asked.place} {asked.alone()} {asked.newest_first} LIMIT {most}"
    return [place % DAY for (place,) in rows(newest, asked.values)]


def missing(query: Query) -> set[str]:
    """The wanted words and phrases that stand in no public statement."""
    terms = [term for term in query.wanted if not term.is_beginning]
    if not terms:
        return set()
    asked = [ask(Wanted(Query("", (term,)))) for term in terms]
    each = (f"SELECT {n} WHERE NOT EXISTS (SELECT 1 {one.alone()})" for n, one in enumerate(asked))
    return {terms[n].text for (n,) in rows(" UNION ALL ".join(each), [value for one in asked for value in one.values])}


def spelled(query: Query) -> Query:
    """The same query with the words that its beginnings stand for, where it takes less to ask for these."""
    return spoken().spelled(query)


def matching(wanted: Wanted) -> tuple[str, list[Any]]:
    """A subquery for all that fit: the row numbers of statements, and the values in it."""
    asked = ask(wanted)
    return f"SELECT e.statement_id {asked.sql()}", asked.values


def of_numbers(numbers: list[int]) -> tuple[str, list[Any]]:
    """A subquery for these row numbers, however many: they are one value."""
    sql, value = spoken().of_numbers(numbers)
    return sql, [value]


def fits(wanted: Wanted) -> tuple[str, list[Any]]:
    """A condition on a row of `talks_statement`, for a list in another order of which only the beginning is read."""
    # A row has its values at hand: to ask the words of the index about one takes SQLite a millisecond.
    asked = ask(wanted) if wanted.query else dated(wanted, *by_values(ALL, wanted.marks))
    own = asked.is_at("(SELECT place FROM talks_search WHERE statement_id = talks_statement.id)")
    return f"EXISTS (SELECT 1 {asked.sql()} AND {own})", asked.values


def one_of(column: str, subquery: str) -> str:
    """A condition: that a column has one of the values of a subquery, in the way that this database does best."""
    return str(spoken().one_of(column, subquery))
