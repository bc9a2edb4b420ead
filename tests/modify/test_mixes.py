"""The types that mixtures give, tensor by tensor, against what llama.cpp's quantizer gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.modify.mixing import SHAPES, digest, header_of, recorded
from tests.studying import SMALL, gguf, synthetic

from freehold.errors import FormatError, UnsupportedModel, UsageError
from freehold.formats.gguf import read_header
from freehold.modify.mixes import LADDER, WRITABLE, check_quantizable, mixed, read_mix


@pytest.mark.parametrize("name", SHAPES)
def test_every_tensor_gets_the_type_that_llama_cpp_gives(name: str, tmp_path: Path) -> None:
    header = header_of(name, tmp_path)
    expected = recorded()[name]
    assert {mix.removesuffix("+") for mix in expected} == set(WRITABLE)
    for wanted, types in expected.items():
        target = mixed(header, wanted.removesuffix("+"), weighed=wanted.endswith("+"))
        assert digest({each.name: target.of(each).name for each in header.tensors}) == types, wanted


def test_sensitive_matrices_get_more_bits(tmp_path: Path) -> None:
    """The same in words, for one file."""
    header = header_of("llama, 4 heads for one key, 17 layers", tmp_path)
    types = {name: block.name for name, block in mixed(header, "Q4_K_M").types.items()}
    assert types["token_embd.weight"] == "Q6_K"  # it is the output matrix too
    assert types["output_norm.weight"] == "F32"
    downs = [types[f"blk.{layer}.ffn_down.weight"] for layer in range(17)]
    more = [layer for layer, name in enumerate(downs) if name == "Q6_K"]
    assert more == [0, 1, 4, 7, 10, 13, 14, 15, 16]
    assert types["blk.5.attn_q.weight"] == "Q4_K"


def test_a_name_is_read_as_people_write_it() -> None:
    assert read_mix("q4_k_m") == "Q4_K_M"
    assert read_mix(" Q4_K ") == "Q4_K_M"
    assert set(LADDER) <= set(WRITABLE)
    with pytest.raises(UsageError, match="Q4KM is no quantization") as caught:
        read_mix("Q4KM")
    assert "Did you mean Q4_K_M" in str(caught.value.hint)
    with pytest.raises(UsageError, match="cannot make IQ2_XS"):
        read_mix("IQ2_XS")


def test_what_cannot_be_quantized_is_said(tmp_path: Path) -> None:
    def refused(metadata: dict[str, object]) -> str:
        path = tmp_path / "made.gguf"
        path.write_bytes(gguf(metadata))
        with pytest.raises((UsageError, UnsupportedModel)) as caught:
            check_quantizable(read_header(path), "it")
        return caught.value.message

    assert "it is no model: its header says adapter" in refused({"general.type": "adapter"})
    assert "one part of 3" in refused({"split.no": 0, "split.count": 3})
    assert "glm5-next" in refused({"general.architecture": "glm5-next"})
    assert "no weights to quantize" in refused({})
    header = read_header(synthetic(tmp_path / "small.gguf", SMALL))
    check_quantizable(header, "it")


def test_a_header_that_says_too_little_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "made.gguf"
    path.write_bytes(gguf())
    with pytest.raises(FormatError, match="how many layers"):
        mixed(read_header(path), "Q4_K_M")
