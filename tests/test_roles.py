"""The four roles: what each may, that hands cannot change it for long, and that accounts are made with one."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command

from talks.editing import roles
from talks.editing.models import NOUNS, PARTS, Desk
from talks.models import Correction, LinkCheck, Redirect, Release, SourceText, Tombstone

pytestmark = pytest.mark.django_db

ENTERED = {model._meta.model_name for model in (*NOUNS, *PARTS, SourceText)}
KEPT = {model._meta.model_name for model in (Correction, Redirect, Tombstone, Release, LinkCheck)}
PASSWORD = "nine-orange-herons"


def rights(role: str) -> set[str]:
    """The rights that an account of this role has."""
    user = User.objects.create_user(f"one-{role}", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return set(user.get_all_permissions())


def talks(*actions: str) -> set[str]:
    return {f"talks.{action}_{model}" for action in actions for model in ENTERED}


def seen() -> set[str]:
    return {f"talks.view_{model}" for model in KEPT}


def test_a_contributor_enters_and_deletes_nothing():
    assert rights("contributor") == talks("view", "add", "change") | seen()


def test_an_editor_may_change_and_delete_what_others_entered_too():
    assert rights("editor") - rights("contributor") == talks("delete") | {"editing.edit_all"}


def test_a_publisher_may_correct_publish_merge_and_cut_releases_too():
    beyond = {"editing.correct", "editing.publish", "editing.merge", "editing.cut_release"}
    assert rights("publisher") - rights("editor") == beyond


def test_an_administrator_may_manage_accounts_too():
    users = {f"auth.{action}_user" for action in ("view", "add", "change", "delete")}
    assert rights("administrator") - rights("publisher") == users | {"editing.manage_accounts", "auth.view_group"}


def test_each_role_has_all_rights_of_the_one_before():
    for lower, higher in zip(roles.ROLES, roles.ROLES[1:], strict=False):
        assert roles.of(lower) < roles.of(higher)


def test_every_right_of_the_desk_belongs_to_a_role():
    assert {f"editing.{codename}" for codename, _ in Desk._meta.permissions} <= roles.of("administrator")


def test_every_model_of_the_site_is_one_that_editors_enter_or_see_or_that_the_database_keeps():
    models = {model._meta.model_name for model in apps.get_app_config("talks").get_models()}
    assert models - {"edition"} == ENTERED | KEPT


def test_rights_that_were_changed_by_hand_are_mended_at_the_next_migration():
    contributor, editor = (Group.objects.get(name=name) for name in ("contributor", "editor"))
    contributor.permissions.add(Permission.objects.get(codename="publish"))
    editor.permissions.clear()
    Group.objects.get(name="publisher").delete()
    call_command("migrate", verbosity=0)
    for role in roles.ROLES:
        held = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
        assert {f"{app}.{codename}" for app, codename in held} == roles.of(role)


def test_other_groups_and_who_is_in_a_role_are_left_alone():
    other = Group.objects.create(name="readers of proofs")
    other.permissions.add(Permission.objects.get(codename="view_party"))
    user = User.objects.create_user("olena")
    user.groups.add(other, Group.objects.get(name="editor"))
    roles.make("default")
    assert other.permissions.count() == 1
    assert set(user.groups.values_list("name", flat=True)) == {"readers of proofs", "editor"}


def made(monkeypatch, **environment: str) -> User:
    for name, value in {"EDITOR_NAME": "olena", "EDITOR_PASSWORD": PASSWORD, **environment}.items():
        monkeypatch.setenv(name, value)
    call_command("make_editor")
    return get_user_model().objects.get(username="olena")


@pytest.mark.parametrize("given", [{}, {"EDITOR_ROLE": ""}, *({"EDITOR_ROLE": role} for role in roles.ROLES)])
def test_an_account_is_made_with_a_role_and_is_no_superuser(monkeypatch, capsys, given):
    monkeypatch.delenv("EDITOR_ROLE", raising=False)
    user = made(monkeypatch, **given)
    role = given.get("EDITOR_ROLE") or "administrator"
    assert (user.is_staff, user.is_superuser, user.is_active) == (True, False, True)
    assert user.get_all_permissions() == roles.of(role)
    assert user.check_password(PASSWORD)
    assert f"“olena” can log in to the editor’s admin, as {role}." in capsys.readouterr().out


def test_a_role_that_does_not_exist_is_refused_and_no_account_is_made(monkeypatch):
    with pytest.raises(CommandError, match="EDITOR_ROLE: “chief” is none of contributor, editor"):
        made(monkeypatch, EDITOR_ROLE="chief")
    assert not User.objects.exists()
