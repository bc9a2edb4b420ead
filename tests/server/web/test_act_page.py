"""The act page in a real browser: from a place to the log, and a bill with its clauses marked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.civic.clauses.small_bill import SMALL_BILL
from tests.civic.small_data import write_all
from tests.server.conftest import Served, served
from tests.server.web.conftest import Browse, Page, Watched, until
from tests.server.web.test_pages import broken

from freehold.actions.act_update import take_data
from freehold.actions.residence import ResidenceChoices
from freehold.engine.fake import FakeEngine
from freehold.settings import Settings

DRAFTED = "Number(document.body.dataset.drafted ?? 0) > 0"
DRAWN = "document.body.dataset.drawn === 'WY lower'"


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of a home that has the small country's data."""
    folder = tmp_path_factory.mktemp("act")
    take_data(Settings(home=folder / "home"), [write_all(folder / "stick")])
    with served(folder / "home", FakeEngine(), ResidenceChoices()) as running:
        yield running


def home_of(server: Served) -> Path:
    return server.desk.residence.libraries.home


def too_wide(page: Page, width: int) -> list[str]:
    """What sticks out of a window of that width."""
    if page.evaluate("document.documentElement.scrollWidth") <= width:
        return []
    told: list[str] = page.evaluate(
        """width => [...document.querySelectorAll('body *')]
            .filter((each) => !each.closest('nav') && each.getBoundingClientRect().right > width)
            .map((each) => each.outerHTML.slice(0, 90))""",
        width,
    )
    return told


def find(page: Page, place: str) -> None:
    page.fill("#place", place)
    page.click("#place-form button")
    page.wait_for_selector("#cards h4")
    until(page, DRAFTED)


def test_from_a_zip_code_to_the_log(country: Served, browse: Browse) -> None:
    page = browse(country, "/act")
    find(page, "82001")
    assert "75% of this ZIP code’s land" in page.inner_text("#cards")
    assert "lies in several districts" in page.inner_text("#notes")
    assert "3 terms end" in page.inner_text("#ages")
    phone = page.query_selector("#cards .phone")
    assert phone.get_attribute("href") == "tel:+12025550100"
    page.click("[aria-label='Write to or call Eve West']")
    until(page, "document.getElementById('words').value.includes('Representative West')")
    page.fill("#me", "Ana")
    until(page, "document.getElementById('words').value.includes('my name is Ana')")
    assert "s to say" in page.inner_text("#length")
    page.select_option("#form", "letter")
    until(page, "document.getElementById('words').value.includes('The Honorable Eve West')")
    assert "Quiet Lane" not in page.content()
    page.select_option("#kind", "letter")
    page.select_option("#outcome", "left")
    page.fill("#note", "first try")
    page.fill("#follow", "2020-01-01")
    page.click("#log-form button")
    page.wait_for_selector("#entries .badge.warn")
    assert "Representative Eve West" in page.inner_text("#entries")
    page.reload()
    page.wait_for_selector("#entries >> text=first try")
    page.click("[aria-label='Done with Representative Eve West']")
    until(page, "!document.querySelector('#entries .badge')")
    with page.expect_download() as got:
        page.click("#csv")
    assert "first try" in Path(got.value.path()).read_text()
    page.click("#erase")
    page.click("#ask button.danger")
    page.wait_for_selector("#entries >> text=Nothing yet")
    assert not (home_of(country) / "civic" / "log.json").exists()


def test_a_point_on_the_map_decides(country: Served, browse: Browse) -> None:
    page = browse(country, "/act#map-WY")
    page.select_option("#map-chamber", "lower")
    until(page, DRAWN)
    drawn = page.locator("#map svg")
    box = drawn.bounding_box()
    drawn.click(position={"x": 0.7 * box["width"], "y": 0.5 * box["height"]})
    page.wait_for_selector("#cards >> text=Fay East")
    assert "Eve West" not in page.inner_text("#cards")


def test_the_map_works_by_keyboard(country: Served, browse: Browse) -> None:
    page = browse(country, "/act#map-WY")
    page.select_option("#map-chamber", "lower")
    until(page, DRAWN)
    page.focus("#map svg")
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    assert page.inner_text("#map-state-of") == "State House District 1"
    page.keyboard.press("+")
    page.keyboard.press("Enter")
    page.wait_for_selector("#cards >> text=Eve West")
    assert "Fay East" not in page.inner_text("#cards")


