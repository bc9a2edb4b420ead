"""The part of YAML that is read, and what is refused by line."""

from __future__ import annotations

import pytest

from freehold.errors import FormatError
from freehold.formats.plain_yaml import read_plain_yaml

MERGE = """\
# how two became one
merge_method: ties
base_model: org/base
models:
  - model: ./one.gguf   # a path
    parameters:
      weight: 0.5
      density: .25
  - model: "two: the other"
parameters:
  normalize: true
  layers: [1, 2.5, x]
  nothing:
dtype: float16
"""


def test_a_merge_as_people_write_it() -> None:
    assert read_plain_yaml(MERGE, "merge.yaml") == {
        "merge_method": "ties",
        "base_model": "org/base",
        "models": [
            {"model": "./one.gguf", "parameters": {"weight": 0.5, "density": 0.25}},
            {"model": "two: the other"},
        ],
        "parameters": {"normalize": True, "layers": [1, 2.5, "x"], "nothing": None},
        "dtype": "float16",
    }


def test_lists_may_stand_under_their_key() -> None:
    assert read_plain_yaml("models:\n- model: a\n- b\nt: 1\n", "x") == {
        "models": [{"model": "a"}, "b"],
        "t": 1,
    }


def test_json_is_read_too() -> None:
    assert read_plain_yaml('{"t": 0.5}', "x") == {"t": 0.5}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: &x 1", r"x\.yaml, line 1: '&' begins what is not understood"),
        ("a: 1\n\tb: 2", "line 2: it is indented with a tab"),
        ("a: 1\na: 2", "line 2: 'a' is said twice"),
        ("just words", "line 1: a key and a colon are expected"),
        ("a: |\n  text", "line 1: '[|]' begins"),
        ("a:\n    b: 1\n  c: 2", "line 3: it is indented like nothing above it"),
        ("a: [1,\n  2]", "line 1: a list in brackets ends on its own line"),
        ("", "is empty"),
        ("{", "is not valid JSON"),
    ],
)
def test_what_is_not_understood_is_named_by_line(text: str, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        read_plain_yaml(text, "x.yaml")
