"""The chat as a person has it, in a real browser on the fake engine."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.server.conftest import Serve, Served
from tests.server.web.conftest import Browse, Page, Watched, until

from freehold.actions.residence import ResidenceChoices
from freehold.engine.fake import FakeEngine
from freehold.engine.fake_model import FakeModel
from freehold.engine.request import ChatRequest, TextRequest

MARKUP = """<img src=x onerror="document.title='broken'"><script>alert(1)</script>

![a picture](https://example.org/track.png) [bad](javascript:alert(1)) [good](https://example.org/)

**strong** `a<b>` and

```html
<script>alert(2)</script>
```

| a | b |
|---|--:|
| 1 | 2 |
"""


def say(page: Page, text: str) -> None:
    page.fill("#message", text)
    page.keyboard.press("Enter")


def answers(page: Page) -> list[str]:
    return [each.inner_text() for each in page.query_selector_all(".theirs .prose")]


def wait_for(page: Page, count: int) -> None:
    """Until there are so many answers, all of them whole."""
    until(
        page,
        "count => document.querySelectorAll('.theirs').length === count"
        " && !document.querySelector('.turn.busy') && document.getElementById('stop').hidden",
        count,
    )


def test_an_answer_streams_and_its_speed_is_shown(serve: Serve, browse: Browse) -> None:
    page = browse(serve(FakeEngine(seconds_per_token=0.02)))
    say(page, "one two three four")
    until(page, "document.querySelector('.theirs .prose')?.innerText.length > 3")
    assert page.query_selector(".turn.busy") is not None
    assert page.is_visible("#stop")
    wait_for(page, 1)
    assert answers(page) == ["You said: one two three four"]
    figures = page.inner_text(".theirs .figures")
    assert re.search(r"tokens/s · first token [\d.]+ s · prompt \d+ tokens", figures), figures
    assert "You said: one two three four" in page.inner_text("#said")


def test_stop_ends_the_work_and_keeps_what_was_said(serve: Serve, browse: Browse) -> None:
    engine = FakeEngine(seconds_per_token=0.02, reply=lambda _: "word " * 2000)
    page = browse(serve(engine))
    say(page, "go on for ever")
    until(page, "document.querySelector('.theirs .prose')?.innerText.length > 10")
    page.keyboard.press("Escape")
    wait_for(page, 1)
    assert answers(page)[0].startswith("word word")
    assert "Stopped." in page.inner_text(".theirs .notes")
    model: FakeModel = engine.loaded[-1]
    page.wait_for_timeout(100)
    assert model.under_way == 0
    say(page, "still there?")
    until(page, "document.querySelectorAll('.theirs').length === 2")
    page.click("#stop")
    wait_for(page, 2)


def test_an_edited_question_is_asked_again(fake: Served, browse: Browse) -> None:
    page = browse(fake)
    say(page, "first")
    wait_for(page, 1)
    page.hover(".mine")
    page.click("[aria-label='Edit your message']")
    page.fill(".editing textarea", "second")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('.theirs .prose')?.innerText.includes('second')")
    wait_for(page, 1)
    assert answers(page) == ["You said: second"]


def test_what_a_retry_further_up_would_lose_is_kept(fake: Served, browse: Browse) -> None:
    page = browse(fake)
    for count, text in enumerate(("first", "second", "third"), start=1):
        say(page, text)
        wait_for(page, count)
    page.hover(".theirs >> nth=0")
    page.click("[aria-label='Answer again'] >> nth=0")
    wait_for(page, 1)
    assert len(page.query_selector_all("#conversations li")) == 2
    page.click("#conversations li:nth-child(2) a")
    wait_for(page, 3)


def test_an_edited_answer_is_what_the_model_reads_next(serve: Serve, browse: Browse) -> None:
    engine = FakeEngine()
    page = browse(serve(engine))
    say(page, "hello")
    wait_for(page, 1)
    page.click("[aria-label='Edit this answer']")
    page.fill(".editing textarea", "In my own words")
    page.click("text=Keep")
    say(page, "go on")
    wait_for(page, 2)
    request = engine.loaded[-1].asked[-1]
    assert isinstance(request, ChatRequest)
    assert [turn.content for turn in request.messages] == ["hello", "In my own words", "go on"]


def test_a_reload_keeps_the_conversation_and_it_can_be_exported(
    fake: Served, browse: Browse, tmp_path: Path
) -> None:
    page = browse(fake)
    page.click("#system-box summary")
    page.fill("#system", "Answer briefly.")
    say(page, "keep this")
    wait_for(page, 1)
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert answers(page) == ["You said: keep this"]
    assert exported(page, "JSON", tmp_path)["system"] == "Answer briefly."
    text = exported(page, "Markdown", tmp_path)
    assert "## You\n\nkeep this\n\n## alpha\n\nYou said: keep this" in text


def exported(page: Page, kind: str, folder: Path) -> Any:
    page.click("#export")
    with page.expect_download() as waiting:
        page.click(f"#ask button:has-text('{kind}')")
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    text = path.read_text()
    return json.loads(text) if kind == "JSON" else text


def test_conversations_are_renamed_and_deleted(fake: Served, browse: Browse) -> None:
    page = browse(fake)
    say(page, "a first question")
    wait_for(page, 1)
    page.click("#rename")
    page.fill("#ask input", "My title")
    page.keyboard.press("Enter")
    page.wait_for_selector("#conversations >> text=My title")
    page.click("#delete")
    page.click("#ask >> text=Delete >> nth=-1")
    until(page, "!document.querySelector('#conversations li')")
    assert page.is_visible("text=What would you like to know?")


def test_the_keyboard_alone_is_enough(fake: Served, browse: Browse) -> None:
    page = browse(fake)
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    wait_for(page, 1)
    assert answers(page) == ["You said: one\ntwo"]
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''"))
    assert {"Rename", "Export", "Delete", "Copy this answer", "Answer again"} <= reached


def test_what_a_model_writes_is_never_markup(
    serve: Serve, browse: Browse, watched: Watched
) -> None:
    page = browse(serve(FakeEngine(reply=lambda _: MARKUP)))
    say(page, "attack")
    wait_for(page, 1)
    prose = page.query_selector(".theirs .prose")
    assert prose.query_selector("img, script, iframe, [onerror]") is None
    assert "<script>alert(1)</script>" in prose.inner_text()
    assert prose.query_selector("pre").inner_text() == "<script>alert(2)</script>"
    links = [link.get_attribute("href") for link in prose.query_selector_all("a")]
    assert links == ["https://example.org/track.png", "https://example.org/"]
    assert prose.query_selector("strong").inner_text() == "strong"
    assert prose.query_selector("td.end").inner_text() == "2"
    assert page.title() != "broken"
    assert not any("example.org" in url for url in watched.requests)


def test_text_files_go_along_and_pictures_only_where_the_model_sees(
    serve: Serve, browse: Browse
) -> None:
    engine = FakeEngine()
    page = browse(serve(engine))
    picture = {"name": "cat.png", "mimeType": "image/png", "buffer": b"\x89PNG"}
    note = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"buy ```milk```"}
    page.set_input_files("#files", [picture, note])
    page.wait_for_selector("#attached >> text=note.txt")
    assert "this model sees none" in page.inner_text("#notice")
    say(page, "What is in it?")
    wait_for(page, 1)
    asked = engine.loaded[-1].asked[-1]
    assert isinstance(asked, ChatRequest)
    said = asked.messages[-1].content
    assert said == "note.txt:\n````\nbuy ```milk```\n````\n\nWhat is in it?"


def test_an_error_is_shown_and_can_be_tried_again(
    serve: Serve, browse: Browse, watched: Watched
) -> None:
    from freehold.errors import EngineError

    calls = []

    def reply(request: ChatRequest | TextRequest) -> str:
        calls.append(request)
        if len(calls) == 1:
            raise EngineError("The engine stumbled.", "Once more may do.")
        return "Here I am."

    watched.expected.append("500")  # what Chromium says of the failed request
    page = browse(serve(FakeEngine(reply=reply)))
    say(page, "hello")
    page.wait_for_selector(".turn-foot .trouble")
    assert "The engine stumbled." in page.inner_text(".turn-foot .trouble")
    page.click("[aria-label='Answer again']")
    page.wait_for_selector("text=Here I am.")


def test_a_phone_has_all_of_it_and_nothing_runs_over(fake: Served, browse: Browse) -> None:
    page = browse(fake, width=360)
    say(page, "word" * 60 + "\n" + "| a | b |\n|---|---|\n| " + "x" * 90 + " | y |")
    wait_for(page, 1)
    for path in ("/", "/library", "/fit", "/settings"):
        if path != "/":
            page.goto(fake.address + path)
            page.wait_for_selector("body[data-ready]")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    page.goto(fake.address)
    page.wait_for_selector("body[data-ready]")
    page.click("#open-list")
    page.click("#conversations a")
    wait_for(page, 1)
    assert page.get_attribute("#open-list", "aria-expanded") == "false"


def test_a_model_is_chosen_and_remembered(serve: Serve, browse: Browse) -> None:
    page = browse(serve(choices=ResidenceChoices()))
    page.select_option("#model", "beta")
    say(page, "hello")
    wait_for(page, 1)
    assert page.inner_text(".who") == "beta"
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert page.input_value("#model") == "beta"
