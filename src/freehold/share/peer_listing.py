"""What a peer shares, read from the list it gives: claims, in words that can be shown.

The counterpart of `peers.listing`. What is odd in it is left out or refused; nothing is fetched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from freehold.errors import FreeholdError, SourceError
from freehold.formats.strict_json import MAX_BYTES, parse_object
from freehold.names import Digest
from freehold.share.introduction import Introduction
from freehold.share.peers import FORMAT
from freehold.share.signing.key import PublicKey

MOST_BYTES = MAX_BYTES
_LARGEST = 1 << 44
_LONGEST = 200


@dataclass(frozen=True)
class PeerFile:
    """One file of a shared model, by its bytes."""

    path: str
    role: str
    digest: Digest
    size: int


@dataclass(frozen=True)
class PeerModel:
    """One shared model. `id` is the model's id in any store: what it is."""

    name: str
    id: str
    files: tuple[PeerFile, ...]

    @property
    def size(self) -> int:
        """Bytes, each blob counted once."""
        return sum({file.digest: file.size for file in self.files}.values())


@dataclass(frozen=True)
class PeerListing:
    """What one peer shares now. `introduction` is None for one without a key."""

    host: str
    port: int
    introduction: Introduction | None
    models: tuple[PeerModel, ...]

    @property
    def key(self) -> PublicKey | None:
        """Whose list it is, as it was proven."""
        return self.introduction.key if self.introduction else None

    @property
    def listed_at(self) -> datetime | None:
        """When the list was made, by the peer's clock."""
        return self.introduction.listed_at if self.introduction else None

    def having(self, digest: Digest) -> tuple[PeerModel, ...]:
        """The models with a file of that hash."""
        return tuple(
            model for model in self.models if any(file.digest == digest for file in model.files)
        )


def read_listing(data: bytes, address: str) -> tuple[PeerModel, ...]:
    """The models in a list that `address` gave. Raises SourceError."""
    try:
        document = parse_object(data, f"The list of {address}")
        if document.get("format") != FORMAT:
            raise SourceError(f"{address} runs another version of Freehold.", "Update the older.")
        return tuple(_model(told) for told in _objects(document["models"]))
    except (KeyError, TypeError, ValueError, FreeholdError) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(
            f"{address} answered with something that is no list of shared models.",
            "It may be another kind of server, or a peer that is up to something.",
        ) from error


def _model(told: dict[str, Any]) -> PeerModel:
    files = tuple(_file(file) for file in _objects(told["files"]))
    return PeerModel(_text(told["name"]), Digest.parse(_text(told["id"])).hex, files)


def _file(told: dict[str, Any]) -> PeerFile:
    size = told["size"]
    if type(size) is not int or not 0 <= size <= _LARGEST:
        raise ValueError("a size that is none")
    digest = Digest.parse(_text(told["digest"]))
    return PeerFile(_text(told["path"]), _text(told["role"]), digest, size)


def _objects(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise TypeError("a list that is none")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or not value.isprintable():
        raise TypeError("a text that is none")
    return value
