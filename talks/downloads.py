"""Files of releases: ready files with length, digest and single ranges (RFC 9110), never made for a request."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from django.conf import settings
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from talks.data import open_to_all
from talks.models import Release

# A release never changes, so nobody needs to ask again.
FOR_EVER = "public, max-age=31536000, immutable"
ATTACHED = (".zip", ".sqlite3")
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@require_safe
def release_detail(request: HttpRequest, number: int) -> HttpResponse:
    """One release: its files, what changed, how to cite it."""
    return render(request, "talks/release_detail.html", {"release": numbered(number)})


@require_safe
def release_file(request: HttpRequest, number: int, name: str) -> HttpResponseBase:
    """A file of a release, or the part of it that was asked for."""
    file = numbered(number).file(name)
    if file is None:
        raise Http404(f"Release {number} has no file “{name}”.")
    return open_to_all(sent(request, Path(settings.RELEASES) / str(number) / file["name"], file))


@require_safe
def latest_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Where the file of this name is in the latest release; the archive has its number in its name there."""
    release = Release.objects.newest_first().first()
    file = release and (release.archive if name == "talks-in-context.zip" else release.file(name))
    if not release or not file:
        raise Http404(f"The latest release has no file “{name}”.")
    return open_to_all(HttpResponseRedirect(reverse("release-file", args=[release.number, file["name"]])))


def numbered(number: int) -> Release:
    """The release of this number. Raises Http404 if there is none."""
    release = Release.objects.numbered(number).first()
    if release is None:
        raise Http404(f"There is no release {number}.")
    return release


class Part(NamedTuple):
    """A stretch of a file: bytes from `first` to `last`, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class PartOfFile:
    """A file that ends where the part ends."""

    def __init__(self, file: BinaryIO, part: Part) -> None:
        self.file, self.left = file, part.length
        file.seek(part.first)

    def read(self, size: int = -1) -> bytes:
        block = self.file.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(block)
        return block

    def close(self) -> None:
        self.file.close()


def sent(request: HttpRequest, path: Path, file: dict[str, Any]) -> HttpResponseBase:
    """The answer to a conditional or partial request for a ready file; its tag is its SHA-256."""
    size, tag = file["bytes"], f'"{file["sha256"]}"'
    known = parse_etags(request.headers.get("If-None-Match", ""))
    headers = {"ETag": tag, "Accept-Ranges": "bytes", "Cache-Control": FOR_EVER}
    if "*" in known or tag in [one.removeprefix("W/") for one in known]:
        unchanged = HttpResponse(status=304, headers=headers)
        del unchanged.headers["Content-Type"]
        return unchanged
    try:
        part = wanted(request, size, tag)
    except ValueError:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    whole = part is None
    part = part or Part(0, size - 1)
    if not whole:
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{size}"
    ready = opened(path, part, status=200 if whole else 206)
    for name, value in {**headers, "Content-Type": file["type"], "Content-Length": str(part.length)}.items():
        ready.headers[name] = value
    if path.suffix in ATTACHED:
        ready.headers["Content-Disposition"] = f'attachment; filename="{path.name}"'
    return ready


def opened(path: Path, part: Part, status: int) -> FileResponse:
    """The part of the file, still to be read. A file that was taken away from its place is an unknown address."""
    try:
        return FileResponse(PartOfFile(path.open("rb"), part), status=status)
    except OSError as error:
        raise Http404(f"{path.name}: {error.strerror}") from None


def wanted(request: HttpRequest, size: int, tag: str) -> Part | None:
    """The one range that a GET asks for; None where all is sent: no range, several, no such unit, another file.

    Raises ValueError for a range that the file does not have (416).
    """
    match = RANGE.fullmatch(request.headers.get("Range", "").strip())
    if request.method != "GET" or match is None or match.groups() == ("", ""):
        return None
    if request.headers.get("If-Range", tag) != tag:
        return None
    begin, end = match.groups()
    if not begin:  # the last so many bytes
        first, last = max(0, size - int(end)), size - 1
    else:
        first, last = int(begin), min(int(end) if end else size - 1, size - 1)
        if end and int(end) < first:
            return None  # no range at all, by the grammar
    if first >= size or (not begin and int(end) == 0):
        raise ValueError("no such range")
    return Part(first, last)
