"""Files that lie, each refused with one sentence that says which file, what, and what to try."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from freehold.errors import FormatError
from freehold.formats.gguf import HeaderIncomplete, ValueType, parse_header, read_header

Build = Callable[..., bytes]

HUGE = 2**64 - 1
ONE = ("weight", (8,), 0, None)
STRING, ARRAY, UINT8, UINT32, BOOL = (
    ValueType.STRING,
    ValueType.ARRAY,
    ValueType.UINT8,
    ValueType.UINT32,
    ValueType.BOOL,
)
NESTED = struct.pack("<IQ", ARRAY, 1)


def array(kind: int, length: int, body: bytes = b"") -> bytearray:
    return bytearray(struct.pack("<IQ", kind, length) + body)


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "a count of tensors that no file holds": (
        {"tensor_count": HUGE},
        r"claims 18,446,744,073,709,551,615 tensors",
    ),
    "a count of entries that no file holds": ({"entry_count": 2**40}, r"claims 1,\S+ metadata"),
    "a count of tensors beyond this file": (
        {"tensor_count": 60_000},
        "the table of its 60,000 tensors needs 1,500,024 bytes, and the file has 32",
    ),
    "one entry too many": (
        {"entries": [("a", UINT32, 1)], "tensors": [ONE], "entry_count": 2},
        "claims to be 0 bytes long|ends too early",
    ),
    "a key of absurd length": (
        {"entries": [(b"x" * 65_536, UINT32, 1)]},
        "claims to be 65,536 bytes long",
    ),
    "a key without a name": ({"entries": [("", UINT32, 1)]}, "claims to be 0 bytes long"),
    "a key that is no text": ({"entries": [(b"\xff\xfe", UINT32, 1)]}, "not valid UTF-8"),
    "the same key twice": (
        {"entries": [("a.b", UINT32, 1), ("a.b", STRING, "x")]},
        "'a.b' appears twice",
    ),
    "a value of unknown type": (
        {"entries": [("a", 13, bytearray())]},
        "'a' is of an unknown type 13",
    ),
    "a string of absurd length": (
        {"entries": [("a", STRING, bytearray(struct.pack("<Q", 2**62)))]},
        "the value of 'a' would reach to byte 4,611,686,018,427,387,949",
    ),
    "a flag that is neither": (
        {"entries": [("a", BOOL, bytearray(b"\2"))]},
        "neither true nor false",
    ),
    "flags that are neither": (
        {"entries": [("a", ARRAY, array(BOOL, 3, b"\1\0\7"))]},
        "neither true nor false",
    ),
    "an array of absurd length": (
        {"entries": [("a", ARRAY, array(UINT8, 2**62))]},
        r"the value of 'a' would reach to byte \d+,",
    ),
    "an array of strings of absurd length": (
        {"entries": [("a", ARRAY, array(STRING, HUGE))]},
        r"the value of 'a' would reach to byte \d+,",
    ),
    "an array with a string of absurd length": (
        {"entries": [("a", ARRAY, array(STRING, 2, struct.pack("<Q", HUGE) + bytes(99)))]},
        r"the value of 'a' would reach to byte \d+,",
    ),
    "an array longer than the file": (
        {"entries": [("a", ARRAY, array(UINT8, 1000))]},
        "ends too early: the value of 'a' needs 1,049 bytes, and the file has 64",
    ),
    "an array of strings longer than the file": (
        {"entries": [("a", ARRAY, array(STRING, 2, struct.pack("<Q", 500)))]},
        "ends too early: the value of 'a' needs .* bytes, and the file has 64",
    ),
    "an array whose last string is longer than the file": (
        {"entries": [("a", ARRAY, array(STRING, 1, struct.pack("<Q", 500)))]},
        "ends too early: the value of 'a' needs 557 bytes, and the file has 64",
    ),
    "an array of an unknown type": (
        {"entries": [("a", ARRAY, array(99, 1))]},
        "elements of the value of 'a' is of an unknown type 99",
    ),
    "an array of arrays": (
        {"entries": [("a", ARRAY, array(ARRAY, 1, bytes(array(UINT8, 1, b"x"))))]},
        "array of arrays",
    ),
    "arrays nested a hundred thousand deep": (
        {"entries": [("a", ARRAY, bytearray(NESTED * 100_000))]},
        "array of arrays",
    ),
    "an alignment of zero": (
        {"entries": [("general.alignment", UINT32, 0)], "tensors": [ONE]},
        "alignment is 0, which is no power of two",
    ),
    "an alignment of 48": (
        {"entries": [("general.alignment", UINT32, 48)]},
        "alignment is 48, which is no power of two",
    ),
    "an alignment in words": (
        {"entries": [("general.alignment", STRING, "32")]},
        "alignment is of type string, not uint32",
    ),
    "an alignment of another width": (
        {"entries": [("general.alignment", ValueType.UINT64, 32)]},
        "alignment is of type uint64, not uint32",
    ),
    "an alignment beyond the file": (
        {"entries": [("general.alignment", UINT32, 2**31)], "tensors": [ONE]},
        "ends too early: tensor 'weight'",
    ),
    "a tensor without a name": ({"tensors": [("", (8,), 0, None)]}, "claims to be 0 bytes long"),
    "a tensor whose name is no text": ({"tensors": [(b"\xc3", (8,), 0, None)]}, "not valid UTF-8"),
    "two tensors of one name": ({"tensors": [ONE, ONE]}, "two tensors are called 'weight'"),
    "a tensor of five dimensions": (
        {"tensors": [("a", (1, 1, 1, 1, 1), 0, None)]},
        "'a' has 5 dimensions; 4 is the most",
    ),
    "a dimension of zero": ({"tensors": [("a", (8, 0), 0, None)]}, "impossible shape 8 x 0"),
    "dimensions whose product overflows": (
        {"tensors": [("a", (2**32, 2**32, 2), 0, 0)], "data": 64},
        "impossible shape",
    ),
    "dimensions whose bytes overflow": (
        {"tensors": [("a", (2**62,), 0, 0)], "data": 64},
        "ends too early: tensor 'a' would end at byte",
    ),
    "rows that cut a block": (
        {"tensors": [("a", (33,), 2, None)]},
        "no multiple of 32, as Q4_0 wants",
    ),
    "a quantized tensor of a single number": (
        {"tensors": [("a", (), 12, None)]},
        "no multiple of 256, as Q4_K wants",
    ),
    "a tensor of unknown type": ({"tensors": [("a", (8,), 999, None)]}, "unknown type 999"),
    "a tensor of a type that was removed": (
        {"tensors": [("a", (8,), 31, None)]},
        r"uses tensor type 31 \(tensor 'a'\), which llama.cpp dropped",
    ),
    "a tensor that is not aligned": (
        {"tensors": [("a", (8,), 0, 4)]},
        "byte 4 of the data, which is no multiple of the alignment, 32",
    ),
    "two tensors on the same bytes": (
        {"tensors": [("a", (64,), 0, 0), ("b", (8,), 0, 64)]},
        "tensors 'a' and 'b' overlap",
    ),
    "two tensors that share one byte": (
        {"tensors": [("a", (33,), 24, 0), ("b", (8,), 0, 32)]},
        "tensors 'a' and 'b' overlap",
    ),
    "two tensors at the same place": (
        {"tensors": [("a", (8,), 0, 0), ("b", (8,), 0, 0)]},
        "tensors 'a' and 'b' overlap",
    ),
    "a tensor outside the file": (
        {"tensors": [("a", (8,), 0, 2**30)]},
        "ends too early: tensor 'a' would end at byte",
    ),
    "a tensor whose offset overflows": (
        {"tensors": [("a", (8,), 0, 2**64 - 32)]},
        "tensor 'a' has the impossible offset 18,446",
    ),
    "a tensor cut short by one byte": (
        {"tensors": [ONE], "data": 31},
        "ends too early: tensor 'weight' would end at byte",
    ),
    "version 1": ({"version": 1}, "is GGUF version 1, of August 2023"),
    "version 0": ({"version": 0}, "version 0; Freehold reads 2 and 3"),
    "version 4": ({"version": 4}, "version 4; Freehold reads 2 and 3"),
    "a version of any four bytes": ({"version": 0x67676767}, r"version 1,\d+,\d+,\d+; Freehold"),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_by_name(build: Build, tmp_path: Path, name: str) -> None:
    parts, sentence = CASES[name]
    path = tmp_path / "hostile.gguf"
    path.write_bytes(build(**parts))
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match=sentence) as caught:
            read_header(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert not isinstance(caught.value, HeaderIncomplete)
    assert str(path) in caught.value.message
    assert caught.value.message.endswith(".")
    assert "\n" not in caught.value.message
    assert caught.value.hint
    assert peak < 2_000_000, "refusing a file must not cost memory"


def test_a_name_cannot_reach_the_terminal_as_it_is(build: Build) -> None:
    data = build([("\x1b[31mred" + "x" * 200, 13, bytearray())])
    with pytest.raises(FormatError) as caught:
        parse_header(data, len(data))
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 250


@pytest.mark.parametrize(
    "value",
    [
        (STRING, bytearray(struct.pack("<Q", 3 * 2**30))),
        (ARRAY, array(UINT8, 3 * 2**30)),
        (ARRAY, array(STRING, 2**28)),
    ],
    ids=["string", "bytes", "strings"],
)
def test_a_large_file_does_not_make_a_large_claim_true(
    tmp_path: Path, value: tuple[int, bytearray]
) -> None:
    # The claim fits the file, which is a hole of 4 GiB: only the bound on headers refuses it.
    kind, claim = value
    path = tmp_path / "sparse.gguf"
    key = struct.pack("<Q", 1) + b"a" + struct.pack("<I", kind)
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + key + claim)
    with path.open("r+b") as file:
        file.truncate(4 * 2**30)
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="the most that Freehold reads is 134,217,728"):
            read_header(path)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
