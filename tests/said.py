"""What docs/operations.md tells somebody to type, and which test types it. Knows the document as text."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from tests.servers import ROOT, Place

DOCUMENT = ROOT / "docs" / "operations.md"
_BLOCK = re.compile(r"(?:^ {4}.*\n)+", re.M)

# A command to the test that runs it; filled by `runs`.
RUN: dict[str, str] = {}


def bare(line: str) -> str:
    """A line without its remark, and with single spaces."""
    return " ".join(re.split(r"(?:^|\s)#\s", line)[0].split())


def commands(text: str) -> list[str]:
    """Each line of an indented block, each stretch of code in a sentence that has more than one word, and each file of
    config/ that it links.
    """
    lines = [bare(line) for block in _BLOCK.findall(text) for line in dedent(block).splitlines()]
    prose = _BLOCK.sub("", text)
    spans = [bare(span) for span in re.findall(r"`([^`]+)`", prose)]
    links = re.findall(r"\]\(\.\./(config/[^)#]+)\)", prose)
    return [*filter(None, lines), *(span for span in spans if " " in span), *links]


def runs(*what: str) -> Callable[[Any], Any]:
    """The test runs these commands of the document, and is given them as `said`."""

    def registered(test: Any) -> Any:
        RUN.update(dict.fromkeys(what, test.__name__))
        return pytest.mark.parametrize("said", [what], ids=["as it says"])(test)

    return registered


def typed(place: Place, lines: tuple[str, ...], code: int = 0, **changed: Any) -> str:
    """Type these lines into one shell, in the checkout; gives what they printed.

    `changed`: `words` of the document, and what stands for them here; all else is the environment.
    """
    words = {"var/venv/bin/python": sys.executable, "python3": sys.executable, **changed.pop("words", {})}
    text = "\n".join(f"python3 {line}" if line.startswith("manage.py ") else line for line in lines)
    for word, here in words.items():
        text = text.replace(word, str(here))
    return place.run("sh", "-e", "-c", text, code=code, **changed)
