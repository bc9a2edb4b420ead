"""What a step consists of, counted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.device.shapes import LAYER, dense

from freehold.device.costs import answer_counts, prompt_counts
from freehold.device.estimates import RunShape
from freehold.formats.model_shape import WeightGroup, WeightRole

RUN = RunShape(8192)


def test_an_answer_token_reads_every_weight_but_the_embedding_once() -> None:
    shape = dense()
    table, layers = shape.weights[1].size, shape.weights[2].size
    assert answer_counts(shape, RUN, 0, 1)["read:Q4_K"] == pytest.approx(table + layers, rel=0.001)


def test_without_an_output_matrix_the_embedding_is_read_as_one() -> None:
    shape = dense()
    tied = replace(shape, weights=(shape.weights[0], shape.weights[2]))
    assert answer_counts(tied, RUN, 0, 1)["read:Q4_K"] == tied.size


def test_only_the_experts_in_use_are_read() -> None:
    expert = WeightGroup(WeightRole.EXPERT, "Q4_K", 3, 8_000_000, 4_500_000)
    some = replace(dense(), weights=(expert,), experts=8, experts_used=2)
    assert answer_counts(some, RUN, 0, 1)["read:Q4_K"] == expert.size / 4
    prompt = prompt_counts(some, RUN, 100, 0)
    all_but_the_last = 7 / 8  # layers: that one goes on with a single token
    assert prompt["compute:Q4_K"] == 2 * expert.elements / 4 * 100 * all_but_the_last
    # every expert is somebody's choice among so many tokens, and unpacked for it
    assert prompt["start:Q4_K"] == pytest.approx(expert.size * all_but_the_last, rel=0.001)


def test_a_prompt_counts_the_pairs_of_tokens() -> None:
    counts = prompt_counts(dense(layers=1), RUN, 3, 10)
    assert counts["batch-head:F16"] == 16 * (11 + 12 + 13)


def test_a_prompt_is_the_same_work_in_one_piece_or_in_two() -> None:
    shape = dense()
    whole = prompt_counts(shape, RUN, 1024, 0)
    first, rest = prompt_counts(shape, RUN, 512, 0), prompt_counts(shape, RUN, 512, 512)
    for kind in ("batch-number:F16", "compute:Q4_K", "activation", "step"):
        assert whole[kind] == first[kind] + rest[kind]


@pytest.mark.parametrize("depth", [0, 60, 100, 5000])
def test_a_window_bounds_what_is_looked_at(depth: int) -> None:
    shape = dense(layers=1, layer=replace(LAYER, window=100))
    # told one by one: each token sees itself and what is before it, no farther than the window
    seen = sum(min(depth + place, 100) for place in range(1, 201))
    assert prompt_counts(shape, RUN, 200, depth)["batch-head:F16"] == 16 * seen
    assert answer_counts(shape, RUN, depth, 1)["head:F16"] == 16 * min(depth + 1, 100)


def test_a_smaller_cache_type_is_fewer_bytes() -> None:
    small = replace(RUN, key_type="Q8_0", value_type="Q8_0")
    full = answer_counts(dense(), RUN, 1000, 1)["cached:F16"]
    assert answer_counts(dense(), small, 1000, 1)["cached:Q8_0"] == pytest.approx(full * 34 / 64)


def test_smaller_batches_begin_more_often() -> None:
    coarse, fine = RUN, replace(RUN, micro_batch=64)
    shape = dense()
    assert prompt_counts(shape, fine, 256, 0)["start:Q4_K"] == pytest.approx(
        4 * prompt_counts(shape, coarse, 256, 0)["start:Q4_K"]
    )


def test_a_thread_whose_tokens_are_not_there_yet_waits_for_the_others() -> None:
    one, many = (answer_counts(dense(), RUN, 300, threads) for threads in (1, 4))
    # 301 tokens in a cache of 512: of four threads, the first two have 128 tokens, the last none
    assert one["head:F16"] == 8 * 16 * 301
    assert many["head:F16"] == 8 * 16 * 128 * 4


def test_the_last_layer_goes_on_with_the_last_token_alone() -> None:
    one, two = (prompt_counts(dense(layers=n), RUN, 100, 0)["compute:Q4_K"] for n in (1, 2))
    attention = 2048 * (16 * 128 + 4 * 256)  # the matrices that come before it
    assert one == pytest.approx(2 * 100 * attention)
    assert two - one == pytest.approx(2 * 100 * 61_000_000)


def test_every_row_that_is_read_counts_and_a_table_for_one() -> None:
    shape = dense()
    counted = replace(
        shape,
        weights=(
            replace(shape.weights[0], rows=32_000),
            replace(shape.weights[1], rows=32_000),
            replace(shape.weights[2], rows=1000),
        ),
    )
    # of the embedding one row is looked up; the output matrix is multiplied whole
    assert answer_counts(counted, RUN, 0, 1)["dot"] == pytest.approx(1 + 32_000 + 1000)
    # a prompt ends with one token that is answered
    assert prompt_counts(counted, RUN, 600, 0)["dot"] == 32_000


def test_what_heads_share_is_fetched_in_pieces_and_what_one_head_has_is_not() -> None:
    one = dense(layers=1, layer=replace(LAYER, kv_heads=1))
    four = dense(layers=1)
    assert answer_counts(one, RUN, 100, 2)["row:F16"] == 0
    # a short cache is shared out by heads: each of two threads fetches for two of four key heads
    assert answer_counts(four, RUN, 100, 2)["row:F16"] == 101 * 2
    # a long one by tokens: each thread fetches half of them, all key heads of one at once
    assert answer_counts(four, RUN, 1023, 2)["row:F16"] == 512
