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


Answers = dict[tuple[Any, ...], Kept]
_answers: Answers = {}


def once(client: Any, address: str, answers: Answers = _answers) -> Kept:
    """The answer to a reader who sends no headers."""
    key = (address, *edition.present(), settings.SITE_URL, settings.ROOT_URLCONF)
    if key not in answers:
        answer = client.get(address)
        answers[key] = Kept(answer.status_code, answer.headers, answer.getvalue())
    return answers[key]


class Reader:
    """Asks as a client does, and for each address once as long as nothing is written: for a test that looks at the same
    pages in several ways, and that is alone in looking at them.
    """

    def __init__(self, client: Any) -> None:
        self.client = client
        self.answers: Answers = {}

    def get(self, address: str) -> Kept:
        return once(self.client, address, self.answers)
