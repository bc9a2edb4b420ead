"""Write a blend as a model file: what it changes is rounded to a block type, the rest is copied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import BinaryIO, Protocol

from freehold.errors import UnsupportedModel, UsageError
from freehold.formats.blocks.layout import Bytes, Floats
from freehold.formats.blocks.quantize import QUANTIZED, quantize
from freehold.formats.gguf import GgufHeader, TensorInfo
from freehold.formats.gguf_types import BlockType, ValueType, file_type_number, fitting_type
from freehold.formats.gguf_write import Entry, NewTensor, size_of_gguf, write_gguf
from freehold.formats.tensor_data import TensorData
from freehold.modify.numbers import Blend, row_count, strips
from freehold.modify.recipe import replaced
from freehold.progress import SILENT, Progress, Task

Importance = Mapping[str, Floats]
"""What each column of a tensor counts for, by name: (matrices in the tensor, columns)."""
EVEN: Importance = MappingProxyType({})
_KEPT = ("_norm.weight", "ffn_gate_inp.weight")


class Rounding(Protocol):
    """What makes rows of bytes of rows of numbers, as `quantize` does."""

    def __call__(
        self, numbers: Floats, block: BlockType, importance: Floats | None = None, /
    ) -> Bytes:
        """`importance` is that of the columns."""


@dataclass(frozen=True)
class Target:
    """What matrices are rounded to; None: each keeps its type."""

    type: str | None = None

    def __post_init__(self) -> None:
        if self.type is not None and self.type not in QUANTIZED:
            raise UsageError(
                f"Freehold cannot write the block type {self.type}.",
                f"It can write {', '.join(QUANTIZED)}.",
            )

    def of(self, tensor: TensorInfo) -> BlockType:
        """What one tensor becomes."""
        matrix = len(tensor.shape) > 1 and not tensor.name.endswith(_KEPT)
        if self.type is None or not matrix:
            return tensor.type
        return fitting_type(self.type, tensor.shape[0])


def write_model(
    file: BinaryIO,
    numbers: Blend,
    original: TensorData,
    entries: Sequence[Entry],
    target: Target,
    progress: Progress = SILENT,
    rounding: Rounding = quantize,
    importance: Importance = EVEN,
) -> int:
    """Write a whole model and return how many bytes it has.

    `original` is the file that what is not changed is copied from, byte for byte. `rounding` may
    be a quicker one. Raises UnsupportedModel for a change of a tensor whose type cannot be written.
    """
    tensors = original.header.tensors
    _check_target(numbers, original, target)
    with progress.task("Writing", sum(tensor.size for tensor in tensors)) as task:
        work = _Work(numbers, original, target, task, rounding, importance)
        new = [_tensor(each, work) for each in tensors]
        return write_gguf(file, replaced(entries, _file_type(entries, target)), new)


def size_of(header: GgufHeader, entries: Sequence[Entry], target: Target) -> int:
    """Bytes that the new file will have."""
    new = [
        NewTensor(tensor.name, tensor.shape, target.of(tensor), tuple) for tensor in header.tensors
    ]
    return size_of_gguf(replaced(entries, _file_type(entries, target)), new)


@dataclass(frozen=True)
class _Work:
    """What every tensor is written with."""

    numbers: Blend
    original: TensorData
    target: Target
    task: Task
    rounding: Rounding
    importance: Importance

    def finish(self, tensor: TensorInfo) -> None:
        """Give back the memory that it took: a model is never mapped whole."""
        self.original.let_go(tensor.name)
        self.numbers.let_go(tensor.name)


def _check_target(numbers: Blend, original: TensorData, target: Target) -> None:
    """Raise UnsupportedModel where something to be changed is of a type that cannot be written."""
    for tensor in original.header.tensors:
        if numbers.changes(tensor.name) and target.of(tensor).name not in QUANTIZED:
            raise UnsupportedModel(
                f"{tensor.name} is of block type {tensor.type.name}, which Freehold reads and "
                "cannot write.",
                "Choose another: --to Q8_0",
            )


def _tensor(tensor: TensorInfo, work: _Work) -> NewTensor:
    block = work.target.of(tensor)
    if block.name == tensor.type.name and not work.numbers.changes(tensor.name):
        pieces = partial(_copied, tensor, work)
    else:
        pieces = partial(_rounded, tensor, block, work)
    return NewTensor(tensor.name, tensor.shape, block, pieces)


def _copied(tensor: TensorInfo, work: _Work) -> Iterator[bytes]:
    raw: Bytes = work.original.raw(tensor.name)
    for start, stop in strips(tensor):
        part = raw[start:stop]
        yield part.tobytes()
        work.task.advance(part.nbytes)
    work.finish(tensor)


def _rounded(tensor: TensorInfo, block: BlockType, work: _Work) -> Iterator[bytes]:
    importance = work.importance.get(tensor.name)
    matrices = 1 if importance is None else len(importance)
    for start, stop in strips(tensor, matrices):
        of_these = None
        if importance is not None:
            of_these = importance[start * matrices // row_count(tensor)]
        rounded = work.rounding(work.numbers.rows(tensor.name, start, stop), block, of_these)
        yield rounded.tobytes()
        work.task.advance(tensor.size * (stop - start) // row_count(tensor))
    work.finish(tensor)


def _file_type(entries: Sequence[Entry], target: Target) -> list[Entry]:
    """The header's word for the recipe, where that changes."""
    if target.type is None:
        return []
    number = file_type_number(target.type)
    said = [Entry("general.quantization_version", ValueType.UINT32, 2)]
    if number is not None:
        said.append(Entry("general.file_type", ValueType.UINT32, number))
    return said
