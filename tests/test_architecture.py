"""The whole house: imports point down, nothing below the middleware speaks HTTP, questions have names."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TALKS = ROOT / "talks"

# From the ground up. A module may import its own layer and those below it.
LAYERS = [
    {"dates", "evidence", "fetching", "fragments", "likeness", "marks", "naming", "reporting", "webpage", "witness"},
    {"verification", "quotations"},
    {"querysets", "search"},
    {"models"},
    {"guards", "beside"},
    {
        "records",
        "formats",
        "arrangement",
        "timeline",
        "reported",
        "questions",
        "fixtures",
        "passages",
        "snapshot",
        "check_release",
        "corrected",
    },
    {"codebook"},
    {"edition"},
    {"paging", "filters", "parameters", "context", "drawing", "facets", "widening"},
    {"openapi"},
    {"release"},
    {"keeping", "doctor"},
    {"views", "data", "downloads", "embeds", "machines", "problems", "feeds", "sitemaps"},
    {"templating"},
    {"parts"},
    {"editing"},
    {"middleware", "urls", "admin", "management", "apps", "checks"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# Paging sorts by the order that it is given.
ALLOWED = {"paging": {"order_by"}}
HTTP_FROM = LEVEL["paging"]
MODULES = sorted(
    path for path in TALKS.rglob("*.py") if "migrations" not in path.parts and path != TALKS / "__init__.py"
)


def part(path: Path) -> str:
    """The idea that a file belongs to: `models` for `talks/models/party.py`."""
    return path.relative_to(TALKS).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The names of modules that a file imports, at its top or inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(TALKS)))
def test_imports_point_down(path):
    own = LEVEL[part(path)]
    for name in imported(path):
        if name.startswith("talks."):
            other = name.split(".")[1]
            assert LEVEL.get(other, own) <= own, f"{path} imports {name}, which stands above it"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(TALKS)))
def test_nothing_below_the_pages_speaks_http(path):
    if LEVEL[part(path)] < HTTP_FROM:
        assert not {name for name in imported(path) if name.startswith("django.http")}


def test_questions_to_the_database_have_names():
    calls = {"filter", "exclude", "annotate", "select_related", "prefetch_related", "order_by", "aggregate"}
    for name in (
        "views",
        "data",
        "drawing",
        "embeds",
        "downloads",
        "problems",
        "questions",
        "feeds",
        "sitemaps",
        "middleware",
        "filters",
        "paging",
    ):
        path = TALKS / f"{name}.py"
        if path.exists():
            nodes = ast.walk(ast.parse(path.read_text()))
            assert not {node.attr for node in nodes if isinstance(node, ast.Attribute)} & (
                calls - ALLOWED.get(name, set())
            )


def test_views_are_short():
    for name in ("views", "data", "embeds", "downloads"):
        tree = ast.parse((TALKS / f"{name}.py").read_text())
        decorated = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.decorator_list]
        long = [node.name for node in decorated if node.end_lineno - node.lineno + 1 > 15]
        assert not long


def test_files_are_small():
    templates = sorted((ROOT / "templates").rglob("*.html"))
    for path, most in [*((path, 300) for path in MODULES), *((path, 80) for path in templates)]:
        assert len(path.read_text().splitlines()) <= most, path


def test_evidence_likeness_and_dates_know_no_django():
    for path in (TALKS / "dates.py", TALKS / "evidence.py", TALKS / "likeness.py"):
        if path.exists():
            assert not {name for name in imported(path) if name.startswith("django")}


def test_no_migration_depends_on_accounts():
    for path in (TALKS / "migrations").glob("0*.py"):
        text = path.read_text()
        assert not [
            app for app in ("auth", "contenttypes", "sessions", "admin") if f'"{app}"' in text or f"'{app}'" in text
        ]


def test_a_stylesheet_has_no_colour_outside_tokens():
    for path in (ROOT / "static" / "css").glob("*.css"):
        text = path.read_text()
        assert "!important" not in text
        if path.name not in ("tokens.css", "print.css"):
            assert not [word for word in text.split() if word.startswith("#") and len(word.strip(";,)")) in (4, 7)]
