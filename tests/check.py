"""Linters, types, templates and migrations, as many at once as there are cores; every fault is told."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DESK = ROOT / "talks" / "admin" / "templates"
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in DESK.rglob("*.html"))
MANAGE = [sys.executable, "-W", "error", "manage.py"]

CHECKS: dict[str, list[str]] = {
    "style": [f"{BIN}/ruff", "check", "--quiet", "."],
    "format": [f"{BIN}/ruff", "format", "--check", "--quiet", "."],
    "types": [f"{BIN}/mypy", "--cache-dir", "var/mypy"],
    "templates": [sys.executable, "-W", "error", "-m", "tests.templates"],
    "templates of the desk": [*MANAGE, "validate_templates"],
    "template style of the desk": [f"{BIN}/djade", "--target-version", "5.2", "--check", *TEMPLATES],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "system check, editor": [*MANAGE, "check", "--fail-level", "WARNING"],
    "system check, public": [*MANAGE, "check", "--fail-level", "WARNING", "--settings", "config.settings"],
}


def told_by(command: list[str]) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def main() -> int:
    failed = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, done in zip(CHECKS, pool.map(told_by, CHECKS.values()), strict=True):
            print(done.stdout.decode(), end="")
            print(f"{name}: {'ok' if done.returncode == 0 else 'FAILED'}", flush=True)
            failed += [name] if done.returncode else []
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
