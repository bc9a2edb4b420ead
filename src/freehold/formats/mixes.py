"""Which block type each tensor gets under a quantization's name, as llama.cpp chooses it.

`Q4_K_M` names a mixture: most matrices are Q4_K, some more sensitive ones Q6_K. The rules are those
of llama-quant.cpp, with an importance matrix and without. Publishers who choose tensor by tensor
(`UD-…`) differ by a few per cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from freehold.formats.gguf_types import TYPES_BY_NAME, BlockType, fitting_type

MIXES: Mapping[str, str] = MappingProxyType(
    {
        "F32": "F32",
        "BF16": "BF16",
        "F16": "F16",
        "Q8_0": "Q8_0",
        "Q6_K": "Q6_K",
        "Q5_K_M": "Q5_K",
        "Q5_K_S": "Q5_K",
        "Q5_1": "Q5_1",
        "Q5_0": "Q5_0",
        "Q4_K_M": "Q4_K",
        "Q4_K_S": "Q4_K",
        "Q4_1": "Q4_1",
        "Q4_0": "Q4_0",
        "IQ4_NL": "IQ4_NL",
        "IQ4_XS": "IQ4_XS",
        "MXFP4": "MXFP4",
        "Q3_K_L": "Q3_K",
        "Q3_K_M": "Q3_K",
        "Q3_K_S": "Q3_K",
        "Q2_K": "Q2_K",
        "Q2_K_S": "Q2_K",
    }
)
"""The names that are understood, largest first, and the block type that most matrices get."""

_SEVENTY = {"llama": 80, "qwen2": 80, "deci": 80, "olmo": 80, "jais2": 68}
"""Layers of the size of each family that llama.cpp calls 70B; of llama, if heads share keys."""
_BEFORE_EXPERTS = frozenset({"Q2_K", "Q3_K_S", "Q3_K_M", "Q4_K_S", "Q4_K_M", "IQ4_NL", "IQ4_XS"})
"""What comes out of attention gets Q5_K in these, where it goes to one of eight experts."""


class Part(StrEnum):
    """What a matrix is for, as far as the choice of its block type depends on it."""

    EMBEDDING = "token_embd"
    OUTPUT = "output"
    QUERY = "attn_q"
    KEY = "attn_k"
    VALUE = "attn_v"
    QUERY_KEY_VALUE = "attn_qkv"
    LATENT_OUT = "attn_kv_b"
    ATTENTION_OUTPUT = "attn_output"
    UP = "ffn_up"
    GATE = "ffn_gate"
    DOWN = "ffn_down"
    OTHER = "other"
    SMALL = "small"
    """Never quantized: norms, routers, positions, convolutions."""

    @property
    def is_value(self) -> bool:
        """Whether the matrix makes values: those matter most."""
        return self in {Part.VALUE, Part.QUERY_KEY_VALUE, Part.LATENT_OUT}


@dataclass(frozen=True)
class Place:
    """One matrix, and where in the model it stands."""

    part: Part
    columns: int
    stacked: bool = False
    """Whether it is one of experts, in one tensor with the others."""
    layer: int = 0
    before: int = 0
    """How many that make values came before it."""


@dataclass(frozen=True)
class Mix:
    """One quantization of one model; `type_of` says what each of its matrices becomes."""

    name: str
    """One of `MIXES`."""
    layers: int
    values: int
    """Matrices that make values."""
    heads: int
    kv_heads: int
    experts: int = 0
    tied: bool = True
    """Whether the embedding is the output matrix too."""
    family: str | None = None
    weighed: bool = False
    """Whether there is an importance matrix."""

    def type_of(self, place: Place) -> BlockType:
        """The block type of a matrix: what is wished for, or what its rows can be divided into."""
        base = MIXES[self.name]
        if TYPES_BY_NAME[base].elements == 1:
            return TYPES_BY_NAME[base]
        return fitting_type(self._wished(place, base), place.columns)

    def _wished(self, place: Place, base: str) -> str:
        part = place.part
        if part is Part.OUTPUT or (part is Part.EMBEDDING and self.tied):
            return self._output(place, base)
        if self.name == "MXFP4":
            return "MXFP4" if place.stacked else "Q8_0"
        if part.is_value:
            return self._value(place, base)
        if part is Part.KEY and self.experts == 8:
            return "Q8_0"
        if part is Part.DOWN:
            return self._falcon_down(place, base) if self._falcon else self._down(place, base)
        if part is Part.ATTENTION_OUTPUT:
            return self._attention_output(base)
        return base

    def _output(self, place: Place, base: str) -> str:
        fits = place.columns % TYPES_BY_NAME[base].elements == 0
        if self.name == "MXFP4" or not fits or base == "Q8_0" or self._falcon:
            return "Q8_0"
        return "Q6_K"

    def _value(self, place: Place, base: str) -> str:
        if self.experts == 8:
            return "Q8_0"
        shared = self.kv_heads > 0 and self.heads // self.kv_heads >= 4
        chosen = base
        match self.name:
            case "Q2_K":
                chosen = "Q4_K" if shared else "Q3_K"
            case "Q2_K_S" if shared:
                chosen = "Q4_K"
            case "Q3_K_M":
                chosen = "Q5_K" if place.before < 2 else "Q4_K"
            case "Q3_K_L":
                chosen = "Q5_K"
            case "IQ4_NL" | "IQ4_XS" if shared:
                chosen = "Q5_K"
            case "Q4_K_S" if place.before < 4:
                chosen = "Q5_K"
            case "Q4_K_M" | "Q5_K_M" if more_bits(place.before, self.values):
                chosen = "Q6_K"
        return "Q5_K" if self._seventy and chosen in {"Q3_K", "Q4_K"} else chosen

    def _down(self, place: Place, base: str) -> str:
        layer, layers = place.layer, self.layers
        match self.name:
            case "Q2_K":
                return "Q3_K"
            case "Q2_K_S" if layer < layers // 8:
                return "Q4_K"
            case "Q3_K_M":
                return "Q5_K" if layer < layers // 16 else "Q4_K"
            case "Q3_K_L":
                return "Q5_K"
            case "IQ4_NL" | "IQ4_XS" if layer < layers // 8 and not self.weighed:
                return "Q5_K"
            case "Q4_K_S" if layer < layers // 8:
                return "Q5_K"
            case "Q4_0" | "Q5_0" if layer < layers // 8 and self.weighed:
                return "Q4_1" if self.name == "Q4_0" else "Q5_1"
            case "Q4_K_M" | "Q5_K_M" if more_bits(layer, layers):
                return "Q6_K"
        return base

    def _falcon_down(self, place: Place, base: str) -> str:
        layer, layers = place.layer, self.layers
        first, more = layer < layers // 16, more_bits(layer, layers)
        match self.name:
            case "Q3_K_M":
                return "Q5_K" if first else "Q4_K" if more else base
            case "Q3_K_L":
                return "Q4_K"
            case "Q4_K_M":
                return "Q6_K" if first else "Q5_K" if more else base
            case "Q4_K_S":
                return base
        return self._down(place, base)

    def _attention_output(self, base: str) -> str:
        if self._falcon:
            return "Q4_K" if self.name == "Q3_K_L" else base
        if self.experts == 8:
            return "Q5_K" if self.name in _BEFORE_EXPERTS else base
        return {"Q2_K": "Q3_K", "Q3_K_M": "Q4_K", "Q3_K_L": "Q5_K"}.get(self.name, base)

    @property
    def _falcon(self) -> bool:
        return self.family == "falcon"

    @property
    def _seventy(self) -> bool:
        """Whether it is of the size that llama.cpp calls 70B, whose values are few and matter."""
        if self.family == "llama" and self.heads == self.kv_heads:
            return False
        return _SEVENTY.get(self.family or "") == self.layers


def more_bits(index: int, count: int) -> bool:
    """The first and last eighth and every third between get more bits in an `_M` mixture."""
    eighth = count // 8
    return index < eighth or index >= 7 * count // 8 or (index - eighth) % 3 == 2
