"""Linters, types, templates and migrations, one after the other; every fault is told before it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))
MANAGE = [sys.executable, "-W", "error", "manage.py"]

CHECKS: dict[str, list[str]] = {
    "style": [f"{BIN}/ruff", "check", "--quiet", "."],
    "format": [f"{BIN}/ruff", "format", "--check", "--quiet", "."],
    "types": [f"{BIN}/mypy", "--cache-dir", "var/mypy"],
    "template style": [f"{BIN}/djade", "--target-version", "5.2", "--check", *TEMPLATES],
    "templates": [*MANAGE, "validate_templates"],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "system check, editor": [*MANAGE, "check", "--fail-level", "WARNING"],
    "system check, public": [*MANAGE, "check", "--fail-level", "WARNING", "--settings", "config.settings"],
}


def main() -> int:
    failed = []
    for name, command in CHECKS.items():
        code = subprocess.call(command, cwd=ROOT, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        print(f"{name}: {'ok' if code == 0 else 'FAILED'}", flush=True)
        failed += [name] if code else []
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
