"""A decoder is believed only when it comes to the same bits, and stays in its room."""

from __future__ import annotations

import numpy as np
from tests.formats.blocks.engine_quantizer import TYPES

from freehold.formats.blocks.dequantize import dequantize
from freehold.formats.blocks.layout import Bytes, Floats
from freehold.formats.blocks.trial import agrees


def _right(raw: Bytes, out: Floats) -> None:
    dequantize(raw, TYPES["Q8_0"], out)


def test_the_right_one() -> None:
    assert agrees("Q8_0", _right)


def test_one_bit_off() -> None:
    def wrong(raw: Bytes, out: Floats) -> None:
        _right(raw, out)
        out[77:78].view(np.uint32)[:] ^= np.uint32(1)

    assert not agrees("Q8_0", wrong)


def test_one_that_writes_too_far() -> None:
    def wrong(raw: Bytes, out: Floats) -> None:
        _right(raw, out)
        assert out.base is not None
        out.base[out.size] = 3

    assert not agrees("Q8_0", wrong)


def test_one_for_other_blocks() -> None:
    assert not agrees("Q4_0", lambda raw, out: out.fill(0))
