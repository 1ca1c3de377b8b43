"""Answers to what cannot be answered: for readers a page that helps, for programs a problem (RFC 9457)."""

from __future__ import annotations

import re
import sqlite3
import sys
from contextlib import suppress
from datetime import date
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.template import loader
from django.templatetags.static import static
from django.urls import reverse

from talks import parameters, reported
from talks.data import open_to_all
from talks.formats import FORMATS
from talks.models import Correction, Meeting, Tombstone
from talks.records import BY_MODEL, NOUNS

DATA = (*(f".{name}" for name in FORMATS), ".svg")
AWAY = "The database does not answer; please ask again."
FOR_PROGRAMS = (*DATA, "/oembed")


def is_for_programs(path: str) -> bool:
    """Whether an address is one that programs ask for."""
    return path.endswith(FOR_PROGRAMS) or path.startswith(("/data/releases/", "/data/latest/"))


def problem(request: HttpRequest, status: int, title: str) -> Any:
    """An error for programs (RFC 9457)."""
    told = {"type": "about:blank", "title": title, "status": status, "instance": request.path[:200]}
    return open_to_all(JsonResponse(told, status=status, content_type="application/problem+json"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A 404 that helps: the nearest slugs of the same kind; for programs a problem (RFC 9457)."""
    if is_for_programs(request.path):
        return problem(request, 404, "Not found")
    kind, _, typed = request.path.strip("/").partition("/")
    model: Any = NOUNS[kind].model if kind in NOUNS else None
    beginning = re.match(r"[a-z0-9]*", typed.lower())[0]  # type: ignore[index]
    near = model.objects.near(beginning)[:5] if model and beginning else []
    page = {"typed": request.path[:200], "near": near}
    return render(request, "404.html", page, status=404)


def not_known(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A 404 for a day on which a meeting cannot be shown, or that is none; it names the first one that can be asked."""
    if is_for_programs(request.path):
        return problem(request, 404, str(exception))
    page: dict[str, Any] = {"typed": request.get_full_path()[:200], "because": str(exception)}
    if isinstance(exception, reported.NothingReported):
        page.update(meeting=exception.meeting, first=exception.first)
    elif request.resolver_match:
        page["meeting"] = Meeting.objects.published().named(request.resolver_match.kwargs["slug"]).first()
    return render(request, "404.html", page, status=404)


def unknown_parameters(request: HttpRequest, names: list[str]) -> Any:
    """A 400 for names in a query that the address does not know, with those that it does."""
    known = ", ".join(parameters.known(request.resolver_match))
    unknown = ", ".join(name[:100] for name in names[:10])
    return problem(request, 400, f"Unknown here: {unknown}. Known: {known or 'none'}.")


def known_earlier(request: HttpRequest, day: date) -> Any:
    """The same page or file as it was known on another day. Not for ever: something may be reported of that day."""
    redirect = HttpResponseRedirect(f"{request.path}?as_of={day}")
    return open_to_all(redirect) if is_for_programs(request.path) else redirect


def moved(request: HttpRequest, slug: str) -> Any:
    """The same page or file under the slug that its noun has now."""
    match: Any = request.resolver_match
    if "slug" not in match.kwargs:
        return problem(request, 404, f"It is called {slug} now")
    parameters = {**match.kwargs, "slug": slug}
    if "format" in parameters:
        parameters["format"] = request.path.rpartition("/")[2].partition(".")[2]
    query = request.META.get("QUERY_STRING", "")
    address = reverse(match.url_name, kwargs=parameters) + (f"?{query}" if query else "")
    redirect = HttpResponsePermanentRedirect(address)
    return open_to_all(redirect) if is_for_programs(request.path) else redirect


def gone(request: HttpRequest, noun: Any) -> HttpResponse:
    """What was at an address whose noun was withdrawn, since when, and why."""
    if is_for_programs(request.path):
        return problem(request, 410, f"Withdrawn on {noun.withdrawn_on}: {noun.withdrawn_because}")
    kind = noun.kind if isinstance(noun, Tombstone) else noun._meta.verbose_name
    record = noun.record if isinstance(noun, Tombstone) else BY_MODEL[type(noun)].name
    withdrawal = Correction.objects.of(record, noun.slug).withdrawals().first()
    page = {"noun": noun, "kind": kind, "withdrawal": withdrawal}
    return render(request, "410.html", page, status=410)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that cannot be answered, such as one for another host."""
    return HttpResponseBadRequest("This request cannot be answered.\n", content_type="text/plain; charset=utf-8")


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours, or 503 where the database is away; nothing is asked of it any more."""
    away = is_away(sys.exc_info()[1])
    status, told = (503, AWAY) if away else (500, "This could not be made; the fault is ours and has been recorded.")
    if is_for_programs(request.path):
        answer = problem(request, status, told)
    else:
        answer = HttpResponse(fault_page(away), status=status)
    answer.headers["Cache-Control"] = "no-store"
    if away:
        answer.headers["Retry-After"] = "5"
    return answer


def is_away(error: BaseException | None) -> bool:
    """Whether a fault is that the database does not answer. SQLite says of a wrong question that it cannot be done, too."""
    wrong = getattr(getattr(error, "__cause__", None), "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    return isinstance(error, OperationalError | InterfaceError) and not wrong


def fault_page(away: bool) -> str:
    """What a reader sees of a fault; plain where not even static files are known."""
    style = ""
    with suppress(ValueError):  # which a manifest raises that lacks a file
        style = static("css/site.css")
    return loader.render_to_string("500.html", {"away": away, "style": style})
