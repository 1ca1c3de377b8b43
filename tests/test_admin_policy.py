"""The admin under its Content-Security-Policy: no page of it has inline style or script, and no template could."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.template import engines
from django.template.loader import get_template
from django.test import RequestFactory
from django.urls import reverse

from talks.models import Party
from tests.test_admin import NOUNS, address
from tests.test_login import ENROL, LOGIN, account, begun, code, enrolled, log_in

# What a policy without unsafe-inline forbids: a style of an element, a stylesheet or a script in the page, a handler.
COMMENTS = re.compile(r"<!--.*?-->|\{#.*?#\}|\{% comment.*?%\}.*?\{% endcomment %\}", re.DOTALL)
FORBIDDEN = {
    "style attribute": re.compile(r"<[a-z][^<>]*?\sstyle\s*=", re.I),
    "style element": re.compile(r"<style\b", re.I),
    "handler": re.compile(r"<[a-z][^<>]*?\son[a-z]+\s*=", re.I),
    "javascript address": re.compile(r"""=\s*["']?\s*javascript:""", re.I),
}
SCRIPT = re.compile(r"<script\b(.*?)>(.*?)</script>", re.I | re.DOTALL)
DATA = re.compile(r"""type=["']application/(ld\+)?json["']""")
# Widgets that no form of this site has.
NOT_USED = {"django_extensions"}
# Django's templates with something forbidden, each with ours in its place and what makes it harmless there.
OVERRIDDEN = {"admin/change_list.html"}


def found(html: str) -> list[str]:
    """What is in a page or a template that the policy forbids."""
    text = COMMENTS.sub("", html)
    # A tag of Django's may stand inside an element's, with signs of its own.
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    wrong = [f"{what}: {hit.group()[:100]}" for what, pattern in FORBIDDEN.items() for hit in pattern.finditer(text)]
    for attributes, body in SCRIPT.findall(text):
        if not DATA.search(attributes) and ("src=" not in attributes or body.strip()):
            wrong.append(f"script: {attributes} {body[:80]}")
    return wrong


def templates() -> dict[str, Path]:
    """Every template of every app that is installed, and of ours, under the name that it is rendered by."""
    folders = [Path(app.path) / "templates" for app in apps.get_app_configs() if app.name not in NOT_USED]
    named = {}
    for folder in [*folders, *(Path(folder) for engine in engines.all() for folder in engine.dirs)]:
        for path in sorted(folder.rglob("*.html")) if folder.exists() else ():
            named[f"{folder}:{path.relative_to(folder)}"] = path
    return named


@pytest.mark.parametrize(
    "html",
    ['<p style="color: red">', "<p class=x\n style=a>", "<style>p {}</style>", '<a href="#" onclick="x()">', "<script>x()</script>",
     '<script src="x.js">x()</script>', '<a href="javascript:x()">', '<p {% if a > b %}style="x"{% endif %}>'],
)  # fmt: skip
def test_the_search_finds_what_the_policy_forbids(html):
    assert found(html)


@pytest.mark.parametrize(
    "html",
    ['<script src="x.js" defer></script>', '<script type="application/json">{}</script>', "<p>style=none, onclick=x</p>",
     '<link rel="stylesheet" href="x.css">', '<input data-on-click="x" class="style">', "<!-- <style> -->"],
)  # fmt: skip
def test_the_search_finds_nothing_else(html):
    assert not found(html)


def test_no_template_has_inline_style_or_script_but_those_that_ours_stand_in_for():
    named = templates()
    assert len(named) > 100
    wrong = {name.partition(":")[2]: found(path.read_text()) for name, path in named.items() if found(path.read_text())}
    assert wrong.keys() == OVERRIDDEN
    for name in OVERRIDDEN:
        assert Path(get_template(name).origin.name).is_relative_to(settings.BASE_DIR / "talks" / "admin" / "templates")


@pytest.mark.django_db
def test_the_header_allows_nothing_inline(client, editor_site):
    for header in (client.get(reverse("admin:login")).headers, editor_site.BROWSER_HEADERS):
        policy = header["Content-Security-Policy"]
        assert "style-src 'self'; script-src 'self'; img-src 'self' data:" in policy
        assert "unsafe" not in policy


