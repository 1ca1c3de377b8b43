"""Makes an editor's account; asks for what the environment does not say."""

from __future__ import annotations

import os
from collections.abc import Callable
from getpass import getpass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Make an editor's account. Asks for name and password, or takes them from EDITOR_NAME and EDITOR_PASSWORD."

    def handle(self, *args: Any, **options: Any) -> None:
        users = get_user_model()
        name = os.environ.get("EDITOR_NAME") or self.ask(input, "Name of the editor: ").strip()
        try:
            users._meta.get_field("username").clean(name, None)
        except ValidationError as error:
            raise CommandError("EDITOR_NAME: " + " ".join(error.messages)) from None
        if users._default_manager.filter(username=name).exists():
            raise CommandError(f"EDITOR_NAME: there is an account “{name}” already.")
        password = os.environ.get("EDITOR_PASSWORD") or self.ask(getpass, "Password (12 characters or more): ")
        user = users(username=name, is_staff=True, is_superuser=True)
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError("EDITOR_PASSWORD: " + " ".join(error.messages)) from None
        user.set_password(password)
        user.save()
        self.stdout.write(f"“{name}” can log in to the editor’s admin.")

    def ask(self, how: Callable[[str], str], question: str) -> str:
        """What somebody types; one clear line where nobody can be asked."""
        try:
            return how(question)
        except EOFError:
            raise CommandError("Nobody can be asked here: set EDITOR_NAME and EDITOR_PASSWORD.") from None
