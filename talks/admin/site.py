"""The admin site: who may enter, and what every page of it says."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from talks.admin import login

# Their pages would show secrets and let one set up a second factor for somebody else.
NOT_SHOWN = ("otp_totp", "otp_static")


class DeskSite(AdminSite):
    """Django's admin for those who are active, on the staff, and have proved a second factor in this session."""

    site_header = site_title = "Talks in Context"
    index_title = "Editing"
    login_form = login.LoginForm

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return bool(user.is_active and user.is_staff and (login.is_verified(user) or not settings.TWO_FACTOR))

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        shown = [model for model in models if model._meta.app_label not in NOT_SHOWN]
        super().register(shown, admin_class, **options)

    def get_urls(self) -> list[Any]:
        return [
            # Not behind the second factor: whoever has none yet can still go away.
            path("logout/", self.logout, name="logout"),
            path("second-factor/", login.second_factor, name="second_factor"),
            path("again/", self.admin_view(login.again), name="again"),
            *super().get_urls(),
        ]

    def each_context(self, request: Any) -> dict[str, Any]:
        told = super().each_context(request)
        return {**told, "site_url": settings.SITE_URL, "two_factor": settings.TWO_FACTOR}

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Django's login; whoever has given the password of an account without a second factor sets one up."""
        if request.method == "GET" and login.must_enrol(request.user):
            return login.going_on("second_factor", login.onward(request))
        answer = super().login(request, extra_context)
        if request.method == "POST" and answer.status_code == 302:
            login.arrived(request)
        return answer
