"""Five stylesheets to read, one to serve: joins the cascade layers into `css/site.css`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

SITE = "css/site.css"
LAYERS = ("tokens", "base", "layout", "parts", "print")


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
        target.write_bytes(b"".join((folder / f"{layer}.css").read_bytes() for layer in LAYERS))
        return target
