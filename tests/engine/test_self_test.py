"""An engine must prove that it works."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from freehold.engine.fake import FakeEngine
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.engine.self_test import prove
from freehold.errors import EngineError


def test_the_bundled_engine_proves_itself(tmp_path: Path) -> None:
    assert prove(LlamaCppEngine(), tmp_path).name == "bundled"


def test_one_that_answers_differently_each_time_fails(tmp_path: Path) -> None:
    numbers = count()
    engine = FakeEngine(reply=lambda _: f"{next(numbers)} and a long answer")
    with pytest.raises(EngineError, match="does not answer as it should"):
        prove(engine, tmp_path)


def test_one_that_says_too_little_fails(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="'No', then 'No'"):
        prove(FakeEngine(reply=lambda _: "No"), tmp_path)


def test_one_that_breaks_fails_with_its_reason(tmp_path: Path) -> None:
    def reply(_: object) -> str:
        raise EngineError("It broke.", "Mend it.")

    with pytest.raises(EngineError, match="thrown away: It broke") as caught:
        prove(FakeEngine(reply=reply), tmp_path)
    assert caught.value.hint == "Mend it."