@pytest.fixture
def desk(db, editor_site):
    """The editor's process, with two factors."""
    editor_site.TWO_FACTOR = True
    return editor_site


def kind(path: str) -> str:
    """The kind of a page: its address without numbers and questions."""
    return re.sub(r"\d+", "0", path.partition("?")[0])


def walk(client: Any, start: str) -> dict[str, str]:
    """One page of each kind that links lead to from here, within the admin; gives each with its address."""
    waiting, seen, shown = [start], {kind(start)}, {}
    while waiting:
        path = waiting.pop(0)
        answer = client.get(path)
        assert answer.status_code in (200, 302), path
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            shown[path] = answer.content.decode()
            for link in re.findall(r'href="([^"#]+)', shown[path]):
                link = urljoin(path, unescape(link))
                if link.startswith(("/admin/", "/parts/")) and kind(link) not in seen:
                    seen.add(kind(link))
                    waiting.append(link)
    return shown


# The walk has to come by these, or it has missed its way.
MUST_BE_SEEN = (
    *("/admin/", "/admin/talks/", "/admin/auth/user/", "/admin/auth/user/add/", "/admin/auth/group/", "/parts/"),
    *(f"/admin/auth/user/0/{page}/" for page in ("change", "history", "delete", "password", "second-factor")),
    *(f"/admin/talks/{model._meta.model_name}/{page}" for model in NOUNS for page in ("", "add/", "0/change/")),
    *(f"/admin/talks/{model._meta.model_name}/0/history/" for model in NOUNS),
    *("/admin/talks/source/0/quotations/", "/admin/talks/party/0/delete/", "/admin/password_change/"),
)


def test_no_page_of_the_admin_has_inline_style_or_script(client, desk):
    user = enrolled()
    enrolled("taras")
    Party.objects.create(slug="a-draft", name="A draft")
    log_in(client, code=code(user))
    shown = walk(client, reverse("admin:index"))
    other = User.objects.get(username="taras").pk
    shown[f"/admin/auth/user/{other}/delete/"] = client.get(f"/admin/auth/user/{other}/delete/").content.decode()
    for path in ("/admin/talks/statement/?q=zzzz", "/admin/password_change/done/", "/admin/again/", "/admin/nothing/"):
        shown[path] = client.get(path).content.decode()
    assert set(MUST_BE_SEEN) <= {kind(path) for path in shown}
    assert {path: found(html) for path, html in shown.items() if found(html)} == {}


def test_no_page_of_the_way_in_has_inline_style_or_script(client, desk):
    shown = [client.get(LOGIN), client.post(LOGIN, {"username": "nobody"})]
    user = begun(client)
    shown += [client.get(ENROL), client.post(ENROL, {"code": "x"})]
    shown += [client.post(ENROL, {"code": code(user, confirmed=False)}), client.post("/admin/logout/")]
    for answer in shown:
        assert answer.status_code == 200
        assert found(answer.content.decode()) == []


def test_forms_that_are_refused_and_lists_with_actions_have_none_either(client, desk):
    user = enrolled()
    log_in(client, code=code(user))
    for model in NOUNS:
        noun = model.objects.order_by("slug").last()
        answers: list[Any] = [client.post(address(model, "add"), {})]
        answers += [
            client.post(address(model, "changelist"), {"action": "delete_selected", "_selected_action": [noun.pk]})
        ]
        for answer in answers:
            assert found(answer.content.decode()) == [], model


def test_a_list_without_actions_has_no_inline_style(desk, django_user_model):
    """Django writes one for such a list; ours leaves it out."""
    request = RequestFactory().get("/admin/auth/user/")
    request.user = account()
    request.user.otp_device = object()
    request.session = {"password_given_at": 4_000_000_000}
    accounts = admin.site._registry[User]
    accounts.actions_on_top, before = False, accounts.actions_on_top
    try:
        html = accounts.changelist_view(request).render().content.decode()
    finally:
        accounts.actions_on_top = before
    assert 'id="changelist"' in html
    assert found(html) == []
    assert found((Path(admin.__file__).parent / "templates" / "admin" / "change_list.html").read_text())
