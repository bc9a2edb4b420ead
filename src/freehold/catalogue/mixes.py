"""Which block type each tensor gets under a quantization's name, as llama.cpp chooses it.

`Q4_K_M` names a mixture: most matrices are Q4_K, some more sensitive ones Q6_K. The rules are those
of llama-quant.cpp without an importance matrix. Publishers who choose tensor by tensor (`UD-…`)
differ by a few per cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from freehold.catalogue.entry import Shape
from freehold.catalogue.tensors import Part, PlannedTensor
from freehold.errors import UsageError
from freehold.formats.gguf_types import TYPES_BY_NAME, BlockType, fitting_type

QUANTIZATIONS: Mapping[str, str] = MappingProxyType(
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
    }
)
"""The names that are understood, largest first, and the block type that most matrices get."""


@dataclass(frozen=True)
class Mixture:
    """One quantization of one shape; `type_of` says what each of its tensors becomes."""

    quantization: str
    shape: Shape

    def __post_init__(self) -> None:
        if self.quantization not in QUANTIZATIONS:
            raise UsageError(
                f"{self.quantization!r} is not a quantization that can be predicted.",
                f"These can: {', '.join(QUANTIZATIONS)}.",
            )

    def type_of(self, tensor: PlannedTensor, values_before: int, values: int) -> BlockType:
        """The tensor's block type; `values_before` of `values` tensors like attn_v came before."""
        base = QUANTIZATIONS[self.quantization]
        if tensor.part is Part.SMALL:
            return TYPES_BY_NAME["F32"]
        if TYPES_BY_NAME[base].elements == 1:
            return TYPES_BY_NAME[base]
        name = self._chosen(tensor, base, values_before, values)
        return fitting_type(name, tensor.columns)

    def _chosen(self, tensor: PlannedTensor, base: str, before: int, values: int) -> str:
        part, layers = tensor.part, self.shape.layers
        if part is Part.OUTPUT or (part is Part.EMBEDDING and self.shape.tied):
            return self._output(tensor, base)
        if self.quantization == "MXFP4":
            return "MXFP4" if tensor.count > 1 else "Q8_0"
        if is_value(part):
            return self._value(base, before, values)
        if part is Part.DOWN:
            return self._down(base, tensor.layer, layers)
        if part is Part.KEY and self._eight_experts:
            return "Q8_0"
        if part is Part.ATTENTION_OUTPUT:
            return self._attention_output(base)
        return base

    def _output(self, tensor: PlannedTensor, base: str) -> str:
        fits = tensor.columns % TYPES_BY_NAME[base].elements == 0
        if self.quantization == "MXFP4" or not fits or base == "Q8_0":
            return "Q8_0"
        return "Q6_K"

    def _value(self, base: str, before: int, values: int) -> str:
        if self._eight_experts:
            return "Q8_0"
        shared = self.shape.heads // max(self.shape.kv_heads, 1)
        chosen = base
        match self.quantization:
            case "Q2_K":
                chosen = "Q4_K" if shared >= 4 else "Q3_K"
            case "Q3_K_M":
                chosen = "Q5_K" if before < 2 else "Q4_K"
            case "Q3_K_L":
                chosen = "Q5_K"
            case "IQ4_NL" | "IQ4_XS" if shared >= 4:
                chosen = "Q5_K"
            case "Q4_K_S" if before < 4:
                chosen = "Q5_K"
            case "Q4_K_M" | "Q5_K_M" if more_bits(before, values):
                chosen = "Q6_K"
        return "Q5_K" if self._seventy and chosen in {"Q3_K", "Q4_K"} else chosen

    def _down(self, base: str, layer: int, layers: int) -> str:
        match self.quantization:
            case "Q2_K":
                return "Q3_K"
            case "Q3_K_M":
                return "Q5_K" if layer < layers // 16 else "Q4_K"
            case "Q3_K_L":
                return "Q5_K"
            case "IQ4_NL" | "IQ4_XS" | "Q4_K_S" if layer < layers // 8:
                return "Q5_K"
            case "Q4_K_M" | "Q5_K_M" if more_bits(layer, layers):
                return "Q6_K"
        return base

    def _attention_output(self, base: str) -> str:
        if self._eight_experts:
            small = base in {"Q2_K", "Q3_K", "Q4_K", "IQ4_NL", "IQ4_XS"}
            return "Q5_K" if small and self.quantization != "Q3_K_L" else base
        return {"Q2_K": "Q3_K", "Q3_K_M": "Q4_K", "Q3_K_L": "Q5_K"}.get(self.quantization, base)

    @property
    def _eight_experts(self) -> bool:
        return self.shape.experts is not None and self.shape.experts.count == 8

    @property
    def _seventy(self) -> bool:
        """llama.cpp's rule for models of 80 layers with shared caches."""
        return self.shape.layers == 80 and self.shape.heads != self.shape.kv_heads


def is_value(part: Part) -> bool:
    """Whether the matrix makes values: those matter most."""
    return part in {Part.VALUE, Part.QUERY_KEY_VALUE, Part.LATENT_OUT}


def more_bits(index: int, count: int) -> bool:
    """The first and last eighth and every third between get more bits in an `_M` mixture."""
    eighth = count // 8
    return index < eighth or index >= 7 * count // 8 or (index - eighth) % 3 == 2
