"""Reading a GGUF header from bytes that nobody has vouched for.

Every length is checked against what is there before anything is read or allocated, so a hostile
file costs no more than its own header. Three things can be wrong, and each has its own sentence:
the file ends too early, the file says something that cannot be, or (for a header fetched in part)
there is more to fetch.
"""

from __future__ import annotations

import mmap
import struct

from freehold.errors import FormatError
from freehold.formats.gguf_array import GgufArray, Scalar
from freehold.formats.gguf_types import SCALAR_CODES, ValueType

Buffer = bytes | bytearray | memoryview | mmap.mmap

MAX_HEADER = 128 * 1024 * 1024
"""Bytes. A vocabulary of 262,144 tokens takes 6.5 MB; this bounds the work (a second or so) and
the memory (at most four times as much, for text full of rare characters)."""
MAX_NAME = 65_535
"""Bytes of a metadata key (the specification's limit) and, here, of a tensor's name."""

ENDS_EARLY = (
    "It may be an unfinished download: fetch it again, or `freehold repair` it if you own it."
)
DAMAGED = (
    "It is damaged, or was never written properly: `freehold verify` tells whether it changed "
    "since you got it; otherwise fetch it again."
)


class HeaderIncomplete(FormatError):
    """Nothing is wrong so far, but the header goes on past the bytes given.

    `needed` is how many bytes from the start of the file the next step of reading takes: a lower
    bound for the whole header, never more than the size of the file.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.needed = 0


def quoted(name: str) -> str:
    """A name from the file, fit for a message: 80 characters, control characters escaped."""
    return repr(name if len(name) <= 80 else name[:79] + "…")


class Cursor:
    """A position in a header's bytes. `label` names the file in errors."""

    def __init__(self, buffer: Buffer, file_size: int, label: str) -> None:
        self.buffer = buffer
        self.file_size = file_size
        self.label = label
        self.end = min(len(buffer), file_size)
        self.position = 0
        self.order = "<"

    def damaged(self, what: str, hint: str = DAMAGED) -> FormatError:
        """The error for a file that says something impossible. The caller raises it."""
        return FormatError(f"{self.label} is not a well-formed GGUF file: {what}.", hint)

    def short(self, needed: int, what: str) -> FormatError:
        """The error for reading past the end; `needed` bytes in all would have been enough."""
        if needed > MAX_HEADER:
            return self.damaged(
                f"{what} would reach to byte {needed:,}, where no header ends "
                f"(the most that Freehold reads is {MAX_HEADER:,})"
            )
        if needed > self.file_size:
            return FormatError(
                f"{self.label} ends too early: {what} needs {needed:,} bytes, "
                f"and the file has {self.file_size:,}.",
                ENDS_EARLY,
            )
        error = HeaderIncomplete(
            f"The header of {self.label} goes on past the {self.end:,} bytes read of it.",
            f"At least {needed:,} are needed.",
        )
        error.needed = needed
        return error

    def take(self, count: int, what: str) -> bytes:
        """The next `count` bytes, copied."""
        start = self.position
        self._step(count, what)
        return bytes(self.buffer[start : start + count])

    def number(self, code: str, what: str) -> int:
        """The next number, by its `struct` code (a fixed-size integer one)."""
        value: int = struct.unpack(self.order + code, self.take(struct.calcsize("=" + code), what))[
            0
        ]
        return value

    def string(self, what: str) -> bytes:
        """The next string: a 64-bit length, then its bytes."""
        return self.take(self.number("Q", f"the length of {what}"), what)

    def name(self, what: str) -> str:
        """The next string, which has to be usable as a name: short, not empty, valid UTF-8."""
        at = self.position
        length = self.number("Q", f"the length of {what}")
        if not 0 < length <= MAX_NAME:
            raise self.damaged(f"{what}, at byte {at:,}, claims to be {length:,} bytes long")
        try:
            return self.take(length, what).decode("utf-8")
        except UnicodeDecodeError as error:
            raise self.damaged(f"{what}, at byte {at:,}, is not valid UTF-8") from error

    def value_type(self, what: str) -> ValueType:
        """The next number, which has to be that of a value type."""
        at = self.position
        number = self.number("I", f"the type of {what}")
        try:
            return ValueType(number)
        except ValueError as error:
            raise self.damaged(f"{what} is of an unknown type {number}, at byte {at:,}") from error

    def value(self, kind: ValueType, what: str) -> Scalar | GgufArray:
        """The next value. Text that is not valid UTF-8 is read with U+FFFD in its place."""
        if kind is ValueType.ARRAY:
            return self._array(what)
        if kind is ValueType.STRING:
            return self.string(what).decode("utf-8", "replace")
        code = SCALAR_CODES[kind]
        raw = self.take(struct.calcsize("=" + code), what)
        if kind is ValueType.BOOL:
            self._check_booleans(raw, what)
        value: Scalar = struct.unpack(self.order + code, raw)[0]
        return value

    def _array(self, what: str) -> GgufArray:
        kind = self.value_type(f"the elements of {what}")
        if kind is ValueType.ARRAY:
            # The specification allows them; no model has them, and llama.cpp refuses them too.
            raise self.damaged(f"{what} is an array of arrays, which Freehold does not read")
        length = self.number("Q", f"the length of {what}")
        start = self.position
        if kind is ValueType.STRING:
            self._skip_strings(length, what)
        else:
            self._step(length * struct.calcsize("=" + SCALAR_CODES[kind]), what)
        data = bytes(self.buffer[start : self.position])
        if kind is ValueType.BOOL:
            self._check_booleans(data, what)
        return GgufArray(kind, length, data, self.order)

    def _skip_strings(self, length: int, what: str) -> None:
        # The one hot loop of the reader: a vocabulary passes through here string by string.
        buffer, position = self.buffer, self.position
        self._fits(length * 8, what)
        last = self.end - 8
        read = struct.Struct(self.order + "Q").unpack_from
        for _ in range(length):
            if position > last:
                raise self.short(position + 8, what)
            position += 8 + read(buffer, position)[0]
        if position > self.end:
            raise self.short(position, what)
        self.position = position

    def _check_booleans(self, raw: bytes, what: str) -> None:
        if raw.count(0) + raw.count(1) != len(raw):
            raise self.damaged(f"{what} is neither true nor false")

    def _fits(self, count: int, what: str) -> None:
        if self.position + count > self.end:
            raise self.short(self.position + count, what)

    def _step(self, count: int, what: str) -> None:
        self._fits(count, what)
        self.position += count
