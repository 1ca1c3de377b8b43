"""How what was asked for is arranged on a page: facing columns, rows in time, roles over time. Pure lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from talks import dates, evidence

PLACES = ("first", "second", "third")
ROLE_SOURCES = 3  # how many sources of a role are named
ACCOUNTS = -1  # the column of the sources' own accounts
ROWS = {"before": "Before", "at": "At the meeting", "after": "After"}


@dataclass
class Side:
    """One column: a party to the talks with its delegation, or all third parties together."""

    place: str
    party: Any = None
    delegation: Any = None
    statements: list[Any] = field(default_factory=list)
    count: int = 0

    @property
    def more(self) -> int:
        """How many statements there are beyond those shown."""
        return self.count - len(self.statements)


@dataclass
class Row:
    """One row of the meeting's grid: before, at or after it."""

    name: str
    label: str
    days: str
    sides: list[Side]


@dataclass
class Disagreement:
    """An editor's note on what sources contradict one another in, and the statements that do."""

    note: Any
    claims: list[Any]


@dataclass
class Spread:
    """All that was said about a meeting, as its page has it."""

    rows: list[Row]
    totals: list[tuple[str, int]]
    accounts: list[Any]
    disagreements: list[Disagreement]

    @property
    def count(self) -> int:
        """How many statements there are in all."""
        return sum(number for _, number in self.totals) + self.accounts_count

    @property
    def accounts_count(self) -> int:
        """How many of the sources' own accounts there are."""
        return len(self.accounts) + self.accounts_more

    @property
    def accounts_more(self) -> int:
        """How many of them there are beyond those shown."""
        return sum({account.row: account.in_cell for account in self.accounts}.values()) - len(self.accounts)


@dataclass
class RoleInTime:
    """A role as one source printed it, with the day it speaks of."""

    role: str
    day: str
    first: date
    source: Any
    meeting: Any


@dataclass
class RolePrinted:
    """A role as it was printed for some time: by which sources, the first of them, and how many more until when."""

    role: str
    entries: list[RoleInTime]

    @property
    def shown(self) -> list[RoleInTime]:
        return self.entries[:ROLE_SOURCES]

    @property
    def more(self) -> list[RoleInTime]:
        return self.entries[ROLE_SOURCES:]


def parties_to(delegations: Iterable[Any]) -> list[Any]:
    """The delegations of the parties to the talks, in alphabetical order of the parties."""
    return [delegation for delegation in delegations if delegation.capacity == "party"]


def sides(delegations: Iterable[Any], statements: Iterable[Any]) -> list[Side]:
    """A column for each party to the talks; statements of others are left out."""
    columns = [
        Side(PLACES[min(number, 1)], delegation.party, delegation)
        for number, delegation in enumerate(parties_to(delegations))
    ]
    spoken = list(statements)
    for column in columns:
        column.statements = [statement for statement in spoken if statement.party_id == column.party.pk]
        column.count = len(column.statements)
    return columns


def spread(delegations: Iterable[Any], statements: Iterable[Any]) -> Spread:
    """The statements of `placed` as rows of columns; a row with no statement at all is left out, and so is the column
    of a party of which nothing had been reported.
    """
    cells: dict[tuple[str, int], list[Any]] = defaultdict(list)
    accounts = []
    for statement in statements:
        if statement.column == ACCOUNTS:
            accounts.append(statement)
        else:
            cells[statement.row, statement.column].append(statement)
    heard = {column for _, column in cells}
    parties = [sent for sent in parties_to(delegations) if sent.is_reported or sent.party_id in heard]
    rows = []
    for name, label in ROWS.items():
        here = [statement for (row, _), cell in cells.items() if row == name for statement in cell]
        if here:
            rows.append(Row(name, label, _days(here), _columns(parties, name, cells)))
    spoken = [statement for cell in cells.values() for statement in cell]
    return Spread(rows, totals(rows), accounts, disagreements([*spoken, *accounts]))


def disagreements(statements: Iterable[Any]) -> list[Disagreement]:
    """The editor's notes on sources that contradict one another, with the statements that do, by publisher."""
    found: dict[int, Disagreement] = {}
    for statement in statements:
        for note in statement.notes.all():
            if note.disagreement:
                found.setdefault(note.pk, Disagreement(note, [])).claims.append(statement)
    for disagreement in found.values():
        disagreement.claims.sort(key=lambda claim: (claim.said_from, claim.source.publisher, claim.slug))
    return list(found.values())


def _columns(parties: Sequence[Any], row: str, cells: dict[tuple[str, int], list[Any]]) -> list[Side]:
    columns = [Side(PLACES[min(number, 1)], sent.party, sent) for number, sent in enumerate(parties)]
    columns.append(Side("third"))
    for column in columns:
        column.statements = cells[row, column.party.pk if column.party else 0]
        column.count = column.statements[0].in_cell if column.statements else 0
    return columns


def totals(rows: Iterable[Row]) -> list[tuple[str, int]]:
    """How many statements each column has over all rows: (party or “third parties”, number)."""
    counted: dict[str, int] = {}
    for row in rows:
        for side in row.sides:
            name = side.party.name if side.party else "third parties"
            counted[name] = counted.get(name, 0) + side.count
    return list(counted.items())


def _days(statements: list[Any]) -> str:
    first = min(statement.cell_from for statement in statements)
    last = max(statement.cell_to for statement in statements)
    return dates.words(f"{first}/{last}" if first != last else str(first))


def roles(members: Iterable[Any], statements: Iterable[Any]) -> list[RolePrinted]:
    """A person's roles as printed, oldest first, each role and source once; what stays the same stands together."""
    found = [
        RoleInTime(member.role_as_printed, meeting.date, meeting.date_from, member.source, meeting)
        for member in members
        if member.role_as_printed
        for meeting in [member.delegation.meeting]
    ]
    found += [
        RoleInTime(said.role_as_printed, said.said_on, said.said_from, said.source, said.meeting) for said in statements
    ]
    first: dict[tuple[str, int], RoleInTime] = {}
    for entry in sorted(found, key=lambda entry: entry.first):
        first.setdefault((entry.role, entry.source.pk), entry)
    return [RolePrinted(role, list(entries)) for role, entries in groupby(first.values(), lambda entry: entry.role)]


def readings(statement: Any, wordings: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Other direct renderings of a direct quotation, each with the two texts beside each other, piece by piece."""
    if statement.quotation_type != "direct":
        return []
    others = [wording for wording in wordings if wording.quotation_type == "direct"]
    return [(wording, evidence.alignment(statement.text, wording.text)) for wording in others]


def pauses(meetings: Sequence[Any], shortest: int = 120) -> list[dict[str, Any]]:
    """Meetings in time with `pause`: the days since the one before, where more than `shortest` lie between."""
    steps, earlier = [], None
    for meeting in meetings:
        days = dates.days_between(earlier.date_to, meeting.date_from) if earlier else 0
        steps.append({"meeting": meeting, "pause": days if days > shortest else 0})
        earlier = meeting
    return steps
