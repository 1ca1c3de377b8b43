"""Files of the look: named by their content, kept for ever, and still there when a newer build has been put up."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager

import pytest

from tests.prepared import a_prepared_place
from tests.servers import Place, ask

pytestmark = [pytest.mark.live, pytest.mark.once]
LINKED = re.compile(r"/static/[^\"]+\.[0-9a-f]{12}\.(?:css|js|svg)")


@contextmanager
def another_checkout(place, folder, changed):
    """A newer checkout beside the first, with the same VAR_DIR; files older than what was collected, as from an archive."""
    code = folder / "newer"
    shutil.copytree(place.code, code)
    for name, text in changed.items():
        path = code / "static" / name
        stamp = path.stat()
        path.write_text(path.read_text("utf-8") + text, "utf-8")
        os.utime(path, (stamp.st_atime, 0))
    other = Place.__new__(Place)
    other.code, other.var, other.database = code, place.var, place.database
    yield other


def linked(port) -> set[str]:
    """The files that the front page names."""
    return set(LINKED.findall(ask(port, "/").text))


def kept_for_ever(port, address) -> bytes:
    answer = ask(port, address)
    assert (answer.status, "immutable" in answer.headers["Cache-Control"]) == (200, True), address
    return answer.body


def test_files_of_the_build_before_are_served_after_a_deploy_and_after_it_was_taken_back(tmp_path):
    changed = {"css/tokens.css": ":root { --newer: 1 }", "js/extras.js": "\n// newer\n"}
    with a_prepared_place() as place:
        with place.served() as (port, _):
            before = {address: kept_for_ever(port, address) for address in linked(port)}
        with another_checkout(place, tmp_path, changed) as newer:
            newer.manage("prepare")
            with newer.served() as (port, _):
                after = {address: kept_for_ever(port, address) for address in linked(port)}
                assert len(after.keys() - before.keys()) == len(changed), "files that were changed have other names"
                assert {address: kept_for_ever(port, address) for address in before} == before
                newer_script = next(address for address in after if "/js/" in address)
                assert b"// newer" in after[newer_script]
        place.manage("prepare")
        with place.served() as (port, _):
            assert {address: kept_for_ever(port, address) for address in linked(port)} == before
            assert {address: kept_for_ever(port, address) for address in after} == after
