"""The statements of a meeting's page: the first few of each cell, found without reading the others.

A cell is a column (a party to the talks; 0 for all other sides; -1 for the sources' own accounts) in a row: before the
meeting, at it or after it. How many a cell has, and on which days, is kept by the database; where its first statements
stand in the index of the meeting's statements follows from these days.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from talks.querysets.asked import Rows

ACCOUNTS, OTHERS = -1, 0


class Cell(NamedTuple):
    """A cell that has statements: how many, their first and last day, and the day up to which the first few begin."""

    column: int
    row: str
    number: int
    first: str
    last: str
    enough: str


def column_of(party: int, parties: Iterable[int]) -> int:
    """The column of a party, as the tally names it."""
    return party if party == ACCOUNTS or party in parties else OTHERS


def row_of(meeting: Any, first: Any, last: Any) -> str:
    """The row of what was said between these two days, which may be texts."""
    if last and str(last) < str(meeting.date_from):
        return "before"
    return "after" if first and str(first) > str(meeting.date_to) else "at"


def cells(meeting: Any, counted: Iterable[tuple[str, int]], parties: Iterable[int], most: int) -> list[Cell]:
    """The cells of a meeting that have statements, where at most so many of each are shown, of what is counted."""
    found: dict[tuple[int, str], list[tuple[str, str, int]]] = {}
    for kind, number in counted:
        party, first, last = kind.split(" ")[1:]
        key = column_of(int(party), parties), row_of(meeting, first, last)
        found.setdefault(key, []).append((first, last, number))
    return [_cell(*key, sorted(days), most) for key, days in found.items()]


def _cell(column: int, row: str, days: list[tuple[str, str, int]], most: int) -> Cell:
    reached, enough = 0, days[-1][0]
    for first, _, number in days:
        reached += number
        if reached >= most:
            enough = first
            break
    return Cell(column, row, sum(n for *_, n in days), days[0][0], max(last for _, last, _ in days), enough)


def numbers(meeting: Any, parties: Iterable[int], some: Iterable[Cell], most: int) -> Rows:
    """The row numbers of the first so many statements of each of these cells."""
    asked, values = [], []
    for number, cell in enumerate(some):
        within, own = _within(cell, meeting, list(parties))
        asked.append(
            "SELECT id FROM (SELECT id FROM talks_statement WHERE meeting_id = %s AND variant_of_id IS NULL "  # noqa: S608
            f"AND status = 'published' AND said_from >= %s AND said_from <= %s AND {within} "
            f"ORDER BY said_from, slug LIMIT {int(most)}) c{number}"
        )
        values += [meeting.pk, cell.first, cell.enough, *own]
    return Rows(" UNION ALL ".join(asked), values)


def _within(cell: Cell, meeting: Any, parties: list[int]) -> tuple[str, list[Any]]:
    """A condition on a statement: that it stands in this cell."""
    row, days = {
        "before": ("said_to < %s", [str(meeting.date_from)]),
        "after": ("said_from > %s", [str(meeting.date_to)]),
        "at": ("said_to >= %s AND said_from <= %s", [str(meeting.date_from), str(meeting.date_to)]),
    }[cell.row]
    if cell.column == ACCOUNTS:
        return f"quotation_type = 'narration' AND {row}", days
    if cell.column != OTHERS:
        return f"party_id = %s AND quotation_type <> 'narration' AND {row}", [cell.column, *days]
    listed = ", ".join(["%s"] * len(parties))
    others = f"(party_id IS NULL OR party_id NOT IN ({listed}))" if parties else "true"
    return f"{others} AND quotation_type <> 'narration' AND {row}", [*parties, *days]


def in_place(statements: Iterable[Any], some: Iterable[Cell], meeting: Any, parties: Iterable[int]) -> list[Any]:
    """The statements, each with `column`, `row`, `in_cell` (how many its cell has) and the cell's first and last day,
    `cell_from` and `cell_to`.
    """
    by_place = {(cell.column, cell.row): cell for cell in some}
    placed = list(statements)
    for statement in placed:
        side = ACCOUNTS if statement.quotation_type == "narration" else statement.party_id or OTHERS
        key = column_of(side, parties), row_of(meeting, statement.said_from, statement.said_to)
        cell = by_place[key]
        statement.column, statement.row, statement.in_cell = cell.column, cell.row, cell.number
        statement.cell_from, statement.cell_to = cell.first, cell.last
    return placed
