"""Another quantization's header from its tensor table: right, or not believed."""

from __future__ import annotations

from pathlib import Path

from tests.formats.conftest import build_gguf

from freehold.formats.gguf import GgufHeader, parse_header, read_header
from freehold.formats.gguf_sibling import read_sibling, table_window
from freehold.formats.gguf_types import ValueType


def made(kind: int, padding: int = 0, width: int = 64, extra: int = 0) -> tuple[bytes, GgufHeader]:
    note = ("note", ValueType.STRING, "x" * (70_000 + padding))
    tensors = [("token_embd.weight", (width, 40), kind, None), ("norm.weight", (width,), 0, None)]
    body = build_gguf([note], tensors) + bytes(extra)
    return body, parse_header(body, len(body), "made.gguf")


def sibling(base: GgufHeader, body: bytes) -> GgufHeader | None:
    begin, end = table_window(base)
    return read_sibling(base, body[begin:end], begin, len(body), "other.gguf")


def test_the_table_alone_gives_the_same_tensors() -> None:
    _, base = made(1)
    for padding in (0, 1, 500, 20_000):
        body, right = made(8, padding)
        found = sibling(base, body)
        assert found is not None
        assert found.tensors == right.tensors
        assert (found.data_offset, found.file_size) == (right.data_offset, len(body))
        assert found.label == "other.gguf"


def test_the_recipe_of_the_first_is_not_taken_for_that_of_the_second() -> None:
    body = build_gguf(
        [("general.file_type", ValueType.UINT32, 1)], [("a.weight", (32, 2), 1, None)]
    )
    found = sibling(parse_header(body, len(body)), body)
    assert found is not None
    assert "general.file_type" not in found.metadata


def test_what_is_no_sibling_is_not_believed() -> None:
    _, base = made(1)
    assert sibling(base, made(8, width=32)[0]) is None, "other shapes"
    assert sibling(base, made(8, padding=60_000)[0]) is None, "the table lies elsewhere"
    assert sibling(base, made(8, extra=64)[0]) is None, "the tensors do not end with the file"
    assert sibling(base, made(8)[0][:-64]) is None, "the file ends before the tensors"
    assert sibling(base, bytes(200_000)) is None
    begin, end = table_window(base)
    cut = made(8)[0][begin : end - 33_000]
    assert read_sibling(base, cut, begin, len(made(8)[0]), "cut") is None, "half a table"


def test_a_real_model_is_its_own_sibling(smollm2: Path) -> None:
    base = read_header(smollm2)
    begin, end = table_window(base)
    with smollm2.open("rb") as file:
        file.seek(begin)
        window = file.read(end - begin)
    assert len(window) < base.data_offset / 10
    found = read_sibling(base, window, begin, smollm2.stat().st_size, "again")
    assert found is not None
    assert found.tensors == base.tensors
