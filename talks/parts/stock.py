"""What parts are shown with: the published data, changed where it lacks a state. Nothing is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from functools import cached_property
from typing import Any

from talks import reported, views
from talks.models import Meeting, Statement

Samples = Iterable[tuple[str, dict[str, Any]]]


def changed(noun: Any, **values: Any) -> Any:
    """A copy of a noun with other values, which is never saved."""
    other = copy(noun)
    # Django keeps the nouns that this one refers to beside it; the copy may refer to others.
    other._state = copy(noun._state)
    other._state.fields_cache = dict(noun._state.fields_cache)
    for name, value in values.items():
        setattr(other, name, value)
    return other


class Stock:
    """What the samples are taken from; each is fetched when it is first asked for. Raises IndexError if there is none."""

    @cached_property
    def statements(self) -> list[Any]:
        return list(Statement.objects.published().with_evidence().with_wordings_counted().in_order())

    def statement(self, kind: str, **values: Any) -> Any:
        """The first statement of this type, changed; of those that were checked, if some were."""
        found = [one for one in self.statements if one.quotation_type == kind]
        return changed(sorted(found, key=lambda one: not one.verified_on)[0], **values)

    @cached_property
    def meeting(self) -> Any:
        meetings = Meeting.objects.published().with_states().with_delegations().with_notes()
        return (meetings.featured() or meetings.newest_first())[0]

    @cached_property
    def delegations(self) -> list[Any]:
        return list(self.meeting.delegations.all())

    @cached_property
    def spread(self) -> Any:
        return views.said_about(self.meeting, reported.known(self.meeting, None))


SHOWN: dict[str, Callable[[Stock], Samples]] = {}


def shows(part: str) -> Callable[[Callable[[Stock], Samples]], Callable[[Stock], Samples]]:
    """Enter a function as the one that gives the states of this part, each with the inputs of its template."""

    def enter(samples: Callable[[Stock], Samples]) -> Callable[[Stock], Samples]:
        SHOWN[part] = samples
        return samples

    return enter
