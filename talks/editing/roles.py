"""The four roles as groups of accounts, each with all rights of the one before it."""

from __future__ import annotations


def make(using: str) -> None:
    """Make or mend the four groups."""
