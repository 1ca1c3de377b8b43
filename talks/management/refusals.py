"""How a command says that the database would not do what it was told."""

from __future__ import annotations

from django.core.management.base import CommandError
from django.db import DatabaseError


def refused(not_done: str, error: DatabaseError) -> CommandError:
    """One line, such as that the disk is full. PostgreSQL tells in further lines where it was, which helps nobody here."""
    return CommandError(f"{not_done} The database refused: {str(error).partition(chr(10))[0]}")
