"""What all tests share: the built-in data, loaded once for each database."""

from __future__ import annotations

import gc
import shutil

import pytest
from django.core.management import call_command
from django.core.signals import setting_changed
from django.db import connection, transaction
from django.dispatch import receiver
from django.test import override_settings
from django.test.signals import root_urlconf_changed
from django.urls import set_urlconf
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from talks.editing import ledger
from talks.fixtures import FILES
from talks.models import Release
from talks.search import known

# No test is timed: a slow machine is no fault.
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")


# Django forgets all addresses whenever a test turns to those of the other process; to put them together anew took a
# tenth of such a test's time. They are kept by the name of their module.
setting_changed.disconnect(root_urlconf_changed)


@receiver(setting_changed)
def other_addresses(*, setting, **_):
    if setting == "ROOT_URLCONF":
        set_urlconf(None)


def pytest_configure(config):
    told = "judges the files of a release, which are the same bytes from either database, and is run with SQLite's"
    config.addinivalue_line("markers", f"released: {told}")


# Who has neither of these and starts no server says the same whichever database there is.
ASKING = {"db", "transactional_db"}


def pytest_collection_modifyitems(config, items):
    """Leave out what speaks of the other database: it is run when that one's turn comes. What asks none is run with
    SQLite's.
    """
    on_postgresql = connection.vendor == "postgresql"
    other = "sqlite" if on_postgresql else "postgresql"
    left = {item for item in items if item.get_closest_marker(other) or (on_postgresql and is_said_once(item))}
    config.hook.pytest_deselected(items=sorted(left, key=items.index))
    items[:] = [item for item in items if item not in left]


def is_said_once(item):
    """Whether a test has nothing to do with a database, or only with bytes that another test holds against SQLite's."""
    marked = any(item.get_closest_marker(name) for name in ("django_db", "live", "postgresql"))
    asks = marked or not ASKING.isdisjoint(getattr(item, "fixturenames", ()))
    return not asks or any(item.get_closest_marker(name) for name in ("released", "once"))


def pytest_collection_finish():
    """What was imported is never garbage: to look through it again and again took a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        load_built_in_data()


def load_built_in_data(**options):
    call_command("loaddata", *(f"{name}.json" for name in FILES), verbosity=0, **options)


@pytest.fixture(autouse=True)
def nothing_counted():
    """A test that changes how far is counted leaves no number behind for the next one, whose edition may be the same."""
    known.numbers.clear()


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


@pytest.fixture(scope="session")
def first_release(django_db_setup, django_db_blocker, tmp_path_factory):
    """The built-in data cut into a release, once: the folder of releases, and the row; the database is as it was."""
    folder = tmp_path_factory.mktemp("first-release") / "releases"
    with django_db_blocker.unblock(), override_settings(RELEASES=folder), transaction.atomic():
        call_command("release", verbosity=0)
        row = Release.objects.values().get()
        transaction.set_rollback(True)
    return folder, row


@pytest.fixture
def release(releases, first_release):
    """The first release, as if it had just been cut into a folder of its own."""
    folder, row = first_release
    shutil.copytree(folder, releases)
    return Release.objects.create(**row)
