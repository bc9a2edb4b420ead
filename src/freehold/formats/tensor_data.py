"""The tensors of a GGUF file as NumPy arrays, read from a map of the file as they are needed.

Names and shapes are the file's own: a matrix of GGUF dimensions (in, out) is an array of shape
(out, in), so that y = x @ w.T. A row is dequantized only when asked for. Nothing is checked but
that the bytes are there: whether they are the right ones, the file's hash says.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Mapping
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


class TensorData:
    """One open file. A context manager.

    Arrays that `raw` has given out stay valid after it is closed: the map is let go with the last
    of them. Several threads may read at once.
    """

    header: GgufHeader

    def __init__(
        self, header: GgufHeader, file: BinaryIO, threads: int, compiled: Mapping[str, Decoder]
    ) -> None:
        self.header = header
        self._file = file
        self._crew = Crew(threads)
        self._compiled = compiled
        mapped = mmap.mmap(file.fileno(), header.file_size, access=mmap.ACCESS_READ)
        self._bytes: Bytes | None = np.frombuffer(mapped, np.uint8)

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
        path = Path(path)
        header = read_header(path)
        if header.byte_order != "little":
            raise FormatError(
                f"{path} is a big-endian GGUF; Freehold opens up little-endian ones only.",
                "Look for the little-endian file of the same model: nearly all are.",
            )
        try:
            file = path.open("rb")
        except OSError as error:
            raise StorageError(f"{path} cannot be read: {error.strerror}.", UNREADABLE) from error
        try:
            return cls(header, file, threads, compiled)
        except (OSError, ValueError) as error:
            file.close()
            raise StorageError(f"{path} cannot be mapped: {error}.", UNREADABLE) from error

    def __enter__(self) -> TensorData:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. Closing twice is fine; reading afterwards is a ValueError."""
        self._bytes = None
        self._file.close()
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
        data = self._map(tensor)[tensor.offset : tensor.offset + tensor.size]
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

    def _map(self, tensor: TensorInfo) -> Bytes:
        if self._bytes is None:
            raise ValueError("the file is closed")
        # To touch a page that the file no longer has would end the process.
        if (size := os.fstat(self._file.fileno()).st_size) < tensor.offset + tensor.size:
            raise FormatError(
                f"{self.header.label} was cut to {size:,} bytes while it was open: tensor "
                f"{quoted(tensor.name)} is no longer whole.",
                "`freehold verify` tells what is damaged; fetch it again.",
            )
        return self._bytes
