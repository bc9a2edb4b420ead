"""Which tensors a pattern means, in which order, and what stands out."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from tests.studying import Make, safetensors

from freehold.errors import NotFound, UnsupportedModel
from freehold.study.tensor_survey import survey
from freehold.study.weights_file import read_weights

NAMES = ["blk.10.attn_q.weight", "blk.2.attn_q.weight", "blk.2.ffn_up.weight", "output.weight"]


def names(path: Path, pattern: str | None = None) -> list[str]:
    found = survey(read_weights("m", [path]), pattern)
    return [each.name for each in found.tensors]


@pytest.fixture
def four(make: Make) -> Path:
    values = {name: [1.0] * 4 for name in NAMES}
    values["blk.2.ffn_up.weight"] = [0.0] * 4
    values["output.weight"] = [1.0, float("inf"), 2.0, 3.0]
    tensors = [(name, (4,), "F32", struct.pack("<4f", *each)) for name, each in values.items()]
    return make(tensors=tensors)


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        (None, [3, 1, 2, 0]),
        ("attn_q", [1, 0]),
        ("blk.2.*", [1, 2]),
        ("blk.?.*_q*", [1]),
        ("output.weight", [3]),
        ("blk.[0-9].ffn*", [2]),
    ],
)
def test_patterns(pattern: str | None, meant: list[int], four: Path) -> None:
    assert names(four, pattern) == [NAMES[index] for index in meant]


def test_what_is_not_there_is_said_with_what_is_near(four: Path) -> None:
    with pytest.raises(NotFound, match=r"'outputweight'") as caught:
        names(four, "outputweight")
    assert "output.weight" in (caught.value.hint or "")


def test_what_stands_out(four: Path) -> None:
    found = survey(read_weights("m", [four]))
    assert [each.name for each in found.broken] == ["output.weight"]
    assert [each.name for each in found.with_dead_rows] == ["blk.2.ffn_up.weight"]
    assert found.with_outliers == ()


def test_safetensors_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(safetensors({"a": ("F32", (1,), bytes(4))}))
    with pytest.raises(UnsupportedModel, match="m is safetensors"):
        names(path)
