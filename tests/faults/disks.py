"""A small disk of the test's own, which can be filled to the last byte."""

from __future__ import annotations

import errno
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PIECE = 4096  # a page of memory: of less than that this file system does not know


class Disk:
    """A file system in memory, for the VAR_DIR of a place whose folder is another one: what is printed is kept there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.var = folder, folder / "var"
        self.ballast = self.var / "ballast"

    def fill(self, room: int = 0) -> None:
        """Leave so many bytes."""
        with self.ballast.open("ab", buffering=0) as ballast:
            for piece in (256 * PIECE, PIECE):
                try:
                    while ballast.write(bytes(piece)) == piece:
                        pass
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
            ballast.truncate(max(0, ballast.tell() - room))

    def free(self) -> None:
        self.ballast.unlink(missing_ok=True)


@contextmanager
def a_small_disk(megabytes: int) -> Iterator[Disk]:
    """Needs the right to mount; where there is none the test is left out, and says so."""
    with tempfile.TemporaryDirectory(prefix="talks-disk-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        disk = Disk(Path(name))
        disk.var.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(disk.var)]
        try:
            done = subprocess.run(mount, capture_output=True, text=True)
            why = done.stderr.strip() if done.returncode else ""
        except OSError as error:
            why = str(error)
        if why:
            pytest.skip(f"NO FULL DISK WAS TRIED: a small file system could not be mounted here: {why}")
        try:
            yield disk
        finally:
            # Also while somebody still has a file of it open.
            subprocess.run(["umount", "--lazy", disk.var], check=True)
