"""A header taken from a stream of blocks, and no block more than it needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.formats.conftest import build_gguf

from freehold.actions.header_reader import header_of
from freehold.errors import FormatError
from freehold.formats.gguf_types import ValueType

BODY = build_gguf(
    [("note", ValueType.STRING, "x" * 300_000)], [("a.weight", (32, 2), 0, None)]
) + bytes(1_000_000)


def blocks(body: bytes, taken: list[int], size: int = 10_000) -> Iterator[bytes]:
    for at in range(0, len(body), size):
        taken.append(at)
        yield body[at : at + size]


def test_it_stops_when_the_header_is_complete() -> None:
    taken: list[int] = []
    header = header_of(blocks(BODY, taken), len(BODY), "model.gguf")
    assert [tensor.name for tensor in header.tensors] == ["a.weight"]
    assert len(taken) * 10_000 < 600_000


def test_a_stream_that_ends_before_its_file_should() -> None:
    with pytest.raises(FormatError, match="in the middle of its header"):
        header_of(blocks(BODY[:50_000], []), len(BODY), "model.gguf")


def test_no_gguf_at_all() -> None:
    with pytest.raises(FormatError, match="not a GGUF") as refused:
        header_of(iter([b"PK\x03\x04" + bytes(100)]), 1000, "model.gguf")
    assert "another source" in (refused.value.hint or "")
