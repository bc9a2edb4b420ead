"""A model at a web address: one file, or a split one whose parts lie side by side.

Plain http to another machine is refused unless the address ends in `#sha256=<hex>`, since anyone
on the way could change the bytes.
"""

from __future__ import annotations

import base64
import binascii
import re
from email.message import Message
from urllib.parse import unquote, urldefrag, urlsplit

from freehold.errors import NotFound, SourceError, UsageError
from freehold.names import Digest, ModelRef, Scheme
from freehold.sources import choice
from freehold.sources.interface import Offer, OfferedFile, Piece, Role
from freehold.transfer.http import HttpClient
from freehold.transfer.interface import RemoteFile
from freehold.transfer.proxies import is_loopback
from freehold.transfer.ranges import parse_content_range
from freehold.transfer.response import Response

_FRAGMENT = re.compile(r"sha256[=:]([0-9a-fA-F]{64})")
_HEX64 = re.compile(r"[0-9a-f]{64}")
MOST_PARTS = 1000


class UrlSource:
    """Any web server."""

    scheme = Scheme.URL

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def resolve(self, ref: ModelRef) -> Offer:
        """Ask for the file's name, size and whatever hash the server tells.

        Raises NotFound, AccessDenied, Unreachable, another SourceError, or UsageError for an
        address that is not safe to use.
        """
        url, fragment = urldefrag(ref.location)
        given = _FRAGMENT.fullmatch(fragment)
        pinned = Digest.parse(given[1]) if given else None
        _check_safety(url, pinned)
        shard = choice.SHARD.fullmatch(_last(url))
        if shard is None:
            file = self._look_at(url, pinned)
            return Offer(ref, None, file.name.removesuffix(".gguf"), (file,))
        if int(shard["count"]) > MOST_PARTS:
            raise SourceError(f"{_last(url)} is said to be one of {int(shard['count']):,} parts.")
        files = [self._look_at(each, None) for each in _siblings(url, shard)]
        model = choice.choose(choice.candidates(files), None, urlsplit(url).netloc)
        return Offer(ref, None, model.name.removesuffix(".gguf"), model.files)

    def _look_at(self, url: str, pinned: Digest | None) -> OfferedFile:
        """Ask for the first byte only: not every server that gives files answers HEAD."""
        name = _last(url)
        with self._client.document(url, {"Range": "bytes=0-0"}, name, ok=(200, 206)) as response:
            if response.is_html:
                raise NotFound(
                    f"{response.host} has a web page at that address, not a model file.",
                    "Use the address of the file itself: the link behind the download button.",
                )
            found = parse_content_range(response.header("Content-Range"))
            size = found.size if found else response.length
            told = _told_name(response) or name or "model.gguf"
            digest = pinned or _told_hash(response)
        remote = RemoteFile((url,), size, digest)
        role = Role.PROJECTOR if "mmproj" in told.lower() else Role.WEIGHTS
        return OfferedFile(told, role, (Piece(remote, None, size),), size, digest)


def _check_safety(url: str, pinned: Digest | None) -> None:
    parts = urlsplit(url)
    if parts.username is not None:
        raise UsageError(
            "An address with a login in it would be written into the ledger.",
            "Fetch the file another way, then get it by its path.",
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname) and pinned is None:
        raise UsageError(
            f"{url} is not encrypted, so what arrives could be anything.",
            "Use https://, or add #sha256= and the file's hash to the address.",
        )


def _siblings(url: str, shard: re.Match[str]) -> list[str]:
    count = int(shard["count"])
    parts = urlsplit(url)
    folder, slash, name = parts.path.rpartition("/")
    end = name[name.rindex(f"-{shard['index']}-of-") + 6 :]
    base = name[: name.rindex(f"-{shard['index']}-of-")]
    return [
        parts._replace(path=f"{folder}{slash}{base}-{index:05d}{end}").geturl()
        for index in range(1, count + 1)
    ]


def _last(url: str) -> str:
    return unquote(urlsplit(url).path).rpartition("/")[2]


def _told_name(response: Response) -> str | None:
    """The name in Content-Disposition, without any folders."""
    message = Message()
    message["Content-Disposition"] = response.header("Content-Disposition") or ""
    name = message.get_filename() or ""
    return re.split(r"[/\\]", name)[-1].strip() or None


def _told_hash(response: Response) -> Digest | None:
    """A SHA-256 of the whole file, from headers that can hold one (RFC 9530, 3230; the Hub's)."""
    tag = (response.header("X-Linked-ETag") or "").strip().strip('"').lower()
    if _HEX64.fullmatch(tag):
        return Digest(tag)
    for name in ("Repr-Digest", "Digest"):
        for part in (response.header(name) or "").split(","):
            method, _, value = part.strip().partition("=")
            if method.lower() == "sha-256":
                return _from_base64(value.strip(":"))
    return None


def _from_base64(text: str) -> Digest | None:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return Digest(raw.hex()) if len(raw) == 32 else None
