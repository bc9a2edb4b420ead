"""Attention: who sees whom, and that it does not matter how much of it is computed at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.transformer.making import BASE, IDS, made

from freehold.transformer import attention as room
from freehold.transformer.transformer import Transformer


def test_a_window_counts_the_position_itself() -> None:
    seen = room.visible(0, 4, 4, 2)
    assert seen.astype(int).tolist() == [
        [1, 0, 0, 0],
        [1, 1, 0, 0],
        [0, 1, 1, 0],
        [0, 0, 1, 1],
    ]
    assert room.visible(2, 1, 3, None).all()


def test_shares_of_large_scores_are_finite() -> None:
    scores = np.array([[1e4, 1e4, -np.inf]], np.float32)
    assert room.softmax(scores).tolist() == [[0.5, 0.5, 0.0]]


def test_a_few_rows_at_once_make_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = replace(BASE, family="gemma3", layers=6, window=5)
    with Transformer.open(made(tmp_path, model)) as opened:
        whole = opened.trace(IDS)
        shown = opened.trace(IDS, keep=["residual", "pattern"])
        monkeypatch.setattr(room, "_SCORES", 4 * 4 * 24 * 7)  # seven rows
        parts = opened.trace(IDS)
    np.testing.assert_allclose(parts.residual, whole.residual, rtol=1e-3, atol=5e-3)
    np.testing.assert_allclose(shown.residual, whole.residual, rtol=1e-3, atol=5e-3)
    assert not shown.pattern[0, :, 10, :6].any()
    assert shown.pattern[5, :, 10, :6].all()  # the sixth layer sees everything
