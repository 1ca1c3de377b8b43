"""Looks for corruption, and changes nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from talks.doctor import Remark, examinations

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Look whether the database is sound: its pages, keys, triggers, edition, index of the search, tally, the files "
        "of releases and the proofs of quotations. Writes nothing. Exit status 1 if anything is wrong."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        # No examination is left out because an earlier one found something.
        wrong = [name for name, examination in examinations().items() if self._tell(name, examination)]
        if wrong:
            raise SystemExit(1)

    def _tell(self, name: str, examination: Any) -> int:
        """Tell what is found as it is found; returns how many faults were told."""
        remarks, told = "", 0
        for found in examination():
            if isinstance(found, Remark):
                remarks = f" ({found})"
                continue
            told += 1
            if told > SHOWN:
                self.stdout.write(f"{name}: and more")
                break
            self.stdout.write(f"{name}: {found}")
        if not told:
            self.stdout.write(f"{name}: ok{remarks}")
        return told
