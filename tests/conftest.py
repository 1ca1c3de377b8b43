"""What all tests share: the built-in data, loaded once for each database."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from talks.editing import ledger
from talks.fixtures import FILES

# No test is timed: a slow machine is no fault.
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")


def pytest_collection_modifyitems(config, items):
    """Leave out what speaks of the other database: it is run when that one's turn comes."""
    other = "sqlite" if connection.vendor == "postgresql" else "postgresql"
    left = [item for item in items if item.get_closest_marker(other)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        load_built_in_data()


def load_built_in_data(**options):
    call_command("loaddata", *(f"{name}.json" for name in FILES), verbosity=0, **options)


@pytest.fixture
def unnoted():
    """Arrangement past the ledger: nothing that the test writes is dated, told or in a history."""
    with ledger.aside():
        yield


@pytest.fixture
def editor_site(settings):
    """The editor's layers and addresses instead of the public ones."""
    settings.MIDDLEWARE = settings.EDITOR["MIDDLEWARE"]
    settings.ROOT_URLCONF = settings.EDITOR["ROOT_URLCONF"]
    return settings


@pytest.fixture
def releases(settings, tmp_path):
    """A folder of its own for releases."""
    settings.RELEASES = tmp_path / "releases"
    return settings.RELEASES
