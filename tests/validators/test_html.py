"""Every kind of page is HTML without an error or a warning, as the Nu HTML checker sees it, from the real server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern

from talks.problems import fault_page
from talks.urls import urlpatterns
from tests.prepared import a_migrated_place, a_prepared_place
from tests.run import html_checker
from tests.servers import ask

pytestmark = [pytest.mark.html, pytest.mark.live]

STATEMENT = "/statements/umerov-awaits-memorandum/"
MEETING = "/meetings/istanbul-2025-06-02/"
KINDS = {
    "front": ["/"],
    "meeting-list": ["/meetings/", "/meetings/?party=ukraine"],
    "meeting-detail": [MEETING, f"{MEETING}?as_of=2025-05-28", "/meetings/gomel-region-2022-02-28/"],
    "delegation-list": ["/delegations/"],
    "delegation-detail": ["/delegations/ukraine-istanbul-2025-06-02/"],
    "party-list": ["/parties/"],
    "party-detail": ["/parties/ukraine/", "/parties/united-states/"],
    "person-list": ["/people/"],
    "person-detail": ["/people/rustem-umerov/", "/people/sergei-lavrov/"],
    "statement-list": [
        "/statements/", "/statements/?meeting=istanbul-2025-06-02&party=ukraine&type=direct",
        "/statements/?q=memorandum", "/statements/?q=%22no+such+words%22", "/statements/?q=%3Cb%3E%26%22",
        "/statements/?after=2025-06-02~umerov-leaders",
    ],
    "statement-detail": [
        STATEMENT, "/statements/lavrov-proposes-2-june/", "/statements/umerov-four-days/", "/statements/lavrov-four-days/",
        "/statements/report-second-meeting/", "/statements/umerov-awaits-memorandum-pravda/",
    ],
    "statement-embed": [f"/embed{STATEMENT}", "/embed/statements/umerov-awaits-memorandum-unn/"],
    "source-list": ["/sources/"],
    "source-detail": ["/sources/myglobalnews-2025-05-29/", "/sources/cgtn/"],
    "correction-list": ["/corrections/"],
    "about": ["/about/"],
    "data": ["/data/"],
    "codebook": ["/data/codebook/"],
    "api": ["/data/api/"],
    "release-detail": ["/data/releases/1/"],
    "404": ["/nothing/", "/statements/umerov-awaits-%3Cnothing%3E/", "/statements/?type=poem", "/%22%20%C3%A9/"],
    "410": ["/statements/umerov-awaits-memorandum-unn/"],
}  # fmt: skip
EMPTY = (
    "/",
    "/meetings/",
    "/delegations/",
    "/parties/",
    "/people/",
    "/statements/",
    "/sources/",
    "/corrections/",
    "/data/",
)


def save(port: int, address: str, folder: Path) -> str | None:
    """Keep what a browser gets at an address as a file; gives its name, or None if it is no page."""
    answer = ask(port, address)
    if answer.headers.get_content_type() != "text/html":
        return None
    name = f"{len(list(folder.iterdir()))}.html"
    (folder / name).write_bytes(answer.body)
    return name


def faults(folder: Path, names: dict[str, str]) -> list[str]:
    """All that the checker says of the pages in a folder, each with the address it was served at."""
    done = subprocess.run(
        ["java", "-jar", html_checker(), "--format", "json", "--exit-zero-always", *sorted(folder.glob("*.html"))],
        capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    told = json.loads(done.stderr)["messages"]
    places = [names.get(Path(one.get("url", "")).name, "") for one in told]
    return [f"{place}: {one['message']} {one.get('extract', '')!r}" for place, one in zip(places, told, strict=True)]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The public site with the built-in data, one statement withdrawn, one lost and one noun corrected."""
    with a_prepared_place() as place:
        place.edit(
            "Statement.objects.filter(slug='umerov-awaits-memorandum-unn').update(\n"
            "    status='withdrawn', withdrawn_on='2026-11-24', withdrawn_because='It was entered twice.')\n"
            "Statement.objects.filter(slug='lavrov-four-days').update(verified_sha256='a' * 64)\n"
            "Correction(slug='istanbul-1', record='meetings', noun='istanbul-2025-06-02', kind='correction',\n"
            "    column='venue', before='<a', after='&b', reason='“c”', corrected_at='2026-11-24T10:30:00Z').save()"
        )
        with place.served() as (port, _):
            yield port


def test_every_address_of_a_page_is_among_the_kinds():
    plain = (".", "oembed", "latest/", "releases/<number:number>/<file")
    pages = {
        one.name for one in urlpatterns if isinstance(one, URLPattern) and not any(p in str(one.pattern) for p in plain)
    }
    assert pages - KINDS.keys() == set()


def test_the_checker_is_silent_on_every_kind_of_page(port, tmp_path):
    names = {save(port, address, tmp_path): address for addresses in KINDS.values() for address in addresses}
    assert None not in names, f"{names.get(None)} is no page"
    assert len(names) == sum(map(len, KINDS.values()))
    for away in (False, True):  # what no address gives on purpose
        (tmp_path / f"500-{away}.html").write_text(fault_page(away))
        names[f"500-{away}.html"] = f"a fault, {away=}"
    assert faults(tmp_path, names) == []


def test_the_checker_is_silent_on_a_site_without_data(tmp_path):
    with a_migrated_place() as place:
        place.manage("collectstatic", "--noinput", "--verbosity=0")
        with place.served() as (port, _):
            names = {save(port, address, tmp_path): address for address in EMPTY}
    assert None not in names
    assert len(names) == len(EMPTY)
    assert faults(tmp_path, names) == []


def test_the_checker_speaks_of_what_is_wrong(tmp_path):
    page = '<!DOCTYPE html><html lang="en"><title>x</title><p id="a"><p id="a"><section></section>'
    (tmp_path / "0.html").write_text(page)
    told = " ".join(faults(tmp_path, {"0.html": "/wrong/"}))
    assert "Duplicate ID" in told
    assert "/wrong/: Section lacks heading" in told
