"""The last files of a release: digests of all others, and all of them in one archive."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path
from typing import Any

SUMS = "SHA256SUMS"
BLOCK = 1 << 20
TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".ndjson": "application/x-ndjson",
    ".json": "application/json",
    ".sqlite3": "application/vnd.sqlite3",
    ".md": "text/markdown; charset=utf-8",
    ".cff": "text/yaml; charset=utf-8",
    ".py": "text/x-python; charset=utf-8",
    ".zip": "application/zip",
}


def zip_name(number: int) -> str:
    return f"talks-in-context-{number}.zip"


def seal(folder: Path, told: Any) -> None:
    """Write SHA256SUMS (as the command `sha256sum` does) and the archive."""
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    lines = [f"{digest(path)}  {path.name}\n" for path in paths]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")
    instant = tuple(int(part) for part in (*told.as_of[:10].split("-"), *told.as_of[11:19].split(":")))
    instant = min(max(instant, (1980, 1, 1, 0, 0, 0)), (2107, 12, 31, 23, 59, 58))  # what an archive can name
    with zipfile.ZipFile(folder / zip_name(told.number), "w") as archive:
        for path in sorted([*paths, folder / SUMS]):
            _add(archive, path, f"talks-in-context-{told.number}/{path.name}", instant)


def _add(archive: zipfile.ZipFile, path: Path, name: str, instant: Any) -> None:
    # Stored, not compressed: what a compressor makes differs from library to library, and this is the same everywhere.
    entry = zipfile.ZipInfo(name, instant)
    entry.create_system, entry.external_attr = 3, 0o100644 << 16
    entry.file_size = path.stat().st_size
    with path.open("rb") as source, archive.open(entry, "w") as target:
        while block := source.read(BLOCK):
            target.write(block)


def digest(path: Path) -> str:
    """SHA-256 of a file (64 hexadecimal signs)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def to_disk(path: Path) -> None:
    """Return when the contents of a file, or the names in a folder, outlast a loss of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def listed(folder: Path) -> list[dict[str, Any]]:
    """Every file with its size, digest and type, by name."""
    return [
        {
            "name": path.name,
            "bytes": path.stat().st_size,
            "sha256": digest(path),
            "type": TYPES.get(path.suffix, "text/plain; charset=utf-8"),
        }
        for path in sorted(folder.iterdir())
    ]
