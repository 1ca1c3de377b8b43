"""The key that a machine makes itself on its first start, when several processes start at once."""

from __future__ import annotations

import os
import secrets
import stat
import subprocess
import sys

import pytest

from config import environment

SHOWN = "from config.environment import local_secret_key; print(local_secret_key())"


@pytest.fixture
def var(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "VAR", tmp_path / "var")
    return tmp_path / "var"


def test_it_is_made_once_and_read_by_nobody_else(var):
    key = environment.local_secret_key()
    assert len(key) >= 50
    assert environment.local_secret_key() == key
    assert stat.S_IMODE((var / "secret_key").stat().st_mode) == 0o640
    assert [path.name for path in var.iterdir()] == ["secret_key"]


def test_the_key_of_a_process_that_was_quicker_is_kept(var, monkeypatch):
    def slowly(size):
        (var / "secret_key").write_text("of the quicker one")
        return "of the slower one"

    monkeypatch.setattr(secrets, "token_urlsafe", slowly)
    assert environment.local_secret_key() == "of the quicker one"
    assert [path.name for path in var.iterdir()] == ["secret_key"]


def test_processes_that_start_at_once_have_one_key(tmp_path):
    told = {**os.environ, "VAR_DIR": str(tmp_path / "var")}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", SHOWN], env=told, cwd=environment.BASE_DIR, stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    keys = [process.communicate()[0].strip() for process in started]
    assert {process.returncode for process in started} == {0}
    assert set(keys) == {(tmp_path / "var" / "secret_key").read_text()}
