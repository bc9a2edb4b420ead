"""A plan as llama-server's options."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.engine.load_plan import LoadPlan, Speculation, SpeculationKind
from freehold.engine.server_flags import ServerHelp, ask_server, flags
from freehold.errors import EngineError

NEEDED = ("--model", "--ctx-size", "--parallel", "--threads-http", "--batch-size", "--no-warmup")


def known(*more: str) -> ServerHelp:
    return ServerHelp("1", frozenset([*NEEDED, *more]))


def test_a_plain_plan_needs_little() -> None:
    words = flags(LoadPlan(Path("/m/a.gguf"), 512, parallel=2), known())
    assert words == [
        *("--ctx-size", "1024", "--parallel", "2"),
        *("--threads-http", "10", "--batch-size", "256", "--no-warmup"),
    ]


def test_everything_that_can_be_chosen_is_passed_on() -> None:
    plan = LoadPlan(
        Path("a.gguf"),
        512,
        threads=3,
        batch_threads=4,
        chat_template="{{ x }}",
        warm_up=True,
        memory_map=False,
        batch=128,
        micro_batch=64,
        flash_attention=True,
        key_type="Q8_0",
        value_type="IQ4_NL",
        speculation=Speculation(SpeculationKind.MAP_FOUR, 16, 32, hits=4),
        repack=False,
    )
    names = "--threads --threads-batch --ubatch-size --flash-attn --cache-type-k --cache-type-v "
    names += "--chat-template --no-repack --load-mode --spec-type --spec-ngram-map-k4v-size-n "
    names += "--spec-ngram-map-k4v-size-m --spec-ngram-map-k4v-min-hits"
    words = " ".join(flags(plan, known(*names.split())))
    for part in (
        "--threads 3 --threads-batch 4 --ubatch-size 64 --flash-attn on",
        "--cache-type-k q8_0 --cache-type-v iq4_nl --chat-template {{ x }} --no-repack",
        "--load-mode none --spec-type ngram-map-k4v --spec-ngram-map-k4v-size-n 16",
        "--spec-ngram-map-k4v-size-m 32 --spec-ngram-map-k4v-min-hits 4",
    ):
        assert part in words
    assert "--no-warmup" not in words


def test_what_makes_it_private_is_used_where_it_exists() -> None:
    plan = LoadPlan(Path("a.gguf"), 512)
    assert "--offline" not in flags(plan, known())
    words = " ".join(flags(plan, known("--offline", "--fit", "--cache-ram", "--no-ui")))
    assert words.endswith("--offline --fit off --cache-ram 0 --no-ui")


def test_what_a_plan_needs_and_a_server_lacks_is_named() -> None:
    plan = LoadPlan(Path("a.gguf"), 512, key_type="Q8_0")
    with pytest.raises(EngineError, match="no --cache-type-k") as caught:
        flags(plan, known())
    assert "Update it" in str(caught.value.hint)


def test_a_server_is_asked_for_its_version_and_options(llama_server: Path) -> None:
    said = ask_server(llama_server)
    assert said.version
    assert {"--model", "--spec-type", "--no-repack", "--offline"} <= said.options
    assert ask_server(llama_server) is said
