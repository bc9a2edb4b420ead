"""The card of a model: what adds up, and what two real models are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.studying import SMALL, Make, safetensors, synthetic

from freehold.study.card import Card, card_of
from freehold.study.weights_file import read_weights


def card(path: Path) -> Card:
    return card_of(read_weights(path.name, [path]))


def test_parts_types_and_layers_add_up_to_the_whole(tmp_path: Path) -> None:
    model = replace(SMALL, family="qwen3moe", layers=3, experts=4, experts_used=2, tied=False)
    made = card(synthetic(tmp_path / "m.gguf", model, "Q4_0"))
    names = [share.name for share in made.parts]
    assert sorted(names) == ["attention", "embedding", "experts", "norms", "output"]
    for shares in (made.parts, made.types):
        assert sum(share.elements for share in shares) == made.parameters
        assert sum(share.size for share in shares) == made.size - made.header_size
    by_layer = sum(share.size for each in made.layers for share in each.parts)
    assert by_layer == made.size - made.header_size
    assert [each.layer for each in made.layers] == [None, 0, 1, 2]
    assert not made.tied
    (expert,) = [share for share in made.parts if share.name == "experts"]
    assert expert.elements == 3 * (3 * 64 * 128 * 4 + 64 * 4)  # three matrices each, a router


def test_smollm2(smollm2: Path) -> None:
    made = card(smollm2)
    assert made.parameters == 134_515_008
    assert made.tied
    assert {share.name: share.bits_per_weight for share in made.types} == {
        "Q4_1": 5.0,
        "Q8_0": 8.5,
        "F32": 32.0,
    }
    assert made.vocabulary is not None
    assert made.vocabulary.merges == 48_900
    roles = {token.text: token.role for token in made.vocabulary.specials}
    assert roles["<|im_end|>"] == "ends a text, pads"
    assert made.template is not None
    assert made.template.roles == ("system",)
    assert made.template.takes_any_role
    assert "You are a helpful AI assistant named SmolLM" in made.template.prose[0].text


def test_gemma3(gemma3: Path) -> None:
    made = card(gemma3)
    assert made.template is None
    assert made.vocabulary is not None
    assert made.vocabulary.special_count == 6414
    assert len(made.vocabulary.specials) == 4096
    assert made.rope is not None
    assert made.rope.base == 1_000_000


def test_a_template_that_cannot_be_read_is_said_to_be_so(make: Make) -> None:
    made = card(make({"tokenizer.chat_template": "{% if messages"}))
    assert made.template is None
    assert made.template_trouble is not None
    assert "a statement never ends" in made.template_trouble


def test_a_longer_context_is_told_with_what_it_was(make: Make) -> None:
    said = {
        "llama.rope.freq_base": 5e5,
        "llama.rope.scaling.type": "yarn",
        "llama.rope.scaling.factor": 4.0,
        "llama.rope.scaling.original_context_length": 8192,
    }
    rope = card(make(said)).rope
    assert rope is not None
    assert (rope.scaling, rope.factor, rope.original_context) == ("yarn", 4.0, 8192)


def test_a_token_id_beyond_the_vocabulary_is_no_token(make: Make) -> None:
    said = {"tokenizer.ggml.tokens": ["a", "b"], "tokenizer.ggml.eos_token_id": 7}
    vocabulary = card(make(said)).vocabulary
    assert vocabulary is not None
    assert vocabulary.specials == ()


def test_safetensors_as_far_as_they_say(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    tensors = {
        "model.embed_tokens.weight": ("BF16", (6, 4), bytes(48)),
        "model.layers.0.self_attn.q_proj.weight": ("BF16", (4, 4), bytes(32)),
        "model.layers.0.mlp.up_proj.weight": ("F8_E4M3", (8, 4), bytes(32)),
    }
    path.write_bytes(safetensors(tensors, {"format": "pt"}))
    made = card(path)
    assert made.facts is None
    assert made.parameters == 24 + 16 + 32
    assert {share.name: share.bits_per_weight for share in made.types} == {"BF16": 16, "F8_E4M3": 8}
    assert made.metadata == (("format", "pt"),)


def test_a_file_without_tensors_has_a_card(make: Make) -> None:
    made = card(make())
    assert (made.parameters, made.parts, made.bits_per_weight) == (0, (), 0.0)
