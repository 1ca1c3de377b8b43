"""Every address of the admin × every role, as a table; one that is missing from the table fails."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from talks.models import (
    Correction,
    Delegation,
    EditorsNote,
    Meeting,
    Party,
    Person,
    Redirect,
    Release,
    Source,
    Statement,
    Tombstone,
)
from tests.desk import ROLES, draft, logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("editor_site")]

NOUNS = {
    model._meta.model_name: model for model in (Party, Person, Source, Meeting, Delegation, Statement, EditorsNote)
}
KEPT = {"correction": Correction, "redirect": Redirect, "tombstone": Tombstone, "release": Release}

# What each role gets: contributor, editor, publisher, administrator. 302 to an administrator is the question for the
# own password; a 405 says that the address takes a POST only, which is in the second table.
EVERYBODY, NOBODY, PUBLISHERS = (200, 200, 200, 200), (403, 403, 403, 403), (403, 403, 200, 200)
ACCOUNTS, POSTED = (403, 403, 403, 302), (405, 405, 405, 405)
SITE = {
    **dict.fromkeys(("index", "app_list", "again", "jsi18n", "password_change", "password_change_done"), EVERYBODY),
    **dict.fromkeys(("login", "second_factor"), (302, 302, 302, 302)),
    "logout": POSTED,
    "autocomplete": NOBODY,  # without the field that asks
    "view_on_site": (404, 404, 404, 404),
}
# Of a published record.
OF_NOUN = {
    **dict.fromkeys(("changelist", "add", "change", "history", "preview"), EVERYBODY),
    "delete": NOBODY,
    "restore": PUBLISHERS,
    "step": POSTED,
}
OF_KEPT = {**dict.fromkeys(("changelist", "change", "history"), EVERYBODY), **dict.fromkeys(("add", "delete"), NOBODY)}
OF_ACCOUNTS = dict.fromkeys(("changelist", "add", "change", "delete", "history"), ACCOUNTS)
TABLE: dict[str, tuple[int, ...]] = {
    **SITE,
    **{f"talks_{noun}_{page}": wanted for noun in NOUNS for page, wanted in OF_NOUN.items()},
    **{f"talks_{kept}_{page}": wanted for kept in KEPT for page, wanted in OF_KEPT.items()},
    **{f"auth_{kind}_{page}": wanted for kind in ("user", "group") for page, wanted in OF_ACCOUNTS.items()},
    "auth_user_password_change": ACCOUNTS,
    "auth_user_second_factor": ACCOUNTS,
    "talks_person_merge": PUBLISHERS,
    "talks_meeting_delegations": EVERYBODY,
    "talks_source_quotations": EVERYBODY,
    "talks_statement_check": POSTED,
    "talks_statement_likely": POSTED,
    "talks_statement_variant": NOBODY,  # of one that is no draft and no wording of the other
    "talks_release_cut": POSTED,
}
# What a POST to what changes something gives to whom; of a draft of somebody else's.
POSTS: dict[str, tuple[int, ...]] = {
    "talks_statement_change": (403, 302, 302, 302),
    "talks_statement_delete": (403, 302, 302, 302),
    "talks_statement_add": (302, 302, 302, 302),
    "talks_person_merge": PUBLISHERS,
    "talks_release_cut": (403, 403, 302, 302),
    "auth_user_add": ACCOUNTS,
    "auth_user_password_change": ACCOUNTS,
}


def names() -> set[str]:
    """Every named address of the admin."""
    found = set()
    for one in admin.site.get_urls():
        inner = one.url_patterns if hasattr(one, "url_patterns") else [one]
        found |= {each.name for each in inner if each.name}
    return found


@pytest.fixture
def samples() -> dict[str, Any]:
    """A row of every kind, by the beginning of its addresses' names."""
    now = timezone.now()
    reason = {"reason": "A test.", "corrected_at": now, "kind": "correction"}
    Correction.objects.create(slug="people-x-1", record="people", noun="x", **reason)
    Redirect.objects.create(record="people", old_slug="xx", slug="rustem-umerov")
    Tombstone.objects.create(record="people", slug="xxx", withdrawn_on="2026-01-01", withdrawn_because="A test.")
    Release.objects.create(number=1, as_of=now, cut_at=now, edition=1, counts={}, changes={}, files=[])
    found = {f"talks_{name}": model._default_manager.first() for name, model in {**NOUNS, **KEPT}.items()}
    # The form of a meeting has all its statements, and any meeting will do.
    found["talks_meeting"] = Meeting.objects.create(slug="quiet", title="Quiet", date="2026-02", status="published")
    return {**found, "auth_user": User.objects.create(username="someone"), "auth_group": Group.objects.first()}


