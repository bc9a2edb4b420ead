"""What an OpenSSF signature is over: each file's hash, or the hash of each part of it.

An in-toto statement with one subject, whose digest is over all digests in their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from freehold.errors import FormatError
from freehold.formats.strict_json import canonical, parse_object

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://model_signing/signature/v1.0"
ITSELF = "."
"""The name of the one file, where a file was signed and not a folder."""
GIT_PATHS = (".git", ".gitattributes", ".github", ".gitignore")
_HINT = "Checked are signatures in the form of OpenSSF Model Signing 1.0."
_HASHES = {"sha256": "sha256", "blake2": "blake2b", "blake2b": "blake2b"}
_PIECE = re.compile(r"(?P<name>[^:]+):(?P<start>\d{1,18}):(?P<end>\d{1,18})", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A part of a file and its hash; the whole file where `end` is None."""

    start: int
    end: int | None
    digest: str


@dataclass(frozen=True)
class Rules:
    """How the hashes were made. `part` is the size of a part in bytes; None: whole files."""

    algorithm: str = "sha256"
    part: int | None = None
    links: bool = False
    """Whether links to files were followed."""
    ignored: tuple[str, ...] = GIT_PATHS
    """Paths that were left out, with all below them."""

    def leaves_out(self, name: str) -> bool:
        """Whether a file is not looked at."""
        path = PurePosixPath(name)
        return any(path.is_relative_to(ignored) for ignored in self.ignored)


@dataclass(frozen=True)
class Manifest:
    """What was signed: a name for the model, the rules, and every file by its pieces."""

    name: str
    rules: Rules
    files: Mapping[str, tuple[Piece, ...]]


def write_manifest(manifest: Manifest) -> bytes:
    """The statement that is signed. Whole files only."""
    names = sorted(manifest.files, key=lambda name: PurePosixPath(name).parts)
    resources = [
        {"name": name, "algorithm": manifest.rules.algorithm, "digest": piece.digest}
        for name in names
        for piece in manifest.files[name]
    ]
    serialization = {
        "method": "files",
        "hash_type": manifest.rules.algorithm,
        "allow_symlinks": manifest.rules.links,
        "ignore_paths": list(manifest.rules.ignored),
    }
    digest = _over_all(entry["digest"] for entry in resources)
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": manifest.name, "digest": {"sha256": digest}}],
            "predicateType": PREDICATE_TYPE,
            "predicate": {"serialization": serialization, "resources": resources},
        }
    )


def read_manifest(data: bytes) -> Manifest:
    """Read what was signed. Raises FormatError, also when it contradicts itself."""
    body = parse_object(data, "What was signed")
    try:
        kinds = (body["_type"], body["predicateType"])
        if kinds != (STATEMENT_TYPE, PREDICATE_TYPE):
            raise FormatError(f"What was signed is of another kind: {kinds!r:.150}.", _HINT)
        (subject,) = body["subject"]
        rules = _rules(body["predicate"]["serialization"])
        files: dict[str, list[Piece]] = {}
        resources = body["predicate"]["resources"]
        for entry in resources:
            name, piece = _piece(entry, rules)
            files.setdefault(name, []).append(piece)
        if _over_all(entry["digest"] for entry in resources) != subject["digest"]["sha256"]:
            raise FormatError("What was signed contradicts itself: its hashes do not add up.", None)
        if rules.part is None and any(len(pieces) > 1 for pieces in files.values()):
            raise FormatError("What was signed names a file twice.", _HINT)
        return Manifest(
            _text(subject["name"]), rules, {name: _sorted(ps) for name, ps in files.items()}
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"What was signed lacks something: {error}.", _HINT) from error


def _rules(body: Any) -> Rules:
    algorithm = _HASHES.get(_text(body["hash_type"]))
    if algorithm is None or body["method"] not in {"files", "shards"}:
        raise FormatError(
            f"It was hashed by {body['method']!r:.40} with {body['hash_type']!r:.40}: not known.",
            "Known are SHA-256 and BLAKE2, of files and of shards.",
        )
    part = _part(body["shard_size"]) if body["method"] == "shards" else None
    if type(body["allow_symlinks"]) is not bool:
        raise TypeError("allow_symlinks that is neither true nor false")
    ignored = tuple(_text(path) for path in body.get("ignore_paths", []))
    return Rules(algorithm, part, body["allow_symlinks"], ignored)


def _part(value: Any) -> int:
    """model-signing writes it as a number with a point: 1000000000.0."""
    if type(value) not in {int, float} or not 1 <= value < 2**53 or value != int(value):
        raise ValueError("a size of shards that is none")
    return int(value)


def _piece(entry: Any, rules: Rules) -> tuple[str, Piece]:
    name, digest = _text(entry["name"]), _text(entry["digest"])
    bytes.fromhex(digest)
    if rules.part is None:
        return name, Piece(0, None, digest)
    match = _PIECE.fullmatch(name)
    if match is None:
        raise ValueError(f"a shard that is called {name[:80]!r}")
    return match["name"], Piece(int(match["start"]), int(match["end"]), digest)


def _sorted(pieces: list[Piece]) -> tuple[Piece, ...]:
    return tuple(sorted(pieces, key=lambda piece: piece.start))


def _over_all(digests: Iterable[str]) -> str:
    whole = sha256()
    for digest in digests:
        whole.update(bytes.fromhex(digest))
    return whole.hexdigest()


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 4_096 or not value.isprintable():
        raise TypeError("a text that is none, too long, or of more than one line")
    return value
