"""The admin as an app: Django's own, with our site, and with the modules that register something in it."""

from __future__ import annotations

from importlib import import_module

from django.contrib.admin.apps import AdminConfig

# Not imported by the package itself: whoever asks for the site first would get another one than those register in.
REGISTERING = ("nouns", "kept", "accounts")


class DeskConfig(AdminConfig):
    default_site = "talks.admin.site.DeskSite"

    def ready(self) -> None:
        from axes.signals import user_locked_out

        from talks.editing import clients

        super().ready()
        for name in REGISTERING:
            import_module(f"talks.admin.{name}")
        user_locked_out.connect(clients.tell_of_lock)
