"""Models that are on this machine already."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from freehold.errors import NotFound
from freehold.names import ModelRef
from freehold.sources.file import FileSource
from freehold.sources.interface import Offer, Role


def resolve(path: Path | str) -> Offer:
    return FileSource().resolve(ModelRef.parse(str(path)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "models"
    made.mkdir()
    return made


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(b"GGUF")


def test_a_file_is_offered_where_it_lies(folder: Path) -> None:
    put(folder, "tiny.Q4_0.gguf")
    offer = resolve(folder / "tiny.Q4_0.gguf")
    (file,) = offer.files
    assert (file.name, file.role, file.size) == ("tiny.Q4_0.gguf", Role.WEIGHTS, 4)
    assert file.pieces[0].remote.path == str(folder / "tiny.Q4_0.gguf")
    assert file.pieces[0].remote.urls == ()
    assert offer.title == "tiny.Q4_0"


def test_the_home_folder_may_be_a_tilde(tmp_path: Path) -> None:
    put(tmp_path / "user", "tiny.gguf")
    assert resolve("~/tiny.gguf").files[0].size == 4


def test_a_folder_with_one_model_is_that_model(folder: Path) -> None:
    put(folder, "tiny.gguf", "notes.txt", "mmproj-tiny.gguf")
    assert [file.name for file in resolve(folder).files] == ["tiny.gguf"]


def test_a_folder_with_several_asks_which(folder: Path) -> None:
    put(folder, "one.gguf", "two.gguf")
    with pytest.raises(NotFound, match="holds 2 models") as caught:
        resolve(folder)
    assert "one.gguf, two.gguf" in str(caught.value.hint)


@pytest.mark.parametrize("named", ["", "big-00001-of-00003.gguf", "big-00003-of-00003.gguf"])
def test_a_split_model_is_found_by_any_of_its_parts(folder: Path, named: str) -> None:
    names = [f"big-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    put(folder, *names)
    assert [file.name for file in resolve(folder / named).files] == names
    (folder / names[1]).unlink()
    with pytest.raises(NotFound, match="its part 2 is not"):
        resolve(folder / named)


def test_a_file_that_is_not_there_brings_its_neighbours_to_mind(folder: Path) -> None:
    put(folder, "smollm2.gguf", "gemma.gguf")
    with pytest.raises(NotFound, match=re.escape(str(folder / "smolm2.gguf"))) as caught:
        resolve(folder / "smolm2.gguf")
    assert "smollm2.gguf" in str(caught.value.hint)


def test_nothing_at_all(folder: Path) -> None:
    with pytest.raises(NotFound):
        resolve(folder / "absent" / "x.gguf")
    with pytest.raises(NotFound, match="holds no model file"):
        resolve(folder)
