"""Rows in a small file: what is not there, what makes no sense, what another version wrote."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from freehold.errors import StorageError
from freehold.store.rows_file import RowsFile


def file_in(folder: Path) -> RowsFile:
    return RowsFile(folder / "deep" / "names.json", "names", "names", "Mend it.")


def test_what_was_written_is_read(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    assert file.read(lambda row: row) == []
    file.write([{"name": "Müller"}, {"name": "b"}], private=True)
    assert file.read(lambda row: row["name"]) == ["Müller", "b"]
    if os.name == "posix":
        assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"version": 1}',
        '{"version": 1, "names": 7}',
        '{"version": 1, "names": [7]}',
        '{"version": 1, "names": [{"other": 1}]}',
        json.dumps({"version": 2, "names": []}),
    ],
)
def test_what_makes_no_sense_is_named_and_left(tmp_path: Path, text: str) -> None:
    file = file_in(tmp_path)
    file.path.parent.mkdir()
    file.path.write_text(text)
    with pytest.raises(StorageError, match=r"The names in .* cannot be read") as caught:
        file.read(lambda row: row["name"])
    assert caught.value.hint == "Mend it."
    assert file.path.read_text() == text
