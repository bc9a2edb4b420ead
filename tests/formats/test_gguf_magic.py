"""Files that are something else are called by their name."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import pytest

from freehold.errors import FormatError
from freehold.formats.gguf import read_header


def _zip(path: Path) -> bytes:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.pkl", b"x")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<!DOCTYPE html><html>Sign in to download</html>", "web page"),
        (b"\n\n<html><body>404</body></html>", "web page"),
        (b'{"error": "Repository not found"}', "JSON"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "Git LFS pointer"),
        (b"tjgg\x03\0\0\0" + bytes(50), "before GGUF"),
        (bytes(4096), "nothing but zeros"),
        (pickle.dumps({"a": 1}, protocol=2), "PyTorch"),
        (b"\x28\0\0\0\0\0\0\0" + b'{"weight": {}}' + bytes(40), "safetensors"),
        (b"Just some notes about models.", 'does not begin with "GGUF"'),
        (b"G", "ends too early"),
        (b"GGUF", "ends too early"),
    ],
)
def test_what_it_is_instead(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=name) as caught:
        read_header(path)
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_a_zip(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(_zip(tmp_path / "model.zip"))
    with pytest.raises(FormatError, match="PyTorch"):
        read_header(tmp_path / "model.gguf")
