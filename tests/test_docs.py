"""The prose tells the truth: commands exist, settings are written down, links between documents lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_of_a_document_exists(path):
    text = path.read_text()
    known = get_commands()
    assert {name for name in re.findall(r"manage\.py (\w+)", text)} <= known.keys()
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"(?:^ {4}|`)make (\w+)", text, re.M)) <= targets


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_there(path):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text()):
        assert (path.parent / target).exists(), target


def test_every_setting_is_written_down():
    read = re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "config" / "environment.py").read_text())
    written = (ROOT / "docs" / "settings.md").read_text()
    assert [name for name in read if f"`{name}`" not in written] == []


def test_every_module_says_what_it_is():
    for path in [*(ROOT / "talks").rglob("*.py"), *(ROOT / "config").glob("*.py")]:
        if "migrations" not in path.parts and path.stat().st_size:
            assert path.read_text().startswith(('"""', '#!/usr/bin/env python3\n"""')), path


def test_every_field_has_a_sentence():
    from talks.fixtures import MODELS

    for model in MODELS:
        for field in model._meta.get_fields():
            if field.concrete and not field.primary_key:
                assert field.help_text.endswith((".", "…")), f"{model.__name__}.{field.name}"


def test_no_file_names_a_registry_or_a_path_of_one_machine():
    import subprocess

    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    hosts = ["files.python" + "hosted", "pypi" + ".org", "registry.npm" + "js", "deb." + "debian", "/ro" + "ot/"]
    for name in filter(None, names):
        content = (ROOT / name).read_bytes()
        assert not [host for host in hosts if host.encode() in content], name
