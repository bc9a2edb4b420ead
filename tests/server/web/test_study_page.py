"""The study page in a real browser: three views of one run, by pointer and by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.server.conftest import Served
from tests.server.web.conftest import Browse, Page, Watched, until
from tests.server.web.test_pages import broken
from tests.server.web.test_study import studied, studied_home

__all__ = ["studied", "studied_home"]

PROMPT = "one two three one two three"
LOOKED = """text =>
    [...document.querySelectorAll('#tokens [role=gridcell]')]
        .map((each) => each.innerText).join('').replaceAll('␣', ' ') === text
    && /token/.test(document.getElementById('state').innerText)"""
HEADS = """[...document.querySelectorAll('#lens-grid thead th')]
    .slice(1).map((each) => each.innerText).join('') === 'one␣two␣three␣one␣two␣three␣four'"""
DEPTH = """document.querySelector('#lens-grid tbody tr td:nth-child(4)')
    .style.getPropertyValue('--share')"""
DRAWN = """document.getElementById('pattern').getContext('2d').getImageData(2, 6, 1, 1).data[3]"""


def open_at(browse: Browse, server: Served, **options: object) -> Page:
    page = browse(server, "/study", **options)
    page.select_option("#model", "small")
    look(page, PROMPT)
    return page


def look(page: Page, prompt: str) -> None:
    """Write a prompt and wait until it was looked at."""
    page.fill("#prompt", prompt)
    until(page, LOOKED, prompt)


def test_each_token_says_how_likely_it_was(studied: Served, browse: Browse) -> None:
    page = open_at(browse, studied)
    assert "In its place the model would say" in page.inner_text("#token-detail")
    assert "After it the model would say" in page.inner_text("#token-detail")
    page.hover("#tokens [role=gridcell] >> nth=2")
    assert page.inner_text("#token-detail h2").startswith("Token 2")
    assert "bits" in page.inner_text("#token-detail")
    assert len(page.query_selector_all("#token-detail .likely li")) == 5
    shown = page.query_selector("#tokens [role=gridcell] >> nth=2")
    assert "rank" in shown.get_attribute("aria-label")


def test_another_prompt_is_run_as_it_is_written(studied: Served, browse: Browse) -> None:
    page = open_at(browse, studied)
    page.click("#tab-lens")
    page.wait_for_selector("#lens-grid td")
    page.click("#prompt")
    page.keyboard.press("End")
    page.keyboard.type(" four", delay=5)
    until(page, HEADS)


def test_the_lens_follows_a_token_through_the_layers(studied: Served, browse: Browse) -> None:
    page = open_at(browse, studied)
    page.click("#tab-lens")
    page.wait_for_selector("#lens-grid td")
    rows = page.query_selector_all("#lens-grid tbody tr")
    assert [row.query_selector("th").inner_text() for row in rows] == ["1", "0", "embed"]
    page.hover("#lens-grid tbody tr:nth-child(2) td:nth-child(3)")
    assert page.inner_text("#lens-detail h2").startswith("Layer 0, after")
    assert "The model’s answer here is" in page.inner_text("#lens-detail")
    page.click("#lens-grid tbody tr:nth-child(1) td:nth-child(4)")
    page.wait_for_selector("#lens-detail .curve")
    assert "The colours follow" in page.inner_text("#lens-state")
    assert float(page.evaluate(DEPTH)) > 0
    page.keyboard.press("Escape")
    until(page, "!document.querySelector('#lens-detail .curve')")


def test_heads_are_chosen_and_tokens_looked_from(studied: Served, browse: Browse) -> None:
    page = open_at(browse, studied)
    page.click("#tab-attention")
    page.wait_for_selector("#from [role=gridcell]")
    assert len(page.query_selector_all("#heads-grid td")) == 8
    page.click("#heads-grid tr:nth-child(2) td:nth-child(4)")
    page.wait_for_selector("#head-title >> text=Layer 1, head 2")
    assert page.input_value("#layer") == "1"
    page.hover("#from [role=gridcell] >> nth=0")
    assert "100%" in page.inner_text("#from-detail")  # it can only look at itself
    page.select_option("#head", "0")
    page.wait_for_selector("#head-title >> text=Layer 1, head 0")
    assert page.evaluate(DRAWN) > 0


def test_the_keyboard_alone_is_enough(studied: Served, browse: Browse) -> None:
    page = open_at(browse, studied)
    page.focus("#tab-probabilities")
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    assert page.inner_text("#token-detail h2").startswith("Token 0")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#token-detail h2").startswith("Token 1")
    page.focus("#tab-probabilities")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#lens-grid td")
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    assert page.inner_text("#lens-detail h2").startswith("Layer 0, after")
    page.keyboard.press("Enter")
    page.wait_for_selector("#lens-detail .curve")
    page.focus("#tab-lens")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#from [role=gridcell]")
    page.focus("#heads-grid td[tabindex='0']")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("#head-title >> text=Layer 1, head 1")


def test_a_model_that_cannot_be_opened_says_why(
    studied: Served, browse: Browse, watched: Watched
) -> None:
    watched.expected.append("400")
    page = open_at(browse, studied)
    page.select_option("#model", "alpha")
    until(page, "document.getElementById('trouble').innerText.includes('alpha')")
    page.select_option("#model", "small")
    until(page, "document.getElementById('trouble').innerText === ''")


def test_the_library_leads_to_a_look_inside(studied: Served, browse: Browse) -> None:
    page = browse(studied, "/library")
    page.click("[aria-label='Look inside small']")
    page.wait_for_selector("#tokens [role=gridcell]")
    assert page.input_value("#model") == "small"
    page.goto(f"{studied.address}/study?model=small&prompt=abc")
    until(page, LOOKED, "abc")


def test_a_phone_has_all_of_it(studied: Served, browse: Browse) -> None:
    page = open_at(browse, studied, width=360)
    for name in ("probabilities", "lens", "attention"):
        page.click(f"#tab-{name}")
        page.wait_for_selector(f"#{name} [role=gridcell]")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_is_accessible(studied: Served, browse: Browse, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_at(browse, studied, color_scheme=scheme)
    found = {}
    for name in ("probabilities", "lens", "attention"):
        page.click(f"#tab-{name}")
        page.wait_for_selector(f"#{name} [role=gridcell]")
        found[name] = broken(axe, page)
    assert found == {name: [] for name in found}


def test_a_real_model_finds_its_answer_in_the_last_layers(
    real: Served, browse: Browse, smollm2: Path
) -> None:
    page = browse(real, "/study")
    page.click("#tab-lens")
    page.wait_for_selector("#lens-grid td")
    column = page.query_selector_all("#lens-grid tbody td:last-child")
    assert len(column) == 31
    assert column[0].inner_text() == "␣Berlin"
    assert column[15].inner_text() != "␣Berlin"
