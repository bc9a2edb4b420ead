"""The reason is found among the lines that only say that there was a failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.engine.worker_log import WorkerLog

REFUSALS = {
    """0.00.027.633 E llama_model_load: error loading model: tensor 'blk.16' outside the file
0.00.027.693 E llama_model_load_from_file_impl: failed to load model
0.00.028.200 E srv          init: exiting due to model loading error
""": "tensor 'blk.16' outside the file",
    """0.00.003.467 E gguf_init_from_reader: invalid magic characters: 'hell', expected 'GGUF'
0.00.003.550 E llama_model_load: error loading model: llama_model_loader: failed to load model from
""": "invalid magic characters: 'hell', expected 'GGUF'",
    "0.00.047.342 E llama_model_load: error loading model: unknown model architecture: 'b'\n": (
        "unknown model architecture: 'b'"
    ),
    """0.00.230.860 E common_chat_templates_init: error: Unexpected token: %} of type 9
0.00.230.883 E common_chat_templates_init: failed to initialize chat template
""": "its chat template cannot be read: Unexpected token: %} of type 9",
    "0.00.001.100 E srv          init: couldn't bind HTTP server socket, hostname: ::1\n": (
        "couldn't bind HTTP server socket, hostname: ::1"
    ),
}


@pytest.mark.parametrize(("text", "reason"), REFUSALS.items())
def test_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "log").write_text(text)
    log = WorkerLog(tmp_path / "log")
    assert log.reason() == reason
    assert not log.wants_memory()


@pytest.mark.parametrize(
    "line",
    [
        "0.15.728.190 E ggml_aligned_malloc: insufficient memory (attempted to allocate 2 MB)",
        "0.45.145.980 E llama_init_from_model: failed to initialize the context: std::bad_alloc",
        "terminate called after throwing an instance of 'std::bad_alloc'",
        "CUDA error: out of memory",
    ],
)
def test_a_failed_allocation_is_known(tmp_path: Path, line: str) -> None:
    (tmp_path / "log").write_text(line + "\n")
    assert WorkerLog(tmp_path / "log").wants_memory()


def test_complaints_about_a_schema_are_found_after_a_position_only(tmp_path: Path) -> None:
    log = WorkerLog(tmp_path / "log")
    assert log.size() == 0
    assert log.schema_complaint(0) is None
    log.path.write_text('0.13.650.658 E llg error: at 2(8): failed to compile: keys: ["not"]\n')
    assert log.schema_complaint(0) == 'failed to compile: keys: ["not"]'
    assert log.schema_complaint(log.size()) is None


def test_last_words(tmp_path: Path) -> None:
    log = WorkerLog(tmp_path / "log")
    assert log.last_words() is None
    log.path.write_text("0.01.000.000 E one two\n   ^\n\n0.01.000.001 W three\xff\n" + "x" * 300)
    words = log.last_words()
    assert words is not None
    assert words.startswith("one two / three")
    assert len(words) < 260
