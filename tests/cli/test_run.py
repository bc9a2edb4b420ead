"""`freehold run`, with a real model: one answer, JSON, standard input, errors, seeds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
pytestmark = pytest.mark.usefixtures("owning")


def test_an_answer_goes_to_standard_output_and_nothing_else_does(freehold: Run) -> None:
    words = ("--temperature", "0", "--max-tokens", "30", "--stats")
    done = freehold("run", "Why is the sky blue?", *words)
    assert done.returncode == 0, done.stderr
    assert "light" in done.stdout
    assert "tokens/s" in done.stderr
    assert "tokens/s" not in done.stdout


def test_the_same_seed_gives_the_same_answer(freehold: Run) -> None:
    words = ("run", "smollm2", "Tell me a story.", "--max-tokens", "40", "--seed")
    first, again, other = freehold(*words, "7"), freehold(*words, "7"), freehold(*words, "8")
    assert first.stdout == again.stdout != other.stdout
    assert "--max-tokens 40" in first.stderr


def test_what_is_piped_in_is_part_of_the_prompt(freehold: Run) -> None:
    figures = [
        json.loads(freehold("run", "Repeat:", "--json", "--max-tokens", "2", stdin=text).stdout)
        for text in ("", "a long letter " * 50)
    ]
    assert figures[1]["prompt_tokens"] > figures[0]["prompt_tokens"] + 100
    alone = freehold("run", "--json", "--max-tokens", "2", stdin="What is the capital of France?")
    assert json.loads(alone.stdout)["answer_tokens"] == 2


def test_json_is_one_document_with_the_figures(freehold: Run) -> None:
    done = freehold("run", "Say hi.", "--json", "--max-tokens", "5", "--seed", "1")
    found = json.loads(done.stdout)
    assert found["answer_tokens"] == 5
    assert found["finish_reason"] == "length"
    assert found["answer"]
    assert found["peak_memory_bytes"] > 98_000_000
    assert found["load_seconds"] > 0


def test_an_answer_obeys_a_schema(freehold: Run, tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string", "maxLength": 30}, "age": {"type": "integer"}},
        "required": ["name", "age"],
        "additionalProperties": False,
    }
    path = tmp_path / "person.json"
    path.write_text(json.dumps(schema))
    done = freehold("run", "smollm2", "--schema", path, "Invent a person.", "--seed", "3")
    assert done.returncode == 0, done.stderr
    jsonschema.validate(json.loads(done.stdout), schema)


@pytest.mark.parametrize("content", ["not json", "[1]", '{"type": "nonsense"}'])
def test_a_bad_schema_is_one_clear_error(freehold: Run, tmp_path: Path, content: str) -> None:
    path = tmp_path / "schema.json"
    path.write_text(content)
    done = freehold("run", "Invent a person.", "--schema", path, "--max-tokens", "20")
    assert done.returncode in {2, 8}
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_prompt_that_does_not_fit_is_never_cut(freehold: Run) -> None:
    done = freehold("run", "Count:", "--context", "256", stdin="one two three " * 400)
    assert done.returncode == 8
    assert done.stdout == ""
    assert "the context holds 256" in done.stderr
    assert "too many" in done.stderr


def test_a_long_prompt_grows_the_context_by_itself(freehold: Run) -> None:
    text = "one two three " * 1000
    done = freehold("run", "Count:", "--json", "--max-tokens", "2", stdin=text)
    found = json.loads(done.stdout)
    assert found["prompt_tokens"] > 3000
    assert found["context_tokens"] == 8192


def test_too_little_memory_is_refused_with_the_numbers(freehold: Run) -> None:
    done = freehold("run", "Hello", "--prompt", "x", "--model", "smollm2", "--context", "99999999")
    assert done.returncode == 2
    done = freehold("run", "--prompt", "x", "--model", "smollm2", "--context", "99999999")
    assert done.returncode == 8
    assert "of memory" in done.stderr


def test_a_single_unknown_word_is_not_taken_for_a_question(freehold: Run) -> None:
    done = freehold("run", "smolm2")
    assert done.returncode == 1
    assert "--prompt" in done.stderr


def test_bad_numbers_are_usage_errors(freehold: Run) -> None:
    for words in (["--seed", "-1"], ["--temperature", "x"], ["--max-tokens", "0"]):
        assert freehold("run", "a question?", *words).returncode == 2


def test_input_that_is_not_text_is_refused(owning: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "freehold", "run", "Read this"],
        input=b"\xff\xfe\x00binary",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert b"UTF-8" in done.stderr


def test_ctrl_c_stops_the_answer_and_leaves_no_process(owning: Path) -> None:
    command = [sys.executable, "-m", "freehold", "run", "Count to one thousand.", "--seed", "1"]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.read(1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in said
    assert not _children_of(process.pid)


def test_killing_the_command_ends_its_worker(owning: Path) -> None:
    command = [sys.executable, "-m", "freehold", "run", "Count to one thousand."]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.read(1)
    workers = _children_of(process.pid)
    assert workers
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 10
    while any(_is_alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_is_alive(pid) for pid in workers)


def test_a_worker_that_dies_is_one_clear_error(owning: Path) -> None:
    command = [sys.executable, "-m", "freehold", "run", "Count to one thousand."]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.read(1)
    os.kill(_children_of(process.pid)[0], signal.SIGKILL)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 8
    assert b"error: " in said
    assert b"Traceback" not in said


def test_a_damaged_model_is_not_run(
    freehold: Run, smollm2: Path, home: Path, tmp_path: Path
) -> None:
    env = {"FREEHOLD_HOME": str(tmp_path / "other")}
    assert freehold("get", smollm2, env=env).returncode == 0
    blob = Path(freehold("show", "smollm2", "--path", env=env).stdout.strip())
    blob.chmod(0o644)
    with blob.open("r+b") as file:
        file.seek(50_000_000)
        byte = file.read(1)[0]
        file.seek(50_000_000)
        file.write(bytes([byte ^ 1]))
    done = freehold("run", "smollm2", "Hello there", env=env)
    assert done.returncode == 5
    assert "chunk 47" in done.stderr
    assert done.stdout == ""
    assert freehold("verify", "smollm2", env=env).returncode == 5


def test_without_a_template_it_continues_the_text_and_says_so(
    freehold: Run, gemma3: Path, tmp_path: Path
) -> None:
    env = {"FREEHOLD_HOME": str(tmp_path / "other")}
    assert freehold("get", gemma3, env=env).returncode == 0
    words = ("run", "gemma", "The capital of France is", "--temperature", "0", "--max-tokens", "5")
    done = freehold(*words, env=env)
    assert "capital" in done.stdout
    assert "no chat template" in done.stderr


def test_with_nothing_owned_it_says_what_it_would_get(freehold: Run, tmp_path: Path) -> None:
    done = freehold("run", "A question for you", env={"FREEHOLD_HOME": str(tmp_path / "empty")})
    assert done.returncode == 1
    assert "98.4 MB" in done.stderr
    assert "Apache-2.0" in done.stderr
    assert "--yes" in done.stderr


def _children_of(pid: int) -> list[int]:
    import psutil

    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _is_alive(pid: int) -> bool:
    import psutil

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
