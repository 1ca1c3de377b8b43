"""Takes an account's second factor away, for when phone and backup codes are lost."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from talks.editing import factors


class Command(BaseCommand):
    help = "Take the second factor of an account away, so that its next login sets up a new one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="The name of the account.")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account “{name}”.")
        if factors.reset(user):
            self.stdout.write(f"“{name}” sets up a new second factor at the next login.")
        else:
            self.stdout.write(f"“{name}” had no second factor; it is set up at the next login.")
