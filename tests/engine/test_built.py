"""The record of what was compiled here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from freehold.engine.built import BuiltEngines, BuiltRecord
from freehold.errors import EngineError

RECORD = BuiltRecord(
    folder="built-1",
    version="1",
    source="xllamacpp-1.tar.gz",
    sha256="0" * 64,
    compiler="c++ 1",
    cmake_arguments="-DGGML_NATIVE=ON",
    instructions=("AVX2",),
    seconds=1.0,
    size=10,
    made="2026-11-25T12:00:00+00:00",
)


def test_what_counts_is_read_back_and_the_rest_is_cleared(tmp_path: Path) -> None:
    engines = BuiltEngines(tmp_path)
    assert engines.record() is None
    for name in ("built-1", "built-2"):
        (tmp_path / name / "packages" / "xllamacpp").mkdir(parents=True)
    engines.make_count(RECORD)
    assert engines.record() == RECORD
    assert engines.engine().folder == tmp_path / "built-1" / "packages"
    assert not (tmp_path / "built-2").exists()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"instructions": [], "extra": 1}'])
def test_a_damaged_record_is_one_clear_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "built.json").write_text(text)
    with pytest.raises(EngineError, match=r"built\.json cannot be read") as caught:
        BuiltEngines(tmp_path).engine()
    assert "freehold engine build" in str(caught.value.hint)


def test_a_record_without_its_folder_is_no_engine(tmp_path: Path) -> None:
    engines = BuiltEngines(tmp_path)
    engines.make_count(replace(RECORD, folder="built-gone"))
    with pytest.raises(EngineError, match="No engine has been built"):
        engines.engine()
