"""Control vectors: written, read again, refused where they do not fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.modifying import write_random_vector
from tests.studying import SMALL, Make, synthetic

from freehold.errors import FormatError, UsageError
from freehold.formats.beside import BesideKind, read_beside
from freehold.formats.control_vector import ControlVector, read_vector, write_vector
from freehold.formats.control_vector_header import check_vector_fits
from freehold.formats.gguf import read_header


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    given = {1: np.arange(8, dtype=np.float32), 3: np.ones(8, np.float32)}
    path = tmp_path / "push.gguf"
    with path.open("wb") as file:
        write_vector(file, ControlVector(given, "llama", "Push", "Small", "ab" * 32))
    read = read_vector(path)
    assert (read.model_hint, read.name, read.base_name) == ("llama", "Push", "Small")
    assert sorted(read.directions) == [1, 3]
    np.testing.assert_array_equal(read.directions[1], given[1])
    beside = read_beside(read_header(path))
    assert beside is not None
    assert (beside.kind, beside.changed) == (BesideKind.VECTOR, 2)


def test_what_is_none_is_refused(make: Make, small_model: Path) -> None:
    with pytest.raises(FormatError, match="is no control vector: its header says 'llama'"):
        read_vector(small_model)
    said = {"general.architecture": "controlvector"}
    with pytest.raises(FormatError, match="without a direction"):
        read_vector(make(said))
    uneven = [(f"direction.{k}", (k,), "F32", bytes(4 * k)) for k in (1, 2)]
    with pytest.raises(FormatError, match="differ in width"):
        read_vector(make(said, tensors=uneven))
    first = [("direction.0", (4,), "F32", bytes(16))]
    with pytest.raises(FormatError, match=r"a tensor 'direction\.0'"):
        read_vector(make(said, tensors=first))


def test_one_for_another_model_does_not_fit(make: Make, tmp_path: Path, small_model: Path) -> None:
    header = read_header(write_random_vector(tmp_path / "push.gguf", small_model))
    shallow = synthetic(tmp_path / "shallow.gguf", replace(SMALL, layers=1))
    with pytest.raises(UsageError, match="pushes layer 1, and the last one of shallow is 0"):
        check_vector_fits(header, read_header(shallow), "push", "shallow")
    wider = synthetic(tmp_path / "wider.gguf", replace(SMALL, embedding_width=128))
    with pytest.raises(UsageError, match="it is 64 wide, and wider is 128"):
        check_vector_fits(header, read_header(wider), "push", "wider")
    other = synthetic(tmp_path / "other.gguf", replace(SMALL, family="qwen2"))
    with pytest.raises(UsageError, match="of the kind llama, and other is qwen2"):
        check_vector_fits(header, read_header(other), "push", "other")
    silent = read_header(make({"general.architecture": "llama"}))
    with pytest.raises(UsageError, match="it is 64 wide, and silent is 0"):
        check_vector_fits(header, silent, "push", "silent")
