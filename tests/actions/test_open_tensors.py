"""The quick way gives the same numbers as the plain one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from freehold.actions.open_tensors import open_tensors, quick_rounding, usable_threads
from freehold.formats.blocks.quantize import quantize
from freehold.formats.gguf_types import TYPES_BY_NAME
from freehold.formats.tensor_data import TensorData


def test_the_same_numbers(gemma3: Path) -> None:
    with open_tensors(gemma3) as quick, TensorData.open(gemma3) as plain:
        kinds = {tensor.type.name: tensor for tensor in plain.header.tensors}
        assert len(kinds) > 2
        for tensor in kinds.values():
            stop = 2048 if len(tensor.shape) > 1 else None
            np.testing.assert_array_equal(
                quick.rows(tensor.name, 0, stop), plain.rows(tensor.name, 0, stop)
            )


@pytest.mark.parametrize("name", ["Q8_0", "Q4_K", "IQ4_NL"])
def test_the_same_bytes(name: str) -> None:
    numbers = np.random.default_rng(3).standard_normal((700, 512)).astype(np.float32)
    with quick_rounding() as rounding:
        quick = rounding(numbers, TYPES_BY_NAME[name], None)
    np.testing.assert_array_equal(quick, quantize(numbers, TYPES_BY_NAME[name]))


def test_at_least_one_thread() -> None:
    assert usable_threads() >= 1
