"""A recipe that stands in a file is read back, and a strange one is none."""

from __future__ import annotations

import json

import pytest
from tests.studying import gguf

from freehold.formats.gguf import GgufHeader, read_header
from freehold.modify.recipe import KEY, Ingredient, Recipe, recipe_in


def header(tmp_path_factory: pytest.TempPathFactory, said: str) -> GgufHeader:
    path = tmp_path_factory.mktemp("recipe") / "file.gguf"
    path.write_bytes(gguf({KEY: said}))
    return read_header(path)


def test_what_was_written_is_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    recipe = Recipe("train", (Ingredient("base", "b" * 64),), {"rank": 8}, "d" * 64, 0)
    assert recipe_in(header(tmp_path_factory, recipe.text())) == recipe


@pytest.mark.parametrize(
    "said",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        '{"operation": "x", "parents": 3}',
        '{"operation": "x", "parents": [{"name": "y"}]}',
        '{"operation": "x", "parents": ["y"]}',
        '{"operation": "x", "parents": [], "options": 5}',
        "[" * 100_000,
    ],
)
def test_what_is_none_is_none(tmp_path_factory: pytest.TempPathFactory, said: str) -> None:
    assert recipe_in(header(tmp_path_factory, said)) is None


def test_odd_values_are_missing(tmp_path_factory: pytest.TempPathFactory) -> None:
    said = json.dumps({"operation": "x", "parents": [], "data_sha256": 5, "seed": "six"})
    assert recipe_in(header(tmp_path_factory, said)) == Recipe("x", ())
