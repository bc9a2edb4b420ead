"""The cost of what was not measured, from the nearest that was.

Block types are near each other when they are packed in the same way and have about as many bits.
A cost by the byte is carried over by the byte, one by the computation by the computation.
"""

from __future__ import annotations

from dataclasses import replace

from freehold.device import costs
from freehold.device.calibration import Calibration, Cost
from freehold.formats.gguf_types import BLOCK_TYPES

_BITS = {block.name: block.bits_per_weight for block in BLOCK_TYPES.values()}
_WEIGHTS = (costs.READ, costs.START, costs.COMPUTE)
_CACHES = (costs.ROW, costs.HEAD, costs.NUMBER, costs.CACHED, costs.BATCH_HEAD, costs.BATCH_NUMBER)
_USUAL_CACHE = "F16"
_UNLIKE_CACHE = 1.4
"""How much more attention takes where the cache is unpacked first, or kept in a large table."""


def nearest_cost(calibration: Calibration, kind: str) -> tuple[Cost, bool]:
    """The cost of `kind`, and whether it had to be derived from another's."""
    found = calibration.by_kind.get(kind)
    if found is not None:
        return found, False
    what, _, name = kind.partition(":")
    if what in _CACHES:
        usual = calibration.by_kind.get(f"{what}:{_USUAL_CACHE}", Cost(kind, 0.0, 0.0))
        return replace(usual, kind=kind, seconds=usual.seconds * _UNLIKE_CACHE), True
    if what in _WEIGHTS:
        near = [each for each in calibration.costs if each.kind.startswith(what + ":")]
        if near:
            best = min(near, key=lambda each: _distance(name, each.kind.partition(":")[2]))
            return replace(best, kind=kind), True
    return Cost(kind, 0.0, 0.0), False


def _distance(wanted: str, measured: str) -> float:
    """Bits per weight apart, and as much as 4 more for another way of packing."""
    unlike = 0.0 if _family(wanted) == _family(measured) else 4.0
    return abs(_BITS.get(wanted, 5.0) - _BITS.get(measured, 5.0)) + unlike


def _family(name: str) -> str:
    if name.endswith("_K"):
        return "K"
    if name.startswith(("IQ", "MXFP", "NVFP", "TQ")):
        return "table"
    return "float" if name in {"F32", "F16", "BF16", "F64"} else "plain"
