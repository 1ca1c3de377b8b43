"""Answers of the public site, each made once for all tests that look at every page.

They are kept by the present edition with its instant, which no two states of the database have in common: a test that
writes something gets answers of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.conf import settings

from talks import edition


class Kept(NamedTuple):
    """What was answered."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def __getitem__(self, name: Any) -> Any:
        return self.headers[name]

    def getvalue(self) -> bytes:
        return self.content


_answers: dict[tuple[Any, ...], Kept] = {}


def once(client: Any, address: str) -> Kept:
    """The answer to a reader who sends no headers."""
    key = (address, *edition.present(), settings.SITE_URL, settings.ROOT_URLCONF)
    if key not in _answers:
        answer = client.get(address)
        _answers[key] = Kept(answer.status_code, answer.headers, answer.getvalue())
    return _answers[key]
