"""Whether this process lives (`/healthz`) and whether it can serve (`/readyz`): for whoever runs it, not for readers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from talks import edition

LIVES, READY = "/healthz", "/readyz"


class HealthMiddleware:
    """Answers both addresses before anything else looks at the request; nobody keeps what it says."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == LIVES:
            return told([])
        return told(faults()) if request.path == READY else self.get_response(request)


def told(wrong: list[str]) -> HttpResponse:
    """200, or 503 with a line for each fault."""
    lines = [*wrong] or ["ok"]
    answer = HttpResponse("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")
    answer.status_code = 503 if wrong else 200
    answer.headers["Cache-Control"] = "no-store"
    return answer


def faults() -> list[str]:
    """What keeps this process from serving. Migrations of a newer build are none: the old one serves on beside it."""
    try:
        present = edition.present()
        missing = sorted(ours() - set(MigrationRecorder(connection).applied_migrations()))
    except DatabaseError:
        return ["The database does not answer."]
    told_of = [f"A migration is missing: {app} {name}." for app, name in missing]
    return told_of if present.number or told_of else ["The database is empty."]


@cache
def ours() -> frozenset[tuple[str, str]]:
    """The migrations of this build's applications."""
    return frozenset(MigrationLoader(None).disk_migrations)
