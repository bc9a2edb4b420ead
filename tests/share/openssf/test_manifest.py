"""What OpenSSF's signatures say, read and written."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.share.openssf.conftest import RECORDED

from freehold.errors import FormatError
from freehold.share.openssf.bundle import read_signature
from freehold.share.openssf.manifest import (
    Manifest,
    Piece,
    Rules,
    read_manifest,
    write_manifest,
)


def _recorded(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(read_signature(RECORDED / f"{name}.sig").payload)
    return body


def test_what_is_written_is_read() -> None:
    pieces = {"b/x": (Piece(0, None, "ab" * 32),), "a": (Piece(0, None, "cd" * 32),)}
    manifest = Manifest("parrot", Rules(ignored=(".git",)), pieces)
    assert read_manifest(write_manifest(manifest)) == manifest


def test_shards_are_the_pieces_of_a_file_in_order() -> None:
    manifest = read_manifest(json.dumps(_recorded("shards")).encode())
    assert manifest.rules.part == 10
    pieces = manifest.files["parrot.gguf"]
    assert [(piece.start, piece.end) for piece in pieces] == [(0, 10), (10, 20), (20, 25)]


def _at(*path: str | int, to: object) -> Callable[[dict[str, Any]], None]:
    def change(body: dict[str, Any]) -> None:
        at: Any = body
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = to

    return change


_RULES = ("predicate", "serialization")
_FIRST = ("predicate", "resources", 0)


@pytest.mark.parametrize(
    "change",
    [
        _at("_type", to="https://in-toto.io/Statement/v0.1"),
        _at("predicateType", to="https://slsa.dev/provenance/v1"),
        _at("subject", to=[]),
        _at("subject", 0, "digest", "sha256", to="0" * 64),
        _at("predicate", "resources", to=[]),
        _at("predicate", "resources", to=7),
        _at(*_RULES, "method", to="trees"),
        _at(*_RULES, "hash_type", to="md5"),
        _at(*_RULES, "allow_symlinks", to="yes"),
        _at(*_RULES, "ignore_paths", to=[7]),
        _at(*_RULES, "shard_size", to=0),
        _at(*_RULES, "shard_size", to=1.5),
        _at(*_RULES, "shard_size", to=True),
        _at(*_RULES, "shard_size", to=1e300),
        _at(*_FIRST, "name", to="two\nlines:0:6"),
        _at("subject", 0, "name", to="\x1b[2J"),
        _at(*_FIRST, "name", to="no-numbers"),
        _at(*_FIRST, "name", to="a:b:0:10"),
        _at(*_FIRST, "name", to="a:-1:10"),
        _at(*_FIRST, "digest", to="xyz"),
        _at(*_FIRST, "digest", to=None),
    ],
)
def test_hostile_statements_are_one_clear_error(change: Callable[[dict[str, Any]], None]) -> None:
    body = _recorded("shards")
    change(body)
    with pytest.raises(FormatError):
        read_manifest(json.dumps(body).encode())


def test_a_file_named_twice_is_refused() -> None:
    body = _recorded("files")
    resources = body["predicate"]["resources"]
    resources[0]["name"] = resources[1]["name"]
    with pytest.raises(FormatError, match="twice"):
        read_manifest(json.dumps(body).encode())


def test_a_path_leaves_out_what_is_below_it_and_no_namesake() -> None:
    rules = Rules(ignored=(".git", "a/b"))
    assert all(map(rules.leaves_out, (".git", ".git/config", "a/b", "a/b/c")))
    assert not any(map(rules.leaves_out, (".gitmodules", "b/.git", "a/bc", "a")))
