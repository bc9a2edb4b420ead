"""Models that another Freehold shares: `peer:host/model`, `peer:host:port/model`.

What a peer says is a claim: the bytes are proven by the hash it names, and its chunk hashes only
help to find which part of a transfer is wrong. The way there is not encrypted, so the hash that it
names is worth comparing with one from elsewhere.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Collection
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

from freehold.errors import FreeholdError, NotFound, SourceError, UsageError
from freehold.names import Digest, ModelRef, Scheme
from freehold.sources.interface import LicenceClaim, Offer, OfferedFile, Piece, Role
from freehold.sources.layers import safe_name
from freehold.transfer.http import HttpClient
from freehold.transfer.interface import RemoteFile
from freehold.transfer.ranges import CHUNK_SIZE

PORT = 2412
"""Where `freehold share` listens unless told otherwise."""
FORMAT = 1
_LIST_LIMIT = 16 << 20
_STORY_LIMIT = 4 << 20
_STORY = "provenance"
_LARGEST = 1 << 44
_HINT = "It may be another kind of server, or a peer that is up to something."


class PeerSource:
    """The Freeholds of others."""

    scheme = Scheme.PEER

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def resolve(self, ref: ModelRef) -> Offer:
        """Say what a peer shares under a name, or under the digits of a model's id.

        Raises NotFound with what it does share, AccessDenied, Unreachable, SourceError, UsageError.
        """
        base = _address(ref)
        return self._offer(base, ref, _chosen(self._models(base, ref.location), ref))

    def having(self, place: str, digests: Collection[Digest]) -> list[Offer]:
        """The models of the peer at `HOST[:PORT]` that have a file with one of these hashes.

        Raises as `resolve` does.
        """
        base = _address(ModelRef(Scheme.PEER, place, "any"))
        words = {str(digest) for digest in digests}
        offers = []
        for model in self._models(base, place):
            files = model.get("files")
            told = [each.get("digest") for each in files or () if isinstance(each, dict)]
            if words.intersection(map(str, told)):
                ref = ModelRef(Scheme.PEER, place, str(model.get("name")))
                offers.append(self._offer(base, ref, model))
        return offers

    def _offer(self, base: str, ref: ModelRef, model: dict[str, Any]) -> Offer:
        try:
            files = [self._file(base, told, ref.location) for told in _list(model, "files")]
            licence = dict(model.get("licence") or {})
            return Offer(
                ref=ref,
                revision=_text(model, "id"),
                title=_text(model, "name"),
                files=tuple(files),
                licence=LicenceClaim(_maybe(licence, "spdx"), _maybe(licence, "name")),
                story=self._story(base, model),
            )
        except (KeyError, TypeError, ValueError, FreeholdError) as error:
            if isinstance(error, SourceError):
                raise
            raise _odd(ref.location) from error

    def _models(self, base: str, host: str) -> list[dict[str, Any]]:
        what = f"list of what {host} shares"
        try:
            told = self._client.get_json(f"{base}/models.json", what=what, limit=_LIST_LIMIT)
        except NotFound as error:
            raise NotFound(
                f"{host} answers, but shares no models in Freehold's way.",
                "`freehold share` must run there; its port is 2412 unless it says another.",
            ) from error
        if not isinstance(told, dict) or not isinstance(told.get("models"), list):
            raise _odd(host)
        if told.get("format") != FORMAT:
            raise SourceError(f"{host} runs another version of Freehold.", "Update the older one.")
        return [model for model in told["models"] if isinstance(model, dict)]

    def _file(self, base: str, told: dict[str, Any], host: str) -> OfferedFile:
        digest, size = Digest.parse(_text(told, "digest")), told["size"]
        if type(size) is not int or not 0 <= size <= _LARGEST:
            raise _odd(host)
        url = f"{base}/blobs/{digest}"
        remote = RemoteFile((url,), size, digest, peers=(url,))
        if size > CHUNK_SIZE and told.get("chunk_size") == CHUNK_SIZE:
            remote = replace(remote, chunks=self._chunks(base, told, digest, size, host))
        name, role = safe_name(_text(told, "path"), host), told.get("role")
        known = Role(role) if role in set(Role) else Role.OTHER
        return OfferedFile(name, known, (Piece(remote, None, size),), size, digest)

    def _chunks(
        self, base: str, told: dict[str, Any], digest: Digest, size: int, host: str
    ) -> bytes:
        """The chunk hashes of a file, as the root in the list says that they are."""
        length = 32 * -(-size // CHUNK_SIZE)
        chunks = self._client.get_bytes(f"{base}/chunks/{digest}", length, what="chunk hashes")
        root = Digest.parse(_text(told, "root"))
        if len(chunks) != length or hashlib.sha256(chunks).hexdigest() != root.hex:
            raise SourceError(
                f"{host} gives chunk hashes that are not the ones it promised.",
                "Use another source for this model.",
            )
        return chunks

    def _story(self, base: str, model: dict[str, Any]) -> bytes | None:
        """What its owner's Freehold tells of it: lineage, and where else it was seen."""
        documents = [each for each in _list(model, "documents") if each.get("role") == _STORY]
        if not documents:
            return None
        digest = Digest.parse(_text(documents[0], "digest"))
        return self._client.get_bytes(f"{base}/blobs/{digest}", _STORY_LIMIT, what="the story")


def place_of(text: str) -> tuple[str, int]:
    """Host and port of `HOST`, `HOST:PORT` or `[IPV6]:PORT`. Raises UsageError."""
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port or PORT
    except ValueError:
        host, port = None, PORT
    if not host or parts.username is not None or parts.path or parts.query or " " in text:
        raise UsageError(
            f"{text!r} is no address of a peer.",
            "It looks like peer:192.168.1.7/smollm2, or peer:laptop.local:2412/smollm2.",
        )
    return host, port


def _address(ref: ModelRef) -> str:
    host, port = place_of(ref.location)
    shown = f"[{host}]" if ":" in host else quote(host)
    return f"http://{shown}:{port}/freehold"


def _chosen(models: list[dict[str, Any]], ref: ModelRef) -> dict[str, Any]:
    """By its name, by the digits of its id, or by the only name that has the word in it."""
    wanted = (ref.file or "").lower()
    names = [str(model.get("name")) for model in models]
    hexes = [str(model.get("id")).removeprefix("sha256:") for model in models]
    digits = wanted.removeprefix("sha256:")
    for found in (
        [index for index, name in enumerate(names) if name == wanted],
        [i for i, known in enumerate(hexes) if len(digits) >= 6 and known.startswith(digits)],
        [index for index, name in enumerate(names) if wanted in name],
    ):
        if len(found) == 1:
            return models[found[0]]
    near = difflib.get_close_matches(wanted, names, 3, 0.5) or names[:12]
    hint = f"It shares {', '.join(near)}." if near else "It shares nothing now."
    raise NotFound(f"{ref.location} shares no model called {ref.file!r}.", hint)


def _odd(host: str) -> SourceError:
    return SourceError(f"{host} answered with something that is no list of shared models.", _HINT)


def _list(body: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = body[key]
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise TypeError(key)
    return value


def _text(body: dict[str, Any], key: str) -> str:
    value = body[key]
    if not isinstance(value, str) or not value or not value.isprintable():
        raise TypeError(key)
    return value


def _maybe(body: dict[str, Any], key: str) -> str | None:
    return None if body.get(key) is None else _text(body, key)
