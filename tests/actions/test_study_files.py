"""Which files a word means: an owned name, a path, all parts of a split model."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conftest import tiny_gguf

from freehold.actions.get import get
from freehold.actions.study_files import study_files
from freehold.errors import NotOwned, StorageError
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.libraries import Libraries


def test_a_path_need_not_be_owned(home: Path, tiny: Path) -> None:
    with Libraries(home) as libraries:
        files = study_files(libraries, str(tiny))
    assert (files.name, files.paths, files.owned) == ("tiny-model.gguf", (tiny,), None)
    assert files.read().tensors[0].name == "output.weight"


def test_one_part_means_all_of_them(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "m-00002-of-00003.gguf"
    path.write_bytes(tiny_gguf())
    with Libraries(home) as libraries:
        files = study_files(libraries, str(path))
    assert [each.name[:7] for each in files.paths] == ["m-00001", "m-00002", "m-00003"]


def test_what_is_nowhere_is_said_to_be(home: Path, tmp_path: Path) -> None:
    with Libraries(home) as libraries:
        with pytest.raises(StorageError, match="is not there"):
            study_files(libraries, str(tmp_path / "none.gguf"))
        with pytest.raises(NotOwned, match="'none'") as caught:
            study_files(libraries, "none")
    assert "by its path" in (caught.value.hint or "")


def test_an_owned_name_comes_with_what_the_ledger_knows(home: Path, tiny: Path) -> None:
    with Libraries(home) as libraries:
        get(libraries.store(), Settings(home=home), ModelRef.parse(str(tiny)))
        files = study_files(libraries, "tiny")
        assert files.name == "tiny-model"
        assert files.owned is not None
        assert files.owned.model.facts["title"] == "Tiny"
        assert files.paths != (tiny,)
        assert files.read().gguf is not None


def test_an_owned_model_can_be_named_by_where_it_came_from(home: Path, tiny: Path) -> None:
    with Libraries(home) as libraries:
        get(libraries.store(), Settings(home=home), ModelRef.parse(str(tiny)))
        assert study_files(libraries, f"file:{tiny}").owned is not None
        with pytest.raises(NotOwned):
            study_files(libraries, "hf:nobody/nothing")
