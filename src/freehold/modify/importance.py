"""What each column of a matrix counts for: the mean square of what a text sends into it.

Rounding a weight changes what the matrix makes by the change times what comes in at its column; so
where much comes in, a small error costs more. llama.cpp calls these numbers an importance matrix;
its own files of them are read too. The embedding and the output matrix have none, as there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from freehold.errors import FormatError, UsageError
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_lookup import text
from freehold.formats.tensor_data import TensorData
from freehold.modify.writing import Importance
from freehold.progress import SILENT, Progress
from freehold.transformer.transformer import Transformer

_READERS = MappingProxyType(
    {
        "attention.norm": ("attn_q", "attn_k", "attn_v", "attn_qkv"),
        "attention.heads": ("attn_output",),
        "mlp.norm": ("ffn_gate", "ffn_up"),
        "mlp.hidden": ("ffn_down",),
    }
)
"""Which matrices of a layer each activation goes into."""
_SUMS, _COUNTS = ".in_sum2", ".counts"


def gather(
    model: Transformer, windows: Sequence[Sequence[int]], progress: Progress = SILENT
) -> Importance:
    """Read `windows`, and return what every matrix of every layer had to read.

    Raises what `Transformer.trace` does.
    """
    sums: dict[str, NDArray[np.float64]] = {}

    def add(value: NDArray[np.float32], name: str) -> None:
        flat = value.reshape(len(value), -1).astype(np.float64)
        sums[name] = sums.get(name, 0.0) + np.square(flat).sum(axis=0)

    hooks = {f"layers.*.{part}": add for part in _READERS}
    count = sum(map(len, windows))
    with progress.task("Reading what counts", count, "tokens") as task:
        for window in windows:
            model.trace(window, keep=(), hooks=hooks, logits=False)
            task.advance(len(window))
    found = {
        f"blk.{layer}.{matrix}.weight": sums[f"layers.{layer}.{part}"]
        for layer in range(model.config.layers)
        for part, matrices in _READERS.items()
        for matrix in matrices
    }
    return {
        name: (value / count).astype(np.float32)[None]
        for name, value in found.items()
        if name in model.data.header.by_name
    }


def read_imatrix(path: Path) -> Importance:
    """What llama.cpp's tool found, from its GGUF file. Raises FormatError, StorageError.

    A matrix that nothing came into (an expert that was never asked) counts evenly.
    """
    with TensorData.open(path) as data:
        if not is_imatrix(data.header):
            raise FormatError(
                f"{path.name} is a GGUF file, but no importance matrix.",
                "Give a text, or what llama.cpp's imatrix tool wrote.",
            )
        names = [name.removesuffix(_SUMS) for name in data.header.by_name if name.endswith(_SUMS)]
        return {name: _mean(data, name) for name in names}


def is_imatrix(header: GgufHeader) -> bool:
    """Whether a file says of itself that it is an importance matrix."""
    return text(header, "general.type") == "imatrix"


def check_importance(importance: Importance, header: GgufHeader, name: str) -> None:
    """Raise UsageError for an importance matrix that was made for a model of another shape."""
    shapes = {tensor.name: tensor.shape for tensor in header.tensors}
    if not importance.keys() & shapes.keys():
        raise UsageError(f"The importance matrix is for none of the matrices of {name}.")
    for matrix, values in importance.items():
        shape = shapes.get(matrix)
        if shape is not None and values.shape != (_product(shape[2:]), shape[0]):
            raise UsageError(
                f"The importance matrix does not fit {name}: for {matrix} it has "
                f"{values.shape[0]:,} x {values.shape[1]:,} numbers, and the shape is {shape}.",
                "It was made for another model.",
            )


def _mean(data: TensorData, name: str) -> NDArray[np.float32]:
    sums = data.rows(name + _SUMS)
    counts = data.rows(name + _COUNTS)
    if counts.shape != (len(sums), 1) or not np.isfinite(sums).all() or (sums < 0).any():
        raise FormatError(f"{data.header.label} has no well-formed importance for {name}.")
    asked = counts > 0
    return np.where(asked, sums / np.where(asked, counts, 1), np.float32(1)).astype(np.float32)


def _product(lengths: Iterable[int]) -> int:
    return int(np.prod(list(lengths), dtype=np.int64))
