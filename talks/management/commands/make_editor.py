"""Makes an editor's account; asks for what the environment does not say."""

from __future__ import annotations

import os
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
        name = os.environ.get("EDITOR_NAME") or input("Name of the editor: ").strip()
        if not name:
            raise CommandError("EDITOR_NAME: an account needs a name.")
        if users._default_manager.filter(username=name).exists():
            raise CommandError(f"EDITOR_NAME: there is an account “{name}” already.")
        password = os.environ.get("EDITOR_PASSWORD") or getpass("Password (12 characters or more): ")
        user = users(username=name, is_staff=True, is_superuser=True)
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError("EDITOR_PASSWORD: " + " ".join(error.messages)) from None
        user.set_password(password)
        user.save()
        self.stdout.write(f"“{name}” can log in to the editor’s admin.")
