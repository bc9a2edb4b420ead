"""How far weights lie apart, against NumPy on the whole."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.studying import Make, synthetic

from freehold.study.compare import weights as module
from freehold.study.compare.weights import WeightComparison, compare_weights
from freehold.study.weights_file import read_weights

Floats = NDArray[np.floating[Any]]


def compared(first: Path, second: Path) -> WeightComparison:
    return compare_weights(read_weights("a", [first]), read_weights("b", [second]))


def file(make: Make, name: str, **tensors: Floats) -> Path:
    return make(
        name=name,
        tensors=[
            (key.replace("__", "."), each.shape[::-1], "F32", each.astype("<f4").tobytes())
            for key, each in tensors.items()
        ],
    )


@pytest.mark.parametrize("strip", [1 << 20, 100], ids=["at once", "in strips"])
def test_against_numpy(strip: int, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STRIP", strip)
    dice = np.random.default_rng(5)
    one = dice.normal(0, 1, (30, 32)).astype("f4")
    two = (one + dice.normal(0, 0.1, one.shape)).astype("f4")
    norm = np.ones(32, "f4")
    found = compared(
        file(make, "a.gguf", blk__1__attn_q__weight=one, output_norm__weight=norm),
        file(make, "b.gguf", blk__1__attn_q__weight=two, output_norm__weight=norm),
    )
    (norm_apart, apart) = found.differences
    assert norm_apart.same_bytes
    assert norm_apart.apart.relative == 0.0
    assert apart.apart.relative == pytest.approx(
        np.linalg.norm(one - two) / np.linalg.norm(one), rel=1e-5
    )
    cosine = float((one * two).sum() / np.linalg.norm(one) / np.linalg.norm(two))
    assert apart.apart.cosine == pytest.approx(cosine, rel=1e-6)
    assert apart.largest == pytest.approx(np.abs(one - two).max())
    assert (apart.layer, apart.part) == (1, "attention")
    assert [layer for layer, _ in found.layers] == [None, 1]
    assert found.layers[1][1] == apart.apart
    whole = math.sqrt(float(np.square(one - two).sum() / (np.square(one).sum() + 32)))
    assert found.whole.relative == pytest.approx(whole, rel=1e-5)
    assert found.identical == 1


def test_what_is_not_in_both_or_has_another_shape(make: Make) -> None:
    found = compared(
        file(make, "a.gguf", x=np.ones((2, 4)), only_a=np.ones(4), both=np.ones(4)),
        file(make, "b.gguf", x=np.ones((4, 2)), only_b=np.ones(4), both=np.ones(4)),
    )
    assert found.only_first == ("only_a",)
    assert found.only_second == ("only_b",)
    assert found.other_shapes == (("x", (2, 4), (4, 2)),)
    assert [each.name for each in found.differences] == ["both"]


def test_types_do_not_matter_values_do(make: Make) -> None:
    block = struct.pack("<e", 0.5) + bytes(range(32))
    values = np.arange(32, dtype="f4") * 0.5
    found = compared(
        make(name="a.gguf", tensors=[("w", (32,), "Q8_0", block)]), file(make, "b.gguf", w=values)
    )
    (difference,) = found.differences
    assert difference.types == ("Q8_0", "F32")
    assert not difference.same_bytes
    assert difference.apart.relative == 0.0
    assert difference.apart.cosine == pytest.approx(1.0)


def test_no_number_is_no_distance(make: Make) -> None:
    found = compared(
        file(make, "a.gguf", w=np.array([1.0, math.nan], "f4"), z=np.zeros(4, "f4")),
        file(make, "b.gguf", w=np.array([1.0, 2.0], "f4"), z=np.zeros(4, "f4")),
    )
    for difference in found.differences:
        assert difference.apart.relative is None
        assert difference.apart.cosine is None
    assert found.whole.relative is None


def test_a_model_with_itself(small_model: Path, tmp_path: Path) -> None:
    found = compared(small_model, small_model)
    assert found.identical == len(found.differences) > 10
    assert found.whole.relative == 0.0
    other = compared(small_model, synthetic(tmp_path / "other.gguf", seed=1))
    assert 0 < other.identical < len(other.differences)  # the norms
    apart = [each.apart for each in other.differences if each.part == "attention"]
    assert all(each.cosine is not None and abs(each.cosine) < 0.2 for each in apart)
    # Two random vectors of one length lie at a right angle: the square root of two apart.
    assert all(each.relative == pytest.approx(2**0.5, rel=0.1) for each in apart)
