"""A calibration for a machine that nobody has measured, from the figures that its maker states.

Memory bandwidth bounds decoding, and the cores with their instructions bound prompts. What share
of either llama.cpp reaches differs from machine to machine, so the band is wide: a factor of about
two either way.
"""

from __future__ import annotations

from freehold.device import costs
from freehold.device.calibration import Bandwidth, Calibration, Cost
from freehold.device.estimates import Basis
from freehold.formats.gguf_types import BLOCK_TYPES

_REACHED = 0.7
"""The share of the stated bandwidth that weights are read at."""
_USUAL_CLOCK = 3.0e9
_PER_CYCLE = {
    "avx512": 64.0, "avx2": 40.0, "avx": 14.0, "sse": 7.0,
    "i8mm": 40.0, "dotprod": 24.0, "neon": 10.0, "none": 2.0,
}  # fmt: skip
"""Multiplications and additions per core and cycle that prompts reach with 8-bit blocks."""
_FLOAT_SHARE = 0.5
"""Of that with 16-bit floats."""
_BYTES_PER_CYCLE = {"avx512": 8.0, "avx2": 6.0, "avx": 3.0, "sse": 2.0, "i8mm": 5.0,
                    "dotprod": 4.0, "neon": 2.5, "none": 0.5}  # fmt: skip
"""Weights that one core unpacks for a decode step."""
ISA_CLASSES = tuple(_PER_CYCLE)


def specified(
    bandwidth_bytes_per_s: float, cores: int, isa: str, clock_hz: float | None = None
) -> Calibration:
    """A machine known by its memory bandwidth, its fast cores and their instructions.

    `isa` is one of `ISA_CLASSES`; anything else counts as the slowest.
    """
    clock = clock_hz or _USUAL_CLOCK
    cycles = max(1, cores) * clock
    compute = 1 / (cycles * _PER_CYCLE.get(isa, _PER_CYCLE["none"]))
    unpack = 1 / (cycles * _BYTES_PER_CYCLE.get(isa, _BYTES_PER_CYCLE["none"]))
    memory = 1 / (bandwidth_bytes_per_s * _REACHED)
    seconds = {
        costs.STEP: 1e-4,
        costs.OPERATION: 3e3 * max(1, cores) / clock,
        costs.DOT: 40 / cycles,
        costs.ACTIVATION: 8 / cycles,
        f"{costs.ROW}:F16": 300 / clock,
        f"{costs.HEAD}:F16": 15 / cycles,
        f"{costs.NUMBER}:F16": 8 * compute,
        f"{costs.CACHED}:F16": memory,
        f"{costs.BATCH_HEAD}:F16": 30 / cycles,
        f"{costs.BATCH_NUMBER}:F16": 4 * compute,
    }
    for block in BLOCK_TYPES.values():
        floats = block.name in {"F32", "F16", "BF16"}
        # Reading and unpacking overlap: the slower of the two is what a step waits for.
        seconds[f"{costs.READ}:{block.name}"] = memory if floats else max(memory, unpack)
        seconds[f"{costs.START}:{block.name}"] = memory
        seconds[f"{costs.COMPUTE}:{block.name}"] = compute / (_FLOAT_SHARE if floats else 1.0)
    return Calibration(
        device="",
        engine="",
        costs=tuple(Cost(kind, value, 0.0) for kind, value in seconds.items()),
        bandwidth=Bandwidth(bandwidth_bytes_per_s, bandwidth_bytes_per_s),
        basis=Basis.SPECIFIED,
        threads=max(1, cores),
    )
