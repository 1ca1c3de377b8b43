"""What Django's own checks do not know of a process that the world can reach.

`manage.py check --deploy` tells of them all; in production a server with a fault does not start.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connection
from django.http.request import split_domain_port, validate_host

from config.databases import is_sqlite
from config.environment import VAR, environment

SHORTEST_KEY, FEWEST_SIGNS = 50, 5  # as Django's own check has them
WRITES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")


@register(Tags.security, deploy=True)
def faults(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Everything that is wrong, for `check --deploy` and for a server that starts."""
    return [*_about_the_key(), *_about_hosts(), *_about_writing(), *_about_files()]


def refuse_to_serve() -> None:
    """Exit with one line for the first fault, in production."""
    wrong = [fault for fault in faults() if fault.level >= Error("").level]
    if settings.PRODUCTION and wrong:
        sys.exit(f"{wrong[0].msg} ({wrong[0].id})")


def _about_the_key() -> Iterator[CheckMessage]:
    key = str(settings.SECRET_KEY)
    local = VAR / "secret_key"
    if os.access(local, os.R_OK) and local.read_text().strip() == key:
        yield Error("SECRET_KEY: it is the one that a first start made for trying out.", id="talks.E001")
    elif len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_SIGNS or key.startswith("django-insecure-"):
        yield Error(f"SECRET_KEY: {SHORTEST_KEY} signs or more, made by chance.", id="talks.E001")


def _about_hosts() -> Iterator[CheckMessage]:
    hosts, site = settings.ALLOWED_HOSTS, urlsplit(settings.SITE_URL)
    if "*" in hosts:
        yield Error("ALLOWED_HOSTS: “*” lets anybody give the site another name.", id="talks.E002")
    elif not validate_host(split_domain_port(site.netloc)[0], hosts):
        yield Error(f"ALLOWED_HOSTS: the host of SITE_URL, {site.netloc}, is not among them.", id="talks.E002")
    if site.scheme != "https":
        yield Warning("SITE_URL: readers should come by https.", id="talks.W003")


def _about_writing() -> Iterator[CheckMessage]:
    """The public process has no way to write of its own; here it is what the system would let it do."""
    if not _is_public():
        return
    if is_sqlite(environment.public_database):
        path = environment.public_database["NAME"]
        if os.access(path, os.W_OK):
            yield Error(f"The public process may write to {path}: run it as a user who may not.", id="talks.E004")
        return
    try:
        if role := _who_may_write():
            yield Error(f"The public process is {role}, who may write: see manage.py make_reader.", id="talks.E004")
    except DatabaseError:
        return  # it may come back; what cannot be asked can neither be written


def _who_may_write() -> str:
    """The name of the role of the public process in PostgreSQL if it may write to any of our tables, else nothing."""
    tables = "SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    question = f"SELECT current_user WHERE EXISTS ({tables} AND has_table_privilege(oid, %s))"
    with connection.cursor() as cursor:
        cursor.execute(question, [", ".join(WRITES)])
        row = cursor.fetchone()
    return row[0] if row else ""


def _about_files() -> Iterator[CheckMessage]:
    """In the database are drafts, accounts and the texts of sources. A web server is a user of the machine, too."""
    kept = [Path(environment.database["NAME"])] if is_sqlite(environment.database) else []
    for path in [*kept, VAR / "secret_key"]:
        if path.exists() and path.stat().st_mode & 0o004:
            yield Error(f"Every user of this machine may read {path}: chmod o-r.", id="talks.E005")


def _is_public() -> bool:
    return settings.SETTINGS_MODULE == "config.settings"
