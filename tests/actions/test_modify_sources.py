"""Which file a word means to `modify`, found once and proven."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.studying import cut, synthetic

from freehold.actions.get import get
from freehold.actions.modify_sources import source
from freehold.errors import NotOwned, StorageError, UnsupportedModel
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.libraries import Libraries


def test_a_path_need_not_be_owned(home: Path, tiny: Path) -> None:
    with Libraries(home) as libraries:
        found = source(libraries, str(tiny))
        assert (found.name, found.path, found.owned) == ("tiny-model", tiny, None)
        with pytest.raises(StorageError, match="is not there"):
            source(libraries, str(tiny.with_name("none.gguf")))


def test_a_part_of_a_split_model_is_refused(home: Path, tmp_path: Path) -> None:
    part = cut(synthetic(tmp_path / "whole.gguf"), 2)[0]
    refused = pytest.raises(UnsupportedModel, match="is one part of a split model")
    with Libraries(home) as libraries, refused:
        source(libraries, str(part))


def test_an_owned_model_can_be_named_by_where_it_came_from(home: Path, tiny: Path) -> None:
    with Libraries(home) as libraries:
        get(libraries.store(), Settings(home=home), ModelRef.parse(str(tiny)))
        assert source(libraries, f"file:{tiny}").owned is not None
        with pytest.raises(NotOwned, match="nobody"):
            source(libraries, "hf:nobody/nothing:x.gguf")
