"""The four roles as groups of accounts, each with all rights of the one before it.

What a right allows for one record in its present state says the ledger's side; here is only who may do what at all.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission, User
from django.db import connections
from django.db.models import Q, QuerySet

CONTRIBUTOR, EDITOR, PUBLISHER, ADMINISTRATOR = "contributor", "editor", "publisher", "administrator"
ROLES = (CONTRIBUTOR, EDITOR, PUBLISHER, ADMINISTRATOR)

# The nouns and the rows that belong to them, as the permissions name them.
ENTERED = (
    *("party", "person", "source", "sourcetext", "meeting", "meetingstate", "delegation", "delegationmember"),
    *("statement", "passage", "editorsnote"),
)
KEPT_BY_ITSELF = ("correction", "redirect", "tombstone", "release", "linkcheck")


def rights(app: str, actions: Iterable[str], models: Iterable[str]) -> set[str]:
    models = tuple(models)
    return {f"{app}.{action}_{model}" for action in actions for model in models}


# What each role may beyond the one before it.
BEYOND: dict[str, set[str]] = {
    CONTRIBUTOR: rights("talks", ("view", "add", "change"), ENTERED) | rights("talks", ("view",), KEPT_BY_ITSELF),
    EDITOR: rights("talks", ("delete",), ENTERED) | {"editing.edit_all"},
    PUBLISHER: {"editing.correct", "editing.publish", "editing.merge", "editing.cut_release"},
    ADMINISTRATOR: {"editing.manage_accounts", "auth.view_group"}
    | rights("auth", ("view", "add", "change", "delete"), ("user",)),
}


def of(role: str) -> set[str]:
    """All rights of a role, as `app.codename`."""
    return set[str]().union(*(BEYOND[name] for name in ROLES[: ROLES.index(role) + 1]))


def make(using: str) -> None:
    """Make or mend the four groups: each has exactly the rights of its role, whatever somebody gave or took by hand."""
    tables = {Group._meta.db_table, Permission._meta.db_table}
    if not tables <= set(connections[using].introspection.table_names()):
        return  # a database that was migrated part of the way
    known = {
        f"{app}.{codename}": pk
        for pk, codename, app in Permission.objects.using(using).values_list(
            "pk", "codename", "content_type__app_label"
        )
    }
    for role in ROLES:
        group, _ = Group.objects.using(using).get_or_create(name=role)
        group.permissions.set({known[right] for right in of(role) if right in known})


def administrators() -> QuerySet[User]:
    """The accounts that can manage accounts now."""
    return User.objects.filter(
        Q(groups__name=ADMINISTRATOR) | Q(is_superuser=True), is_active=True, is_staff=True
    ).distinct()


def one_at_a_time() -> None:
    """Let no second change of accounts be decided until this transaction ends: two could remove each other."""
    Group.objects.select_for_update().get(name=ADMINISTRATOR)
