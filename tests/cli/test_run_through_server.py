"""`freehold run` beside a running server: it answers, unless it could not do what was asked.

The server's engine here is the fake one, and the models are such as no real engine would load: an
answer can only have come from the server, and exit code 8 only from a process of our own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Say
from tests.cli.test_serve import ask, serving
from tests.conftest import tiny_gguf
from tests.server.conftest import Served, served

from freehold.actions.api_keys import ApiKeys
from freehold.actions.load import LoadChoices
from freehold.actions.residence import ResidenceChoices
from freehold.actions.server_file import RunningServer, write_server_file
from freehold.actions.through_server import server_for
from freehold.actions.ways_to_load import Wishes
from freehold.engine.fake import FakeEngine
from freehold.engine.interface import ChatRequest, Message
from freehold.settings import Settings
from freehold.store.store import Store

CONTEXT = 4096
OWN_PROCESS = 8
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def server(
    home: Path, say: Say, tmp_path: Path, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Served]:
    path = tmp_path / "alpha.gguf"
    path.write_bytes(tiny_gguf("alpha"))
    assert say("get", path).code == 0
    monkeypatch.setattr(sys, "stdin", None)
    choices = ResidenceChoices(Wishes(context=CONTEXT, parallel=2))
    with served(home, engine, choices) as running:
        known = RunningServer(running.address, os.getpid(), "", running.desk.instance)
        write_server_file(home, known)
        yield running


def test_the_server_answers_and_the_figures_say_so(server: Served, say: Say) -> None:
    said = say("run", "alpha", "Good morning", "--stats")
    assert said.code == 0, said.err
    assert "Good morning" in said.out
    assert f"by the server at {server.address}" in said.err
    assert "predicted" not in said.err
    found = say("run", "alpha", "Good morning", "--json", "--max-tokens", "4").json
    assert found["server"] == server.address
    assert found["context_tokens"] == CONTEXT
    assert (found["answer_tokens"], found["finish_reason"]) == (4, "length")
    assert found["answer_tokens_per_second"] > 0


def test_a_text_that_must_obey_a_schema_is_made_here(
    server: Served, say: Say, tmp_path: Path
) -> None:
    (tmp_path / "schema.json").write_text('{"type": "object"}')
    assert say("run", "alpha", "Anyone", "--schema", tmp_path / "schema.json").code == OWN_PROCESS


@pytest.mark.parametrize(
    "words",
    [
        ("--no-server",),
        ("--engine", "bundled"),
        ("--untuned",),
        ("--seed", "7"),
        ("--context", "512"),
    ],
    ids=lambda words: words[0],
)
def test_what_the_server_cannot_do_is_done_here(
    server: Served, say: Say, words: tuple[str, ...]
) -> None:
    assert say("run", "alpha", "Hi").code == 0  # it is in memory now, with its context
    assert say("run", "alpha", "Hi", *words).code == OWN_PROCESS


def test_the_context_that_is_served_can_be_asked_for(server: Served, say: Say) -> None:
    assert say("run", "alpha", "Hi").code == 0
    assert say("run", "alpha", "Hi", "--context", str(CONTEXT)).code == 0


def test_a_prompt_that_does_not_fit_is_an_error_with_both_numbers(server: Served, say: Say) -> None:
    said = say("run", "alpha", "a" * 5000)
    assert said.code == 8
    assert "5,0" in said.err  # the fake engine's tokens are bytes
    assert f"{CONTEXT:,}" in said.err
    assert "Nothing was cut" in said.err


def test_a_server_that_wants_a_key(
    server: Served, home: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = ApiKeys(home).make("me").secret
    without = say("run", "alpha", "Hi")
    assert without.code == OWN_PROCESS
    assert without.err.count("FREEHOLD_KEY is not set") == 1
    monkeypatch.setenv("FREEHOLD_KEY", "another")
    assert "FREEHOLD_KEY is none that it knows" in say("run", "alpha", "Hi").err
    monkeypatch.setenv("FREEHOLD_KEY", secret)
    assert say("run", "alpha", "Hi").code == 0


def test_a_server_that_is_gone_is_not_asked(server: Served, say: Say) -> None:
    server.stop()
    assert say("run", "alpha", "Hi").code == OWN_PROCESS


@pytest.mark.parametrize("engine", [FakeEngine(seconds_per_token=0.02)], ids=["slow"])
def test_closing_an_answer_stops_the_work_on_it(server: Served, home: Path) -> None:
    with Store.open(home) as store:
        model = store.find("alpha")
    found = server_for(Settings(home=home), model, LoadChoices())
    assert found is not None
    answer = found.chat(ChatRequest((Message("user", "a long story " * 50),)))
    next(answer)
    assert busy(server.address) == 1
    answer.close()
    wait_for(lambda: busy(server.address) == 0)


def test_with_a_real_model(owning: Path, freehold: Run, tmp_path: Path) -> None:
    """Answered at once by what is in memory; a server that is killed is one clear error."""
    with serving("--pin", "smollm2", "--context", "4096", "--parallel", "1") as (process, address):
        wait_for(lambda: loaded(address))
        words = ("run", "smollm2", "Say hi.", "--json", "--max-tokens", "4")
        first, again = (json.loads(freehold(*words).stdout) for _ in range(2))
        assert first["server"] == again["server"] == address
        assert again["cached_tokens"] > 0
        (tmp_path / "schema.json").write_text('{"enum": ["yes"]}')
        schema = ("--schema", str(tmp_path / "schema.json"))
        shaped = json.loads(freehold(*words[:-1], "32", *schema).stdout)
        assert shaped["server"] == address
        assert json.loads(shaped["answer"]) == "yes"
        asking = subprocess.Popen(
            [sys.executable, "-m", "freehold", "run", "smollm2", "Write a very long story."],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_for(lambda: busy(address) == 1)
        process.kill()
        _, said = asking.communicate(timeout=60)
    assert asking.returncode == 8
    assert "went away" in said
    assert "Traceback" not in said


def busy(address: str) -> int:
    return sum(each["busy"] for each in ask(address, "/health")["models"])


def loaded(address: str) -> bool:
    return any(not each["loading"] for each in ask(address, "/health")["models"])


def wait_for(what: Callable[[], bool]) -> None:
    for _ in range(600):
        if what():
            return
        time.sleep(0.05)
    pytest.fail("it did not happen")
