"""Library, fit, settings and the way in, in a real browser; and whether each is accessible."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import tiny_gguf
from tests.server.conftest import Served, served
from tests.server.web.conftest import Browse, Page, Watched, until
from tests.serving import FileServer

from freehold.actions.api_keys import ApiKeys, Scope
from freehold.actions.conversations import Conversations
from freehold.actions.get import get
from freehold.actions.residence import ResidenceChoices
from freehold.engine.fake import FakeEngine
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.store import Store


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Served]:
    """A server whose store may be changed; it owns `alpha`, and keeps conversations."""
    home, path = tmp_path / "home", tmp_path / "alpha.gguf"
    path.write_bytes(tiny_gguf("alpha"))
    with Store.open(home) as store:
        get(store, Settings(home=home), ModelRef.parse(str(path)))
    kept = Conversations(home)
    with served(home, FakeEngine(), ResidenceChoices(), conversations=kept) as running:
        yield running


def home_of(server: Served) -> Path:
    return server.desk.residence.libraries.home


def test_a_model_is_got_verified_pinned_and_removed(own: Served, browse: Browse) -> None:
    page = browse(own, "/library")
    with FileServer() as files:
        page.fill("#ref", files.serve("/new.gguf", tiny_gguf("new")))
        page.click("#get button")
        page.wait_for_selector(".model h3 >> text=new")
    page.click("[aria-label='Verify new']")
    page.wait_for_selector("text=Every byte is what was proven.")
    page.click("[aria-label='Pin new']")
    page.wait_for_selector(".badge >> text=pinned")
    page.click("[aria-label='Unpin new']")
    page.wait_for_selector("[aria-label='Pin new']")
    page.click("[aria-label='Remove new']")
    page.click("#ask button.danger")
    until(page, "document.querySelectorAll('.model').length === 1")
    assert page.inner_text(".model h3") == "alpha"


def test_damage_is_named_and_a_repair_shows_its_plan(own: Served, browse: Browse) -> None:
    with Store.open(home_of(own)) as store:
        blob = store.blob_path(store.models()[0].weights.digest)
    data = bytearray(blob.read_bytes())
    data[40] ^= 1
    blob.chmod(0o600)
    blob.write_bytes(data)
    page = browse(own, "/library")
    page.click("[aria-label='Verify alpha']")
    page.wait_for_selector(".said >> text=is damaged")
    page.wait_for_selector(".badge.bad")
    page.click("[aria-label='Repair alpha']")
    page.wait_for_selector("#ask >> text=Repair alpha so?")
    assert "alpha.gguf" in page.inner_text("#ask")  # the file that it came from is still there
    page.click("#ask >> text=Repair >> nth=-1")
    page.wait_for_selector("text=every byte proven")


def test_a_file_of_this_machine_is_not_got(
    own: Served, browse: Browse, watched: Watched, tmp_path: Path
) -> None:
    watched.expected.append("400")
    page = browse(own, "/library")
    page.fill("#ref", str(tmp_path / "alpha.gguf"))
    page.click("#get button")
    page.wait_for_selector("#trouble >> text=Files are not got through a page.")


def test_fit_says_what_this_machine_can(own: Served, browse: Browse) -> None:
    page = browse(own, "/fit")
    assert "of memory" in page.inner_text("#device")
    assert "Not calibrated" in page.inner_text("#basis")
    page.check("#all")
    every = len(page.query_selector_all("#models tr"))
    page.select_option("#licence", "open source")
    fewer = len(page.query_selector_all("#models tr"))
    page.select_option("#task", "code")
    assert 0 < len(page.query_selector_all("#models tr")) < fewer < every


def test_the_first_key_lets_this_browser_in_and_closes_the_door(
    own: Served, browse: Browse
) -> None:
    page = browse(own, "/settings")
    page.fill("#name", "laptop")
    page.select_option("#scope", "manage")
    page.click("text=Make a key")
    page.wait_for_selector("#secret code")
    secret = page.inner_text("#secret code")
    assert ApiKeys(home_of(own)).check(secret) is not None
    assert own.ask("GET", "/v1/models").status == 401
    page.reload()
    page.wait_for_selector("#keys >> text=laptop")
    assert page.is_hidden("#secret")
    page.click("[aria-label='Remove the key laptop']")
    page.click("#ask button.danger")
    until(page, "!document.querySelector('#keys li')")
    assert own.ask("GET", "/v1/models").status == 200


def test_what_models_have_read_is_forgotten(own: Served, browse: Browse) -> None:
    folder = home_of(own) / "conversations"
    (folder / "abc.state").write_bytes(b"x" * 2000)
    page = browse(own, "/settings")
    assert "2.0 kB of 2.0 GB" in page.inner_text("#kept-size")
    page.click("#forget")
    page.click("#ask button.danger")
    page.wait_for_selector("#kept-size >> text=0 B of")
    assert list(folder.iterdir()) == []


def test_a_link_with_a_key_logs_in(own: Served, browse: Browse, watched: Watched) -> None:
    secret = ApiKeys(home_of(own)).make("phone", (Scope.RUN,)).secret
    watched.expected.append("401")
    page = browse(own, "/")
    assert page.url == f"{own.address}/login"
    page.fill("#key", "fh-wrong")
    page.click("text=Log in")
    page.wait_for_selector("#trouble >> text=This key opens nothing here.")
    page.goto(f"{own.address}/login?again#{secret}")
    page.wait_for_selector("body[data-ready]")
    assert page.url == f"{own.address}/"
    cookie = page.context.cookies()[0]
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == (
        "freehold_key",
        True,
        "Strict",
    )
    page.goto(f"{own.address}/settings")
    page.wait_for_selector("text=takes one that may manage")
    page.click("text=Log out")
    page.wait_for_selector("#login")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible(own: Served, browse: Browse, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = browse(own, color_scheme=scheme)
    found = {"empty": broken(axe, page)}
    page.fill(
        "#message",
        "# A heading\n\n- a list\n\n```py\nx = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    )
    page.keyboard.press("Enter")
    page.wait_for_selector(".theirs .figures")
    found["/"] = broken(axe, page)
    for path in ("/library", "/fit", "/settings", "/login"):
        page.goto(own.address + path)
        page.wait_for_selector("body[data-ready], #login")
        found[path] = broken(axe, page)
    assert found == {path: [] for path in found}


def broken(axe: Any, page: Page) -> list[str]:
    """What axe says is wrong, with the first place where it is."""
    problems = []
    for each in axe.run(page).response["violations"]:
        node = each["nodes"][0]
        problems.append(f"{each['id']}: {node['html'][:120]} {node.get('failureSummary', '')}")
    return problems


def test_light_and_dark_can_be_chosen(own: Served, browse: Browse) -> None:
    page = browse(own, color_scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(paper)
    page.click("#theme")
    assert page.evaluate(paper) != before
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert page.evaluate(paper) != before
