"""What the heavy validators share: a release of the built-in data, one of strange texts, and a real public site."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from talks.models import Correction, Meeting, Person, Release, Source, Statement
from tests.prepared import a_prepared_place

# Line breaks of every kind, what spreadsheets take for formulas, quotes, the mark between values, both directions.
STRANGE = "=1+1 “b” 🕊 e\u0301 \u05d0\u05d1\r\nnext\rlast\n\u2028 a\ttab, \"quoted\" | 'x' <b>&amp;</b>; \\ end"


def pytest_configure(config: pytest.Config) -> None:
    # Faults of other people's modules that say nothing about our data; each by its words and its module.
    for ignored in ("ignore:ConjunctiveGraph is deprecated:DeprecationWarning",):
        config.addinivalue_line("filterwarnings", ignored)


@pytest.fixture
def release(release: Release, releases: Path) -> Path:
    """The folder of a release of the built-in data."""
    return releases / "1"


@pytest.fixture
def strange_release(releases: Path) -> Path:
    """The same of data in which every kind of text is strange, and no table but one is empty."""
    Statement.objects.filter(slug="umerov-awaits-memorandum").update(text=STRANGE, role_as_printed="-1", cue="@cue")
    Statement.objects.filter(slug="lavrov-four-days").update(text="'already quoted", channel="+49 30")
    Statement.objects.filter(slug="lavrov-proposes-2-june").update(text="\tindented")
    Meeting.objects.filter(slug="istanbul-2025-06-02").update(title=STRANGE, summary=STRANGE, venue="\rreturned")
    Person.objects.filter(slug="rustem-umerov").update(
        name="=Umerov", description=STRANGE, also_written=["=a", 'b "c"']
    )
    Source.objects.filter(slug="cgtn").update(described_as=STRANGE, rights='"')
    Correction.objects.create(
        slug="strange-1", record="meetings", noun="istanbul-2025-06-02", kind="correction", column="title",
        before=STRANGE, after=STRANGE, reason=STRANGE, corrected_at="2026-11-24T10:30:00Z",
    )  # fmt: skip
    call_command("release", verbosity=0)
    return releases / "1"


@pytest.fixture(scope="module")
def site():
    """The public site as gunicorn serves it, with a release that was cut; gives its port."""
    with a_prepared_place() as place, place.served() as (port, _):
        yield port
