"""A conversation goes on where it was left: in its place, after others, after a restart.

What was not read again is shown by the next answer's own count of cached tokens.
"""

from __future__ import annotations

import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.server.conftest import Serve, Served, served

from freehold.actions.api_keys import ApiKeys
from freehold.actions.conversations import Conversations
from freehold.actions.residence import ResidenceChoices
from freehold.actions.ways_to_load import Wishes
from freehold.engine.llama_cpp import LlamaCppEngine

STORY = "The keeper of the lighthouse wrote down each ship that passed, its flag and its heading. "
LONG = [
    {"role": "system", "content": "You answer in one word."},
    {"role": "user", "content": STORY * 25 + "What is he?"},
]
ONE_PLACE = ResidenceChoices(Wishes(context=2048, parallel=1, threads=2))


def ask(
    server: Served, turns: list[dict[str, str]], key: str = "none", **more: Any
) -> tuple[str, int, int]:
    """The answer, the prompt's tokens, and those that were not read again."""
    body = {"model": "smollm2", "messages": turns, "max_tokens": 4, "temperature": 0, **more}
    headers = {"Authorization": f"Bearer {key}"}
    done = server.ask("POST", "/v1/chat/completions", json=body, headers=headers)
    assert done.status == 200, done.data
    document = done.json()
    usage = document["usage"]
    cached = usage["prompt_tokens_details"]["cached_tokens"]
    return document["choices"][0]["message"]["content"], usage["prompt_tokens"], cached


def then(answer: str) -> list[dict[str, str]]:
    """The conversation, gone on with."""
    more = [{"role": "assistant", "content": answer}, {"role": "user", "content": "And why?"}]
    return [*LONG, *more]


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("it did not come to pass")


def test_it_goes_on_after_a_restart(owned_home: Path) -> None:
    conversations = Conversations(owned_home)
    conversations.clear()
    with served(owned_home, LlamaCppEngine(), ONE_PLACE, conversations=conversations) as server:
        answer, first, cached = ask(server, LONG)
        assert cached == 0
    assert conversations.size > 0, "leaving keeps what was said"
    if sys.platform != "win32":
        modes = {stat.S_IMODE(p.stat().st_mode) for p in conversations.folder.glob("*.state")}
        assert modes == {0o600}
    again = Conversations(owned_home)
    with served(owned_home, LlamaCppEngine(), ONE_PLACE, conversations=again) as server:
        _, whole, cached = ask(server, then(answer))
    assert cached >= first - 1
    assert whole - cached < 40


def test_it_goes_on_after_another_one_had_its_place(owned_home: Path) -> None:
    conversations = Conversations(owned_home)
    conversations.clear()
    with served(owned_home, LlamaCppEngine(), ONE_PLACE, conversations=conversations) as server:
        answer, first, _ = ask(server, LONG)
        ask(server, [{"role": "user", "content": "Name a river."}])
        assert ask(server, then(answer))[2] >= first - 1


def test_without_a_place_to_keep_it_it_is_read_again(owned_home: Path) -> None:
    with served(owned_home, LlamaCppEngine(), ONE_PLACE) as server:
        answer, _, _ = ask(server, LONG)
        ask(server, [{"role": "user", "content": "Name a river."}])
        assert ask(server, then(answer))[2] < 40


def test_no_other_key_goes_on_with_it(owned_home: Path, tmp_path: Path) -> None:
    from freehold.server.admission import KeyRing
    from freehold.server.door import Door

    mine, other = (ApiKeys(tmp_path).make(name).secret for name in ("mine", "other"))
    conversations = Conversations(owned_home)
    conversations.clear()
    with served(
        owned_home,
        LlamaCppEngine(),
        ONE_PLACE,
        Door(KeyRing(tmp_path)),
        conversations=conversations,
    ) as server:
        answer, first, _ = ask(server, LONG, mine)
        assert ask(server, then(answer), other)[2] == 0
        assert ask(server, then(answer), mine)[2] >= first - 1


def test_an_idle_place_is_kept_without_being_asked(serve: Serve, small_home: Path) -> None:
    conversations = Conversations(small_home)
    conversations.clear()
    server = serve(conversations=conversations)
    turns = [{"role": "user", "content": "x" * 400}]
    body = {"model": "alpha", "messages": turns, "max_tokens": 4}
    assert server.ask("POST", "/v1/chat/completions", json=body).status == 200
    wait_until(lambda: bool(list(conversations.folder.glob("*.json"))))
    conversations.clear()


def test_a_damaged_state_costs_time_and_nothing_else(serve: Serve, small_home: Path) -> None:
    conversations = Conversations(small_home)
    conversations.clear()
    server = serve(choices=ResidenceChoices(Wishes(parallel=1)), conversations=conversations)
    turns = [{"role": "user", "content": "y" * 400}]
    body = {"model": "alpha", "messages": turns, "max_tokens": 4}
    first = server.ask("POST", "/v1/chat/completions", json=body).json()
    wait_until(lambda: bool(list(conversations.folder.glob("*.json"))))
    other = {"model": "alpha", "messages": [{"role": "user", "content": "z"}], "max_tokens": 4}
    server.ask("POST", "/v1/chat/completions", json=other)
    for state in conversations.folder.glob("*.state"):
        state.write_bytes(state.read_bytes()[:-1] + b"!")
    second = server.ask("POST", "/v1/chat/completions", json=body).json()
    assert second["choices"] == first["choices"]
    assert second["usage"]["prompt_tokens_details"]["cached_tokens"] < 10  # `user: `
