"""Where a record stands: the buttons that take it further, what stands in their way, and the same for many at once."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path, reverse

from talks.editing import rights, steps
from talks.editing.steps import Obstacle, Step


class Button(NamedTuple):
    """A step as the page offers it."""

    step: Step
    obstacles: list[Obstacle]  # those for which there is no mark
    marks: list[Obstacle]  # those that can be marked
    wants_reason: bool

    @property
    def is_free(self) -> bool:
        return not self.obstacles


class StandingAdmin:
    """What an admin class gains by which its records have a way to publication."""

    model: Any
    admin_site: Any

    def get_urls(self) -> list[Any]:
        name = self.model._meta.model_name
        view = self.admin_site.admin_view(self.step_view)
        return [path("<int:pk>/step/<slug:step>/", view, name=f"talks_{name}_step"), *super().get_urls()]  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (  # type: ignore[misc]
            obj is None or rights.may_change(request.user, obj)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (  # type: ignore[misc]
            obj is None or rights.may_delete(request.user, obj)
        )

    def step_view(self, request: Any, pk: int, step: str) -> HttpResponse:
        """Take a step and say so, or say why not; either way back to the record."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        noun = self.get_object(request, str(pk))  # type: ignore[attr-defined]
        if noun is None or step not in steps.STEPS:
            raise Http404
        if not self.has_view_permission(request, noun):  # type: ignore[attr-defined]
            raise PermissionDenied
        try:
            steps.take(step, noun, request.user, request.POST.get("because", ""), request.POST.getlist("mark"))
        except steps.Refused as refused:
            messages.error(request, f"Nothing was changed. {refused}")
        else:
            messages.success(request, f"“{noun}” is {steps.STEPS[step].done}.")
        return redirect(reverse(f"admin:talks_{self.model._meta.model_name}_change", args=[pk]))

    def render_change_form(self, request: Any, context: Any, *args: Any, **options: Any) -> Any:
        noun = context.get("original")
        if noun is not None:
            context.update(standing(noun, request.user))
        return super().render_change_form(request, context, *args, **options)  # type: ignore[misc]

    @admin.action(description="Ask for review", permissions=["change"])
    def ask_for_review(self, request: Any, queryset: Any) -> None:
        take_all(self, request, queryset, "review")

    @admin.action(description="Publish", permissions=["publish"])
    def publish(self, request: Any, queryset: Any) -> None:
        take_all(self, request, queryset, "publish")

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("editing.publish"))


def standing(noun: Any, user: Any) -> dict[str, Any]:
    """What a record's page says of where it stands."""
    offered = [button(step, noun, user) for step in steps.offered(noun, user)]
    names = {one.step.name for one in offered}
    told_by_button = "publish" in names or noun.status not in ("draft", "review")
    return {
        "standing": noun.get_status_display(),
        "buttons": offered,
        "missing": [] if told_by_button else steps.missing(noun),
        "last_writer": rights.last_writer(noun),
        "may_merge": user.has_perm("editing.merge"),
    }


def button(step: Step, noun: Any, user: Any) -> Button:
    """A step with what stands in its way for this user."""
    found = steps.obstacles(noun, user) if step.name == "publish" else []
    if step.name == "withdraw":
        found = [Obstacle(f"“{one}” depends on it.") for one in steps.dependants(noun)]
    hard, marks = [one for one in found if not one.mark], [one for one in found if one.mark]
    return Button(step, hard, marks, step.name in ("withdraw", "return"))


def take_all(model_admin: Any, request: Any, queryset: Any, name: str) -> None:
    """Take a step with each of many, by the same rules as with one; those that cannot are told, and left as they are."""
    taken, refused = 0, []
    for noun in queryset:
        try:
            steps.take(name, noun, request.user)
        except steps.Refused as why:
            refused.append(f"“{noun}”: {why}")
        else:
            taken += 1
    if taken:
        messages.success(request, f"{taken} of {taken + len(refused)}: {steps.STEPS[name].done}.")
    for line in refused[:20]:
        messages.error(request, line)
    if len(refused) > 20:
        messages.error(request, f"And {len(refused) - 20} more were left as they are.")
