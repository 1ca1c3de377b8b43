"""The way in: one form for password and code, the setting-up of the second factor, and the password asked for again."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import django_otp
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import login as log_in
from django.contrib.auth import logout as log_out
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from talks.editing import factors

# When the password was last given in this session (Unix seconds), and which app waits to be confirmed in it.
GIVEN, WAITING = "password_given_at", "waiting_app"
RECENT = 10 * 60


class LoginForm(AdminAuthenticationForm):
    """Name, password and code in one post. What was wrong is not told: that would help whoever guesses."""

    code = forms.CharField(
        required=False,
        max_length=40,
        label="Code",
        help_text="The six digits that your app shows now, or a backup code. Leave it empty when you log in for the "
        "first time.",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    with_code = (
        "Please enter the correct username and password, and the code that your app shows now. A code works once: if "
        "you have just used it, wait for the next one."
    )

    def __init__(self, request: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        if settings.TWO_FACTOR:
            self.error_messages = {**self.error_messages, "invalid_login": self.with_code}
        else:
            del self.fields["code"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        user: Any = self.get_user()
        if settings.TWO_FACTOR and user is not None and factors.has_one(user):
            user.otp_device = factors.accept(user, self.cleaned_data.get("code", ""))
            if user.otp_device is None:
                # A failure as a wrong password is one: it counts for the throttle too.
                known_as = {"username": user.get_username()}
                user_login_failed.send(sender=__name__, credentials=known_as, request=self.request)
                raise self.get_invalid_login_error()
        return cleaned


class AgainForm(LoginForm):
    """The own password, and the code, of somebody who is logged in."""

    with_code = (
        "Please enter your own password, and the code that your app shows now. A code works once: if you have just "
        "used it, wait for the next one."
    )

    def __init__(self, request: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        del self.fields["username"]
        self.fields["password"].widget.attrs["autofocus"] = True
        if settings.TWO_FACTOR:
            self.fields["code"].help_text = "The six digits that your app shows now, or a backup code."
        else:
            self.error_messages = {**self.error_messages, "invalid_login": "Please enter your own password."}

    def clean(self) -> dict[str, Any]:
        request: Any = self.request
        self.cleaned_data["username"] = request.user.get_username()
        return super().clean()


class CodeForm(forms.Form):
    """The first code of a new app."""

    wrong = (
        "This code does not fit. Wait until the app shows the next one, and see that the clock of your phone is right. "
        "If you scanned another picture before, take that entry out of the app and scan this one."
    )
    code = forms.CharField(
        max_length=20,
        label="The code that the app shows now",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


def onward(request: HttpRequest) -> str:
    """Where somebody was going: an address of this site, or the front of the admin."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if own else reverse("admin:index")


def going_on(name: str, where: str) -> HttpResponseRedirect:
    """To a page of the way in, from which one goes on to where one was going."""
    return redirect_to_login(where, reverse(f"admin:{name}"))


def is_verified(user: Any) -> bool:
    return getattr(user, "otp_device", None) is not None


def must_enrol(user: Any) -> bool:
    """Whether somebody has given the password of an account that has no second factor yet, and needs one."""
    needed = settings.TWO_FACTOR and user.is_active and user.is_staff
    return bool(needed and not is_verified(user) and not factors.has_one(user))


def note(request: HttpRequest) -> None:
    """Remember when the password was given; from then on the session has another key."""
    request.session.cycle_key()
    request.session[GIVEN] = int(time.time())


def is_recent(request: HttpRequest) -> bool:
    """Whether the password was given in this session, not long ago."""
    return 0 <= time.time() - request.session.get(GIVEN, 0) <= RECENT


def arrived(request: HttpRequest) -> None:
    """What follows a login: it is noted, and whoever used a backup code is told how many are left."""
    note(request)
    device = getattr(request.user, "otp_device", None)
    if getattr(device, "name", "") == factors.BACKUP:
        left = factors.backup_codes_left(request.user)  # type: ignore[arg-type]
        messages.warning(request, f"You logged in with a backup code. Codes left: {left}. Each works once.")


def page(request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title, "next": onward(request), **more}


def locked_out(request: HttpRequest, response: Any, credentials: Any) -> HttpResponse:
    """The login page for whoever failed too often, in place of any other answer (django-axes calls this)."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    closed = {"minutes": minutes, "failures": settings.AXES_FAILURE_LIMIT}
    told = page(request, "Log in", app_path=reverse("admin:login"), form=LoginForm(request), closed=closed)
    answer = render(request, "admin/login.html", told, status=settings.AXES_HTTP_RESPONSE_CODE)
    answer.headers["Retry-After"] = str(minutes * 60)
    return answer


@never_cache
@csrf_protect
def second_factor(request: HttpRequest) -> HttpResponse:
    """Set up an app for codes; after the first right code, the backup codes are shown, once."""
    user: Any = request.user
    if not must_enrol(user):
        return redirect(onward(request)) if admin.site.has_permission(request) else going_on("login", onward(request))
    if not is_recent(request):
        # A session from before a reset, or left alone since the login, may not choose the second factor.
        log_out(request)
        return going_on("login", onward(request))
    form = CodeForm(request.POST or None)
    if form.is_valid():
        done = factors.enrol(user, request.session.get(WAITING), form.cleaned_data["code"])
        if done:
            return enrolled(request, done)
        form.add_error("code", form.wrong)
    device = factors.waiting(user, request.session.get(WAITING))
    request.session[WAITING] = device.pk
    told = page(request, "Set up your second factor", form=form)
    told |= {"picture": factors.picture(device), "secret": factors.secret(device)}
    return render(request, "admin/second_factor.html", told)


def enrolled(request: HttpRequest, done: factors.Enrolled) -> HttpResponse:
    """Let the account in, and show its backup codes."""
    django_otp.login(request, done.device)
    request.session.pop(WAITING, None)
    request.session.cycle_key()
    return render(request, "admin/backup_codes.html", page(request, "Your backup codes", codes=done.backup_codes))


@sensitive_post_parameters("password", "code")
def again(request: HttpRequest) -> HttpResponse:
    """Ask for the own password again, then go on to where one was going."""
    form = AgainForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        log_in(request, form.get_user())
        note(request)
        return redirect(onward(request))
    return render(request, "admin/again.html", page(request, "Your password again", form=form))


def asking_again(site: Any, view: Callable[..., Any], is_for: Callable[[HttpRequest], bool]) -> Callable[..., Any]:
    """A view of the admin that asks for the password again if that was long ago; who has no right is not asked."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not site.has_permission(request) or not is_for(request) or is_recent(request):
            return view(request, *args, **kwargs)
        if request.method == "POST":
            messages.warning(
                request, "Nothing was changed, because your password was asked for again. Do it once more."
            )
        return going_on("again", request.get_full_path())

    return inner
