"""The units of systemd that docs/operations.md names: what they start does start, as the user and with the environment that
they give it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess

import pytest

from tests.said import bare
from tests.servers import POSTGRES, ROOT, ask, is_free
from tests.test_production import HOST, SITE, production  # noqa: F401  (the fixture)

pytestmark = pytest.mark.live

UNITS = {"talks-public@.service": "config.settings", "talks-editor.service": "config.settings_editor"}


def unit(name: str) -> dict[str, list[str]]:
    """The settings of its [Service], each with all its values."""
    found: dict[str, list[str]] = {}
    section = (ROOT / "config" / name).read_text("utf-8").partition("[Service]\n")[2].partition("\n[")[0]
    for line in filter(bare, section.splitlines()):
        key, _, value = line.partition("=")
        found.setdefault(key, []).append(value)
    return found


def a_port() -> int:
    """One of four figures, since a unit puts a figure before it for the port of the numbers; both are free."""
    first = 2000 + os.getpid() % 4000
    return next(port for port in range(first, 9999) if is_free(port) and is_free(int(f"1{port}")))


def here(values: list[str], words: dict[str, object]) -> list[str]:
    """The one value of a setting, cut into words as systemd does, with the names of this machine."""
    (line,) = values
    for word, ours in words.items():
        line = line.replace(word, str(ours))
    return shlex.split(line)


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_what_it_says(production, name):  # noqa: F811
    place, settings, port, public = production.place, unit(name), a_port(), "public" in name
    if public and not POSTGRES and not production.user:
        pytest.skip("only root can become another user, and none who may write serves a SQLite file to the public")
    python = production.python if public and production.python else place.var / "venv" / "bin" / "python"
    words = {"/srv/talks/var/venv/bin/python": python, "%i": port, ":8001": f":{port}"}
    given = production.public if public else SITE
    given = given | dict("".join(here([line], words)).split("=", 1) for line in settings["Environment"])
    assert given["DJANGO_SETTINGS_MODULE"] == UNITS[name]
    assert settings["WorkingDirectory"] == ["/srv/talks/current"], "the link to the checkout, where the modules are"
    user = production.user if public else None
    with place.started(*here(settings["ExecStart"], words), user=user, **given) as server:
        server.serves(port)
        assert ask(port, "/readyz").body == b"ok\n"
        answer = ask(port, "/statements/umerov-awaits-memorandum/", headers={**HOST, "X-Forwarded-Proto": "https"})
        assert (answer.status, "memorandum" in answer.text) == (200, True)
    if "ExecStopPost" in settings:
        place.run(*here(settings["ExecStopPost"], words), **given)


@pytest.mark.once
@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_a_unit(name, tmp_path):
    if not (program := shutil.which("systemd-analyze")):
        pytest.skip("systemd-analyze is not installed; that the unit starts what it says is tried all the same")
    python = shutil.which("true")  # any program: systemd looks whether there is one
    text = (ROOT / "config" / name).read_text("utf-8").replace("/srv/talks/var/venv/bin/python", str(python))
    (tmp_path / name).write_text(text, "utf-8")
    done = subprocess.run([program, "verify", "--man=no", tmp_path / name], capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if name.partition(".")[0].rstrip("@") in line]
    assert (done.returncode, ours) == (0, []), done.stderr