def test_the_place_is_kept_nowhere(country: Served, browse: Browse, watched: Watched) -> None:
    page = browse(country, "/act")
    find(page, "1.23456, 0.54321")
    kept = [p for p in home_of(country).rglob("*") if p.is_file() and b"1.23456" in p.read_bytes()]
    assert kept == []
    assert not [url for url in watched.requests if "1.23456" in url or "82001" in url]
    told = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, location.href])")
    assert "1.23456" not in told


def test_what_is_no_place_is_said(country: Served, browse: Browse, watched: Watched) -> None:
    watched.expected += ["400", "404"]
    page = browse(country, "/act")
    for place, said in (("12 Main Street", "no ZIP code"), ("99999", "no area for 99999")):
        page.fill("#place", place)
        page.click("#place-form button")
        page.wait_for_selector(f"#trouble >> text={said}")


def test_a_bills_clauses_are_marked_and_used(
    country: Served, browse: Browse, tmp_path: Path
) -> None:
    path, older = tmp_path / "bill.txt", tmp_path / "older.txt"
    path.write_text(SMALL_BILL, encoding="utf-8")
    older.write_text("A BILL\nSECTION 1. BOARD.\nThe board shall meet once a year.\n")
    page = browse(country, "/act/bill")
    page.set_input_files("#file", str(path))
    page.set_input_files("#older", str(older))
    page.click("#choose button")
    page.wait_for_selector("#findings .finding")
    assert "red lines found" in page.inner_text("#verdict")
    assert "not legal advice" in page.inner_text("#report").lower()
    assert "came" in page.inner_text("#changed")
    marked = page.inner_text("mark.m-restricts-tool >> nth=0")
    quote = page.inner_text("#findings .f-restricts-tool blockquote >> nth=0")
    assert marked.removeprefix("R").strip() in quote
    page.click("#findings .f-restricts-tool button >> nth=0")
    page.wait_for_selector("body.page-act[data-ready]")
    find(page, "1.0,0.5")
    assert page.is_visible("#clause")
    assert page.input_value("#ask-for") == "oppose"
    assert " ".join(quote.split())[:40] in page.input_value("#words")


def test_text_that_is_no_bill_is_said(country: Served, browse: Browse, watched: Watched) -> None:
    watched.expected.append("400")
    page = browse(country, "/act/bill")
    page.click("summary >> text=Or paste")
    page.fill("#pasted", "Dear diary, nothing happened.")
    page.click("#choose button")
    page.wait_for_selector("#trouble:not(:empty)")
    assert page.is_hidden("#report")


def test_a_sheet_is_printed_large_and_by_itself(country: Served, browse: Browse) -> None:
    page = browse(country, "/act")
    find(page, "1.0,0.5")
    page.evaluate("window.print = () => {}")
    page.click("#print")
    page.emulate_media(media="print")
    size = page.evaluate(
        "parseFloat(getComputedStyle(document.querySelector('.office-page .script p')).fontSize)"
    )
    assert size >= 14 * 96 / 72 - 0.01
    assert page.is_hidden("main")
    assert page.is_visible("#sheet")
    assert "Quiet Lane" not in page.inner_text("#sheet")


def test_without_data_it_says_what_to_fetch(browse: Browse, tmp_path: Path) -> None:
    with served(tmp_path / "home", FakeEngine(), ResidenceChoices()) as running:
        page = browse(running, "/act")
        assert "freehold act update" in page.inner_text("#missing")
        assert page.is_hidden("#where")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1100), ("dark", 320)])
def test_it_is_accessible_and_fits(
    country: Served, browse: Browse, tmp_path: Path, scheme: str, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = browse(country, "/act#map-WY", width=width, color_scheme=scheme)
    until(page, "document.body.dataset.drawn !== undefined")
    find(page, "82001")
    found = {"people": broken(axe, page)}
    assert too_wide(page, width) == []
    path = tmp_path / "bill.txt"
    path.write_text(SMALL_BILL, encoding="utf-8")
    page.goto(country.address + "/act/bill")
    page.wait_for_selector("body[data-ready]")
    page.set_input_files("#file", str(path))
    page.click("#choose button")
    page.wait_for_selector("#findings .finding")
    found["bill"] = broken(axe, page)
    assert too_wide(page, width) == []
    assert found == {"people": [], "bill": []}
