"""Accounts in the admin: for administrators only, with the password given again, and so that one of them always stays."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from talks.editing import factors, roles
from tests.test_admin import Form, complaints
from tests.test_login import PASSWORD, account, code, enrolled, enters, log_in, told, wrong

LIST, ADD, ROLES, AGAIN = "/admin/auth/user/", "/admin/auth/user/add/", "/admin/auth/group/", "/admin/again/"
OTHER = "ten-violet-storks"


@pytest.fixture(autouse=True)
def desk(db, editor_site):
    editor_site.TWO_FACTOR = editor_site.AXES_ENABLED = True
    return editor_site


@pytest.fixture
def olena():
    return enrolled("olena")


@pytest.fixture
def taras():
    """Another administrator."""
    return enrolled("taras")


@pytest.fixture
def desk_of_olena(client, olena):
    """The administrator's browser, a moment after her login."""
    log_in(client, code=code(olena))
    return client


def page(user: User, what: str = "change") -> str:
    return f"{LIST}{user.pk}/{what}/"


def opened(client: Client, path: str) -> Form:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return Form(answer.content.decode())


def later(client: Client, seconds: int = 601) -> None:
    """Let time go by since the password was given."""
    session = client.session
    session["password_given_at"] -= seconds
    session.save()


def ids(*names: str) -> list[int]:
    return [Group.objects.get(name=name).pk for name in names]


def change(client: Client, user: User, **values: Any) -> Any:
    form = opened(client, page(user))
    ticked = values.pop("is_active", True)
    form.values.pop("is_active", None)
    fields = {**form.values, **values, **({"is_active": "on"} if ticked else {})}
    return client.post(page(user), fields)


# Who comes here


@pytest.mark.parametrize("role", roles.ROLES[:-1])
def test_nobody_but_administrators_manages_accounts(client, role):
    user = enrolled("oksana", role)
    log_in(client, name="oksana", code=code(user))
    paths = [
        LIST,
        ADD,
        ROLES,
        *(page(user, what) for what in ("change", "delete", "history", "password", "second-factor")),
    ]
    for path in paths:
        assert (client.get(path).status_code, client.post(path, {"post": "yes"}).status_code) == (403, 403), path
    assert 'href="/admin/auth/' not in client.get("/admin/").content.decode()
    later(client)
    assert client.get(LIST).status_code == 403


def test_an_administrator_who_is_no_superuser_finds_every_page(desk_of_olena, olena, taras):
    for path in (LIST, ADD, ROLES, f"{ROLES}{ids('editor')[0]}/change/", page(olena), page(taras, "delete"),
                 page(taras, "history"), page(taras, "password"), page(taras, "second-factor")):  # fmt: skip
        assert desk_of_olena.get(path).status_code == 200, path
    assert not olena.is_superuser


def test_the_secrets_of_second_factors_have_no_page(desk_of_olena):
    shown = {model._meta.app_label for model in admin.site._registry}
    assert not shown & {"otp_totp", "otp_static", "axes"}
    assert desk_of_olena.get("/admin/otp_totp/totpdevice/").status_code == 404


def test_roles_are_looked_at_and_not_changed(desk_of_olena):
    path = f"{ROLES}{ids('editor')[0]}/change/"
    assert "Can change what others drafted" in told(desk_of_olena.get(path))
    for wrong_path in (f"{ROLES}add/", path, path.replace("change", "delete")):
        assert desk_of_olena.post(wrong_path, {"name": "x", "post": "yes"}).status_code == 403
    assert Group.objects.get(name="editor")


def test_the_list_of_accounts_takes_few_queries(desk_of_olena, django_assert_max_num_queries):
    for number in range(30):
        account(f"one-{number}", "editor")
    with django_assert_max_num_queries(15):
        assert "one-29" in told(desk_of_olena.get(LIST))


# The password, again


@pytest.mark.parametrize(
    "what", ["", "add/", "{}/change/", "{}/delete/", "{}/history/", "{}/password/", "{}/second-factor/"]
)
def test_after_ten_minutes_the_password_is_asked_for_again_and_one_goes_on(desk_of_olena, olena, taras, what):
    path = LIST + what.format(taras.pk)
    assert desk_of_olena.get(path).status_code == 200
    later(desk_of_olena)
    asked = desk_of_olena.get(path, follow=True)
    assert asked.redirect_chain == [(f"{AGAIN}?next={path}", 302)]
    form = Form(asked.content.decode().replace('id="login-form"', 'id="login_form"'))
    assert form.values["next"] == [path]
    answer = desk_of_olena.post(AGAIN, {**form.values, "password": PASSWORD, "code": code(olena)})
    assert (answer.status_code, answer.headers["Location"]) == (302, path)
    assert desk_of_olena.get(path).status_code == 200


def test_the_roles_ask_for_it_too(desk_of_olena):
    later(desk_of_olena)
    assert desk_of_olena.get(ROLES).headers["Location"].startswith(AGAIN)


