"""The way into the admin, through its own forms: password and code at once, the setting-up of both, and the closed door."""

from __future__ import annotations

import html
import logging
import os
import re
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from config.environment import Settings
from talks.editing import clients, factors
from tests.servers import ROOT

PASSWORD = "nine-orange-herons"
LOGIN, ENROL, INDEX, OUT = "/admin/login/", "/admin/second-factor/", "/admin/", "/admin/logout/"
# The same words for a wrong password and a wrong code.
REFUSED = "Please enter the correct username and password, and the code"


@pytest.fixture(autouse=True)
def desk(db, editor_site):
    """The editor's process as it is on a real site: two factors, and a door that closes."""
    editor_site.TWO_FACTOR = editor_site.AXES_ENABLED = True
    return editor_site


def account(name: str = "olena", role: str = "administrator", **values: Any) -> User:
    user = User.objects.create_user(name, password=PASSWORD, **{"is_staff": True, **values})
    user.groups.add(Group.objects.get(name=role))
    return user


def enrolled(name: str = "olena", role: str = "administrator") -> User:
    """An account with an app, and backup codes."""
    user = account(name, role)
    TOTPDevice.objects.create(user=user, name="app", confirmed=True)
    factors.new_backup_codes(user)
    return user


def code(user: User, confirmed: bool = True) -> str:
    """What the app shows, half a minute after its last code was used."""
    device = TOTPDevice.objects.get(user=user, confirmed=confirmed)
    TOTPDevice.objects.filter(pk=device.pk).update(last_t=-1, throttling_failure_count=0, drift=0)
    return f"{TOTP(device.bin_key).token():06}"


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def rested(user: User) -> None:
    """Let the devices forget that wrong codes were tried."""
    for device in factors.devices_for_user(user):
        device.throttle_reset()


def log_in(client: Client, name: str = "olena", password: str = PASSWORD, code: str = "", **more: Any) -> Any:
    fields = {"username": name, "password": password, "code": code, "next": INDEX}
    return client.post(LOGIN, fields, **more)


