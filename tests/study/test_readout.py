"""Reading rows off in strips is reading them off at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.transformer.making import BASE, IDS, made

from freehold.study import readout
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
