"""What looking for quotations costs: prints figures, judges nothing.

python bench/evidence.py            the look-ups, on made texts
python bench/evidence.py database   besides, verify_quotations over 100,000 statements of 1,000 held documents,
                                    in a database of its own (DATABASE_URL, or SQLite in a temporary folder)
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
ROUNDS = 7


def words(number: int, seed: int = 1) -> str:
    """A made text of about so many characters, with paragraphs and typographic marks."""
    chance = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyzäöü’"
    vocabulary = ["".join(chance.choices(letters, k=chance.randint(2, 11))) for _ in range(8000)]
    pieces: list[str] = []
    length = 0
    while length < number:
        piece = " ".join(chance.choices(vocabulary, k=12)) + chance.choice([". ", ".\n", ", "])
        pieces.append(piece)
        length += len(piece)
    return "".join(pieces)[:number]


def timed(action: Callable[[], object]) -> str:
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - began)
    return f"median {statistics.median(seconds) * 1000:8.2f} ms, worst {max(seconds) * 1000:8.2f} ms"


def look_ups() -> None:
    from talks.evidence import locate

    big, small = words(10_000_000), words(1_000_000, 2)
    exact = big[9_900_000:9_900_300]
    quotation = small[700_000:700_300]
    changed = quotation[:100] + "never " + quotation[110:200] + quotation[215:]
    straight = quotation.replace("’", "'")
    print("exact, at its place, 10 MB      ", timed(lambda: locate(big, exact, start=9_900_000, end=9_900_300)))
    print("exact, elsewhere, 10 MB         ", timed(lambda: locate(big, exact)))
    print("after normalising, 1 MB         ", timed(lambda: locate(small, straight)), locate(small, straight).outcome)
    print("nearest passage, 1 MB           ", timed(lambda: locate(small, changed)), locate(small, changed).outcome)
    nothing = "Zzyx " * 60
    print("nothing like it, 1 MB           ", timed(lambda: locate(small, nothing)), locate(small, nothing).outcome)
    print(f"memory of the nearest passage beyond the texts: {memory(lambda: locate(small, changed))} MB")


def memory(action: Callable[[], object]) -> int:
    """Megabytes by which a process of its own grows while it does this."""
    import gc
    import multiprocessing

    def measure(result: object) -> None:
        gc.collect()
        before = int(Path("/proc/self/statm").read_text().split()[1])
        action()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        result.put(peak / 1024 - before * resource.getpagesize() / 1024**2)  # type: ignore[attr-defined]

    context = multiprocessing.get_context("fork")
    result = context.Queue()
    child = context.Process(target=measure, args=(result,))
    child.start()
    grown = result.get()
    child.join()
    return round(grown)


def database(documents: int = 1000, each: int = 100) -> None:
    folder = tempfile.mkdtemp(prefix="talks-bench-")
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/talks.sqlite3")
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings_editor"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    fill(documents, each)
    began, cpu = time.perf_counter(), time.process_time()
    with open(os.devnull, "w") as nowhere:
        call_command("verify_quotations", stdout=nowhere)
    print(
        f"verify_quotations: {documents * each:,} statements of {documents:,} documents in "
        f"{time.perf_counter() - began:.1f} s ({time.process_time() - cpu:.1f} s of this process's CPU), "
        f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )


def fill(documents: int, each: int) -> None:
    from django.db import transaction

    from talks.models import Meeting, Passage, Person, Source, SourceText, Statement

    meeting = Meeting.objects.create(slug="m", title="M", date="2025")
    person = Person.objects.create(slug="p", name="P", sort_name="P")
    for number in range(documents):
        text = words(20_000, number)
        source = Source(slug=f"s{number}", publisher="P", kind="news_report", title="T")
        held = SourceText(source=source)
        held.hold(text, meeting.created_at.date())
        source.save()
        held.source = source
        held.save()
        statements, passages = [], []
        for place in range(each):
            start = place * 190
            exact = text[start : start + 150]
            statement = Statement(
                slug=f"s{number}-{place}", quotation_type="direct", text=exact, speaker=person, said_on="2025",
                meeting=meeting, source=source,
            )  # fmt: skip
            statements.append(statement)
            passages.append(Passage(statement=statement, exact=exact, start=start, end=start + 150))
        with transaction.atomic():
            Statement.objects.bulk_create(statements)
            Passage.objects.bulk_create(passages)


if __name__ == "__main__":
    look_ups()
    if "database" in sys.argv[1:]:
        database()
