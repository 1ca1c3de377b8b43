"""Fills an empty database with N statements, and with what they need; the same N gives the same data.

    VAR_DIR=/somewhere python bench/generate.py 100000

200 persons, 500 meetings, 1,000 sources; statements of about 200 characters of every type, dated by day and by month,
with wordings of one another, mentions and passages. The first ten persons, meetings and sources have fifty statements
each and no more, whatever N is, so that pages of equal size can be compared.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from talks.models import Statement

ROOT = Path(__file__).resolve().parent.parent
PERSONS, MEETINGS, SOURCES, BATCH = 200, 500, 1000, 10_000
# So many statements belong to the first nouns, so many to each.
CROWD, EACH = 500, 50
FULL = CROWD // EACH
NOW = datetime(2026, 1, 1, tzinfo=UTC)
FIRST = date(2015, 1, 1)
WORDS = (
    "the delegation said that talks on a ceasefire and the exchange of prisoners would go on after both sides had "
    "handed over their memorandum with proposals for a settlement which mediators in the city called a step towards "
    "peace while officials from the ministry asked for guarantees and named a date for another round of meetings"
)
VOCABULARY = WORDS.split()
TYPES = ("direct", "mixed", "indirect", "narration")


def sentence(dice: random.Random, length: int) -> str:
    """Words until there are so many characters, with a full stop."""
    words: list[str] = []
    while sum(map(len, words)) + len(words) < length:
        words.append(dice.choice(VOCABULARY))
    return f"{' '.join(words).capitalize()}."


def fill(count: int) -> None:
    """Generate past the ledger and the triggers, which look at each row; then make the index and the triggers anew."""
    from django.db import connection

    from talks import guards
    from talks.editing import ledger

    guards.remove()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
    with ledger.aside():
        generate(count)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = DEFAULT")
        guards.install()
        cursor.execute("ANALYZE")


def generate(count: int) -> None:
    """Write everything in one transaction for each ten thousand statements."""
    from django.db import transaction

    dice = random.Random(1)
    standing = {"status": "published", "first_published_at": NOW, "changed_at": NOW}
    with transaction.atomic():
        parties, people, meetings, sources = frame(standing)
    for first in range(0, count, BATCH):
        with transaction.atomic():
            write(range(first, min(first + BATCH, count)), dice, standing, (parties, people, meetings, sources))
        print(f"\r{min(first + BATCH, count):,} of {count:,} ", end="", file=sys.stderr)
    print(file=sys.stderr)


def frame(standing: dict) -> tuple[list, list, list, list]:
    """Parties, people, meetings with a state and two delegations each, and sources."""
    from talks.models import Delegation, Meeting, MeetingState, Party, Person, Source

    parties = Party.objects.bulk_create(Party(slug=f"party-{n}", name=f"Party {n}", **standing) for n in range(4))
    people = Person.objects.bulk_create(
        Person(slug=f"person-{n:03}", name=f"Given {n}", sort_name=f"{n:03}, Given", party=parties[n % 4],
               also_written=[f"Gifen {n}"], **standing)
        for n in range(PERSONS)
    )  # fmt: skip
    days = [FIRST + timedelta(days=7 * n) for n in range(MEETINGS)]
    meetings = Meeting.objects.bulk_create(
        Meeting(slug=f"meeting-{n:03}", title=f"City, day {n}", date=str(day), city="City", **standing)
        for n, day in enumerate(days)
    )
    reported = [days[n * MEETINGS // SOURCES] + timedelta(days=2) for n in range(SOURCES)]
    sources = Source.objects.bulk_create(
        Source(slug=f"source-{n:04}", publisher=f"Publisher {n % 50}", kind="news_report", title=f"Report {n}",
               url=f"https://example.org/{n}", published_on=str(day), document_sha256=digest(n),
               document_length=200_000, document_on=day, **standing)
        for n, day in enumerate(reported)
    )  # fmt: skip
    MeetingState.objects.bulk_create(
        MeetingState(meeting=meeting, state="held", reported_on=day, source=sources[n])
        for n, (meeting, day) in enumerate(zip(meetings, days, strict=True))
    )
    delegations = Delegation.objects.bulk_create(
        Delegation(slug=f"delegation-{n:03}-{m}", meeting=meeting, party=parties[m], **standing)
        for n, meeting in enumerate(meetings) for m in (0, 1)
    )  # fmt: skip
    seat(delegations, people, sources)
    return parties, people, meetings, sources


def digest(number: int) -> str:
    """What stands for the SHA-256 of a source's document."""
    return hashlib.sha256(b"%d" % number).hexdigest()


