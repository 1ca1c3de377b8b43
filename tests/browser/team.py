"""What editors do in a browser, step by step: log in with two factors, fill in forms, take a record further."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Window
from tests.browser.test_editor import choose

PASSWORD = "nine-orange-herons"
PATIENCE = 60_000  # ms: a slow machine is no fault
expect.set_options(timeout=PATIENCE)


def patient(window: Window) -> Window:
    window.context.set_default_timeout(PATIENCE)
    return window


class Phone:
    """An authenticator app (RFC 6238), which shows each code once: where the last one still stands, the next one."""

    def __init__(self, secret: str) -> None:
        self.key = base64.b32decode(secret.replace(" ", ""))
        self.last = self.ahead = 0

    def code(self) -> str:
        now = int(time.time()) // 30
        # The server follows a clock that goes ahead, so the phone stays as far ahead as it was.
        self.last = max(self.last + 1, now + self.ahead)
        self.ahead = self.last - now
        digest = hmac.digest(self.key, self.last.to_bytes(8, "big"), hashlib.sha1)
        start = digest[-1] & 15
        return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def clean(window: Window, within: str = "body") -> None:
    """What axe finds, by day and by night. Left out are fields of Select2, which Django brings: they have no name of
    their own while they are empty, nor has the list of what was chosen in them.
    """
    for scheme in ("light", "dark"):
        window.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        of_select2 = ("aria-input-field-name:", "label:", "list:")
        found = [line for line in window.axe(within) if not (line.startswith(of_select2) and "select2" in line)]
        assert found == [], f"{scheme}: {found}"
    window.page.emulate_media(color_scheme="light")


def give(page: Page, name: str, code: str = "") -> None:
    """Fill the one form of the login and send it, once."""
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.fill("#id_code", code)
    page.get_by_role("button", name="Log in").click()


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Log out").click()
    page.get_by_text("Thanks for spending some quality time").wait_for()


def enrol(window: Window, name: str) -> tuple[Phone, list[str]]:
    """Log in for the first time: the password, the app, the backup codes."""
    page = window.open("/admin/")
    clean(window)
    give(page, name)
    page.wait_for_url("**/second-factor/**")
    clean(window)
    phone = Phone(page.locator(".enrolment-secret").inner_text())
    page.fill("#id_code", phone.code())
    page.get_by_role("button", name="Set up").click()
    codes = page.locator(".backup-codes code")
    codes.first.wait_for()
    clean(window)
    kept = codes.all_inner_texts()
    page.get_by_role("link", name="go on to the admin").click()
    page.wait_for_url("**/admin/")
    return phone, kept


def saved(page: Page) -> None:
    """Press “Save and continue editing”, and nothing is amiss."""
    page.locator("[name=_continue]").click()
    expect(page.locator(".messagelist .success")).to_contain_text("successfully")


def enter(window: Window, noun: str, choices: dict[str, str] | None = None, **values: str) -> str:
    """Fill in the form of something new; gives the address of what was saved."""
    page = window.open(f"/admin/talks/{noun}/add/")
    for name, value in values.items():
        field = page.locator(f"#id_{name}")
        field.select_option(value) if name == "kind" else field.fill(value)
    for name, typed in (choices or {}).items():
        choose(page, name, typed)
    saved(page)
    return page.url


def press(window: Window, label: str, told: str) -> None:
    """Press the button of a step on a record's page."""
    window.page.locator(".desk").get_by_role("button", name=label, exact=True).click()
    expect(window.page.locator(".messagelist .success")).to_contain_text(told)


def released(team: dict[str, Window], address: str) -> None:
    """Ask for review of it, and let the publisher release it."""
    team["olena"].open(address)
    press(team["olena"], "Ask for review", "is sent to review.")
    team["petra"].open(address)
    press(team["petra"], "Publish", "is published.")


def check(page: Page) -> Locator:
    """Press the button beside the words of the first passage; gives what is said then."""
    beside = page.locator(".field-exact", has=page.locator("#id_passages-0-exact"))
    with page.expect_response("**/check/"):
        beside.get_by_role("button", name="Check", exact=True).click()
    return beside.get_by_role("status")
