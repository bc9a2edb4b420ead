"""The words of the GGUF format: value types, tensor block types, file types.

The numbers are those of ggml and llama.cpp. A test holds the block table against two others: the
`gguf` package's, and the one inside the engine. They disagree on Q8_1, which never reaches a file
(two half-precision numbers and 32 bytes: 36, as the engine has it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType


class ValueType(IntEnum):
    """What kind of value a metadata entry holds; the number is the one in the file."""

    UINT8 = 0
    INT8 = 1
    UINT16 = 2
    INT16 = 3
    UINT32 = 4
    INT32 = 5
    FLOAT32 = 6
    BOOL = 7
    STRING = 8
    ARRAY = 9
    UINT64 = 10
    INT64 = 11
    FLOAT64 = 12


SCALAR_CODES: Mapping[ValueType, str] = MappingProxyType(
    {
        ValueType.UINT8: "B",
        ValueType.INT8: "b",
        ValueType.UINT16: "H",
        ValueType.INT16: "h",
        ValueType.UINT32: "I",
        ValueType.INT32: "i",
        ValueType.FLOAT32: "f",
        ValueType.BOOL: "?",
        ValueType.UINT64: "Q",
        ValueType.INT64: "q",
        ValueType.FLOAT64: "d",
    }
)
"""`struct` codes of the value types with a fixed size."""


@dataclass(frozen=True)
class BlockType:
    """How a tensor's numbers are packed: `elements` of them in `bytes` bytes."""

    id: int
    name: str
    elements: int
    bytes: int

    @property
    def bits_per_weight(self) -> float:
        """Bits that one number takes, scales included."""
        return 8 * self.bytes / self.elements


BLOCK_TYPES: Mapping[int, BlockType] = MappingProxyType(
    {
        block.id: block
        for block in (
            BlockType(0, "F32", 1, 4),
            BlockType(1, "F16", 1, 2),
            BlockType(2, "Q4_0", 32, 18),
            BlockType(3, "Q4_1", 32, 20),
            BlockType(6, "Q5_0", 32, 22),
            BlockType(7, "Q5_1", 32, 24),
            BlockType(8, "Q8_0", 32, 34),
            BlockType(9, "Q8_1", 32, 36),
            BlockType(10, "Q2_K", 256, 84),
            BlockType(11, "Q3_K", 256, 110),
            BlockType(12, "Q4_K", 256, 144),
            BlockType(13, "Q5_K", 256, 176),
            BlockType(14, "Q6_K", 256, 210),
            BlockType(15, "Q8_K", 256, 292),
            BlockType(16, "IQ2_XXS", 256, 66),
            BlockType(17, "IQ2_XS", 256, 74),
            BlockType(18, "IQ3_XXS", 256, 98),
            BlockType(19, "IQ1_S", 256, 50),
            BlockType(20, "IQ4_NL", 32, 18),
            BlockType(21, "IQ3_S", 256, 110),
            BlockType(22, "IQ2_S", 256, 82),
            BlockType(23, "IQ4_XS", 256, 136),
            BlockType(24, "I8", 1, 1),
            BlockType(25, "I16", 1, 2),
            BlockType(26, "I32", 1, 4),
            BlockType(27, "I64", 1, 8),
            BlockType(28, "F64", 1, 8),
            BlockType(29, "IQ1_M", 256, 56),
            BlockType(30, "BF16", 1, 2),
            BlockType(34, "TQ1_0", 256, 54),
            BlockType(35, "TQ2_0", 256, 66),
            BlockType(39, "MXFP4", 32, 17),
            BlockType(40, "NVFP4", 64, 36),
            BlockType(41, "Q1_0", 128, 18),
            BlockType(42, "Q2_0", 64, 18),
        )
    }
)
"""Every tensor type that a current llama.cpp reads, by the number in the file."""

TYPES_BY_NAME: Mapping[str, BlockType] = MappingProxyType(
    {block.name: block for block in BLOCK_TYPES.values()}
)
"""The same, by their names."""

NARROWER: Mapping[str, str] = MappingProxyType(
    {
        "Q2_K": "Q4_0", "Q3_K": "Q4_0", "Q4_K": "Q5_0", "Q5_K": "Q5_1", "Q6_K": "Q8_0",
        "IQ4_XS": "IQ4_NL", "IQ3_XXS": "IQ4_NL", "IQ2_XXS": "IQ4_NL",
    }
)  # fmt: skip
"""What llama.cpp's quantizer takes where rows are no multiple of 256."""


def fitting_type(name: str, width: int) -> BlockType:
    """The type that rows of `width` numbers get where `name` is asked for: itself, or a narrower
    one, or F16.
    """
    block = TYPES_BY_NAME[name]
    return fitting_type(NARROWER.get(name, "F16"), width) if width % block.elements else block


REMOVED_BLOCK_TYPES = frozenset({4, 5, 31, 32, 33, 36, 37, 38})
"""Numbers that once were tensor types and that llama.cpp no longer reads."""

FILE_TYPES: Mapping[int, str] = MappingProxyType(
    {
        0: "F32",
        1: "F16",
        2: "Q4_0",
        3: "Q4_1",
        7: "Q8_0",
        8: "Q5_0",
        9: "Q5_1",
        10: "Q2_K",
        11: "Q3_K_S",
        12: "Q3_K_M",
        13: "Q3_K_L",
        14: "Q4_K_S",
        15: "Q4_K_M",
        16: "Q5_K_S",
        17: "Q5_K_M",
        18: "Q6_K",
        19: "IQ2_XXS",
        20: "IQ2_XS",
        21: "Q2_K_S",
        22: "IQ3_XS",
        23: "IQ3_XXS",
        24: "IQ1_S",
        25: "IQ4_NL",
        26: "IQ3_S",
        27: "IQ3_M",
        28: "IQ2_S",
        29: "IQ2_M",
        30: "IQ4_XS",
        31: "IQ1_M",
        32: "BF16",
        36: "TQ1_0",
        37: "TQ2_0",
        38: "MXFP4_MOE",
        39: "NVFP4",
        40: "Q1_0",
        41: "Q2_0",
    }
)
"""What `general.file_type` means: the recipe a file was quantized with, in the names people use."""

GUESSED_FILE_TYPE = 1024
"""Added to `general.file_type` when the recipe was guessed rather than known."""


def file_type_number(name: str) -> int | None:
    """The `general.file_type` of a recipe, or of a block type for all; None: it has none."""
    numbers = {recipe: number for number, recipe in FILE_TYPES.items()}
    return numbers.get(name, numbers.get(f"{name}_S"))
