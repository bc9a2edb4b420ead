"""The source is changed in the two places that deal out rows, and nowhere else."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from freehold.engine.wider_shares import unpacked, widen_shares
from freehold.errors import EngineError

FILE = "xllamacpp-1/thirdparty/llama.cpp/ggml/src/ggml-cpu/ggml-cpu.c"
SOURCE = """\
    int chunk_size = 16;
    if (nr0 == 1 || nr1 == 1) {
        chunk_size = 64;
    }
        if (nr0 == 1 || nr1 == 1) {
            chunk_size = 64;
        }
    int other = 64;
"""


def package(place: Path, name: str, text: str) -> Path:
    source = place / "xllamacpp-1.tar.gz"
    with tarfile.open(source, "w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text.encode()))
    return source


def test_both_places_get_larger_shares(tmp_path: Path) -> None:
    folder = unpacked(package(tmp_path, FILE, SOURCE), tmp_path / "place")
    assert widen_shares(folder)
    changed = (folder.parent / FILE).read_text()
    assert changed == SOURCE.replace("chunk_size = 64", "chunk_size = 512")
    assert not widen_shares(folder)  # there is nothing left to change


@pytest.mark.parametrize("name", [FILE, "xllamacpp-1/setup.py"])
def test_another_source_is_left_as_it_is(tmp_path: Path, name: str) -> None:
    folder = unpacked(package(tmp_path, name, "int chunk_size = 32;"), tmp_path / "place")
    assert not widen_shares(folder)
    assert (folder.parent / name).read_text() == "int chunk_size = 32;"


def test_what_is_no_package_says_so(tmp_path: Path) -> None:
    broken = tmp_path / "xllamacpp-1.tar.gz"
    broken.write_bytes(b"no archive")
    with pytest.raises(EngineError, match="cannot be unpacked"):
        unpacked(broken, tmp_path / "place")
