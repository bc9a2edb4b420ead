"""A split model whose files are called anything: what an engine finds, and what stays after it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.studying import cut, synthetic

from freehold.engine.interface import Delta, Engine, LoadPlan, Model, Sampling, TextRequest
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.engine.llama_server import LlamaServerEngine
from freehold.engine.split_links import weights_for_engine
from freehold.errors import EngineError

ASKED = TextRequest("Once upon a time", Sampling(temperature=0, max_tokens=12))


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where private folders are made. Short: a socket's path must be."""
    place = Path("/tmp") / f"fh-test-{os.getpid()}-{os.urandom(4).hex()}"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    return place


def named_by_nothing(tmp_path: Path, count: int) -> LoadPlan:
    """The parts of a small model, each in a folder of its own under a name without order."""
    moved = []
    for number, part in enumerate(cut(synthetic(tmp_path / "whole.gguf"), count)):
        home = tmp_path / f"{9 - number}"
        home.mkdir()
        moved.append(part.rename(home / f"{7 * number + 3:x}ab"))
    return LoadPlan(moved[0], 64, threads=1, further=tuple(moved[1:]))


def said(model: Model) -> str:
    return "".join(piece.text for piece in model.complete(ASKED) if isinstance(piece, Delta))


def test_parts_answer_as_the_whole_does_and_leave_nothing(
    folder: Path, llama_server: Path, tmp_path: Path
) -> None:
    parts = named_by_nothing(tmp_path, 3)
    engines: list[Engine] = [LlamaCppEngine()]
    if sys.platform != "win32":
        engines.append(LlamaServerEngine(llama_server))
    with engines[0].load(LoadPlan(tmp_path / "whole.gguf", 64, threads=1)) as whole:
        wanted = said(whole)
    for engine in engines:
        with engine.load(parts) as model:
            assert said(model) == wanted
        assert list(folder.iterdir()) == []
    folder.rmdir()
    assert all(path.is_file() for path in (parts.weights, *parts.further))


def test_a_model_in_one_file_needs_no_link(tmp_path: Path) -> None:
    assert weights_for_engine(LoadPlan(tmp_path / "m", 64), tmp_path / "no") == tmp_path / "m"


def test_where_no_links_can_be_made_is_said(tmp_path: Path) -> None:
    plan = LoadPlan(tmp_path / "m", 64, further=(tmp_path / "n",))
    with pytest.raises(EngineError, match="cannot be linked") as refused:
        weights_for_engine(plan, tmp_path / "no")
    assert "TMPDIR" in str(refused.value.hint)
