"""Control vectors as llama.cpp keeps them: a GGUF file with one direction for each layer it pushes.

`direction.k`, (width,), is added to what comes out of layer k, counted from zero; the format has
none for layer 0 (Zou et al., 2023: representation engineering).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from freehold.errors import FormatError
from freehold.formats.blocks.layout import Floats
from freehold.formats.control_vector_header import ARCHITECTURE, HINT, check_vector
from freehold.formats.gguf_lookup import text
from freehold.formats.gguf_types import ValueType
from freehold.formats.gguf_write import Entry, float32_tensor, write_gguf
from freehold.formats.lora_header import BASE_DIGEST
from freehold.formats.tensor_data import TensorData

_NAME = re.compile(r"direction\.([0-9]{1,5})")


@dataclass(frozen=True)
class ControlVector:
    """`directions` are by layer, from 1; each is (width,), float32."""

    directions: Mapping[int, Floats]
    model_hint: str | None = None
    """The architecture of the model that it was made for."""
    name: str | None = None
    base_name: str | None = None
    base_sha256: str | None = None
    more: tuple[Entry, ...] = field(default=(), repr=False)
    """Further metadata: licence, recipe, lineage."""


def read_vector(path: Path) -> ControlVector:
    """Read one. Raises FormatError."""
    with TensorData.open(path) as data:
        header = data.header
        check_vector(header)
        directions = {
            int(match[1]): data.array(tensor.name)
            for tensor in header.tensors
            if (match := _NAME.fullmatch(tensor.name))
        }
    if not all(np.isfinite(each).all() for each in directions.values()):
        raise FormatError(f"{path} holds directions that are no numbers.")
    return ControlVector(
        directions=directions,
        model_hint=text(header, HINT),
        name=text(header, "general.name"),
        base_name=text(header, "general.base_model.0.name"),
        base_sha256=text(header, BASE_DIGEST),
    )


def write_vector(file: BinaryIO, vector: ControlVector) -> int:
    """Write one, float32, and return how many bytes it has."""
    said = (
        ("general.architecture", ARCHITECTURE),
        (HINT, vector.model_hint),
        ("general.name", vector.name),
        ("general.base_model.0.name", vector.base_name),
        (BASE_DIGEST, vector.base_sha256),
    )
    entries = [Entry(key, ValueType.STRING, value) for key, value in said if value]
    entries.append(Entry("controlvector.layer_count", ValueType.UINT32, len(vector.directions)))
    if vector.base_name:
        entries.append(Entry("general.base_model.count", ValueType.UINT32, 1))
    tensors = [
        float32_tensor(f"direction.{layer}", vector.directions[layer])
        for layer in sorted(vector.directions)
    ]
    return write_gguf(file, [*entries, *vector.more], tensors)
