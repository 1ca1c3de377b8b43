"""Accounts and roles in the admin, for administrators, who give their password again before they come here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django_otp.plugins.otp_totp.models import TOTPDevice

from talks.admin.login import asking_again
from talks.editing import factors, roles


class NewAccountForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "groups")
        # Else a browser says on its console that it has to guess.
        widgets = {"username": forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"})}


class AccountForm(UserChangeForm):
    """An account; nobody takes the account or the role from themselves, and one administrator stays."""

    actor: User

    class Meta:
        model = User
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        roles.one_at_a_time()
        administers = cleaned.get("is_active") and (
            self.instance.is_superuser or any(role.name == roles.ADMINISTRATOR for role in cleaned.get("groups", ()))
        )
        if administers or not roles.administrators().filter(pk=self.instance.pk).exists():
            return cleaned
        if self.instance == self.actor:
            self.add_error(
                None, "You cannot take your own account or your own role from you. Ask another administrator."
            )
        elif not roles.administrators().exclude(pk=self.instance.pk).exists():
            self.add_error(None, "This is the last active administrator. Make another one first.")
        return cleaned


class PasswordForm(AdminPasswordChangeForm):
    """A new password for somebody; an account that should not log in is made inactive instead."""

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields.pop("usable_password", None)
        for name in ("password1", "password2"):
            self.fields[name].required = True


class ForAdministrators(admin.ModelAdmin):
    """Pages that only those see who manage accounts, and who gave their password a short time ago."""

    actions = None

    def may(self, request: HttpRequest) -> bool:
        return request.user.has_perm("editing.manage_accounts")

    def own_urls(self) -> list[Any]:
        """Pages beside those of every model."""
        return []

    def get_urls(self) -> list[Any]:
        urls = [*self.own_urls(), *super().get_urls()]
        for url in urls:
            url.callback = asking_again(self.admin_site, url.callback, self.may)
        return urls

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Who made a superuser did so by command, past all roles; an administrator does not take that over.
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return self.may(request) and not above

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return self.may(request)
        if request.method == "POST":
            roles.one_at_a_time()
        others = roles.administrators().exclude(pk=obj.pk)
        return self.has_change_permission(request, obj) and obj != request.user and others.exists()


admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(ForAdministrators, UserAdmin):
    """What there is to an account: its name, its password, its roles. Everything that it did is kept under its name."""

    form, add_form, change_password_form = AccountForm, NewAccountForm, PasswordForm
    change_form_template = "admin/talks/account_form.html"
    change_user_password_template = "admin/talks/account_password.html"  # noqa: S105  (a page, no password)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Name", {"fields": ("first_name", "last_name")}),
        ("What this account may do", {"fields": ("is_active", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": (*NewAccountForm.Meta.fields, "password1", "password2")}),)
    list_display = ("username", "name", "role", "is_active", "second_factor", "last_login")
    list_filter = ("is_active", "groups")
    search_fields = ("username", "first_name", "last_name")
    filter_horizontal = ()

    def own_urls(self) -> list[Any]:
        reset = self.admin_site.admin_view(self.reset_second_factor)
        return [path("<int:pk>/second-factor/", reset, name="auth_user_second_factor")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        confirmed = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        return super().get_queryset(request).prefetch_related("groups").annotate(confirmed=Exists(confirmed))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # The histories know an account by its name, so the name stays.
        return ("username", "last_login", "date_joined") if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.actor = request.user
        return form

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        helps = "Each role has the rights of those above it. An account without a role can only log in."
        kwargs |= {"widget": forms.CheckboxSelectMultiple, "label": "Roles", "help_text": helps}
        return super().formfield_for_manytomany(db_field, request, queryset=Group.objects.order_by("pk"), **kwargs)

    @admin.display(description="Name", ordering="last_name")
    def name(self, user: Any) -> str:
        return str(user.get_full_name())

    @admin.display(description="Roles")
    def role(self, user: Any) -> str:
        return ", ".join(sorted(group.name for group in user.groups.all()))

    @admin.display(description="Second factor", boolean=True, ordering="confirmed")
    def second_factor(self, user: Any) -> bool:
        return bool(user.confirmed)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """There are no other accounts here than those of the admin."""
        obj.is_staff = obj.is_staff or not change
        super().save_model(request, obj, form, change)

    def reset_second_factor(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what will happen; on a POST take the second factor away, so that the next login sets up a new one."""
        user = get_object_or_404(User, pk=pk)
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        if request.method == "POST":
            factors.reset(user)
            self.log_change(request, user, "The second factor was reset.")
            messages.success(request, f"“{user}” sets up a new second factor at the next login.")
            return redirect("admin:auth_user_change", pk)
        told = {**self.admin_site.each_context(request), "title": "Reset the second factor", "account": user}
        return render(request, "admin/talks/reset_second_factor.html", {**told, "opts": self.opts})


@admin.register(Group)
class RoleAdmin(ForAdministrators, GroupAdmin):
    """The roles and their rights, to look at: they are made anew after each migration."""

    fields = readonly_fields = ("name", "rights")
    filter_horizontal = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="Rights")
    def rights(self, group: Any) -> str:
        return ", ".join(group.permissions.order_by("name").values_list("name", flat=True))
