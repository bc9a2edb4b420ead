"""What a download is: the same bytes at one or more addresses."""

from __future__ import annotations

from dataclasses import dataclass

from freehold.names import Digest


@dataclass(frozen=True)
class RemoteFile:
    """One download.

    The addresses are interchangeable mirrors: a transfer may take different parts from each.
    `path` is set instead of `urls` when the bytes are already on this machine.
    """

    urls: tuple[str, ...]
    size: int | None = None
    sha256: Digest | None = None
    headers: tuple[tuple[str, str], ...] = ()
    path: str | None = None