def address(name: str, samples: dict[str, Any]) -> str:
    """An address by its name, of the sample that it is about."""
    sample = samples.get("_".join(name.split("_")[:2]))
    more = {"restore": [1], "step": ["publish"], "variant": [1]}.get(name.split("_")[-1], [])
    if name.endswith("_restore"):
        more = [type(sample).history.filter(id=sample.pk).latest().history_id]
    if name in ("app_list", "view_on_site"):
        return reverse(f"admin:{name}", args=["talks"] if name == "app_list" else [1, 1])
    bare = ("changelist", "add", "check", "likely", "cut")
    alone = sample is None or name.endswith(bare)
    return reverse(f"admin:{name}", args=[] if alone else [sample.pk, *more])


def test_the_table_has_every_address_and_no_other():
    assert names() == set(TABLE)


def test_every_address_answers_every_role_as_the_table_has_it(samples):
    found = {}
    clients = [logged_in(role, role) for role in ROLES]
    for name in TABLE:
        path = address(name, samples)
        found[name] = tuple(client.get(path).status_code for client in clients)
    assert found == TABLE


@pytest.mark.parametrize("name", POSTS)
def test_what_changes_something_is_for_those_in_the_table(samples, name, settings, tmp_path):
    settings.RELEASES = tmp_path / "releases"
    got = []
    for role in ROLES:
        statement = draft(f"draft-of-somebody-{role}", who="somebody")
        samples["talks_statement"] = statement
        client = logged_in(role, role)
        got.append(client.post(address(name, samples), fields(client, name, statement, role)).status_code)
    assert tuple(got) == POSTS[name]


def fields(client: Any, name: str, statement: Statement, role: str) -> dict[str, Any]:
    """What a form would send."""
    from tests.test_admin import Form

    if name.endswith("_delete"):
        return {"post": "yes"}
    if not name.startswith("talks_statement"):
        return {}
    form = Form(client.get(reverse("admin:talks_statement_add")).content.decode())
    given = {"quotation_type": "indirect", "text": "He said so.", "said_on": "2025-05-28", "language": "en"}
    for key in ("speaker", "meeting", "source"):
        given[key] = getattr(statement, f"{key}_id")
    form.fill("", slug=f"typed-by-{role}", **given)
    return form.values


@pytest.mark.parametrize("name", ["to-review", "to-check", "parts"])
def test_the_pages_beside_the_admin_are_for_every_editor_and_for_nobody_else(client, name):
    assert client.get(reverse(name)).status_code == 302
    for role in ROLES:
        assert logged_in(role, role).get(reverse(name)).status_code == 200


def test_whoever_is_not_logged_in_or_has_no_role_gets_nowhere(client, samples):
    nobody = User.objects.create(username="nobody", is_staff=True)
    outsider = User.objects.create(username="outsider")
    strange, roleless = Client(), Client()
    strange.force_login(outsider)
    roleless.force_login(nobody)
    for name in sorted(set(TABLE) - set(SITE)):
        path = address(name, samples)
        assert client.get(path).status_code == 302, name
        assert strange.get(path).status_code == 302, name
        assert roleless.get(path).status_code in (403, 405), name
