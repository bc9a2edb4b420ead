"""Models under study, opened once for all tests that only look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.studying import make, small_model, synthetic

from freehold.actions.open_subject import open_subject
from freehold.formats.gguf_synthetic import SyntheticModel
from freehold.store.libraries import Libraries
from freehold.study.subject import Subject

__all__ = ["make", "small_model"]


@pytest.fixture(scope="session")
def nothing_owned(tmp_path_factory: pytest.TempPathFactory) -> Libraries:
    """No model is owned: files are named by their paths."""
    return Libraries(tmp_path_factory.mktemp("nothing"))


@pytest.fixture(scope="session")
def smollm(smollm2: Path, nothing_owned: Libraries) -> Iterator[Subject]:
    """SmolLM2 under study. Tests that end its engine or its decoder open their own."""
    with open_subject(nothing_owned, str(smollm2)) as subject:
        yield subject


SHAPE = SyntheticModel(
    "llama", 2, 64, 96, 4, 2, 16, vocabulary=20_000, context_length=96, varied=True
)
"""A context of 96 tokens, each ASCII letter one token, and several strips of vocabulary."""


@pytest.fixture(scope="session")
def little(tmp_path_factory: pytest.TempPathFactory, nothing_owned: Libraries) -> Iterator[Subject]:
    """A tiny model that talks nonsense."""
    with _opened(tmp_path_factory, nothing_owned, 0) as subject:
        yield subject


@pytest.fixture(scope="session")
def other_little(
    tmp_path_factory: pytest.TempPathFactory, nothing_owned: Libraries
) -> Iterator[Subject]:
    """The same vocabulary, other weights."""
    with _opened(tmp_path_factory, nothing_owned, 1) as subject:
        yield subject


def _opened(factory: pytest.TempPathFactory, nothing_owned: Libraries, seed: int) -> Subject:
    path = synthetic(factory.mktemp("made") / f"little-{seed}.gguf", SHAPE, "F32", seed)
    return open_subject(nothing_owned, str(path))


@pytest.fixture
def broken(little: Subject, tmp_path: Path) -> Path:
    """The tiny model with one weight that is not a number."""
    raw = bytearray(little.path.read_bytes())
    tensor = next(each for each in little.header.tensors if each.name == "blk.1.ffn_up.weight")
    raw[tensor.offset : tensor.offset + 4] = b"\x00\x00\xc0\x7f"
    path = tmp_path / "broken.gguf"
    path.write_bytes(raw)
    return path
