"""The shape of a model: the two real ones, every family's rules, and headers that lie."""

from __future__ import annotations

from pathlib import Path

from freehold.formats.gguf import read_header
from freehold.formats.model_shape import LayerShape, WeightRole
from freehold.formats.shape_of import shape_of


def test_smollm2(smollm2: Path) -> None:
    header = read_header(smollm2)
    shape = shape_of(header)
    assert shape.architecture == "llama"
    assert shape.layers == (LayerShape(9, 3, 64, 64, 1536),) * 30
    assert (shape.embedding_width, shape.vocabulary, shape.context_length) == (576, 49_152, 8192)
    assert shape.merges == 48_900
    assert shape.tied
    assert shape.parameters == 134_515_008
    assert shape.size == sum(tensor.size for tensor in header.tensors)
    sizes = {(group.role, group.type): group.size for group in shape.weights}
    assert sizes[WeightRole.EMBEDDING, "Q8_0"] == 30_081_024
    assert not shape.unknown


def test_gemma3_looks_back_512_tokens_in_five_layers_of_six(gemma3: Path) -> None:
    shape = shape_of(read_header(gemma3))
    assert [layer.window for layer in shape.layers] == ([512] * 5 + [None]) * 3
    assert {(layer.heads, layer.kv_heads, layer.key_width) for layer in shape.layers} == {
        (4, 1, 256)
    }
    assert shape.vocabulary == 262_144
    assert shape.merges == 0
    assert not shape.unknown
