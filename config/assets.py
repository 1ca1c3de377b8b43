"""Five stylesheets to read, one to serve: joins the cascade layers into `css/site.css`, without what is there to read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

SITE = "css/site.css"
LAYERS = ("tokens", "base", "layout", "parts", "print")
# A string, or a comment; what stands between them can be made smaller.
WHOLE = re.compile(r"""("[^"]*"|'[^']*')|/\*.*?\*/""", re.DOTALL)


def smaller(css: str) -> str:
    """The same rules without comments and needless blanks; strings stay as they are.

    A blank before a colon or beside + and - has a meaning in CSS, and so all of those stay.
    """
    pieces = WHOLE.split(css)
    squeezed = (_squeezed(piece) if number % 2 == 0 else piece or "" for number, piece in enumerate(pieces))
    return "".join(squeezed).strip()


def _squeezed(css: str) -> str:
    css = re.sub(r"\s*([{};,>])\s*", r"\1", re.sub(r"\s+", " ", css))
    return css.replace(": ", ":").replace(";}", "}")


class StylesheetFinder(BaseFinder):
    """Offers the joined stylesheet to collectstatic; the file itself stands in `var/`."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self.storage = FileSystemStorage(location=Path(settings.STATIC_ROOT).parent / "assets")

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = str(self.join()) if path == SITE else ""
        return [found] if found and find_all else found or []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        self.join()
        yield SITE, self.storage

    def join(self) -> Path:
        """Write the five as one; returns where."""
        folder, target = settings.BASE_DIR / "static" / "css", Path(self.storage.path(SITE))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(smaller("".join((folder / f"{layer}.css").read_text("utf-8") for layer in LAYERS)), "utf-8")
        return target


class CollectedStorage(CompressedManifestStaticFilesStorage):
    """Names with digests; those of earlier builds stay, since pages of then are still kept by somebody."""

    def get_modified_time(self, name: str) -> datetime:
        """Long ago, so that collectstatic copies every file: one of an older checkout, which is put back, is older
        than what the newer one left here, and would be passed over.
        """
        return datetime.fromtimestamp(0, UTC)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Those with digests only, which pages name: to pack a file as small as can be takes most of the first start."""
        named = set(self.hashed_files.values())
        yield from super().compress_files([path for path in paths if path in named])