def test_what_was_sent_too_late_is_not_done_and_that_is_said(desk_of_olena, taras):
    later(desk_of_olena)
    answer = desk_of_olena.post(page(taras, "delete"), {"post": "yes"}, follow=True)
    assert "Nothing was changed" in told(answer)
    assert User.objects.filter(username="taras").exists()


def test_the_rest_of_the_admin_does_not_ask(desk_of_olena):
    later(desk_of_olena)
    for path in ("/admin/", "/admin/talks/party/", "/admin/password_change/"):
        assert desk_of_olena.get(path).status_code == 200


@pytest.mark.parametrize(("password", "right_code"), [("wrong-password-1", True), (PASSWORD, False), ("", True)])
def test_a_wrong_password_or_code_opens_nothing(desk_of_olena, olena, password, right_code):
    later(desk_of_olena)
    shown = code(olena)
    answer = desk_of_olena.post(AGAIN, {"password": password, "code": shown if right_code else wrong(shown)})
    assert answer.status_code == 200
    assert desk_of_olena.get(LIST).status_code == 302


def test_the_password_of_another_account_opens_nothing(desk_of_olena, olena, taras):
    taras.set_password(OTHER)
    taras.save()
    later(desk_of_olena)
    fields = {"username": "taras", "password": OTHER, "code": code(taras)}
    assert desk_of_olena.post(AGAIN, fields).status_code == 200
    assert desk_of_olena.get(LIST).status_code == 302


def test_failures_here_close_the_door_too(desk_of_olena):
    later(desk_of_olena)
    for _ in range(5):
        answer = desk_of_olena.post(AGAIN, {"password": "wrong-password-1", "code": "000000"})
    assert answer.status_code == 429
    assert log_in(Client()).status_code == 429


def test_the_right_password_takes_failures_back(desk_of_olena, olena):
    later(desk_of_olena)
    for _ in range(4):
        desk_of_olena.post(AGAIN, {"password": "wrong-password-1", "code": "000000"})
    assert desk_of_olena.post(AGAIN, {"password": PASSWORD, "code": code(olena)}).status_code == 302
    assert desk_of_olena.post(AGAIN, {"password": "wrong-password-1", "code": "000000"}).status_code == 200


def test_with_one_factor_the_password_alone_is_asked_for(client, settings):
    settings.TWO_FACTOR = False
    account("olena")
    log_in(client)
    later(client)
    assert 'name="code"' not in client.get(LIST, follow=True).content.decode()
    assert client.post(AGAIN, {"password": PASSWORD, "next": LIST}).headers["Location"] == LIST
    assert client.get(LIST).status_code == 200


# Making, changing and deleting accounts


def test_an_account_is_made_with_its_role_and_can_log_in(desk_of_olena):
    form = opened(desk_of_olena, ADD)
    form.set(username="oksana", first_name="Oksana", password1=OTHER, password2=OTHER)
    form.values["groups"] = [str(pk) for pk in ids("editor")]
    assert desk_of_olena.post(ADD, form.values).status_code == 302
    oksana = User.objects.get(username="oksana")
    assert (oksana.is_staff, oksana.is_superuser, oksana.is_active) == (True, False, True)
    assert oksana.get_all_permissions() == roles.of("editor")
    assert LogEntry.objects.get(object_id=str(oksana.pk)).is_addition()
    other = Client()
    assert log_in(other, name="oksana", password=OTHER).status_code == 302
    assert "Set up your second factor" in told(other.get("/admin/", follow=True))


def test_nobody_gets_more_than_a_role_through_the_forms(desk_of_olena, taras):
    for path in (ADD, page(taras)):
        html = desk_of_olena.get(path).content.decode()
        assert not re.findall(r'name="(is_superuser|is_staff|user_permissions)"', html)
    change(desk_of_olena, taras, is_superuser="on", user_permissions=["1"], username="root")
    taras.refresh_from_db()
    assert (taras.is_superuser, taras.user_permissions.count(), taras.username) == (False, 0, "taras")


@pytest.mark.parametrize("password", ["ten-storks", "qwertyuiop123", "oksana-oksana", "918273645546372819", ""])
def test_a_weak_password_is_refused_for_a_new_account_and_for_an_old_one(desk_of_olena, password):
    form = opened(desk_of_olena, ADD)
    form.set(username="oksana-oksana", password1=password, password2=password)
    assert complaints(desk_of_olena.post(ADD, form.values)).keys() & {"password1", "password2"}
    oksana = account("oksana-oksana", "editor")
    answer = desk_of_olena.post(page(oksana, "password"), {"password1": password, "password2": password})
    assert answer.status_code == 200
    oksana.refresh_from_db()
    assert oksana.check_password(PASSWORD)


def test_a_password_that_an_administrator_changed_ends_the_sessions_of_that_account(desk_of_olena, taras):
    other = Client()
    log_in(other, name="taras", code=code(taras))
    assert enters(other)
    fields = {"password1": OTHER, "password2": OTHER}
    assert desk_of_olena.post(page(taras, "password"), fields).status_code == 302
    assert not enters(other)
    assert enters(desk_of_olena)
    assert "password" in LogEntry.objects.get(object_id=str(taras.pk)).get_change_message().lower()


