"""A hundred thousand statements instead of the built-in data, made once for each database."""

from __future__ import annotations

import os

import pytest
from django.db import connection

from bench import generate

NUMBER = int(os.environ.get("SCALE_STATEMENTS", "100000"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """After the built-in data was loaded, which this adds to."""
    with django_db_blocker.unblock():
        generate.fill(NUMBER)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
