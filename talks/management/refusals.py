"""How a command says that the database, or the disk, would not do what it was told."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import CommandError
from django.db import DatabaseError, OperationalError, connection

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def refused(not_done: str, error: DatabaseError) -> CommandError:
    """One line, such as that the disk is full. PostgreSQL tells in further lines where it was, which helps nobody here."""
    line = str(error).partition("\n")[0]
    # SQLite says no more than this where it cannot make the files beside a database.
    if line == "disk I/O error" and not shutil.disk_usage(Path(connection.settings_dict["NAME"]).parent).free:
        line = f"{line}: {os.strerror(errno.ENOSPC)}"
    return CommandError(f"{not_done} The database refused: {line}")


@contextmanager
def in_one_line() -> Iterator[None]:
    """End the process with one line where there is no room, or no database, and the command does not say it better."""
    try:
        yield
    except OperationalError as error:
        sys.exit(f"CommandError: {refused('It was not done.', error)}")
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        sys.exit(f"CommandError: It was not done. {error.filename or 'A file'}: {error.strerror}")
