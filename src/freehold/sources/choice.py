"""Which file of many: by its name, by its quantization, or the one that suits most people.

Knows names only. Files split by llama.cpp (`-00001-of-0000N.gguf`) are one model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from freehold.errors import NotFound
from freehold.sources.interface import OfferedFile, Role

SHARD = re.compile(
    r"(?P<base>.+)-(?P<index>\d{5})-of-(?P<count>\d{5})(?P<end>\.(?:gguf|safetensors))", re.I
)
_QUANT = re.compile(
    r"(?<![a-z0-9])(bf16|fp?16|fp?32|mxfp4|i?q[1-8]_[0-9a-z]+(?:_[a-z]+)?|tq[12]_0|q8)(?![a-z0-9])",
    re.I,
)
PREFERRED = "Q4_K_M"
_BITS = {
    # bits for each weight, as llama.cpp's documentation of its quantize tool gives them
    "IQ1_S": 2.0, "IQ1_M": 2.15, "IQ2_XXS": 2.38, "IQ2_XS": 2.59, "IQ2_S": 2.74, "IQ2_M": 2.93,
    "Q2_K_S": 2.97, "Q2_K": 3.16, "IQ3_XXS": 3.25, "IQ3_XS": 3.5, "IQ3_S": 3.66, "Q3_K_S": 3.64,
    "IQ3_M": 3.76, "Q3_K_M": 4.0, "Q3_K_L": 4.3, "IQ4_XS": 4.46, "MXFP4": 4.25, "Q4_0": 4.66,
    "IQ4_NL": 4.68, "Q4_K_S": 4.67, "Q4_K_M": 4.89, "Q4_K": 4.89, "Q4_1": 5.11, "Q5_0": 5.57,
    "Q5_K_S": 5.57, "Q5_K_M": 5.7, "Q5_K": 5.7, "Q5_1": 6.05, "Q6_K": 6.56, "Q8_0": 8.5,
    "F16": 16.0, "BF16": 16.0, "F32": 32.0, "TQ1_0": 1.69, "TQ2_0": 2.06,
}  # fmt: skip
_NEVER_CHOSEN = 99.0


@dataclass(frozen=True)
class Candidate:
    """A model among others: one file, or all the parts it was split into."""

    name: str
    files: tuple[OfferedFile, ...]
    missing: int | None = None
    """The first part that a split model lacks."""

    @property
    def quant(self) -> str | None:
        """The quantization its name tells, such as Q4_K_M."""
        return quant_of(self.name)


def quant_of(name: str) -> str | None:
    """The quantization that a file's name tells, in llama.cpp's spelling, or None."""
    found: list[str] = _QUANT.findall(name.rpartition("/")[2])
    if not found:
        return None
    return {"FP16": "F16", "FP32": "F32", "Q8": "Q8_0"}.get(found[-1].upper(), found[-1].upper())


def candidates(files: Iterable[OfferedFile]) -> tuple[Candidate, ...]:
    """The models among the files: parts put together, projectors and the like left out."""
    whole: list[Candidate] = []
    split: dict[tuple[str, int], dict[int, OfferedFile]] = {}
    for file in files:
        if file.role is not Role.WEIGHTS:
            continue
        shard = SHARD.fullmatch(file.name)
        if shard:
            name = shard["base"] + shard["end"]
            split.setdefault((name, int(shard["count"])), {})[int(shard["index"])] = file
        else:
            whole.append(Candidate(file.name, (file,)))
    for (name, count), parts in split.items():
        missing = min(set(range(1, count + 1)) - set(parts), default=None)
        whole.append(Candidate(name, tuple(parts[index] for index in sorted(parts)), missing))
    return tuple(sorted(whole, key=lambda each: each.name))


def choose(models: Sequence[Candidate], wanted: str | None, where: str) -> Candidate:
    """The model that is wanted, or the one nearest to Q4_K_M.

    `wanted` is a file's name, a quantization or a part of either. Raises NotFound with what
    there is, or with the part that is missing.
    """
    model = _choose(models, wanted, where)
    if model.missing is not None:
        raise NotFound(f"{model.name} is split, and its part {model.missing} is not at {where}.")
    return model


def _choose(models: Sequence[Candidate], wanted: str | None, where: str) -> Candidate:
    if not models:
        raise NotFound(f"{where} holds no model file that Freehold can use.")
    if wanted is None:
        return min(models, key=_distance)
    found = _matching(models, wanted)
    if len(found) != 1:
        names = ", ".join(sorted(each.name for each in found or models)[:12])
        how = f"more than one file called {wanted!r}" if found else f"no file called {wanted!r}"
        raise NotFound(f"{where} has {how}.", f"It has {names}.")
    return found[0]


def _matching(models: Sequence[Candidate], wanted: str) -> list[Candidate]:
    low = wanted.lower()
    tests: tuple[Callable[[Candidate], bool], ...] = (
        lambda each: low in (each.name.lower(), *(file.name.lower() for file in each.files)),
        lambda each: low in {file.name.lower().rpartition("/")[2] for file in each.files},
        lambda each: (each.quant or "").lower() == low,
        lambda each: low in each.name.lower(),
    )
    for test in tests:
        found = [each for each in models if test(each)]
        if found:
            return found
    return []


def _distance(model: Candidate) -> tuple[float, float, str]:
    bits = _BITS.get(model.quant or "", _NEVER_CHOSEN)
    return abs(bits - _BITS[PREFERRED]), -bits, model.name