def test_an_account_is_given_another_role_and_that_is_logged(desk_of_olena, taras):
    assert change(desk_of_olena, taras, groups=ids("contributor")).status_code == 302
    assert User.objects.get(pk=taras.pk).get_all_permissions() == roles.of("contributor")
    assert LogEntry.objects.get(object_id=str(taras.pk)).is_change()


def test_an_account_that_is_made_inactive_is_out_at_once(desk_of_olena, taras):
    other = Client()
    log_in(other, name="taras", code=code(taras))
    assert change(desk_of_olena, taras, is_active=False).status_code == 302
    assert not enters(other)


@pytest.mark.parametrize("values", [{"is_active": False}, {"groups": []}, {"groups": "publisher"}])
def test_nobody_takes_the_account_or_the_role_from_themselves(desk_of_olena, olena, taras, values):
    if values.get("groups"):
        values = {"groups": ids(values["groups"])}
    answer = change(desk_of_olena, olena, **values)
    assert answer.status_code == 200
    assert "You cannot take your own account or your own role from you." in told(answer)
    olena = User.objects.get(pk=olena.pk)
    assert olena.is_active
    assert olena.get_all_permissions() == roles.of("administrator")


def test_nobody_deletes_their_own_account(desk_of_olena, olena, taras):
    assert desk_of_olena.post(page(olena, "delete"), {"post": "yes"}).status_code == 403
    several = {"action": "delete_selected", "_selected_action": [olena.pk, taras.pk], "post": "yes"}
    desk_of_olena.post(LIST, several)
    assert set(User.objects.values_list("username", flat=True)) == {"olena", "taras"}


def test_another_administrator_can_be_deleted_and_that_is_logged(desk_of_olena, taras):
    assert "taras" in told(desk_of_olena.get(page(taras, "delete")))
    assert desk_of_olena.post(page(taras, "delete"), {"post": "yes"}).status_code == 302
    assert not User.objects.filter(username="taras").exists()
    assert LogEntry.objects.get(action_flag=3).object_repr == "taras"


@pytest.fixture
def root(client):
    """A superuser who was made by command, and who is not counted here: inactive a moment later."""
    user = enrolled("root", "contributor")
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    log_in(client, name="root", code=code(user))
    return client


def test_the_last_active_administrator_is_neither_deleted_nor_demoted(root, olena, monkeypatch):
    # As if the other one had lost the role a moment ago, in another process.
    monkeypatch.setattr(roles, "administrators", lambda: User.objects.filter(pk=olena.pk, groups__name="administrator"))
    for values in ({"is_active": False}, {"groups": ids("publisher")}):
        answer = change(root, olena, **values)
        assert "This is the last active administrator." in told(answer)
    assert root.post(page(olena, "delete"), {"post": "yes"}).status_code == 403
    assert User.objects.get(pk=olena.pk).has_perm("editing.manage_accounts")


def test_an_administrator_takes_over_no_superuser(desk_of_olena):
    root = account("root", "contributor")
    User.objects.filter(pk=root.pk).update(is_superuser=True)
    assert desk_of_olena.get(page(root)).status_code == 200
    for path in (page(root), page(root, "password"), page(root, "delete"), page(root, "second-factor")):
        assert desk_of_olena.post(path, {"password1": OTHER, "password2": OTHER, "post": "yes"}).status_code == 403
    root.refresh_from_db()
    assert root.check_password(PASSWORD)


def test_every_administrator_counts_once_and_only_those_who_can_log_in():
    one = account("one")
    one.groups.add(Group.objects.get(name="publisher"))
    account("two", is_active=False)
    account("three", is_staff=False)
    account("four", "publisher")
    assert list(roles.administrators()) == [one]


@pytest.mark.postgresql
def test_two_changes_of_accounts_are_decided_one_after_the_other(desk_of_olena, taras):
    change(desk_of_olena, taras, groups=ids("editor"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'RowShareLock' "
            "AND relation = 'auth_group'::regclass"
        )
        assert cursor.fetchone()[0] == 1


# The second factor of somebody else


def test_a_second_factor_is_reset_by_a_post_after_a_page_that_says_what_will_happen(desk_of_olena, taras):
    other = Client()
    log_in(other, name="taras", code=code(taras))
    path = page(taras, "second-factor")
    assert f'href="{path}"' in desk_of_olena.get(page(taras)).content.decode()
    assert "will no longer work" in told(desk_of_olena.get(path))
    assert factors.has_one(taras)
    answer = desk_of_olena.post(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, page(taras))
    assert not factors.has_one(taras)
    assert not StaticToken.objects.filter(device__user=taras).exists()
    assert not enters(other)
    assert "The second factor was reset." in LogEntry.objects.get(object_id=str(taras.pk)).get_change_message()
    assert TOTPDevice.objects.get().user.username == "olena"


def test_the_button_is_there_only_for_who_has_one(desk_of_olena):
    oksana = account("oksana", "editor")
    assert page(oksana, "second-factor") not in desk_of_olena.get(page(oksana)).content.decode()
    assert desk_of_olena.get(page(User(pk=99999), "second-factor")).status_code == 404
