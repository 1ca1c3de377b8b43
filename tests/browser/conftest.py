"""Chromium, and windows in it that remember all that went wrong. Nothing leaves this machine.

Nothing here lives for the whole session: while Playwright runs, Django would not ask a database in other tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.prepared import a_prepared_place
from tests.run import browser as find_chromium
from tests.servers import Place

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


class Window:
    """A browser window with a profile of its own, on one server."""

    def __init__(self, browser: Browser, base: str, **options: Any) -> None:
        self.base = base
        self.requests: list[str] = []
        self.wrong: list[str] = []
        self.outward: list[str] = []
        self.context = browser.new_context(base_url=base, **options)
        self.context.set_default_timeout(60_000)  # ms: a slow machine is no fault
        self.context.route(lambda address: not address.startswith(f"{base}/"), self._refuse)
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.context.on("requestfailed", lambda request: self._failed(request.url, request.failure))
        self.context.on("response", lambda response: self._answered(response.status, response.url))
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.wrong.append(f"error: {error.error}"))
        self.page: Page = self.context.new_page()

    def _refuse(self, route: Any) -> None:
        self.outward.append(route.request.url)
        route.abort()

    def _failed(self, address: str, why: str | None) -> None:
        # What was still on its way when the reader went on is no fault.
        if address not in self.outward and why != "net::ERR_ABORTED":
            self.wrong.append(f"failed: {address} ({why})")

    def _answered(self, status: int, address: str) -> None:
        if status >= 400:
            self.wrong.append(f"{status}: {address}")

    def _said(self, message: Any) -> None:
        self.wrong.append(f"{message.type}: {message.text} ({message.location['url']})")

    def open(self, address: str, status: int = 200) -> Page:
        """Go there; a page that is meant to be an error is no fault."""
        response = self.page.goto(address)
        assert response is not None
        assert response.status == status, address
        if status >= 400:
            told = f"Failed to load resource: the server responded with a status of {status}"
            own = f"{status}: {response.url}"
            self.wrong = [line for line in self.wrong if line != own and not line.startswith(f"error: {told}")]
        return self.page

    def axe(self, within: str = "body", tags: tuple[str, ...] = AXE_TAGS) -> list[str]:
        """What axe finds, in the whole page or in a part of it: each rule with the elements that break it."""
        # Half a page has no heading yet. And links change their colours slowly: on the way there is no contrast to speak of.
        self.page.wait_for_load_state()
        self.page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate(
            """async ([within, tags]) => {
              // No preload: it fetches stylesheets again and breaks our content security policy.
              const wanted = { resultTypes: ["violations"], preload: false, runOnly: { type: "tag", values: tags } };
              return (await axe.run(within === "body" ? document : within, wanted)).violations;
            }""",
            [within, tags],
        )
        return [f"{rule['id']}: {node['target']} {node['html'][:120]}" for rule in found for node in rule["nodes"]]

    def close(self) -> None:
        """Nothing may have gone wrong in it."""
        self.context.close()
        assert self.wrong == []
        assert self.outward == []


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    if find_chromium() is None:
        pytest.skip("no Chromium was found")
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """A copy of the checkout with the built-in data, the same for one file of tests."""
    with a_prepared_place() as place:
        yield place


@pytest.fixture(scope="module")
def public(place: Place) -> Iterator[str]:
    """The public site's own address."""
    with place.served() as (port, _):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def window(chromium: Browser, public: str) -> Iterator[Callable[..., Window]]:
    """Opens windows on the public site; afterwards nothing may have gone wrong in any of them."""
    windows: list[Window] = []

    def opened(**options: Any) -> Window:
        windows.append(Window(chromium, public, **options))
        return windows[-1]

    yield opened
    for each in windows:
        each.close()


@pytest.fixture(scope="module")
def every_kind(place: Place) -> None:
    """One statement withdrawn and one whose words are no longer found, so that these pages are there to see."""
    place.edit(
        "Statement.objects.filter(slug='umerov-awaits-memorandum-unn').update(\n"
        "    status='withdrawn', withdrawn_on='2026-11-24', withdrawn_because='It was entered twice.')\n"
        "Statement.objects.filter(slug='lavrov-four-days').update(verified_sha256='a' * 64)"
    )
