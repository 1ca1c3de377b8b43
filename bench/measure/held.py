"""Databases in memory, while they are asked: what is measured is the site, not the disk.

A file that is read once need not stay there: some machines take such memory away within minutes.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

READABLE, SHARED = 1, 1  # PROT_READ and MAP_SHARED of mmap(2)
CHUNK = 1 << 20
# All tables and indexes of the database, and what of their rows stands apart.
PREWARMED = (
    "SELECT sum(pg_prewarm(c.oid::regclass)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'i', 't') AND n.nspname IN ('public', 'pg_toast')"
)


def quarter() -> int:
    """A quarter of the memory of this machine, in megabytes."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4 // 1024**2


def hold(path: Path) -> None:
    """Keep a file in memory until this process ends (mlock(2)); where that is not allowed, read it once and say so."""
    size = path.stat().st_size
    library = ctypes.CDLL(None, use_errno=True)
    library.mmap.restype = ctypes.c_void_p
    library.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    library.mlock.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    with path.open("rb") as file:
        if library.mlock(library.mmap(None, size, READABLE, SHARED, file.fileno(), 0), size) == 0:
            return
        print(f"  {path.name} may not be held in memory: {os.strerror(ctypes.get_errno())}", file=sys.stderr)
        while file.read(CHUNK):
            pass
