"""Views that spare typing: delegations of an earlier meeting, a statement from a source, two wordings made one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from talks.admin import duplicates
from talks.editing import copying, ledger
from talks.models import Correction, Delegation, DelegationMember, Meeting, Party, Source, Statement
from talks.models.base import Status
from talks.querysets import desk


class CopyForm(forms.Form):
    """Which delegations and members are copied, and the source that names them for the new meeting."""

    delegations = forms.ModelMultipleChoiceField(
        Delegation.objects.none(), error_messages={"required": "Tick one delegation at least."}
    )
    members = forms.ModelMultipleChoiceField(DelegationMember.objects.none(), required=False)
    source = forms.ModelChoiceField(
        Source.objects.in_order(), help_text="The source that says who comes to this meeting."
    )

    def __init__(self, proposed: list[Delegation], data: Any = None) -> None:
        super().__init__(data)
        self.proposed = proposed
        self._choose("delegations", Delegation, proposed)
        self._choose("members", DelegationMember, [one for sent in proposed for one in sent.members.all()])
        source: Any = self.fields["source"]
        source.widget = AutocompleteSelect(DelegationMember._meta.get_field("source"), admin.site)
        source.widget.choices, source.widget.is_required = source.choices, True

    def _choose(self, name: str, model: Any, proposed: list[Any]) -> None:
        field: Any = self.fields[name]
        field.queryset = model.objects.filter(pk__in=[one.pk for one in proposed])

    @property
    def rows(self) -> list[tuple[Delegation, bool, list[tuple[DelegationMember, bool]]]]:
        """What is proposed, each with whether it is ticked: everything at first."""
        data: Any = self.data
        sent = set(data.getlist("delegations")) if self.is_bound else None
        ticked = set(data.getlist("members")) if self.is_bound else None
        return [
            (one, sent is None or str(one.pk) in sent,
             [(member, ticked is None or str(member.pk) in ticked) for member in one.members.all()])
            for one in self.proposed
        ]  # fmt: skip


def copy_delegations(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose the delegations of an earlier meeting for this one; those that are ticked become drafts, all or none."""
    user: Any = request.user
    meeting = get_object_or_404(Meeting, pk=pk)
    if not user.has_perm("talks.add_delegation") or meeting.status == Status.WITHDRAWN:
        raise PermissionDenied
    chosen = [number for number in map(duplicates.number, request.GET.getlist("party")) if number is not None]
    form = CopyForm(list(desk.earlier_delegations(meeting, chosen)), request.POST or None)
    if request.method == "POST" and form.is_valid() and copied(request, meeting, form):
        return redirect("admin:talks_meeting_change", pk)
    parties = desk.absent_parties(Party.objects.all(), meeting)
    page = {"meeting": meeting, "form": form, "parties": parties, "chosen": chosen, "media": form.media}
    page["title"] = f"Delegations to {meeting}"
    return render(request, "admin/talks/copy_delegations.html", {**admin.site.each_context(request), **page})


def copied(request: HttpRequest, meeting: Meeting, form: CopyForm) -> bool:
    """Make the drafts and say so, or say beside the form why not."""
    chosen = form.cleaned_data
    try:
        with ledger.change(who=request.user.get_username()):
            made = copying.copy(
                chosen["delegations"].with_meeting(),
                meeting,
                chosen["members"].select_related("person"),
                chosen["source"],
            )
    except ValidationError as error:
        form.add_error(None, "; ".join(error.messages))
        return False
    number = sum(one.members.count() for one in made)
    messages.success(
        request,
        f"{len(made)} draft delegation{'' if len(made) == 1 else 's'} with {number} member{'' if number == 1 else 's'} "
        f"{'was' if len(made) == 1 else 'were'} made. Read the source and enter each role as it prints it.",
    )
    return True


def from_source(given: dict[str, Any]) -> dict[str, Any]:
    """What the form of a new statement begins with when its source is known: language, day, and the last meeting."""
    relations = {field.name for field in Statement._meta.fields if field.is_relation}
    given = {
        name: value for name, value in given.items() if name not in relations or duplicates.number(value) is not None
    }
    number = duplicates.number(given.get("source", ""))
    source = Source.objects.among([number]).first() if number is not None else None
    if source is None:
        return given
    latest = desk.latest_of_source(source).first()
    known = {"language": source.language, "said_on": source.published_on, "meeting": latest and latest.meeting_id}
    return {**{name: value for name, value in known.items() if value}, **given}


@require_POST
def say_likely(request: HttpRequest) -> HttpResponse:
    """Which statements say the same as the one that is being entered; nothing is saved."""
    user: Any = request.user
    if not (user.has_perm("talks.add_statement") or user.has_perm("talks.change_statement")):
        raise PermissionDenied
    same = duplicates.likely(*duplicates.being_entered(request.POST))
    return JsonResponse({"number": len(same), "html": render_to_string("admin/talks/likely.html", {"same": same})})


def link_wording(model_admin: Any, request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Make a statement a variant of another one, at the press of a button; a published one needs a public reason."""
    statement, first = (get_object_or_404(Statement.objects.all(), pk=key) for key in (pk, other))
    if request.method != "POST" or not model_admin.has_change_permission(request, statement):
        raise PermissionDenied
    reason = request.POST.get("reason", "").strip()
    try:
        if statement.is_public and not reason:
            raise ValidationError("This statement is published: say in a sentence for the public why it is linked.")
        with ledger.change(request.user.get_username(), reason, Correction.Kind.ADDITION if reason else ""):
            first = duplicates.link(statement, first)
    except ValidationError as error:
        messages.error(request, "; ".join(error.messages))
    else:
        messages.success(request, f"This statement is now a wording of “{first}”.")
    return redirect("admin:talks_statement_change", pk)
