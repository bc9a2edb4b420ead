"""Debian's Chromium, driven by Playwright. Every page is watched: no request may leave the server,
nothing may be refused by the page's own policy, nothing may go wrong in a script.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.server.conftest import Served

Page = Any
"""Playwright's `Page`. Its package is wanted only where there is a browser."""

_SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser for one file of tests: longer, and its event loop would be in others' way."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("there is no Chromium here (Debian: apt-get install chromium)")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(_SWITCHES))
        yield browser
        browser.close()


@dataclass
class Watched:
    """What a page did that nobody saw."""

    requests: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    """Parts of troubles that a test is about."""

    def check(self, origin: str) -> None:
        outside = [
            url for url in self.requests if not url.startswith((f"{origin}/", "data:", "blob:"))
        ]
        assert not outside, outside
        left = [each for each in self.troubles if not any(part in each for part in self.expected)]
        assert not left, left


def until(page: Page, condition: str, *values: Any) -> None:
    """Wait for a condition in JavaScript. Playwright's own way needs `eval`, which pages forbid."""
    end = time.monotonic() + 30
    while not page.evaluate(condition, *values):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(20)


Browse = Callable[..., Page]


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def browse(chromium: Any, watched: Watched) -> Iterator[Browse]:
    """`browse(server, "/library", width=390)` opens a page in a fresh profile."""
    contexts = []

    def open_page(server: Served, path: str = "/", width: int = 1100, **options: Any) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, accept_downloads=True, **options
        )
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("request", lambda request: watched.requests.append(request.url))
        page.on("pageerror", lambda error: watched.troubles.append(f"page error: {error}"))
        page.on(
            "console",
            lambda said: watched.troubles.extend(
                [said.text] if said.type in {"error", "warning"} else []
            ),
        )
        page.goto(server.address + path)
        if not path.startswith("/login"):
            page.wait_for_selector("body[data-ready], #login")
        contexts.append((context, server.address))
        return page

    yield open_page
    for context, origin in contexts:
        context.close()
        watched.check(origin)
