"""The files of a copy: itself and its digest beside it. A file is there whole or not at all, and only its owner reads it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from talks.keeping import Refused
from talks.release.archive import BLOCK, digest, to_disk

PART = ".backup-part"


def sums(file: Path) -> Path:
    """Where the digest of a copy stands."""
    return file.with_name(f"{file.name}.sha256")


@contextmanager
def beside(file: Path) -> Iterator[Path]:
    """An empty file beside the one to be; nothing of it is left unless it was given its name.

    Its lock is held meanwhile. What killed processes left behind has nobody's lock, and is cleared away. Raises Refused
    where another process is writing the same copy.
    """
    part = file.with_name(f".{file.name}{PART}")
    for left in file.parent.glob(f".*{PART}"):
        _clear(left)
    handle = _claimed(part)
    try:
        yield part
    finally:
        _drop(part)
        os.close(handle)


def _clear(left: Path) -> None:
    """Take away a part that nobody is writing any more."""
    with suppress(FileNotFoundError, BlockingIOError, PermissionError):
        handle = os.open(left, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _drop(left)
        finally:
            os.close(handle)


def _claimed(part: Path) -> int:
    """A new file with its lock held. Raises Refused."""
    while True:
        handle = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Somebody may have cleared it away before the lock was held.
            if part.exists() and part.stat().st_ino == os.fstat(handle).st_ino:
                return handle
        except BlockingIOError:
            os.close(handle)
            raise Refused(f"{part.name}: another process is writing this copy.") from None
        os.close(handle)


def _drop(part: Path) -> None:
    for name in ("", "-wal", "-shm", "-journal"):
        part.with_name(part.name + name).unlink(missing_ok=True)


def publish(part: Path, file: Path) -> tuple[int, str]:
    """Give a whole part its name, with its digest beside it; returns its size in bytes and the digest.

    The digest goes first: a file that has its name has its digest, whenever this process is killed. Raises Refused
    where the name was taken meanwhile.
    """
    part.chmod(0o600)
    to_disk(part)
    size, found = part.stat().st_size, digest(part)
    told = part.with_name(f"{part.name}-journal")  # cleared away with the part
    told.write_text(f"{found}  {file.name}\n", encoding="utf-8")
    told.chmod(0o600)
    to_disk(told)
    refuse_present(file)
    told.replace(sums(file))
    try:
        os.link(part, file)  # not renamed over one that was made a moment ago
    except FileExistsError:
        raise Refused(f"{file}: is there already; a copy is never written over.") from None
    to_disk(file.parent)
    return size, found


def refuse_present(file: Path) -> None:
    """Raises Refused where there is such a file, or where its name cannot stand in a list of digests."""
    if re.search(r"[\\\r\n]", file.name):
        raise Refused(f"{file.name!r}: choose a name without backslashes and line ends.")
    if file.exists() or file.is_symlink():
        raise Refused(f"{file}: is there already; a copy is never written over.")


def told_digest(file: Path) -> str:
    """The digest that a copy must have. Raises Refused."""
    try:
        text = sums(file).read_text("utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        raise Refused(f"{sums(file)}: is missing, and without it nobody knows that the copy is whole.") from None
    match = re.fullmatch(r"([0-9a-f]{64}) [ *]([^\n]+)\n?", text)
    if match is None:
        raise Refused(f"{sums(file)}: is not one digest and one name, as “sha256sum” writes them.")
    return match[1]


def take(file: Path, scratch: Path) -> None:
    """Copy a copy into a file that nobody else writes, and hold it against its digest. Raises Refused."""
    told, found = told_digest(file), hashlib.sha256()
    with file.open("rb") as source, scratch.open("wb") as into:
        while block := source.read(BLOCK):
            found.update(block)
            into.write(block)
    if found.hexdigest() != told:
        raise Refused(f"{file}: is damaged: its SHA-256 is {found.hexdigest()}, and should be {told}.")
