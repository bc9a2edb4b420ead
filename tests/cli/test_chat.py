"""The chat, in a real terminal with a real model: turns, commands, Ctrl-C, saving."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pexpect = pytest.importorskip("pexpect", reason="a terminal to play in needs pexpect")
termios = pytest.importorskip("termios", reason="Windows has other terminals")
pytestmark = pytest.mark.usefixtures("owning")


def begin(folder: Path, terminal: str) -> Any:
    """A chat that has begun, at its first prompt."""
    chat = pexpect.spawn(
        sys.executable,
        ["-m", "freehold", "run", "smollm2", "--context", "256", "--max-tokens", "60"],
        env={**os.environ, "TERM": terminal, "PROMPT_TOOLKIT_NO_CPR": "1"},
        cwd=str(folder),
        encoding="utf-8",
        dimensions=(50, 2000),
        timeout=60,
    )
    chat.expect("Ctrl-D to end")
    chat.expect("> ")
    return chat


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Any]:
    """A chat on a terminal without escape codes, whose lines can be read as they are."""
    terminal = begin(tmp_path, "dumb")
    yield terminal
    terminal.close(force=True)


def listening(chat: Any) -> None:
    """Wait until what is typed goes to the prompt, which such a terminal shows a moment before."""
    deadline = time.monotonic() + 60
    while termios.tcgetattr(chat.child_fd)[3] & termios.ICANON:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def ask(chat: Any, line: str) -> str:
    """Type a line and give back what was shown up to the next prompt."""
    listening(chat)
    chat.send(line + "\r")
    chat.expect(re.escape(line))
    chat.expect(r"\n> ")
    text: str = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", chat.before)
    return text.replace("\r", "")


def test_a_conversation_is_remembered_and_saved(chat: Any, tmp_path: Path) -> None:
    ask(chat, "/system You are terse.")
    first = ask(chat, "Name a colour.")
    assert first.strip()
    assert "tokens/s" in ask(chat, "/stats")
    assert "Saved" in ask(chat, "/save talk.json")
    messages = json.loads((tmp_path / "talk.json").read_text())["messages"]
    assert [message["role"] for message in messages] == ["system", "user", "assistant"]
    assert messages[1]["content"] == "Name a colour."
    assert "exists already" in ask(chat, "/save talk.json")
    assert "Saved" in ask(chat, "/save talk.md")
    assert "**user**" in (tmp_path / "talk.md").read_text()


def test_the_commands_explain_themselves(chat: Any) -> None:
    assert "/system TEXT" in ask(chat, "/help")
    assert "no command /dance" in ask(chat, "/dance")
    assert "no system prompt" in ask(chat, "/system")
    assert "Forgotten" in ask(chat, "/clear")
    assert "no question" in ask(chat, "/retry")
    assert "needs a file name" in ask(chat, "/save")


def test_ctrl_c_stops_the_answer_and_not_the_chat(chat: Any) -> None:
    listening(chat)
    chat.send("Tell me a very long story about the sea.\r")
    chat.expect("sea.")
    chat.expect(r"\w{3,} \w{3,}")  # the answer has begun
    chat.sendintr()
    chat.expect("stopped")
    chat.expect("> ")
    assert "/system TEXT" in ask(chat, "/help")


def test_ctrl_c_at_the_prompt_clears_what_was_typed(chat: Any) -> None:
    listening(chat)
    chat.send("something half-typed")
    chat.expect("half-typed")
    chat.sendintr()
    chat.expect("> ")
    assert "/system TEXT" in ask(chat, "/help")


def test_a_conversation_too_long_says_so_and_can_go_on(chat: Any) -> None:
    said = ask(chat, "word " * 300)
    assert "too many" in said
    assert "/clear" in said
    assert ask(chat, "/stats")


def test_ctrl_d_ends_it_and_leaves_the_terminal_sane(tmp_path: Path) -> None:
    env = {**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", "PS1": "shell$ "}
    shell = pexpect.spawn("bash", ["--norc"], env=env, cwd=str(tmp_path), timeout=60)
    shell.sendline(f"{sys.executable} -m freehold run smollm2 --context 256; echo exit=$?")
    shell.expect("Ctrl-D to end")
    shell.expect(">")
    shell.sendeof()
    shell.expect("exit=0")
    shell.sendline("stty -a")
    shell.expect(r" icanon .* echo ")
    shell.close(force=True)
