"""Norms, activations and rotations, by what their papers say of them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from freehold.transformer.mlp import gelu, silu
from freehold.transformer.norm import rms_norm, soft_cap
from freehold.transformer.rope import RopeSettings, rotate, rotations

PLAIN = RopeSettings(width=8, interleaved=False, base=100.0)


def test_a_norm_brings_every_vector_to_one_size() -> None:
    x = np.array([[3.0, 4.0], [300.0, -400.0]], np.float32)
    normed = rms_norm(x, np.ones(2, np.float32), 0.0)
    np.testing.assert_allclose((normed**2).mean(-1), 1, rtol=1e-6)
    doubled = rms_norm(x, np.array([1, 2], np.float32), 0.0)
    np.testing.assert_allclose(doubled[:, 1], 2 * normed[:, 1])


def test_a_soft_cap_is_never_passed_and_leaves_small_numbers() -> None:
    x = np.array([-1000, 0.01, 1000], np.float32)
    np.testing.assert_allclose(soft_cap(x, 30.0), [-30, 0.01, 30], rtol=1e-5)
    assert soft_cap(x, None) is x


def test_activations_at_known_places() -> None:
    x = np.array([-200, -1, 0, 1, 200], np.float32)
    np.testing.assert_allclose(silu(x), [0, -0.268941, 0, 0.731059, 200], atol=1e-6)
    np.testing.assert_allclose(gelu(x), [0, -0.158808, 0, 0.841192, 200], atol=1e-6)


def test_a_rotation_keeps_lengths_and_depends_on_distance_alone() -> None:
    rng = np.random.default_rng(0)
    for interleaved in (False, True):
        rope = RopeSettings(width=8, interleaved=interleaved, base=100.0)
        q, k = (np.repeat(rng.normal(size=(1, 1, 8)), 20, 0).astype(np.float32) for _ in range(2))
        turn = rotations(rope, 20)
        q, k = rotate(q, turn, rope)[:, 0], rotate(k, turn, rope)[:, 0]
        np.testing.assert_allclose((q**2).sum(-1), (q[0] ** 2).sum(), rtol=1e-5)
        scores = q @ k.T
        np.testing.assert_allclose(np.diag(scores, 3), scores[0, 3], atol=1e-5)
        assert abs(scores[0, 3] - scores[3, 0]) > 1e-3


def test_numbers_past_the_width_are_not_turned() -> None:
    x = np.arange(48, dtype=np.float32).reshape(4, 1, 12)
    turned = rotate(x, rotations(PLAIN, 4), PLAIN)
    np.testing.assert_array_equal(turned[..., 8:], x[..., 8:])
    assert (turned[1:, :, :8] != x[1:, :, :8]).any()


def test_stretching_makes_every_angle_smaller_and_yarn_only_the_slow_ones() -> None:
    def angles(rope: RopeSettings) -> NDArray[np.float32]:
        cosine, sine = rotations(rope, 2)
        turned: NDArray[np.float32] = np.arctan2(sine[1], cosine[1])
        return turned

    np.testing.assert_allclose(angles(replace(PLAIN, stretch=4.0)), angles(PLAIN) / 4, rtol=1e-5)
    wide = RopeSettings(64, False, 10_000.0, original_context=4096)
    ratio = angles(wide) / angles(replace(wide, stretch=4.0, yarn=True))
    assert math.isclose(ratio[0], 1, rel_tol=1e-5)
    assert math.isclose(ratio[-1], 4, rel_tol=1e-5)
    assert (np.diff(ratio) >= -1e-4).all()


def test_yarn_makes_what_is_compared_larger() -> None:
    rope = RopeSettings(8, False, 100.0, stretch=math.e, yarn=True, original_context=64)
    cosine, _ = rotations(rope, 1)
    np.testing.assert_allclose(cosine, 1.1, rtol=1e-6)
