"""A chunk counts once it is whole and right, however its bytes come in."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from freehold.transfer.ranges import CHUNK_SIZE, Range
from freehold.transfer.sinks import ProvenSink, TargetFile, create

SIZE = 2 * CHUNK_SIZE + 77
BODY = bytes(range(256)) * (SIZE // 256) + bytes(SIZE % 256)
HASHES = [hashlib.sha256(BODY[at : at + CHUNK_SIZE]).digest() for at in range(0, SIZE, CHUNK_SIZE)]
BORDERS = [(0, CHUNK_SIZE), (CHUNK_SIZE, 2 * CHUNK_SIZE), (2 * CHUNK_SIZE, SIZE)]


class Told:
    """What a sink says of the bytes it was given, and the file that it wrote."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.landed: list[Range] = []
        self.wrong: list[int] = []

    def of(self, body: bytes, step: int, wanted: Range = (0, SIZE)) -> Told:
        create(self.path, SIZE)
        with TargetFile(self.path) as file:
            sink = ProvenSink(file, [wanted], self._land, HASHES, self.wrong.append)
            for at in range(0, len(body), step):
                sink.take(at, body[at : at + step])
        return self

    def _land(self, start: int, end: int) -> None:
        self.landed.append((start, end))


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path / "file")


@pytest.mark.parametrize("step", [4_099, CHUNK_SIZE, SIZE])
def test_right_chunks_land_in_blocks_of_any_size(told: Told, step: int) -> None:
    told.of(BODY, step)
    assert (told.landed, told.wrong) == (BORDERS, [])
    assert told.path.read_bytes() == BODY


def test_a_wrong_chunk_does_not_count(told: Told) -> None:
    bad = bytearray(BODY)
    bad[CHUNK_SIZE + 5] ^= 1
    told.of(bytes(bad), 100_003)
    assert told.wrong == [1]
    assert told.landed == [BORDERS[0], BORDERS[2]]


def test_a_chunk_that_broke_off_does_not_count(told: Told) -> None:
    told.of(BODY[: 2 * CHUNK_SIZE - 1], 100_003)
    assert (told.landed, told.wrong) == ([BORDERS[0]], [])


def test_what_is_not_wanted_is_not_written(told: Told) -> None:
    told.of(BODY, 100_003, BORDERS[1])
    assert (told.landed, told.wrong) == ([BORDERS[1]], [])
    assert told.path.read_bytes()[:CHUNK_SIZE] == bytes(CHUNK_SIZE)
