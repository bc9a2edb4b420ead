"""Reading rows off in strips is reading them off at once."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.transformer.making import BASE, IDS, made

from freehold.errors import FormatError
from freehold.formats.gguf import read_header
from freehold.study import readout
from freehold.study.lens import logit_lens
from freehold.study.readout import leaders, read_out
from freehold.transformer.transformer import Transformer


@pytest.mark.parametrize("strip", [64 * 4, 64 * 24 * 4 * 3, 1 << 24])
@pytest.mark.parametrize("top", [1, 5, 600])
def test_strips_of_any_size_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, strip: int, top: int
) -> None:
    monkeypatch.setattr(readout, "_STRIP_BYTES", strip)
    with Transformer.open(made(tmp_path)) as model:
        rows = model.trace(IDS).residual[-1] * 30
        logits = model.unembed(rows).astype(np.float64)
        asked = np.arange(len(IDS)) * 20
        found = read_out(model, rows, asked, top=top)
        best = leaders(model, rows)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    order = np.argsort(-logits, axis=1)[:, :top]
    assert found.tokens.shape == (len(IDS), min(top, BASE.vocabulary))
    np.testing.assert_array_equal(best, order[:, 0])
    np.testing.assert_allclose(
        found.probabilities, np.take_along_axis(shares, order, axis=1), rtol=2e-3
    )
    own = np.take_along_axis(logits, asked[:, None], axis=1)
    np.testing.assert_allclose(found.asked, np.exp(own[:, 0] - found.totals), rtol=2e-3)
    np.testing.assert_array_equal(found.ranks, (logits > own).sum(axis=1) + 1)


@pytest.mark.parametrize(("tied", "matrix"), [(True, "token_embd"), (False, "output")])
def test_a_weight_that_is_no_number_is_named(tmp_path: Path, tied: bool, matrix: str) -> None:
    path = made(tmp_path, replace(BASE, tied=tied))
    tensor = next(each for each in read_header(path).tensors if each.name == f"{matrix}.weight")
    token = 317  # not in the prompt, so that nothing but its logit can tell
    assert token not in IDS
    with path.open("r+b") as file:
        file.seek(tensor.offset + 4 * (token * BASE.embedding_width + 5))
        file.write(struct.pack("<f", float("nan")))
    with Transformer.open(path) as model, pytest.raises(FormatError) as refused:
        logit_lens(model, IDS)
    assert f"row 317 of '{matrix}.weight'" in refused.value.message
