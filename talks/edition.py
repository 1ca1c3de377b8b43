"""The edition: a short name for the present state of the published data and of the code."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from talks.models import Edition
from talks.querysets.asked import Question


class Present(NamedTuple):
    """The edition as one snapshot of the database has it."""

    number: int
    raised_at: datetime | None


_present = Question(lambda: Edition.objects.filter(pk=1).values_list("number", "raised_at"))


def present() -> Present:
    """Ask the database for the present edition: one small query."""
    row = _present.first()
    return Present(*row) if row else Present(0, None)


@cache
def build() -> str:
    """A digest of the code, templates and static files that this process runs (16 hexadecimal signs)."""
    digest = hashlib.sha256()
    root = Path(settings.BASE_DIR)
    for folder in ("config", "talks", "templates", "static"):
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    digest.update(settings.SITE_URL.encode())
    return digest.hexdigest()[:16]


def entity_tag(edition: Present, address: str, status: int = 200) -> str:
    """A strong ETag (RFC 9110) of this address in this edition, keyed so that nobody can guess one.

    Only an address that was answered with 200 has the tag for it given out, so a matching one proves that 200 would
    be answered again. What the front makes of a page in another encoding has this tag with the encoding's name.
    """
    parts = "\n".join((build(), str(edition.number), str(edition.raised_at), address, str(status)))
    key = hashlib.sha256(settings.SECRET_KEY.encode()).digest()
    return f'"{hashlib.blake2b(parts.encode(), digest_size=16, key=key).hexdigest()}"'
