"""Scales that are not finite are found wherever a block keeps them, and nowhere else."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from tests.studying import Make

from freehold.formats.gguf import read_header
from freehold.formats.gguf_types import TYPES_BY_NAME
from freehold.formats.scale_places import SCALE_PLACES
from freehold.formats.synthetic_weights import random_weights
from freehold.study.scan.scales import scale_findings, unchecked

INFINITE = {
    "f2": b"\x00\x7c",
    "bf2": b"\x80\x7f",
    "f4": b"\x00\x00\x80\x7f",
    "f8": bytes(6) + b"\xf0\x7f",
}
NO_NUMBER = {
    "f2": b"\x01\xfe",
    "bf2": b"\xc1\xff",
    "f4": b"\x00\x00\xc0\xff",
    "f8": bytes(6) + b"\xf8\x7f",
}


def found(path: Path) -> list[str]:
    return [f"{each.where} | {each.what}" for each in scale_findings(read_header(path), path, "f")]


@pytest.mark.parametrize("name", SCALE_PLACES)
def test_every_place_of_every_type(name: str, make: Make) -> None:
    block = TYPES_BY_NAME[name]
    kind, places = SCALE_PLACES[name]
    count = 7
    for place in places:
        for wrong in (INFINITE[kind], NO_NUMBER[kind]):
            data = bytearray(block.bytes * count)
            at = 4 * block.bytes + place
            data[at : at + len(wrong)] = wrong
            path = make(tensors=[("output.weight", (block.elements * count,), name, bytes(data))])
            (said,) = found(path)
            start = read_header(path).tensors[0].offset
            assert f"byte {start + at:,} | 1 of its" in said
            data[at : at + len(wrong)] = bytes(len(wrong))
            assert (
                found(
                    make(tensors=[("output.weight", (block.elements * count,), name, bytes(data))])
                )
                == []
            )


@pytest.mark.parametrize("name", ["Q4_K", "Q6_K", "Q8_0", "Q2_K", "IQ4_XS", "F16", "BF16"])
def test_finite_weights_are_no_finding(name: str, make: Make) -> None:
    data = b"".join(bytes(piece) for piece in random_weights(TYPES_BY_NAME[name], 256 * 64, seed=1))
    assert found(make(tensors=[("output.weight", (256 * 64,), name, data)])) == []


def test_the_places_are_where_the_reference_reads_them(make: Make) -> None:
    quants = pytest.importorskip("gguf").quants
    kinds = pytest.importorskip("gguf").GGMLQuantizationType
    for name, (kind, places) in SCALE_PLACES.items():
        if name in {"F32", "F16", "F64", "BF16", "Q8_K"}:
            continue
        for place in places:
            data = bytearray(TYPES_BY_NAME[name].bytes)
            data[place : place + 2] = INFINITE[kind]
            with np.errstate(all="ignore"):
                values = quants.dequantize(np.frombuffer(bytes(data), "uint8"), kinds[name])
            assert not np.isfinite(values).all(), (name, place)


def test_big_files_come_in_strips(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from freehold.study.scan import scales

    monkeypatch.setattr(scales, "_STRIP", 64)
    data = struct.pack("<1000f", *range(999), float("nan"))
    path = make(tensors=[("output.weight", (1000,), "F32", data)])
    start = read_header(path).tensors[0].offset
    assert found(path)[0].startswith(
        f"f: tensor 'output.weight', byte {start + 999 * 4:,} | 1 of its numbers"
    )


def test_types_that_are_not_looked_at_are_named(make: Make) -> None:
    tensors = [("a.weight", (32,), "MXFP4", bytes(17)), ("b.weight", (4,), "I32", bytes(16))]
    assert unchecked(read_header(make(tensors=tensors))) == ("MXFP4",)
