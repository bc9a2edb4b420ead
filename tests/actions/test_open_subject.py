"""A model to study: by its name, or by the path of a file that nobody owns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import flip_bit
from tests.conftest import tiny_gguf
from tests.studying import cut, synthetic

from freehold.actions.get import get
from freehold.actions.open_subject import open_subject
from freehold.errors import DamagedModel, NotOwned, StorageError
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.libraries import Libraries
from freehold.study.quality import file_facts


def test_an_owned_model_by_its_name(owned_home: Path) -> None:
    with Libraries(owned_home) as libraries, open_subject(libraries, "smollm2") as subject:
        assert subject.name.startswith("smollm2")
        assert subject.digest is not None
        assert subject.path.name == subject.digest.hex or subject.path.is_file()
        assert subject.template is not None


def test_a_file_by_its_path(tiny: Path, home: Path) -> None:
    with Libraries(home) as libraries, open_subject(libraries, str(tiny)) as subject:
        assert (subject.name, subject.path, subject.digest) == ("tiny-model", tiny, None)


def test_a_path_where_nothing_is(home: Path) -> None:
    with Libraries(home) as libraries, pytest.raises(StorageError, match="is not there"):
        open_subject(libraries, "/nowhere/model.gguf")


def test_a_name_that_is_not_owned_can_be_a_path(home: Path) -> None:
    with Libraries(home) as libraries, pytest.raises(NotOwned) as refused:
        open_subject(libraries, "nothing")
    assert "by its path" in str(refused.value.hint)


def test_changed_bytes_are_not_studied(tiny: Path, home: Path) -> None:
    with Libraries(home) as libraries:
        store = libraries.store()
        model = get(store, Settings(home=home), ModelRef.parse(str(tiny))).model
        flip_bit(store.blob_path(model.weights.digest), 200)
        with pytest.raises(DamagedModel):
            open_subject(libraries, model.name)


def test_one_part_opens_the_first_which_says_what_the_model_is(home: Path, tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"m-0000{number}-of-00002.gguf").write_bytes(tiny_gguf())
    second = tmp_path / "m-00002-of-00002.gguf"
    with Libraries(home) as libraries, open_subject(libraries, str(second)) as subject:
        assert (subject.name, subject.path.name) == (second.stem, "m-00001-of-00002.gguf")


def test_any_part_of_a_split_model_opens_all_of_it(home: Path, tmp_path: Path) -> None:
    whole = synthetic(tmp_path / "whole.gguf")
    third = cut(whole, 3)[2]
    with (
        Libraries(home) as libraries,
        open_subject(libraries, str(whole)) as one,
        open_subject(libraries, str(third)) as several,
    ):
        assert several.tokenize("What is it?") == one.tokenize("What is it?")
        assert [each.name for each in several.header.tensors] == [
            each.name for each in one.header.tensors
        ]
        assert file_facts(several).bits_per_weight == file_facts(one).bits_per_weight
        logits = several.transformer.trace([5, 6, 7]).logits
        np.testing.assert_array_equal(logits, one.transformer.trace([5, 6, 7]).logits)
