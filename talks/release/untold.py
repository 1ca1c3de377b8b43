"""Files of a release that have their name already, and no row yet that tells of them.

Between the two a process may be killed. A mark beside them says whose they are: without it, a folder that no row tells
of is somebody's, such as an earlier database's, and is never touched.
"""

from __future__ import annotations

import re
from pathlib import Path

from talks.models import Release
from talks.release import archive

MARK = ".untold"


def mark(target: Path, folder: Path) -> None:
    """Say which files are about to get the name of a release, by the digest of their list of digests."""
    said = target.parent / MARK
    said.write_text(f"{target.name} {archive.digest(folder / archive.SUMS)}\n")
    archive.to_disk(said)
    archive.to_disk(target.parent)


def told(releases: Path) -> None:
    """The row is there."""
    (releases / MARK).unlink(missing_ok=True)


def take_away(releases: Path) -> None:
    """Take the name from marked files that no row tells of, so that they go with what else a killed release has left."""
    if not (releases / MARK).exists():
        return
    # Half a mark was written before the files had their name.
    if marked := re.fullmatch(r"([1-9][0-9]*) ([0-9a-f]{64})\n", (releases / MARK).read_text()):
        folder, sums = releases / marked[1], releases / marked[1] / archive.SUMS
        ours = sums.is_file() and archive.digest(sums) == marked[2]
        if ours and not Release.objects.filter(number=int(marked[1])).exists():
            folder.rename(releases / f".{marked[1]}-untold")
    told(releases)
