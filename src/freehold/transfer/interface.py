"""What a download is: the same bytes at one or more addresses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from freehold.names import Digest


@dataclass(frozen=True)
class RemoteFile:
    """One download.

    The addresses are interchangeable mirrors: a transfer may take different parts from each. Those
    that are `peers` are asked all at once; of others, one at a time.
    `path` is set instead of `urls` when the bytes are already on this machine.
    """

    urls: tuple[str, ...]
    size: int | None = None
    sha256: Digest | None = None
    headers: tuple[tuple[str, str], ...] = ()
    """Sent to the host of the first address alone: a token is nobody else's business."""
    path: str | None = None
    peers: tuple[str, ...] = ()
    """Those of the addresses that are other Freeholds."""
    chunks: bytes = field(default=b"", repr=False)
    """The SHA-256 of each MiB, 32 bytes each, where the source tells them; `size` is known then."""

    def headers_for(self, url: str) -> dict[str, str]:
        """The headers that may go with a request to `url`, one of the addresses."""
        return dict(self.headers) if _origin(url) == _origin(self.urls[0]) else {}

    def without(self, url: str) -> RemoteFile:
        """The same file with one address fewer; the headers go with the first one."""
        rest = tuple(other for other in self.urls if other != url)
        headers = self.headers if url != self.urls[0] else ()
        peers = tuple(other for other in self.peers if other != url)
        return replace(self, urls=rest, headers=headers, peers=peers)

    def joined(self, other: RemoteFile) -> RemoteFile:
        """The same file with the addresses of another peer, which tells the same chunk hashes."""
        peers = tuple(dict.fromkeys((*self.peers, *other.peers)))
        return replace(self.mirrored(*other.urls), peers=peers)

    def mirrored(self, *urls: str) -> RemoteFile:
        """The same file with further addresses."""
        return replace(self, urls=tuple(dict.fromkeys((*self.urls, *urls))))


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
