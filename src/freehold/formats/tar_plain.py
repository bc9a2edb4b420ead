"""Plain tar archives: written always the same, read without trusting anything in them.

The reader lists members by walking the headers and gives their places; it extracts nothing and
makes no file. It knows regular files and folders. Links, devices, sparse files, long-name tricks,
names that lead elsewhere and names that come twice are refused, and so is every byte that is
neither a header, nor a member's, nor the zeros that tar asks for. Compression is refused too.
Layout of a header: POSIX.1-2017, pax, "ustar Interchange Format".
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from freehold.errors import FormatError
from freehold.formats.tar_pax import read_records

BLOCK = 512
END = bytes(2 * BLOCK)
"""What closes an archive."""

HINT = "Nothing in it was owned. Ask for the file again, or have it made again."
_MEMBER_LIMIT = 100_000
_TAIL_LIMIT = 1 << 20
"""Zeros after the end: GNU tar fills up to 10 KiB, some to more, nobody to a mebibyte."""
_PAX_LIMIT = 1 << 16
_OCTAL_SIZE_END = 8**11
_KNOWN = frozenset({b"0", b"\0", b"5"})
"""A file, a file as before POSIX, a folder."""
_REFUSED = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a character device",
    b"4": "a block device",
    b"6": "a named pipe",
    b"L": "a GNU long name, which no bundle needs",
    b"K": "a GNU long link",
    b"S": "a sparse file",
    b"M": "the rest of a file on another volume",
    b"N": "an old GNU long name",
    b"V": "a volume label",
    b"D": "a GNU directory dump",
}
_COMPRESSED = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"PK\x03\x04", "zip"),
)


class CutShort(FormatError):
    """An archive that ends before its end."""


@dataclass(frozen=True)
class TarMember:
    """One regular file in an archive: where its bytes begin and how many they are."""

    name: str
    offset: int
    size: int


def padding(size: int) -> int:
    """How many zeros follow `size` bytes of a member."""
    return -size % BLOCK


def space_in_tar(size: int) -> int:
    """Bytes that a member of `size` bytes takes: header, contents, padding."""
    return BLOCK + size + padding(size)


def member_header(name: str, size: int) -> bytes:
    """The header of a regular file. No time, no owner: the same member gives the same bytes."""
    octal = size < _OCTAL_SIZE_END
    # What is too long for octal digits goes into GNU's base-256, which every reader of today knows.
    length = b"%011o\0" % size if octal else b"\x80" + size.to_bytes(11, "big")
    head = b"".join(
        (
            name.encode("ascii").ljust(100, b"\0"),
            b"0000644\0" + 2 * b"0000000\0",  # mode, user, group
            length + b"00000000000\0",  # size, time
            b" " * 8 + b"0",  # checksum while it is being made; type
            bytes(100) + b"ustar\x0000",  # link name; magic and version
            bytes(64) + 2 * b"0000000\0",  # user and group names; device numbers
            bytes(167),  # prefix and what fills the block
        )
    )
    return head[:148] + b"%06o\0 " % sum(head) + head[156:]


def read_members(file: BinaryIO, label: str, *, complete: bool = True) -> dict[str, TarMember]:
    """Every regular file in the archive by its name, in order. Raises FormatError.

    `file` is seekable; `label` is what to call it in errors. A leading `./` is taken off. When it
    need not be complete, what is whole of an archive that is cut short is given.
    """
    found: dict[str, TarMember] = {}
    try:
        for member in _Walk(file, label).members():
            if member.name in found:
                raise FormatError(f"{label} holds {_shown(member.name)} twice.", HINT)
            found[member.name] = member
    except CutShort:
        if complete:
            raise
    return found


class _Walk:
    """One pass over the headers."""

    def __init__(self, file: BinaryIO, label: str) -> None:
        self._file, self._label = file, label
        self._size = file.seek(0, os.SEEK_END)
        self._at = 0

    def members(self) -> Iterator[TarMember]:
        self._refuse_other_files()
        pax: dict[str, str] = {}
        for _ in range(_MEMBER_LIMIT):
            header = self._block()
            if header == bytes(BLOCK):
                if pax:
                    raise self._bad("ends after a header that announces a member")
                self._check_end()
                return
            self._check_sum(header)
            kind, size = header[156:157], self._number(header[124:136])
            if kind in b"xg":
                pax = self._pax(kind, size, pax)
                continue
            if kind not in _KNOWN:
                what = _REFUSED.get(kind, f"something of the unknown kind {kind!r}")
                raise self._bad(f"holds {what}")
            name = self._name(header, pax)
            size = self._pax_size(pax, size)
            pax = {}
            member = self._member(kind, name, size)
            if member is not None:
                yield member
        raise self._bad(f"holds more than {_MEMBER_LIMIT:,} members")

    def _member(self, kind: bytes, name: str, size: int) -> TarMember | None:
        if kind == b"5":
            if size:
                raise self._bad(f"has a folder {_shown(name)} with bytes in it")
            return None
        member = TarMember(name, self._at, size)
        self._skip(size, name)
        return member

    def _skip(self, size: int, name: str) -> None:
        end = self._at + size + padding(size)
        if end > self._size:
            raise CutShort(
                f"{self._label} is cut short: {_shown(name)} should go on to byte {end:,} and the "
                f"file has {self._size:,}.",
                HINT,
            )
        self._at += size
        if any(self._read(padding(size))):
            raise self._bad(f"has something hidden behind {_shown(name)}, where zeros belong")

    def _refuse_other_files(self) -> None:
        head = self._read(min(BLOCK, self._size))
        self._at = 0
        for magic, name in _COMPRESSED:
            if head.startswith(magic):
                raise FormatError(
                    f"{self._label} is compressed ({name}), and a bundle never is.",
                    "Unpack it to a plain .tar first, if you trust where it comes from.",
                )
        if head[257:262] != b"ustar":
            raise FormatError(
                f"{self._label} is not a tar archive.",
                "A bundle is a file that `freehold export` made, or an OCI layout in a tar.",
            )

    def _block(self) -> bytes:
        if self._at + BLOCK > self._size:
            raise CutShort(
                f"{self._label} is cut short: it ends at byte {self._size:,} without the zeros "
                "that close it.",
                HINT,
            )
        return self._read(BLOCK)

    def _read(self, count: int) -> bytes:
        self._file.seek(self._at)
        parts: list[bytes] = []
        left = count
        while left and (part := self._file.read(left)):
            parts.append(part)
            left -= len(part)
        if left:
            raise FormatError(f"{self._label} became shorter while it was read.", HINT)
        self._at += count
        return b"".join(parts)

    def _check_end(self) -> None:
        tail = self._size - self._at
        if tail < BLOCK or tail > _TAIL_LIMIT or any(self._read(tail)):
            self._at = self._size
            if tail < BLOCK:
                raise CutShort(f"{self._label} is cut short: its last zeros are missing.", HINT)
            raise self._bad("goes on after its end")

    def _check_sum(self, header: bytes) -> None:
        claimed = self._number(header[148:156])
        if claimed != sum(header) - sum(header[148:156]) + 8 * 32:
            raise self._bad(f"is damaged: the header before byte {self._at:,} does not add up")
        if header[257:262] != b"ustar":
            raise self._bad("changes its format half-way")

    def _number(self, field: bytes) -> int:
        if field[0] == 0x80:
            return int.from_bytes(field[1:], "big")
        digits = field.rstrip(b" \0").lstrip(b" ")
        if not digits or not all(48 <= digit < 56 for digit in digits):
            if digits:
                raise self._bad(f"has a number that is none before byte {self._at:,}")
            return 0
        return int(digits, 8)

    def _pax(self, kind: bytes, size: int, pending: dict[str, str]) -> dict[str, str]:
        if pending or size > _PAX_LIMIT:
            raise self._bad("has extended headers that make no sense")
        start = self._at
        self._skip(size, "an extended header")
        after, self._at = self._at, start
        records = read_records(self._read(size), self._label)
        self._at = after
        if kind == b"g" and records:
            raise self._bad("has a global header that changes all members")
        return records

    def _pax_size(self, pax: dict[str, str], size: int) -> int:
        text = pax.get("size")
        if text is None:
            return size
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise self._bad("has a size that is no number")
        return int(text)

    def _name(self, header: bytes, pax: dict[str, str]) -> str:
        raw = header[:100].split(b"\0", 1)[0]
        if header[257:263] == b"ustar\0" and header[345]:  # GNU keeps other things there
            raw = header[345:500].split(b"\0", 1)[0] + b"/" + raw
        try:
            name = pax.get("path") or raw.decode()
        except UnicodeDecodeError as error:
            raise self._bad("holds a name that is not UTF-8") from error
        plain = name.removeprefix("./").rstrip("/")
        if name.strip("./") == "" and name in (".", "./"):
            return "."
        parts = plain.split("/")
        is_safe = plain.isprintable() and not any(mark in plain for mark in "\\:")
        if not is_safe or any(part in {"", ".", ".."} for part in parts):
            raise self._bad(f"holds the name {_shown(name)}, which could lead out of it")
        return plain

    def _bad(self, what: str) -> FormatError:
        return FormatError(f"{self._label} {what}.", HINT)


def _shown(name: str) -> str:
    return repr(name if len(name) <= 100 else name[:100] + "…")
