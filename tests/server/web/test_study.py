"""The study page's questions as a program asks them: runs, lenses, patterns, refusals."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import tiny_gguf
from tests.server.conftest import Served, served
from tests.studying import synthetic

from freehold.actions.get import get
from freehold.actions.residence import ResidenceChoices
from freehold.device.memory import Memory
from freehold.engine.fake import FakeEngine
from freehold.names import ModelRef
from freehold.server.studio import Studio
from freehold.settings import Settings
from freehold.store.store import Store

PROMPT = "one two three one two three"


@pytest.fixture(scope="module")
def studied_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that owns `small`, which can be opened up, and `alpha`, which cannot."""
    folder = tmp_path_factory.mktemp("studied")
    synthetic(folder / "small.gguf")
    (folder / "alpha.gguf").write_bytes(tiny_gguf("alpha"))
    with Store.open(folder / "home") as store:
        for name in ("small", "alpha"):
            path = ModelRef.parse(str(folder / f"{name}.gguf"))
            get(store, Settings(home=folder / "home"), path, name=name)
    return folder / "home"


@pytest.fixture(scope="module")
def studied(studied_home: Path) -> Iterator[Served]:
    with served(studied_home, FakeEngine(), ResidenceChoices()) as running:
        yield running


def ask(server: Served, what: str, status: int = 200, **body: Any) -> Any:
    sent = json.dumps({"model": "small", **body}).encode()
    told = server.ask("POST", f"/page/study/{what}", body=sent)
    assert told.status == status, told.data
    return told.json()


def test_a_look_tells_tokens_and_how_likely_they_were(studied: Served) -> None:
    run = ask(studied, "look", prompt=PROMPT)
    count = len(run["ids"])
    assert len(run["top"]) == len(run["share"]) == len(run["rank"]) == count
    assert (run["layers"], run["heads"]) == (2, 4)
    assert "".join(run["words"][str(each)] for each in run["ids"]).replace("␣", " ") == PROMPT
    assert run["rank"][-1] == 1  # after the last comes what is most likely
    assert run["top"][-1][0][1] == run["share"][-1]
    assert len(run["mostly"]) == 2
    assert len(run["mostly"][0]) == 4


def test_a_run_is_asked_about_again(studied: Served) -> None:
    run = ask(studied, "look", prompt=PROMPT)
    count, last = len(run["ids"]), run["top"][-1][0][0]
    lens = ask(studied, "lens", run=run["run"])
    assert len(lens["top"]) == 3
    assert len(lens["top"][0]) == count
    assert lens["top"][-1][-1] == run["top"][-1]
    assert lens["rank"][-1] == [1] * count
    followed = ask(studied, "follow", run=run["run"], token=last)
    assert followed["share"][-1][-1] == pytest.approx(run["share"][-1], abs=2e-4)
    heads = ask(studied, "patterns", run=run["run"], layer=1)["per_mille"]
    assert [len(row) for row in heads[3]] == list(range(1, count + 1))
    assert all(sum(row) == pytest.approx(1000, abs=count) for row in heads[3])


def test_a_question_is_written_by_the_template(studied: Served) -> None:
    plain = ask(studied, "look", prompt=PROMPT)
    chat = ask(studied, "look", prompt=PROMPT, chat=True)
    assert len(chat["ids"]) >= len(plain["ids"])


@pytest.mark.parametrize(
    ("what", "body", "status", "says"),
    [
        ("look", {"prompt": ""}, 400, "`prompt` must be given"),
        ("look", {"prompt": "x " * 200}, 400, "128"),
        ("look", {"prompt": "x", "model": "alpha"}, 400, "alpha does not say how many layers"),
        ("look", {"prompt": "x", "model": "none"}, 404, "none"),
        ("look", {"prompt": "x", "model": "/etc/passwd"}, 404, "passwd"),
        ("lens", {"run": "gone"}, 404, "no longer kept"),
        ("follow", {"run": "gone"}, 400, "`token` must be given"),
        ("patterns", {"run": "gone", "layer": -1}, 400, "`layer` must be"),
    ],
)
def test_what_cannot_be_is_refused(
    studied: Served, what: str, body: dict[str, Any], status: int, says: str
) -> None:
    error = ask(studied, what, status, **body)["error"]
    assert says in error["message"]


def test_layers_and_tokens_that_there_are_not(studied: Served) -> None:
    run = ask(studied, "look", prompt=PROMPT)["run"]
    assert "no layer 2" in ask(studied, "patterns", 400, run=run, layer=2)["error"]["message"]
    assert "lens" in ask(studied, "follow", 400, run=run, token=1)["error"]["message"]
    ask(studied, "lens", run=run)
    assert "no token" in ask(studied, "follow", 400, run=run, token=99_999)["error"]["message"]


def test_only_the_latest_runs_are_kept(studied: Served) -> None:
    runs = [ask(studied, "look", prompt=PROMPT[:length])["run"] for length in range(3, 9)]
    ask(studied, "lens", 404, run=runs[0])
    ask(studied, "lens", run=runs[-1])


def test_a_model_is_let_go_when_nobody_looks_and_when_room_is_needed(studied: Served) -> None:
    studio = studied.desk.studio
    ask(studied, "look", prompt=PROMPT)
    assert opened(studio)
    assert on_the_loop(studied, studio.let_go())
    assert not opened(studio)
    assert not on_the_loop(studied, studio.let_go())
    studio._idle_seconds = 0.05
    ask(studied, "look", prompt=PROMPT)
    while opened(studio):
        time.sleep(0.02)
    studio._idle_seconds = 120.0


def opened(studio: Studio) -> bool:
    return studio.model is not None


def on_the_loop(server: Served, work: Coroutine[Any, Any, Any]) -> Any:
    """What comes of work in the event loop where the studio lives."""
    loop = server.server._loop
    assert loop is not None
    return asyncio.run_coroutine_threadsafe(work, loop).result(30)


def test_without_memory_a_look_is_refused_with_the_numbers(studied: Served) -> None:
    studio = studied.desk.studio
    on_the_loop(studied, studio.let_go())
    measure, studio._measure = studio._measure, lambda: Memory(8 << 30, 100 << 20)
    try:
        error = ask(studied, "look", 503, prompt=PROMPT)["error"]
    finally:
        studio._measure = measure
    assert "A look into small needs about" in error["message"]


def test_giving_up_ends_the_thread_and_the_next_look_is_taken(studied: Served) -> None:
    from freehold.errors import FreeholdError

    studio: Studio = studied.desk.studio
    loop = studied.server._loop
    assert loop is not None
    found = studied.desk.residence.libraries.find("small")
    started, ended = threading.Event(), threading.Event()

    def endless(bench: Any, progress: Any) -> None:
        started.set()
        try:
            while True:
                progress.note("still at it")
        except FreeholdError:
            ended.set()
            raise

    task = asyncio.run_coroutine_threadsafe(studio.take(found, endless), loop)
    assert started.wait(30)
    task.cancel()
    assert ended.wait(30)
    assert ask(studied, "look", prompt=PROMPT)["layers"] == 2
