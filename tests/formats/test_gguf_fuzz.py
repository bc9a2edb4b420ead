"""Thousands of broken files: each is read, or refused with a FormatError; nothing else happens."""

from __future__ import annotations

import random
import signal
import struct
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from freehold.errors import FormatError
from freehold.formats.gguf import GgufArray, GgufHeader, parse_header, read_header
from freehold.formats.gguf_facts import read_facts
from freehold.formats.split import check_split

Mutation = Callable[[bytearray, random.Random], None]

SMALL_FILES = 3_000
REAL_FILES = 120
HUGE = (0xFF, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**62, 2**63 - 1, 2**63, 2**64 - 1)


def flip_bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 1, 2, 8, 64))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def overwrite_bytes(data: bytearray, chance: random.Random) -> None:
    length = chance.choice((1, 4, 8, 100))
    start = chance.randrange(len(data))
    data[start : start + length] = chance.randbytes(min(length, len(data) - start))


def truncate(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(1, len(data)) :]


def splice(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    piece = data[start : start + chance.choice((1, 8, 24, 500))]
    at = chance.randrange(len(data))
    data[at : at + chance.choice((0, len(piece)))] = piece


def cut_out(data: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(data))
    del data[start : start + chance.choice((1, 4, 8, 200))]


def huge_count(data: bytearray, chance: random.Random) -> None:
    """Write a huge number over one of the counts, or over what may be a length or a type."""
    at = chance.choice((8, 16, chance.randrange(24, len(data))))
    data[at : at + 8] = struct.pack("<Q", chance.choice(HUGE))[: max(0, len(data) - at)]


def huge_length(data: bytearray, chance: random.Random) -> None:
    """Find a small 64-bit number, most likely a length or a shape, and make it huge."""
    start = chance.randrange(24, max(25, len(data) - 8))
    at = data.find(bytes(7), start) - 1  # its high bytes
    if 24 <= at < len(data) - 8:
        data[at : at + 8] = struct.pack("<Q", chance.choice(HUGE))


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    overwrite_bytes,
    truncate,
    splice,
    cut_out,
    huge_count,
    huge_length,
)


def check_everything(header: GgufHeader) -> None:
    """What passes has to hold together, and to be usable to the end."""
    ends = 0
    for tensor in sorted(header.tensors, key=lambda tensor: tensor.offset):
        assert tensor.offset >= max(ends, header.data_offset)
        ends = tensor.offset + tensor.size
        assert ends <= header.file_size
    for value in header.metadata.values():
        if isinstance(value, GgufArray):
            assert len(list(value)) == len(value)
            assert not len(value) or value[len(value) - 1] is not None
    read_facts(header)
    with pytest.raises(FormatError):  # one file is not two parts, whatever it says
        check_split([header, header])


@contextmanager
def alarm(seconds: int) -> Iterator[None]:
    """Fail rather than hang. Generous: the work takes a few seconds."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def ring(*_: object) -> None:
        raise TimeoutError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def memory_below(limit: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


def attempt(read: Callable[[], GgufHeader], counts: Counter[str], told: str) -> None:
    header, refusal = None, None
    try:
        header = read()
    except FormatError as error:
        refusal = error
    except BaseException as error:
        raise AssertionError(f"{told}: {type(error).__name__}: {error}") from error
    if header is not None:
        check_everything(header)
        counts["read"] += 1
    if refusal is not None:
        assert refusal.hint, told
        assert "\n" not in refusal.message, told
        counts["refused"] += 1


def test_mutated_small_files(
    small: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts, kinds = Counter[str](), Counter[str]()
    with alarm(120), memory_below(16_000_000):
        for seed in range(SMALL_FILES):
            chance = random.Random(seed)
            data = bytearray(small)
            for mutate in chance.choices(MUTATIONS, k=chance.choice((1, 1, 1, 2, 3))):
                if len(data) > 25:
                    mutate(data, chance)
                    kinds[mutate.__name__] += 1
            path = tmp_path / f"{seed}.gguf"
            path.write_bytes(data)
            attempt(partial(read_header, path), counts, f"seed {seed}")
            path.unlink()
    with capsys.disabled():
        print(f"\n{SMALL_FILES} mutated small files: {dict(counts)}; {dict(kinds)}")
    assert counts.total() == SMALL_FILES >= 2_000
    assert min(counts["refused"], counts["read"]) > SMALL_FILES // 20


@pytest.mark.parametrize("model", ["smollm2", "gemma3"])
def test_mutated_headers_of_real_models(
    model: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    path: Path = request.getfixturevalue(model)
    size = path.stat().st_size
    whole = read_header(path)
    with path.open("rb") as file:
        original = file.read(whole.data_offset)
    # The vocabulary is most of it; the rest of the metadata and the tensors stand around it.
    ends = (4_096, len(original) - 24_576)
    files = REAL_FILES if len(original) < 3_000_000 else REAL_FILES // 3
    counts = Counter[str]()
    with alarm(120):
        for seed in range(files):
            chance = random.Random(seed)
            edge = bytearray(original[: ends[0]] if seed % 2 else original[ends[1] :])
            chance.choice(MUTATIONS)(edge, chance)
            data = edge + original[ends[0] :] if seed % 2 else original[: ends[1]] + edge
            attempt(partial(parse_header, bytes(data), size), counts, f"seed {seed}")
    with capsys.disabled():
        print(f"\n{files} mutated headers of {path.name}: {dict(counts)}")
    assert counts.total() == files
    assert counts["refused"] > files // 4
