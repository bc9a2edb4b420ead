"""Windows and chains read like the bytes that they stand for."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from freehold.formats.file_window import FileChain, FileWindow


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    path.write_bytes(bytes(range(256)))
    return path


def test_a_window_is_its_part_of_the_file(data: Path) -> None:
    with data.open("rb", buffering=0) as file:
        window = FileWindow(file, 10, 20)
        assert window.read(5) == bytes(range(10, 15))
        assert window.readall() == bytes(range(15, 30))
        assert window.read(1) == b""
        assert window.seek(-2, os.SEEK_END) == 18
        assert window.read(9) == bytes(range(28, 30))
        assert window.seek(3) == 3
        assert window.seek(2, os.SEEK_CUR) == 5
        assert window.read(1) == bytes([15])
        assert FileWindow(file, 250, 100).readall() == bytes(range(250, 256))


def test_a_chain_is_one_after_the_other(data: Path) -> None:
    with data.open("rb", buffering=0) as file:
        parts = [FileWindow(file, 0, 3), FileWindow(file, 9, 0), FileWindow(file, 5, 2)]
        assert io.BufferedReader(FileChain(parts)).read() == bytes([0, 1, 2, 5, 6])
    assert FileChain([]).read(1) == b""
