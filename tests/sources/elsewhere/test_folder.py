"""How files become models, by their names alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.sources.elsewhere.folder import bundles, found_file, role_by_name
from freehold.sources.elsewhere.found import FoundFile
from freehold.sources.interface import Role


def a_file(name: str, size: int = 4) -> FoundFile:
    return FoundFile(Path(name), name, role_by_name(name), size)


def test_parts_come_in_order_whatever_order_they_were_listed_in() -> None:
    names = [f"m-0000{number}-of-00003.gguf" for number in (3, 1, 2)]
    (bundle,) = bundles(map(a_file, names))
    assert [file.name for file in bundle.files] == sorted(names)


def test_a_lone_projector_is_no_model() -> None:
    (bundle,) = bundles([a_file("mmproj-x.gguf")])
    assert bundle.files[0].role is Role.PROJECTOR
    assert bundle.obstacle


def test_only_a_name_that_is_a_whole_hash_is_a_claim(tmp_path: Path) -> None:
    for name, claims in ((f"sha256-{'a' * 64}", True), ("b" * 64, True), ("c" * 40, False)):
        path = tmp_path / name
        path.write_bytes(b"x")
        assert (found_file(path, "m.gguf").sha256 is not None) is claims


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        found_file(tmp_path / "none", "none")
