"""The page of all parts: complete, with every state, and on the editor's process only."""

from __future__ import annotations

import re

import pytest

from talks.models import Meeting, Release, Statement
from talks.parts import SECTIONS, SHOWN
from tests.servers import ROOT

pytestmark = pytest.mark.django_db
FILES = sorted(path.name.removesuffix(".html") for path in (ROOT / "templates" / "parts").iterdir())


@pytest.fixture
def shown(admin_client, editor_site) -> dict[str, str]:
    """The section of each part."""
    when = "2025-06-03T09:00:00Z"
    files = [{"name": "talks-in-context-1.zip", "bytes": 90_000, "sha256": "c" * 64}]
    counts = {"statements": 40, "editors_notes": 2}
    Release.objects.create(number=1, as_of=when, cut_at=when, edition=1, counts=counts, changes={}, files=files)
    answer = admin_client.get("/parts/")
    assert answer.status_code == 200
    found = re.split(r'<section class="page-section" id="part-([\w.]+)"', answer.content.decode())[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def test_every_part_is_on_the_page_in_at_least_one_state(shown):
    assert sorted(shown) == FILES
    assert [part for part, html in shown.items() if "nothing to make one of" in html] == []


def test_every_part_has_its_function_and_no_other_is_there():
    assert sorted(SHOWN) == FILES
    assert set(SECTIONS) <= set(FILES)


def test_badges_are_shown_of_every_kind_with_their_doubts(shown):
    for name in ("direct", "mixed", "indirect", "narration", "unverified", "lost"):
        assert f" badge-{name}" in shown["badge"], name


def test_statements_are_shown_of_one_word_and_of_300(shown):
    lengths = {len(words.split()) for words in re.findall(r"<blockquote[^>]*><p>([^<]*)</p>", shown["statement"])}
    assert {1, 300} <= lengths
    assert "Sources disagree:" in shown["statement"]


def test_every_word_for_a_state_is_shown(shown):
    for state in ("proposed", "scheduled", "confirmed", "held", "postponed", "cancelled"):
        assert f'class="state-word state-{state}"' in shown["state"], state


def test_what_is_shown_is_never_saved(shown):
    assert Statement.objects.get(slug="umerov-awaits-memorandum").evidence_state == "verified"
    assert not Statement.objects.filter(verified_sha256="0" * 64).exists()


def test_only_an_editor_sees_it(client, editor_site):
    answer = client.get("/parts/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/login/?next=/parts/")


def test_the_public_process_does_not_know_it(client):
    assert client.get("/parts/").status_code == 404


def test_without_any_data_the_page_says_so(admin_client, editor_site):
    for noun in (Statement, Meeting):
        noun.objects.update(status="draft")
    answer = admin_client.get("/parts/")
    assert answer.status_code == 200
    assert "This data has nothing to make one of." in answer.content.decode()
