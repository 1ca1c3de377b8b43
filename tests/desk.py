"""What the tests of the editor's desk share: accounts of each role, drafts, and what a page says back."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from talks.editing import ledger
from talks.models import Meeting, Passage, Person, Source, Statement

ROLES = ("contributor", "editor", "publisher", "administrator")
REPORT = "myglobalnews-2025-05-29"
MEETING = "istanbul-2025-06-02"
QUOTATION = "umerov-awaits-memorandum"


def account(name: str, role: str) -> User:
    """Somebody on the staff with a role and nothing else."""
    user = User.objects.create(username=name, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def logged_in(name: str, role: str) -> Client:
    """A browser of somebody of this role; their account is made if there is none."""
    client = Client()
    client.force_login(User.objects.filter(username=name).first() or account(name, role))
    return client


def draft(slug: str = "umerov-draft", who: str = "carol", **more: Any) -> Statement:
    """An indirect statement that could be published, drafted by somebody."""
    given = {
        "slug": slug,
        "quotation_type": "indirect",
        "text": "Umerov wrote that the draft had been handed over.",
        "speaker": Person.objects.get(slug="rustem-umerov"),
        "role_as_printed": "Defence Minister",
        "said_on": "2025-05-28",
        "meeting": Meeting.objects.get(slug=MEETING),
        "source": Source.objects.get(slug=REPORT),
    }
    with ledger.change(who):
        return Statement.objects.create(**{**given, **more})


def quoted_draft(slug: str = "umerov-quoted", who: str = "carol") -> Statement:
    """A direct statement whose words nobody looked for."""
    with ledger.change(who):
        statement = draft(slug, who, quotation_type="direct", text="We shall see")
        Passage.objects.create(statement=statement, exact="We shall see")
    return statement


def address(noun: Any, page: str, *more: Any) -> str:
    return reverse(f"admin:talks_{noun._meta.model_name}_{page}", args=[noun.pk, *more])


def step(client: Client, noun: Any, name: str, **data: Any) -> list[str]:
    """Press the button of a step; gives what the page says then."""
    answer = client.post(address(noun, "step", name), data, follow=True)
    assert answer.status_code == 200, answer.status_code
    return said(answer)


def said(answer: Any) -> list[str]:
    """The messages on top of a page."""
    html = unescape(answer.content.decode())
    found = re.findall(r'<li class="(?:error|success|warning|info)">(.*?)</li>', html, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", one)).strip() for one in found]


def status(noun: Any) -> str:
    return str(type(noun).objects.get(pk=noun.pk).status)
