"""What a timeline is drawn from: meetings, statements and parties as plain values, and the lists they lead to."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from talks import dates


def ordinals(text: str) -> tuple[int, int]:
    """The first and last day that an EDTF date can mean, as ordinals."""
    days = dates.parse(text)
    return days.first.toordinal(), days.last.toordinal()


class Side(NamedTuple):
    """A party as it stands in a lane."""

    key: int
    name: str
    slug: str


class Talk(NamedTuple):
    """A meeting; `sides` are the parties to the talks."""

    key: int
    slug: str
    title: str
    date: str
    address: str
    sides: tuple[Side, ...] = ()
    place: str = ""

    @property
    def days(self) -> tuple[int, int]:
        """Its first and last day as ordinals."""
        return ordinals(self.date)

    @property
    def first(self) -> int:
        return self.days[0]

    @property
    def last(self) -> int:
        return self.days[1]


class Said(NamedTuple):
    """A statement about a meeting, on the side of a party or of none."""

    meeting: int
    party: int | None
    kind: str
    date: str
    who: str
    address: str

    @property
    def days(self) -> tuple[int, int]:
        """The first and last day on which it can have been said, as ordinals."""
        return ordinals(self.date)


class Scope(NamedTuple):
    """What a drawing speaks of: the list of its statements, ready for further parameters, and among which meetings
    and which statements it finds none.
    """

    statements: str = "/statements/?"
    met: str = "in this data"
    said: str = "in this data"
    personal: bool = False  # of one person, who needs no lane for others

    def to_statements(self, **narrowed: str) -> str:
        """The list of the statements that these parameters leave."""
        return (self.statements + urlencode({name: value for name, value in narrowed.items() if value})).rstrip("?&")
