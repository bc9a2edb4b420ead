"""A GGUF model's tensors as NumPy arrays, read from a map of its file as they are needed.

Names and shapes are the file's own: a matrix of GGUF dimensions (in, out) is an array of shape
(out, in), so that y = x @ w.T. A row is dequantized only when asked for. Nothing is checked but
that the bytes are there: whether they are the right ones, the file's hash says.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from freehold.errors import FormatError, StorageError
from freehold.formats.blocks.crew import Crew
from freehold.formats.blocks.dequantize import NONE, Decoder, dequantize, supported
from freehold.formats.blocks.layout import Bytes, Floats
from freehold.formats.gguf import GgufHeader, TensorInfo, read_header
from freehold.formats.gguf_cursor import quoted
from freehold.formats.opened import UNREADABLE
from freehold.formats.split import joined


@dataclass(frozen=True)
class _Part:
    """One mapped file."""

    header: GgufHeader
    file: BinaryIO
    map: mmap.mmap
    bytes: Bytes

    def of(self, tensor: TensorInfo) -> Bytes:
        """A tensor's bytes."""
        end = tensor.offset + tensor.size
        # To touch a page that the file no longer has would end the process.
        if (size := os.fstat(self.file.fileno()).st_size) < end:
            raise FormatError(
                f"{self.header.label} was cut to {size:,} bytes while it was open: tensor "
                f"{quoted(tensor.name)} is no longer whole.",
                "`freehold verify` tells what is damaged; fetch it again.",
            )
        return self.bytes[tensor.offset : end]

    def let_go(self, tensor: TensorInfo) -> None:
        """Give back the memory that its pages take."""
        if hasattr(mmap, "MADV_DONTNEED"):  # Windows has no such word
            begin = tensor.offset - tensor.offset % mmap.PAGESIZE
            self.map.madvise(mmap.MADV_DONTNEED, begin, tensor.offset + tensor.size - begin)


class TensorData:
    """One open model: a file, or the several that it is split over. A context manager.

    Arrays that `raw` has given out stay valid after it is closed: the map is let go with the last
    of them. Several threads may read at once.
    """

    header: GgufHeader
    """Of a split model the first file's, with the tensors of all."""

    def __init__(
        self, parts: Sequence[_Part], threads: int, compiled: Mapping[str, Decoder]
    ) -> None:
        self.header = joined([part.header for part in parts])
        self._parts = {tensor.name: part for part in parts for tensor in part.header.tensors}
        self._files = tuple(part.file for part in parts)
        self._crew = Crew(threads)
        self._compiled = compiled
        self._closed = False

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        threads: int = 1,
        compiled: Mapping[str, Decoder] = NONE,
    ) -> TensorData:
        """Map the file at `path`; `threads` share the work of dequantizing large tensors.

        `compiled` decoders, if any, are used for the block types they are for.

        Raises FormatError when it is no GGUF that can be read here, StorageError when it cannot be
        read at all.
        """
        return cls.open_parts([path], threads, compiled)

    @classmethod
    def open_parts(
        cls,
        paths: Sequence[str | os.PathLike[str]],
        threads: int = 1,
        compiled: Mapping[str, Decoder] = NONE,
    ) -> TensorData:
        """The same of a model split over several files, given in order; of one, as `open`.

        Raises FormatError for parts that do not belong together too.
        """
        with ExitStack() as stack:
            parts = [_mapped(Path(path), stack) for path in paths]
            data = cls(parts, threads, compiled)
            stack.pop_all()
        return data

    def __enter__(self) -> TensorData:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files. Closing twice is fine; reading afterwards is a ValueError."""
        self._closed = True
        self._parts = {}
        for file in self._files:
            file.close()
        self._crew.close()

    def __contains__(self, name: object) -> bool:
        return name in self.header.by_name

    def info(self, name: str) -> TensorInfo:
        """What the header says of a tensor. Raises FormatError when there is none of that name."""
        tensor = self.header.by_name.get(name)
        if tensor is None:
            raise FormatError(f"{self.header.label} has no tensor {quoted(name)}.")
        return tensor

    def raw(self, name: str) -> Bytes:
        """A tensor's own bytes: rows x bytes of a row, read-only, not copied.

        Dimensions above the second are rows too.
        """
        tensor = self.info(name)
        if self._closed:
            raise ValueError("the file is closed")
        data = self._parts[name].of(tensor)
        width = tensor.shape[0] if tensor.shape else 1
        return data.reshape(-1, width // tensor.type.elements * tensor.type.bytes)

    def rows(
        self, name: str, start: int = 0, stop: int | None = None, out: Floats | None = None
    ) -> Floats:
        """Rows `start` to `stop` as float32: shape (rows, width); into `out` if given."""
        kind = self.info(name).type
        supported(kind, f"Tensor {quoted(name)} of {self.header.label}")
        return dequantize(self.raw(name)[start:stop], kind, out, self._crew, self._compiled)

    def array(self, name: str) -> Floats:
        """A whole tensor as float32, its shape ggml's dimensions reversed."""
        return self.rows(name).reshape(self.info(name).shape[::-1])

    def let_go(self, name: str) -> None:
        """Give back the memory that a tensor's part of the map takes, where the system can.

        What is asked for again is read again, also through arrays that `raw` has given out.
        """
        self._parts[name].let_go(self.info(name))


def _mapped(path: Path, stack: ExitStack) -> _Part:
    """A file's header and its bytes. The stack closes it."""
    header = read_header(path)
    if header.byte_order != "little":
        raise FormatError(
            f"{path} is a big-endian GGUF; Freehold opens up little-endian ones only.",
            "Look for the little-endian file of the same model: nearly all are.",
        )
    try:
        file = stack.enter_context(path.open("rb"))
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}.", UNREADABLE) from error
    try:
        mapped = mmap.mmap(file.fileno(), header.file_size, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise StorageError(f"{path} cannot be mapped: {error}.", UNREADABLE) from error
    return _Part(header, file, mapped, np.frombuffer(mapped, np.uint8))