def told(answer: Any) -> str:
    """The words of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def enters(client: Client) -> bool:
    return client.get(INDEX).status_code == 200


# One form, one post


def test_password_and_code_in_one_form_and_one_post_let_one_in(client):
    user = enrolled()
    form = client.get(LOGIN).content.decode()
    assert re.findall(r'name="(username|password|code)"', form) == ["username", "password", "code"]
    answer = log_in(client, code=code(user))
    assert (answer.status_code, answer.headers["Location"]) == (302, INDEX)
    assert enters(client)


def test_one_goes_on_to_where_one_was_going_and_to_no_other_site(client):
    user = enrolled()
    fields = {"username": "olena", "password": PASSWORD, "next": "/admin/talks/party/"}
    assert client.post(LOGIN, {**fields, "code": code(user)}).headers["Location"] == "/admin/talks/party/"
    client.post(OUT)
    away = {**fields, "code": code(user), "next": "https://elsewhere.example/"}
    assert client.post(LOGIN, away).headers["Location"] == INDEX


@pytest.mark.parametrize(
    ("password", "right_code"), [("another-password-x", True), (PASSWORD, False), ("another-password-x", False)]
)
def test_a_wrong_password_and_a_wrong_code_are_told_alike(client, password, right_code):
    user = enrolled()
    answer = log_in(client, password=password, code=code(user) if right_code else wrong(code(user)))
    unknown = log_in(Client(), name="nobody", code="123456")
    assert answer.status_code == unknown.status_code == 200
    assert REFUSED in told(answer)
    assert complaints(answer) == complaints(unknown)
    assert not enters(client)


def complaints(answer: Any) -> list[str]:
    return re.findall(r'<p class="errornote"[^>]*>(.*?)</p>', answer.content.decode(), re.DOTALL)


@pytest.mark.parametrize("code", ["", " ", "12345", "1234567", "abcdefgh", "٣٣٣٣٣٣", "1" * 60, "x\0y"])
def test_what_is_no_code_lets_nobody_in(client, code):
    enrolled()
    assert log_in(client, code=code).status_code == 200
    assert not enters(client)


def test_a_code_works_once(client):
    user = enrolled()
    used = code(user)
    assert log_in(client, code=used).status_code == 302
    assert log_in(Client(), code=used).status_code == 200


@pytest.mark.parametrize("typed", [lambda code: f" {code[:3]} {code[3:]} ", lambda code: f"{code[:3]}-{code[3:]}"])
def test_a_code_may_be_typed_in_groups(client, typed):
    assert log_in(client, code=typed(code(enrolled()))).status_code == 302


def test_the_code_of_another_account_lets_nobody_in(client):
    enrolled()
    other = enrolled("taras")
    assert log_in(client, code=code(other)).status_code == 200
    assert log_in(client, code=StaticToken.objects.filter(device__user=other).first().token).status_code == 200


def test_a_backup_code_lets_one_in_once_and_says_how_many_are_left(client):
    user = enrolled()
    backup = StaticToken.objects.filter(device__user=user).first().token
    assert log_in(client, code=f"{backup[:4].upper()} {backup[4:]}").status_code == 302
    assert "Codes left: 9." in told(client.get(INDEX))
    assert log_in(Client(), code=backup).status_code == 200
    assert StaticToken.objects.filter(device__user=user).count() == 9


def test_a_wrong_backup_code_does_not_make_the_app_wait(client):
    user = enrolled()
    shown = code(user)
    log_in(client, code="aaaabbbb")
    assert log_in(client, code=shown).status_code == 302


@pytest.mark.parametrize("state", [{"is_active": False}, {"is_staff": False}])
def test_an_account_that_is_not_active_or_not_on_the_staff_does_not_get_in(client, state):
    account(**state)
    assert REFUSED in told(log_in(client))
    assert "_auth_user_id" not in client.session


def test_the_forms_need_the_token_against_forged_posts():
    enrolled()
    forged = Client(enforce_csrf_checks=True)
    assert log_in(forged).status_code == 403
    forged.force_login(User.objects.get())
    for path in (ENROL, OUT):
        assert forged.post(path).status_code == 403


# Setting up the second factor


def begun(client: Client) -> User:
    """Logged in for the first time."""
    user = account()
    assert log_in(client).status_code == 302
    return user


def test_the_first_login_needs_no_code_and_leads_to_the_setting_up(client):
    begun(client)
    answer = client.get("/admin/talks/party/?q=x", follow=True)
    assert answer.redirect_chain[-1][0] == f"{ENROL}?next=/admin/talks/party/%3Fq%3Dx"
    assert "Set up your second factor" in told(answer)


@pytest.mark.parametrize(
    "path",
    [INDEX, "/admin/talks/party/", "/admin/talks/party/add/", "/admin/auth/user/", "/admin/password_change/",
     "/admin/jsi18n/", "/admin/autocomplete/", "/admin/again/", "/admin/nothing/", "/parts/"],
)  # fmt: skip
def test_nothing_else_of_the_admin_answers_before_that(client, path):
    begun(client)
    for answer in (client.get(path), client.post(path, {"slug": "x"})):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(LOGIN)


def test_whoever_has_not_set_it_up_can_log_out(client):
    begun(client)
    assert client.post(OUT).status_code == 200
    assert "_auth_user_id" not in client.session


def test_the_picture_and_the_text_hold_the_same_secret(client):
    user = begun(client)
    page = client.get(ENROL).content.decode()
    device = TOTPDevice.objects.get(user=user)
    secret = re.search(r"secret=([A-Z2-7]+)", device.config_url)[1]
    shown = re.search(r'<code class="enrolment-secret">([^<]+)</code>', page)[1]
    assert re.fullmatch(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", shown)
    assert shown.replace(" ", "") == secret
    assert page.count('src="data:image/svg+xml') == 1
    assert html.unescape(re.search(r'src="(data:[^"]+)"', page)[1]) == factors.picture(device)
    assert "issuer=Talks%20in%20Context" in device.config_url


def test_one_secret_waits_for_each_account_until_it_is_confirmed(client):
    user = begun(client)
    client.get(ENROL)
    key = TOTPDevice.objects.get(user=user).key
    client.get(ENROL)
    client.post(ENROL, {"code": wrong(code(user, confirmed=False))})
    assert TOTPDevice.objects.get(user=user).key == key


def test_the_right_code_sets_it_up_and_shows_ten_backup_codes_once(client):
    user = begun(client)
    client.get(ENROL)
    before = client.session.session_key
    answer = client.post(ENROL, {"code": code(user, confirmed=False), "next": "/admin/talks/party/"})
    shown = re.findall(r"<li><code>([a-z2-7]{8})</code></li>", answer.content.decode())
    assert len(set(shown)) == 10
    assert "Print these ten codes or write them down now" in told(answer)
    assert 'href="/admin/talks/party/"' in answer.content.decode()
    assert client.session.session_key != before
    assert enters(client)
    again = client.get(ENROL)
    assert (again.status_code, again.headers["Location"]) == (302, INDEX)
    assert log_in(Client(), code=shown[3]).status_code == 302


def test_a_wrong_code_sets_nothing_up_and_says_why(client):
    user = begun(client)
    client.get(ENROL)
    answer = client.post(ENROL, {"code": wrong(code(user, confirmed=False))})
    assert "This code does not fit." in told(answer)
    assert not factors.has_one(user)
    assert not enters(client)


def test_a_secret_that_another_login_saw_is_not_taken(client):
    """Whoever knew the first password and looked at the picture knows nothing of the app that is set up later."""
    user = begun(client)
    client.get(ENROL)
    seen = TOTPDevice.objects.get(user=user).key
    rightful = Client()
    log_in(rightful)
    rightful.get(ENROL)
    assert TOTPDevice.objects.get(user=user).key != seen
    rightful.post(ENROL, {"code": code(user, confirmed=False)})
    assert TOTPDevice.objects.get(user=user, confirmed=True).key != seen


def test_whoever_logged_in_before_another_set_it_up_has_to_log_in_with_the_code(client):
    user = begun(client)
    other = Client()
    log_in(other)
    other.get(ENROL)
    other.post(ENROL, {"code": code(user, confirmed=False)})
    client.get(ENROL)
    assert client.post(ENROL, {"code": code(user)}).headers["Location"].startswith(LOGIN)
    assert 'name="code"' in client.get(INDEX, follow=True).content.decode()
    assert TOTPDevice.objects.filter(user=user).count() == 1


def test_an_account_that_has_a_second_factor_by_now_gets_no_other():
    """Two confirm at the same moment: the one who comes second is told that the code does not fit."""
    user = enrolled()
    late = factors.waiting(user, None)
    assert factors.enrol(user, late.pk, code(user, confirmed=False)) is None
    assert TOTPDevice.objects.filter(user=user, confirmed=True).count() == 1


def test_a_session_from_long_ago_cannot_choose_the_second_factor(client):
    begun(client)
    session = client.session
    session["password_given_at"] -= 601
    session.save()
    assert client.get(ENROL).headers["Location"].startswith(LOGIN)
    assert "_auth_user_id" not in client.session
    assert not TOTPDevice.objects.exists()


def test_after_a_reset_the_next_login_sets_up_a_new_one(client, capsys):
    user = enrolled()
    log_in(client, code=code(user))
    call_command("reset_second_factor", "olena")
    assert "sets up a new second factor" in capsys.readouterr().out
    assert not enters(client)
    assert not TOTPDevice.objects.exists()
    assert not StaticToken.objects.exists()
    assert log_in(Client()).status_code == 302


def test_a_reset_by_command_for_nobody_is_refused():
    with pytest.raises(CommandError, match="no account “nobody”"):
        call_command("reset_second_factor", "nobody")


# One factor, for a local trial


def test_with_one_factor_the_password_is_enough_and_every_page_says_so(client, settings):
    settings.TWO_FACTOR = False
    account()
    form = client.get(LOGIN)
    assert 'name="code"' not in form.content.decode()
    assert log_in(client).status_code == 302
    party = client.get("/admin/talks/party/")
    for answer in (form, client.get(INDEX), party, client.get("/admin/password_change/"), client.get("/admin/again/")):
        assert "whoever knows a password gets in" in told(answer)
    assert client.get(ENROL).headers["Location"] == INDEX


def test_with_two_factors_no_page_has_the_warning(client):
    user = enrolled()
    assert "whoever knows a password" not in told(client.get(LOGIN))
    log_in(client, code=code(user))
    assert "whoever knows a password" not in told(client.get(INDEX))


@pytest.mark.parametrize(
    ("given", "problem"),
    [({"PRODUCTION": "1", "TWO_FACTOR": "0"}, "TWO_FACTOR: must be on in production."), ({"TWO_FACTOR": "0"}, None),
     ({"TWO_FACTOR": "perhaps"}, "TWO_FACTOR: "), ({"FOUR_EYES": "both"}, "FOUR_EYES: "), ({"FOUR_EYES": "0"}, None),
     ({"TRUSTED_PROXIES": "two"}, "TRUSTED_PROXIES: "), ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES: a number from 0"),
     ({"TRUSTED_PROXIES": "2"}, None)],
)  # fmt: skip
def test_the_environment_is_told_what_does_not_fit(monkeypatch, given, problem):
    for name, value in {"SECRET_KEY": "x", **given}.items():
        monkeypatch.setenv(name, value)
    problems = Settings().problems
    assert [line for line in problems if line.startswith(problem)] if problem else problems == []


# The closed door


def fail(client: Client, times: int, user: User | None = None, **more: Any) -> Any:
    """Fail so many times with the wrong password, or with the wrong code of a user; gives the last answer."""
    for _ in range(times):
        if user:
            rested(user)
        answer = log_in(client, **({"code": "000000"} if user else {"password": "wrong-password-1"}), **more)
    return answer


def test_after_five_failures_the_door_is_closed_to_the_right_password_too(client):
    user = enrolled()
    assert fail(client, 4).status_code == 200
    closed = fail(client, 1)
    assert closed.status_code == 429
    assert "Closed for 15 minutes after 5 failed attempts" in told(closed)
    assert closed.headers["Retry-After"] == "900"
    assert 'name="password"' in closed.content.decode()
    assert log_in(client, code=code(user)).status_code == 429
    assert not enters(client)


def test_wrong_codes_close_it_as_wrong_passwords_do(client, monkeypatch):
    user = enrolled()
    monkeypatch.setattr(TOTPDevice, "verify_token", lambda device, token: False)
    assert fail(client, 4, user).status_code == 200
    assert fail(client, 1, user).status_code == 429


def test_a_name_that_nobody_has_is_closed_alike(client):
    for _ in range(5):
        answer = log_in(client, name="nobody")
    assert answer.status_code == 429


def test_it_is_closed_for_one_name_from_one_address(client):
    user, other = enrolled(), enrolled("taras")
    fail(client, 5)
    assert log_in(Client(), name="taras", code=code(other)).status_code == 302
    assert log_in(Client(REMOTE_ADDR="192.0.2.7"), code=code(user)).status_code == 302
    assert log_in(Client(), code=code(user)).status_code == 429


def test_another_browser_on_the_same_address_does_not_get_five_attempts_of_its_own(client):
    enrolled()
    for number in range(4):
        fail(Client(), 1, HTTP_USER_AGENT=f"browser {number}")
    assert fail(Client(), 1, HTTP_USER_AGENT="browser 5").status_code == 429


def test_it_opens_after_a_quarter_of_an_hour_and_knocking_does_not_make_it_longer(client):
    user = enrolled()
    fail(client, 5)
    fail(client, 3)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert fail(client, 1).status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    assert log_in(client, code=code(user)).status_code == 302


def test_a_login_takes_the_failures_back(client):
    user = enrolled()
    fail(client, 4)
    assert log_in(client, code=code(user)).status_code == 302
    client.post(OUT)
    assert fail(client, 4).status_code == 200


def test_the_right_password_alone_takes_no_failure_back(client):
    user = enrolled()
    fail(client, 4)
    rested(user)
    assert log_in(client, code=wrong(code(user))).status_code == 429


def test_it_is_opened_by_command(client, capsys):
    user = enrolled()
    fail(client, 5)
    call_command("axes_reset_username", "olena")
    assert log_in(client, code=code(user)).status_code == 302


def test_one_line_in_the_log_says_who_was_shut_out_and_no_secret(client, caplog, capsys):
    enrolled()
    with caplog.at_level(logging.WARNING):
        fail(client, 7, HTTP_USER_AGENT="x\ny")
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("talks")]
    assert lines == ["Login closed for 15 minutes after 5 failures: name 'olena', address 127.0.0.1."]
    assert "wrong-password-1" not in caplog.text
    assert not [row for row in AccessAttempt.objects.all() if "wrong-password-1" in row.post_data]


def test_a_name_with_a_line_end_writes_no_line_of_its_own(caplog):
    request = RequestFactory().get(LOGIN)
    request.axes_failures_since_start = 5
    clients.tell_of_lock(None, request, "olena\nLogin closed for root", "192.0.2.1")
    assert caplog.messages == [
        "Login closed for 15 minutes after 5 failures: name 'olena\\nLogin closed for root', address 192.0.2.1."
    ]


def test_no_code_is_kept_with_a_failure(client):
    user = enrolled()
    log_in(client, code=wrong(code(user)))
    kept = AccessAttempt.objects.get().post_data
    assert re.search(r"^code=\*+$", kept, re.M)


# The address of a client


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, None, "192.0.2.1"),
        (0, "203.0.113.9", "192.0.2.1"),
        (1, None, "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1,forged,,203.0.113.9", "203.0.113.9"),
        (2, "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.9, unknown", "192.0.2.1"),
        (1, "203.0.113.9:443", "192.0.2.1"),
        (1, "203.0.113.9\0", "192.0.2.1"),
        (1, "2001:DB8:0::1", "2001:db8::1"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "fe80::1%eth0", "fe80::1"),
    ],
)
def test_the_address_is_what_our_outermost_proxy_saw(settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    more = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    assert clients.address(RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", **more)) == expected


def test_over_a_unix_socket_there_is_no_address_and_the_door_closes_all_the_same():
    account()
    assert clients.address(RequestFactory().get("/", REMOTE_ADDR="")) is None
    assert fail(Client(REMOTE_ADDR=""), 5).status_code == 429


def test_forged_headers_neither_open_the_door_nor_close_it_to_others(client):
    enrolled()
    for number in range(4):
        fail(client, 1, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert fail(client, 1, HTTP_X_FORWARDED_FOR="203.0.113.99").status_code == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"127.0.0.1"}


# Sessions and passwords


def test_the_session_has_another_key_after_each_login(client):
    user = enrolled()
    client.get(LOGIN)
    session = client.session
    session["from"] = "before"
    session.save()
    client.cookies["talks_editor"] = before = session.session_key
    log_in(client, code=code(user))
    first = client.cookies["talks_editor"].value
    log_in(client, code=code(user))
    second = client.cookies["talks_editor"].value
    assert len({before, first, second}) == 3
    assert not Session.objects.filter(session_key__in=[before, first]).exists()


def test_the_cookie_is_for_twelve_hours_for_http_only_and_for_this_site_only(client, settings):
    settings.SESSION_COOKIE_SECURE = True
    user = enrolled()
    log_in(client, code=code(user))
    cookie = client.cookies["talks_editor"]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"], cookie["secure"]) == (43200, True, "Lax", True)


def test_in_production_the_cookies_are_for_tls_only(tmp_path):
    program = "from config import settings_editor as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)"
    given = {**os.environ, "PRODUCTION": "1", "SECRET_KEY": "x", "VAR_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=given, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "True True\n", done.stderr


def test_a_changed_password_ends_the_other_sessions_and_not_the_own(client):
    user = enrolled()
    other = Client()
    for each in (client, other):
        log_in(each, code=code(user))
    fields = {"old_password": PASSWORD, "new_password1": "ten-violet-storks", "new_password2": "ten-violet-storks"}
    assert client.post("/admin/password_change/", fields).status_code == 302
    assert enters(client)
    assert not enters(other)


@pytest.mark.parametrize(
    ("password", "why"),
    [("ten-storks", "too short"), ("qwertyuiop123", "too common"), ("olena.shevchenko", "too similar"),
     ("918273645546372819", "entirely numeric")],
)  # fmt: skip
def test_a_weak_password_is_refused(client, password, why):
    user = enrolled()
    User.objects.update(last_name="shevchenko", username="olena.shevchenko")
    log_in(client, name="olena.shevchenko", code=code(user))
    fields = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    answer = client.post("/admin/password_change/", fields)
    assert answer.status_code == 200
    assert why in told(answer)


def test_passwords_are_kept_by_scrypt():
    from config import settings_editor

    assert settings_editor.PASSWORD_HASHERS[0].endswith(".ScryptPasswordHasher")
