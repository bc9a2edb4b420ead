"""Split models: their names, their parts' own words, and whether the parts belong together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from freehold.errors import FormatError
from freehold.formats.gguf import GgufHeader, ValueType, parse_header
from freehold.formats.split import (
    SplitFacts,
    SplitName,
    check_split,
    parse_split_name,
    split_facts,
)

Build = Callable[..., bytes]
Part = Callable[..., GgufHeader]


@pytest.fixture
def part(build: Build) -> Part:
    """Make one part: its number from 0, how many there are, its tensors, how many in all."""

    def make(number: int, count: int, names: str, total: int | None = None) -> GgufHeader:
        entries = [
            ("split.no", ValueType.UINT16, number),
            ("split.count", ValueType.UINT16, count),
        ]
        if total is not None:
            entries.append(("split.tensors.count", ValueType.INT32, total))
        data = build(entries, [(name, (8,), 0, None) for name in names])
        return parse_header(data, len(data), f"part {number + 1}")

    return make


def test_a_name_and_its_siblings() -> None:
    name = parse_split_name("Q4/model-Q4_K_M-00002-of-00003.gguf")
    assert name == SplitName("Q4/model-Q4_K_M", 2, 3)
    assert name.siblings == (
        "Q4/model-Q4_K_M-00001-of-00003.gguf",
        "Q4/model-Q4_K_M-00002-of-00003.gguf",
        "Q4/model-Q4_K_M-00003-of-00003.gguf",
    )


@pytest.mark.parametrize(
    "name",
    [
        "model.gguf",
        "model-00001-of-00003.safetensors",
        "model-1-of-3.gguf",
        "model-00004-of-00003.gguf",
        "model-00000-of-00003.gguf",
        "-00001-of-00003.gguf",
        "model-00001-of-00003.gguf.part",
    ],
)
def test_names_that_are_no_parts(name: str) -> None:
    assert parse_split_name(name) is None


def test_what_a_part_says(part: Part, build: Build) -> None:
    assert split_facts(part(0, 3, "ab", 5)) == SplitFacts(1, 3, 5)
    assert split_facts(part(2, 3, "a")) == SplitFacts(3, 3, None)
    assert split_facts(part(0, 1, "a", 1)) is None  # "split" in one
    whole = build([], [("a", (8,), 0, None)])
    assert split_facts(parse_header(whole, len(whole))) is None


def test_parts_that_belong_together(part: Part, build: Build) -> None:
    check_split([part(0, 3, "ab", 4), part(1, 3, "c", 4), part(2, 3, "d", 4)])
    check_split([part(0, 2, "ab"), part(1, 2, "c")])
    check_split([part(0, 2, "", 1), part(1, 2, "c", 1)])  # a first part without tensors
    whole = build([], [("a", (8,), 0, None)])
    check_split([parse_header(whole, len(whole))])


def test_parts_that_do_not(part: Part, build: Build) -> None:
    whole = build([], [("z", (8,), 0, None)])
    stranger = parse_header(whole, len(whole), "stranger")
    cases: list[tuple[list[GgufHeader], str]] = [
        ([part(0, 2, "a", 2)], "part 1 is one of 2 parts; 1 are here"),
        ([part(0, 2, "a", 2), part(1, 3, "b", 2)], "part 2 is one of 3 parts; 2 are here"),
        ([part(1, 2, "b", 2), part(0, 2, "a", 2)], "part 2 is part 2 by its contents, not part 1"),
        ([part(0, 2, "a", 2), part(0, 2, "b", 2)], "part 1 is part 1 by its contents, not part 2"),
        ([part(0, 2, "a", 2), stranger], "stranger does not say that it is part"),
        ([part(0, 2, "a", 2), part(1, 2, "a", 2)], "part 1 and part 2 both hold tensor 'a'"),
        ([part(0, 2, "a", 3), part(1, 2, "b", 3)], "hold 2 tensors and promise 3"),
        ([part(0, 2, "a", 2), part(1, 2, "b", 3)], "hold 2 tensors and promise 2 and 3"),
        ([], "No parts"),
    ]
    for parts, sentence in cases:
        with pytest.raises(FormatError, match=sentence) as caught:
            check_split(parts)
        assert caught.value.hint
