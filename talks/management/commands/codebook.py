"""Writes docs/codebook.md and the examples in it from records and built-in data, so that neither is written by hand."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from talks import codebook


class Command(BaseCommand):
    help = "Write docs/codebook.md: every column of every record with its meaning, type, values and an example."

    def handle(self, *args: Any, **options: Any) -> None:
        text = json.dumps(codebook.found_examples(), ensure_ascii=False, indent=1) + "\n"
        codebook.EXAMPLES.write_text(text, encoding="utf-8")
        codebook.examples.cache_clear()
        path = settings.BASE_DIR / "docs" / "codebook.md"
        path.write_text(codebook.markdown(), encoding="utf-8")
        self.stdout.write(f"Wrote {path.name} and {codebook.EXAMPLES.name}.")
