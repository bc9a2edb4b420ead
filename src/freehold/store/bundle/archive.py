"""The archive of a bundle: members by name, documents by hash. Nothing is written.

Every document is given out only after its size and its hash are what was promised.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import file_digest, sha256
from typing import BinaryIO, cast

from freehold.errors import FormatError, FreeholdError, HashMismatch
from freehold.formats.file_window import FileWindow
from freehold.formats.modelpack import FILE_PATH
from freehold.formats.oci_layout import (
    INDEX_NAME,
    LAYOUT_NAME,
    Descriptor,
    blob_name,
    check_layout,
    read_index,
    read_manifest,
)
from freehold.formats.strict_json import MAX_BYTES
from freehold.formats.tar_plain import END, HINT, TarMember, read_members, space_in_tar
from freehold.names import Digest
from freehold.store.bundle.parts import Found, PartsReader, refuse_missing, refuse_uneven
from freehold.store.durable import storage_errors


class BundleArchive:
    """An opened archive. Whoever opens it closes it."""

    def __init__(self, found: Found) -> None:
        self.name = found.stem.name
        self._reader = PartsReader(found.paths)
        self._file = cast(BinaryIO, self._reader)  # it has what is used of a binary file
        try:
            with storage_errors(f"read {self.name}"):
                self._members = self._walk(found)
                check_layout(self._named(LAYOUT_NAME))
                self.index = self._named(INDEX_NAME)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close its files."""
        self._reader.close()

    def member(self, blob: Descriptor) -> TarMember:
        """Where a blob is. Raises FormatError when it is missing or not of the promised size."""
        member = self._members.get(blob_name(blob.digest))
        if member is None:
            raise FormatError(
                f"{self.name} is not complete: the blob {blob.digest.short} that it names is not "
                "in it.",
                HINT,
            )
        if member.size != blob.size:
            raise FormatError(
                f"The blob {blob.digest.short} in {self.name} has {member.size:,} bytes and "
                f"should have {blob.size:,}.",
                HINT,
            )
        return member

    def window(self, digest: Digest) -> FileWindow:
        """The bytes of a blob, as they are in the archive: not proven."""
        member = self._members[blob_name(digest)]
        return FileWindow(self._file, member.offset, member.size)

    def beginning(self, blob: Descriptor, count: int) -> bytes:
        """The first bytes of a blob, at most `count`: not proven."""
        member = self.member(blob)
        return self._bytes(TarMember(member.name, member.offset, min(count, member.size)), count)

    def document(self, blob: Descriptor, limit: int = MAX_BYTES) -> bytes:
        """All bytes of a small blob, proven. Raises HashMismatch or FormatError."""
        data = self._bytes(self.member(blob), limit)
        if sha256(data).hexdigest() != blob.digest.hex:
            raise HashMismatch(
                f"{self.name} is damaged: its document {blob.digest.short} does not hash to that.",
                HINT,
            )
        return data

    def unpack(self, layer: Descriptor) -> list[Descriptor]:
        """The files in a layer that is a plain tar itself, each as a layer of its own.

        Reads all of it, to prove the layer and to hash what is in it. Raises HashMismatch, and
        FormatError as for any tar.
        """
        outer = self.member(layer)
        if self._hash(outer).hex != layer.digest.hex:
            raise HashMismatch(
                f"{self.name} is damaged: its layer {layer.digest.short} does not hash to that.",
                HINT,
            )
        window = cast(BinaryIO, self.window(layer.digest))
        files: list[Descriptor] = []
        for name, inner in read_members(window, f"A layer of {self.name}").items():
            member = TarMember(name, outer.offset + inner.offset, inner.size)
            digest = self._hash(member)
            self._members.setdefault(blob_name(digest), member)
            kind = f"{layer.media_type.removesuffix('.tar')}.raw"
            files.append(Descriptor(kind, digest, inner.size, {FILE_PATH: name}))
        return files

    def _hash(self, member: TarMember) -> Digest:
        window = FileWindow(self._file, member.offset, member.size)
        with storage_errors(f"read {self.name}"):
            return Digest(file_digest(window, "sha256").hexdigest())

    def _named(self, name: str) -> bytes:
        member = self._members.get(name)
        if member is None:
            raise FormatError(
                f"{self.name} is no OCI layout: it has no {name}.",
                "A bundle is a file that `freehold export` made, or an OCI layout in a tar.",
            )
        return self._bytes(member, MAX_BYTES)

    def _bytes(self, member: TarMember, limit: int) -> bytes:
        if member.size > limit:
            raise FormatError(f"{member.name} in {self.name} is absurdly long.", HINT)
        with storage_errors(f"read {self.name}"):
            data = FileWindow(self._file, member.offset, member.size).readall()
        if len(data) != member.size:
            raise FormatError(f"{self.name} became shorter while it was read.", HINT)
        return data

    def _walk(self, found: Found) -> dict[str, TarMember]:
        refuse_missing(found)
        refuse_uneven(found)
        try:
            return read_members(self._file, self.name)
        except FormatError:
            if found.is_split:
                self._members = read_members(self._file, self.name, complete=False)
                refuse_missing(found, self._parts_to_come(found))
            raise

    def _parts_to_come(self, found: Found) -> tuple[str, ...]:
        """Which parts after the last one must exist, by what the first documents promise."""
        total = 0
        with suppress(FreeholdError):  # they are not there or damaged: the error is the caller's
            total = self._promised_size()
        last, part = len(found.paths), found.paths[0].stat().st_size
        digits = len(found.paths[0].name) - len(f"{found.stem.name}.part")
        return tuple(
            f"{found.stem.name}.part{number:0{digits}}"
            for number in range(last + 1, -(-total // part) + 1)
        )

    def _promised_size(self) -> int:
        """Bytes that a bundle of ours has, from its index and manifests alone."""
        sizes = {
            name: self._members[name].size
            for name in (LAYOUT_NAME, INDEX_NAME)
            if name in self._members
        }
        for entry in read_index(self._named(INDEX_NAME)):
            manifest = read_manifest(self.document(entry), "A manifest")
            for blob in (entry, manifest.config, *manifest.layers):
                sizes[blob_name(blob.digest)] = blob.size
        return sum(map(space_in_tar, sizes.values())) + len(END)
