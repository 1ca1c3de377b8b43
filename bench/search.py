"""What a search costs: prints milliseconds of whole pages, made in this process; judges nothing.

VAR_DIR=/somewhere python bench/search.py      a database that bench/generate.py has filled
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 15
ASKED = {
    "all statements, with facets": "/statements/",
    "a word in almost half of all": "/statements/?q=memorandum",
    "two words and a party": "/statements/?q=memorandum+prisoners&party=party-1",
    "a word not in the others": "/statements/?q=-memorandum",
    "a phrase of common words": "/statements/?q=%22exchange+of+prisoners%22",
    "the beginning of a word": "/statements/?q=memorand",
    "a speaker by name": "/statements/?q=%22given+5%22",
    "a word that is nowhere": "/statements/?q=zzzz",
    "a party and a speaker": "/statements/?party=party-1&speaker=person-005",
    "a word, a party, a speaker, a year": "/statements/?q=memorandum&party=party-1&speaker=person-005&year=2015",
    "a word, as of a day": "/statements/?q=memorandum&as_of=2015-06-01",
    "the same word as JSON": "/statements.json?q=memorandum",
    "the same word as a feed": "/statements.atom?q=memorandum",
}


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings_test"
    import django

    django.setup()
    from django.test import Client

    from talks.models import Statement

    client = Client()
    print(f"{Statement.objects.count():,} statements, {ROUNDS} rounds of all in turn\n")
    print("| asked | median | worst |\n|---|---:|---:|")
    taken: dict[str, list[float]] = {name: [] for name in ASKED}
    for turn in range(ROUNDS + 1):
        for name, address in ASKED.items():
            began = time.perf_counter()
            assert client.get(address).status_code == 200, address
            if turn:  # the first one warms the caches
                taken[name].append((time.perf_counter() - began) * 1000)
    for name, times in taken.items():
        print(f"| {name} | {statistics.median(times):.0f} ms | {max(times):.0f} ms |")


if __name__ == "__main__":
    main()
