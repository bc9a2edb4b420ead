"""Where tensors lie in a GGUF file, and what lies where none should: gaps, a tail, odd sizes.

A reader skips what no tensor claims. Padding up to the next aligned place is honest, and zero. The
padding between header and tensors is not looked at, unless it is far longer than usual.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_facts import GgufFacts, read_facts
from freehold.study.parts import layer_of
from freehold.study.scan.finding import Finding, Severity, excerpt
from freehold.study.scan.text_signs import kinds_of_code

_MOST_READ = 1 << 20
_USUAL_ALIGNMENT = 4096
_AGAIN = "Compare it with the same file from another source, by its hash."


def layout_findings(header: GgufHeader, path: Path, label: str) -> Iterator[Finding]:
    """Bytes that no tensor claims, in the order they lie in the file."""
    if header.alignment > _USUAL_ALIGNMENT:
        yield Finding(
            Severity.ODD,
            f"{label}: general.alignment",
            f"Tensors are said to start at multiples of {header.alignment:,} bytes.",
            "The space between can hold what nobody looks at.",
            _AGAIN,
        )
    end, before = header.data_offset, "the header"
    with path.open("rb") as file:
        for tensor in sorted(header.tensors, key=lambda each: each.offset):
            gap = tensor.offset - end
            if gap > 0:
                where = f"{label}: byte {end:,}, after {before}"
                yield from _gap(_read(file, end, gap), gap, header.alignment, where)
            end, before = tensor.offset + tensor.size, f"tensor {excerpt(tensor.name)!r}"
        tail = header.file_size - end
        if tail > 0:
            where = f"{label}: byte {end:,}, after the last tensor"
            yield from _tail(_read(file, end, tail), tail, header.alignment, where)


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    return file.read(min(size, _MOST_READ))


def _gap(data: bytes, gap: int, alignment: int, where: str) -> Iterator[Finding]:
    if gap >= alignment:
        yield _unclaimed(Severity.SUSPICIOUS, where, f"{gap:,} bytes belong to no tensor", data)
    elif any(data):
        yield _unclaimed(Severity.ODD, where, f"{gap:,} bytes of padding are not zero", data)


def _tail(data: bytes, tail: int, alignment: int, where: str) -> Iterator[Finding]:
    if any(data):
        what = f"{tail:,} bytes follow the end of the model"
        yield _unclaimed(Severity.SUSPICIOUS, where, what, data)
    elif tail >= alignment:
        yield _unclaimed(Severity.ODD, where, f"{tail:,} bytes of zeros follow the end", data)


def _unclaimed(severity: Severity, where: str, what: str, data: bytes) -> Finding:
    kinds = list(kinds_of_code(data))
    looks = "; they begin like " + " or ".join(kinds) if kinds else ""
    return Finding(
        severity,
        where,
        f"{what}{looks}.",
        "No program that runs the model reads them; another could use them, or they are left over.",
        _AGAIN,
    )


def shape_findings(header: GgufHeader, label: str) -> Iterator[Finding]:
    """Sizes that the metadata and the tensors do not agree on."""
    if "split.count" in header.metadata:
        return  # no part holds all tensors
    facts = read_facts(header)
    yield from _table_shape(header, facts, label)
    yield from _layer_count(header, facts, label)


def _table_shape(header: GgufHeader, facts: GgufFacts, label: str) -> Iterator[Finding]:
    table = next((each for each in header.tensors if each.name == "token_embd.weight"), None)
    if table is None or len(table.shape) != 2:
        return
    width, rows = table.shape
    for what, said, found in (
        ("tokens in the vocabulary", facts.tokenizer.vocabulary, rows),
        ("numbers in the width", facts.network.embedding_width, width),
    ):
        if said is not None and said != found:
            yield _disagree(
                f"{label}: token_embd.weight",
                f"The metadata says {said:,} {what}, and the embedding has {found:,}.",
                too_few=said > found,
            )


def _layer_count(header: GgufHeader, facts: GgufFacts, label: str) -> Iterator[Finding]:
    numbers = {layer for each in header.tensors if (layer := layer_of(each.name)) is not None}
    said = facts.network.layers
    if not numbers or said is None:
        return
    found = max(numbers) + 1
    if found != said:
        yield _disagree(
            f"{label}: block_count",
            f"The metadata says {said:,} layers, and there are tensors for {found:,}.",
            too_few=said > found,
        )
    missing = sorted(set(range(found)) - numbers)
    if missing:
        what = f"Layer {missing[0]:,} has no tensors at all."
        yield _disagree(f"{label}: layers", what, too_few=True)


def _disagree(where: str, what: str, *, too_few: bool) -> Finding:
    return Finding(
        Severity.SUSPICIOUS if too_few else Severity.ODD,
        where,
        what,
        "A program that believes the one and reads the other goes past the end."
        if too_few
        else "Some of it is never used.",
        _AGAIN,
    )
