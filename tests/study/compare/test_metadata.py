"""What two headers say differently."""

from __future__ import annotations

from tests.studying import Make

from freehold.formats.gguf import read_header
from freehold.study.compare.metadata import MetadataDifference, compare_metadata


def test_entries_are_compared_by_their_role(make: Make) -> None:
    first = {"llama.block_count": 2, "general.name": "A", "llama.x": 1, "general.tags": ["a", "b"]}
    second = {
        "general.architecture": "qwen2",
        "qwen2.block_count": 2,
        "general.name": "B",
        "general.tags": ["a", "c"],
        "split.count": 1,
    }
    found = compare_metadata(
        read_header(make(first, name="a.gguf")), read_header(make(second, name="b.gguf"))
    )
    assert found.same == 1  # the number of layers
    assert set(found.differences) == {
        MetadataDifference("general.architecture", "llama", "qwen2"),
        MetadataDifference("general.name", "A", "B"),
        MetadataDifference("general.tags", "a, b", "a, c"),
        MetadataDifference("*.x", "1", None),
        MetadataDifference("split.count", None, "1"),
    }


def test_long_lists_are_told_as_counts(make: Make) -> None:
    words = [f"w{number}" for number in range(40)]
    other = [*words[:10], "x", *words[11:], "more"]
    headers = [
        read_header(make({"tokenizer.ggml.tokens": each}, name=f"{index}.gguf"))
        for index, each in enumerate((words, other))
    ]
    (difference,) = compare_metadata(*headers).differences
    assert difference.first == "40 items"
    assert difference.second == "41 items; 1 of the first 40 differ"
    assert compare_metadata(headers[0], headers[0]).differences == ()
