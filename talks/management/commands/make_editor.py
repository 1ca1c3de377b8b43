"""Makes an editor's account; asks for what the environment does not say."""

from __future__ import annotations

import os
from collections.abc import Callable
from getpass import getpass
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from talks.editing import roles


class Command(BaseCommand):
    help = (
        "Make an editor's account. Asks for name and password, or takes them from EDITOR_NAME and EDITOR_PASSWORD. "
        "EDITOR_ROLE is contributor, editor, publisher or administrator; an administrator if it is left out."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        role = os.environ.get("EDITOR_ROLE") or roles.ADMINISTRATOR
        if role not in roles.ROLES:
            raise CommandError(f"EDITOR_ROLE: “{role}” is none of {', '.join(roles.ROLES)}.")
        user = User(username=self.name(), is_staff=True)
        password = os.environ.get("EDITOR_PASSWORD") or self.ask(getpass, "Password (12 characters or more): ")
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError("EDITOR_PASSWORD: " + " ".join(error.messages)) from None
        user.set_password(password)
        with transaction.atomic():
            user.save()
            user.groups.add(Group.objects.get(name=role))
        self.stdout.write(f"“{user.username}” can log in to the editor’s admin, as {role}.")

    def name(self) -> str:
        """A name that an account can have and that none has."""
        name = os.environ.get("EDITOR_NAME") or self.ask(input, "Name of the editor: ").strip()
        try:
            User._meta.get_field("username").clean(name, None)
        except ValidationError as error:
            raise CommandError("EDITOR_NAME: " + " ".join(error.messages)) from None
        if User.objects.filter(username=name).exists():
            raise CommandError(f"EDITOR_NAME: there is an account “{name}” already.")
        return name

    def ask(self, how: Callable[[str], str], question: str) -> str:
        """What somebody types; one clear line where nobody can be asked."""
        try:
            return how(question)
        except EOFError:
            raise CommandError("Nobody can be asked here: set EDITOR_NAME and EDITOR_PASSWORD.") from None
