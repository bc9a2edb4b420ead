"""The journal beside a download: which bytes are safely on the disk, so that a kill costs little.

It claims two things apart: what was flushed to the disk before it was written, and what was only
handed to the system. The second outlives a killed process but not a power cut, so it counts only
while the machine has not been started anew. A journal that is torn, or that speaks of another
file, counts for nothing. It does not know how the bytes were fetched.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from freehold.transfer.interface import RemoteFile
from freehold.transfer.ranges import Range, Spans

SUFFIX = ".progress"
_VERSION = 1


def journal_path(target: Path) -> Path:
    """Where the journal of a download into `target` lies. Remove both together."""
    return target.with_name(target.name + SUFFIX)


def discard(target: Path) -> None:
    """Forget a download: remove its partial file and its journal, where they exist."""
    target.unlink(missing_ok=True)
    journal_path(target).unlink(missing_ok=True)


@dataclass(frozen=True)
class Journal:
    """What was known of a download at one moment."""

    size: int
    sha256: str | None
    validators: tuple[tuple[str, str], ...]
    """Pairs of address and the ETag or date it gave for the file."""
    flushed: tuple[Range, ...]
    """Ranges that are on the disk whatever happens."""
    written: tuple[Range, ...]
    """Ranges that are in the file as long as the machine runs on."""
    boot: str | None
    """Which run of the machine that was. None where the system does not say."""

    def there(self, boot: str | None) -> tuple[Range, ...]:
        """The ranges that can be relied on in the given run of the machine."""
        return self.written if boot is not None and boot == self.boot else self.flushed

    def continues(self, remote: RemoteFile) -> bool:
        """Whether these bytes surely belong to the same file.

        The same hash proves it. Without a hash, an address must be able to say later that its
        file is unchanged, so it must have given an ETag or a date.
        """
        if remote.size is not None and remote.size != self.size:
            return False
        if remote.sha256 is not None:
            return self.sha256 == remote.sha256.hex
        known = dict(self.validators)
        return self.sha256 is None and any(url in known for url in remote.urls)


def this_boot() -> str | None:
    """What tells this run of the machine from the next. None where only Linux would know."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None


def load(target: Path, remote: RemoteFile) -> Journal | None:
    """The journal that this download can go on from, or None."""
    try:
        raw = journal_path(target).read_bytes()
        length = target.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return None
    journal = _decode(raw)
    if journal is None or not journal.continues(remote) or length != journal.size:
        return None
    return journal


def save(target: Path, journal: Journal) -> None:
    """Write the journal in one step. Raises OSError."""
    path = journal_path(target)
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(_encode(asdict(journal)))
    os.replace(fresh, path)  # noqa: PTH105  # the word the rest of the house uses for it


def _encode(fields: Mapping[str, Any]) -> bytes:
    body = json.dumps({"version": _VERSION, **fields}).encode()
    return b"%08x\n%s" % (zlib.crc32(body), body)


def _decode(raw: bytes) -> Journal | None:
    mark, _, body = raw.partition(b"\n")
    if mark != b"%08x" % zlib.crc32(body):
        return None
    fields = json.loads(body)
    if fields["version"] != _VERSION:
        return None
    flushed, written = (
        Spans((int(start), int(end)) for start, end in fields[name]).pairs
        for name in ("flushed", "written")
    )
    tags = tuple((str(url), str(tag)) for url, tag in fields["validators"])
    return Journal(int(fields["size"]), fields["sha256"], tags, flushed, written, fields["boot"])
