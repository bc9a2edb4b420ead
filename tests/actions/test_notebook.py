"""A model in a notebook: text in, arrays and words out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.transformer.making import made

import freehold
from freehold.errors import NotOwned, UnsupportedModel


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[freehold.StudiedModel]:
    path = made(tmp_path_factory.mktemp("notebook"))
    with freehold.open(str(path)) as model:
        yield model


def test_a_text_is_cut_and_traced(model: freehold.StudiedModel) -> None:
    run = model.trace("Hello you")
    assert run.tokens == ("H", "e", "l", "l", "o", "␣", "y", "o", "u")
    assert run.residual.shape == (model.config.layers + 1, 9, 64)
    np.testing.assert_array_equal(run.logits, model.trace(run.ids).logits)
    np.testing.assert_allclose(model.unembed(run.residual[-1]), run.logits, atol=1e-5)


def test_what_comes_next_is_the_likeliest_first(model: freehold.StudiedModel) -> None:
    run = model.trace("Hello")
    everything = run.next(count=512)
    assert everything[0].id == run.logits[-1].argmax()
    assert abs(sum(each.probability for each in everything) - 1) < 1e-4
    assert list(everything) == sorted(everything, key=lambda each: -each.probability)
    assert run.next(0, 1)[0].id == run.logits[0].argmax()


def test_the_lens_ends_with_what_the_model_says(model: freehold.StudiedModel) -> None:
    lens = model.lens("Hello", top=2, positions=[-1])
    assert lens.tokens.shape == (model.config.layers + 1, 1, 2)
    assert lens.tokens[-1, 0].tolist() == [each.id for each in model.trace("Hello").next(count=2)]


def test_keep_and_hooks_reach_the_decoder(model: freehold.StudiedModel) -> None:
    run = model.trace("Hello", keep=["pattern"], hooks={"logits": lambda value, _: value * 0})
    assert run.pattern.shape == (2, 4, 5, 5)
    assert not run.logits.any()


def test_what_is_not_owned_is_said(home: Path) -> None:
    with pytest.raises(NotOwned):
        freehold.open("nothing-here")


def test_what_cannot_be_opened_up_is_said_when_looked_into(tiny: Path, home: Path) -> None:
    with freehold.open(str(tiny)) as model:
        assert repr(model) == "<StudiedModel tiny-model>"
        with pytest.raises(freehold.FormatError):
            _ = model.config


def test_an_unknown_family_is_named(tmp_path: Path, home: Path) -> None:
    path = made(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"llama", b"lemma"))
    with freehold.open(str(path)) as model, pytest.raises(UnsupportedModel, match="'lemma'"):
        model.trace([1, 2])
