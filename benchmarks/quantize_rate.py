"""Quantizing: MB of float32 a second by NumPy against llama.cpp's own quantizer.

Both get the same random matrix, with an importance matrix and without, one thread each, measured in
the processor's seconds. llama.cpp's is the function inside the engine's library; where that does
not show it (it does on Linux) there is nothing to compare with. Bar: equal bytes.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.formats.blocks.engine_quantizer import TYPES, Quantize, engine_quantizer

from freehold.formats.blocks.layout import Floats
from freehold.formats.blocks.quantize import QUANTIZED, quantize
from measure import arguments, in_turn, report

SHAPE = (256, 2048)


def main() -> int:
    args = arguments(__doc__, pairs=3)
    engine = engine_quantizer()
    if engine is None:
        raise SystemExit("this engine's library does not show its quantizer")
    dice = np.random.default_rng(1)
    numbers = dice.standard_normal(SHAPE).astype(np.float32) * np.float32(0.03)
    importance = dice.random(SHAPE[1]).astype(np.float32) + np.float32(0.01)
    rates: dict[str, dict[str, float]] = {}
    equal = True
    print("MB of float32 a second and processor: llama.cpp, NumPy, times; the same with importance")
    for name in QUANTIZED[1:]:
        found: dict[str, float] = {}
        for label, given in (("", None), ("_importance", importance)):
            block = TYPES[name]
            ours, theirs = quantize(numbers, block, given), engine(numbers, block, given)
            equal = equal and np.array_equal(ours, theirs)
            pairs = in_turn(
                partial(seconds, quantize, name, numbers, given),
                partial(seconds, engine, name, numbers, given),
                args.pairs,
            )
            found[f"llama_cpp{label}"] = round(numbers.nbytes / 1e6 / pairs.medians[1], 1)
            found[f"numpy{label}"] = round(numbers.nbytes / 1e6 / pairs.medians[0], 1)
            found[f"times{label}"] = round(1 / pairs.ratio, 2)
        rates[name] = found
        print(f"{name:8}" + "".join(f"{rate:10.2f}" for rate in found.values()))
    figures: dict[str, object] = {"pairs": args.pairs, "equal_bytes": equal, "mb_per_s": rates}
    return report("quantize_rate", "equal bytes", figures, args.json, met=equal)


def seconds(quantizer: Quantize, name: str, numbers: Floats, importance: Floats | None) -> float:
    """The processor's seconds for one quantizing."""
    began = time.process_time()
    quantizer(numbers, TYPES[name], importance)
    return time.process_time() - began


if __name__ == "__main__":
    sys.exit(main())
