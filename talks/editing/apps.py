"""The app of the editor's process: it keeps the ledger and makes the roles."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class EditingConfig(AppConfig):
    name = "talks.editing"
    verbose_name = "Editing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from talks.editing import ledger

        ledger.listen()
        post_migrate.connect(make_roles, sender=self)


def make_roles(using: str, **_: Any) -> None:
    """Make the groups anew after each migration, with the rights that `talks.editing.roles` names; begin the history
    of what was entered before there was one.
    """
    from talks.editing import ledger, roles

    roles.make(using)
    ledger.begin()
