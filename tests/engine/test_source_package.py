"""What a source package says of itself."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from tests.engine_source import write_source

from freehold.engine.source_package import absent_tools, build_tools_of, sha256_of, version_of
from freehold.errors import EngineError


def test_its_name_says_its_version(tmp_path: Path) -> None:
    assert version_of(write_source(tmp_path, version="2026.10.11549")) == "2026.10.11549"
    assert len(sha256_of(write_source(tmp_path))) == 64


def test_its_build_tools(tmp_path: Path) -> None:
    assert build_tools_of(write_source(tmp_path)) == ()
    assert absent_tools(("pytest>=1", "no-such-tool[toml] >= 3")) == ("no-such-tool[toml] >= 3",)


def test_one_without_a_project_file_is_none(tmp_path: Path) -> None:
    empty = tmp_path / "xllamacpp-1.0.tar.gz"
    with tarfile.open(empty, "w:gz"):
        pass
    with pytest.raises(EngineError, match=r"no pyproject\.toml"):
        build_tools_of(empty)