def seat(delegations: list, people: list, sources: list) -> None:
    """Three members for each delegation, the first its head."""
    from talks.models import DelegationMember

    DelegationMember.objects.bulk_create(
        DelegationMember(delegation=sent, person=people[(n * 3 + m) % PERSONS], role="head" if m == 0 else "member",
                         role_as_printed=f"Deputy minister {m}", source=sources[n])
        for n, sent in enumerate(delegations) for m in range(3)
    )  # fmt: skip


def crowd(number: int, made: Statement, people: list, meetings: list, sources: list) -> None:
    """Give one of the first statements to the first nouns, said before, at and after the meeting in turn."""
    made.meeting, made.source = meetings[number // EACH], sources[number // EACH]
    day = date.fromisoformat(made.meeting.date) + timedelta(days=number // 10 % 3 - 1)
    made.said_on = str(day)
    if made.quotation_type != "narration":
        made.speaker = people[number % 10]
        made.party_id = made.speaker.party_id


def drawn(nouns: list, number: int, dice: random.Random) -> Any:
    """The noun that a statement of this number goes to."""
    return nouns[elsewhere(dice.randrange(len(nouns)), number, len(nouns))]


def afterwards(sources: list, place: int, number: int, dice: random.Random) -> Any:
    """One of the twenty sources that were published next after the meeting of this place."""
    first = place * SOURCES // MEETINGS
    return sources[elsewhere(min(first + dice.randrange(20), SOURCES - 1), number, SOURCES)]


def elsewhere(place: int, number: int, many: int) -> int:
    """A place among so many nouns, but for the first ones, which are full: another one instead."""
    return place if place >= FULL else place + FULL * (1 + number % (many // FULL - 1))


def mentioned(number: int, key: int) -> int:
    """The number of the person whom a statement names."""
    return number // 5 % FULL if number < CROWD else elsewhere(key % PERSONS, number, PERSONS)


def write(numbers: range, dice: random.Random, standing: dict, nouns: tuple[list, list, list, list]) -> None:
    """Statements of these numbers with their passages and mentions; every tenth is a wording of the one before."""
    from talks.models import Passage, Statement

    _, people, meetings, sources = nouns
    statements, before = [], None
    for number in numbers:
        kind, person = TYPES[number % 4], drawn(people, number, dice)
        place = elsewhere(dice.randrange(len(meetings)), number, len(meetings))
        meeting, source = meetings[place], afterwards(sources, place, number, dice)
        day = meeting.date if number % 20 else meeting.date[:7]
        made = Statement(
            slug=f"statement-{number:07}", quotation_type=kind, text=sentence(dice, 200), said_on=day, meeting=meeting,
            source=source, speaker=None if kind == "narration" else person,
            role_as_printed="" if kind == "narration" else "head of the delegation",
            party_id=None if kind == "narration" else person.party_id, **standing,
        )  # fmt: skip
        if number < CROWD:
            crowd(number, made, people, meetings, sources)
        if number % 8 == 0:
            made.verified_on, made.verified_sha256 = date(2025, 12, 1), made.source.document_sha256
        if number % 10 == 9 and before is not None:
            made.variant_of = before
        elif number % 10 == 8:
            before = made
        statements.append(made)
    firsts = [made for made in statements if made.variant_of is None]
    later = [made for made in statements if made.variant_of is not None]
    Statement.objects.bulk_create(firsts, batch_size=2000)
    for made in later:
        made.variant_of_id = made.variant_of.pk
    Statement.objects.bulk_create(later, batch_size=2000)
    Passage.objects.bulk_create(
        (Passage(statement=made, exact=made.text, start=100, end=100 + len(made.text))
         for made in statements if made.quotation_type in ("direct", "mixed")),
        batch_size=2000,
    )  # fmt: skip
    links = Statement.mentions.through
    links.objects.bulk_create(
        (links(statement_id=made.pk, person_id=people[mentioned(number, made.pk)].pk)
         for number, made in list(zip(numbers, statements, strict=True))[::5]),
        batch_size=2000,
    )  # fmt: skip


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_editor")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    fill(int(sys.argv[1]))
