"""A release that somebody else made, as a folder or a zip file: read, never unpacked, and not believed.

Everything that is wrong is told by file name, before anything is made of it.
"""

from __future__ import annotations

import hashlib
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

from talks.release.archive import BLOCK, SUMS

# No release is larger, whatever its archive says; and nothing that we make is compressed a hundred times.
LARGEST = 64 << 30
DENSEST = 100


class Refused(Exception):
    """What is wrong with a package: file and reason."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name[:200]}: {why[:400]}")


class Package:
    """The files of a release by their plain names."""

    def __init__(self, path: Path) -> None:
        """Raises Refused where the container itself is wrong."""
        self.path = path
        self.archive: zipfile.ZipFile | None = None
        self.entries: dict[str, Any] = {}
        if path.is_dir():
            self.entries = {entry.name: entry for entry in sorted(path.iterdir())}
        elif path.is_file():
            self._open_archive()
        else:
            raise Refused(str(path), "is no folder and no zip file")

    def _open_archive(self) -> None:
        try:
            self.archive = zipfile.ZipFile(self.path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise Refused(self.path.name, f"is no whole zip file: {error}") from None
        self.entries = named(self.archive.infolist())

    def close(self) -> None:
        if self.archive is not None:
            self.archive.close()

    def open(self, name: str) -> IO[bytes]:
        """One file, to be read. Raises Refused where there is none."""
        entry = self.entries.get(name)
        if entry is None:
            raise Refused(name, "is missing")
        if self.archive is not None:
            return self.archive.open(entry)
        if entry.is_symlink() or not entry.is_file():
            raise Refused(name, "is no plain file")
        return entry.open("rb")

    def read(self, name: str) -> Iterator[bytes]:
        """One file, block by block. Raises Refused where the archive is damaged."""
        try:
            with self.open(name) as file:
                while block := file.read(BLOCK):
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise Refused(name, f"cannot be read: {error}") from None

    def check_digests(self) -> None:
        """Hold every file against SHA256SUMS. Raises Refused for the first that does not fit."""
        wanted = sums(b"".join(self.read(SUMS)))
        for name in sorted(self.entries.keys() - wanted.keys() - {SUMS}):
            if not name.endswith(".zip"):
                raise Refused(name, f"is not in {SUMS}")
        for name, digest in wanted.items():
            found = hashlib.sha256()
            for block in self.read(name):
                found.update(block)
            if found.hexdigest() != digest:
                raise Refused(name, f"is not the file that {SUMS} speaks of: its digest is {found.hexdigest()}")


def sums(content: bytes) -> dict[str, str]:
    """Digests by file name. Raises Refused for a line that is none, or names more than a file."""
    found: dict[str, str] = {}
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        digest, separator, name = line.partition("  ")
        if not separator or len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            raise Refused(SUMS, f"line {number} is no digest and name")
        if name in found or not is_plain(name):
            raise Refused(SUMS, f"line {number} names “{name}”, which is no plain name or stands here twice")
        found[name] = digest
    return found


def is_plain(name: str) -> bool:
    """Whether a name is that of a file and leads nowhere else."""
    return bool(name) and not set(name) & set("/\\\0:") and name not in (".", "..")


def named(entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Entries of an archive by plain name; one folder may stand around all. Raises Refused for what is hostile."""
    found: dict[str, zipfile.ZipInfo] = {}
    folders: set[tuple[str, ...]] = set()
    for entry in entries:
        if entry.filename.endswith("/"):
            continue
        *folder, name = PurePosixPath(entry.filename).parts or ("",)
        _refuse_hostile(entry, folder, name)
        if name in found:
            raise Refused(entry.filename, "stands in the archive twice")
        folders.add(tuple(folder))
        found[name] = entry
    if len(folders) > 1:
        raise Refused("the archive", "has files in more than one folder")
    if sum(entry.file_size for entry in found.values()) > LARGEST:
        raise Refused("the archive", f"would be larger than {LARGEST:,} bytes")
    return found


def _refuse_hostile(entry: zipfile.ZipInfo, folder: list[str], name: str) -> None:
    shown = entry.filename[:200]
    plain = is_plain(name) and all(map(is_plain, folder)) and "\0" not in entry.orig_filename  # which is not cut there
    if not plain or len(folder) > 1 or entry.filename.startswith("/"):
        raise Refused(shown, "is a path that leads out of the archive")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Refused(shown, "is a link")
    if entry.flag_bits & 0x1:
        raise Refused(shown, "is encrypted")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # the others are unpacked without a limit
        raise Refused(shown, "is compressed in another way than by deflate")
    if entry.file_size > DENSEST * max(entry.compress_size, 1):
        raise Refused(shown, f"is compressed more than {DENSEST} times: {entry.file_size:,} bytes")
