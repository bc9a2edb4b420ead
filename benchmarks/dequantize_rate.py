"""Dequantizing, every block type: our GB of float32 a second against the `gguf` package's, in turn.

A matrix of 4096 columns is read in strips of 8 MB into one buffer, as the decoder reads it; `gguf`
makes a new array of each strip, as it always does. The strips' bytes are random with finite scales,
and both must come to the same numbers. F32 is left out: neither has anything to do.

On the clock: as `study` reads, with all cores and the engine's decoders where they are faster, and
by NumPy alone. By the processor's seconds, with one thread: NumPy, and the compiled decoder if any.
Bar: at least 5x on the clock for every type, as `study` reads.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from functools import partial

import gguf
import numpy as np
import psutil

from freehold.actions.open_tensors import usable_threads
from freehold.engine.compiled_blocks import compiled_decoders
from freehold.formats.blocks.crew import ALONE, Crew
from freehold.formats.blocks.dequantize import DEQUANTIZED, NONE, Decoder, dequantize
from freehold.formats.blocks.layout import Bytes, Floats
from freehold.formats.gguf_types import BLOCK_TYPES, BlockType
from measure import arguments, in_turn, report

WIDTH = 4096
ROWS = 2048
STRIP = 512
BAR = 5.0


def main() -> int:
    args = arguments(__doc__, pairs=7)
    threads = usable_threads()
    rates: dict[str, dict[str, float]] = {}
    before, own = psutil.cpu_times(), time.process_time()
    with Crew(threads) as crew:
        for block in BLOCK_TYPES.values():
            if block.name in gguf.GGMLQuantizationType.__members__ and _compared(block):
                rates[block.name] = one(block, crew, args.pairs)
                if len(rates) == 1:
                    print("", *rates[block.name], sep="  ")
                print(f"{block.name:8}" + "".join(f"{x:9.2f}" for x in rates[block.name].values()))
    taken = time.process_time() - own
    missed = [name for name, rate in rates.items() if rate["times"] < BAR]
    figures: dict[str, object] = {
        "threads": threads,
        "pairs": args.pairs,
        "types": len(rates),
        "cores_taken_by_others": _others(before, taken),
        "missed": missed,
        "missed_by_numpy_alone": [
            name for name, rate in rates.items() if rate["times_numpy"] < BAR
        ],
        "lowest": min(rate["times"] for rate in rates.values()),
        "gb_per_s": rates,
    }
    bar = f"at least {BAR:g} times the gguf package for every block type"
    return report("dequantize_rate", bar, figures, args.json, met=not missed)


def one(block: BlockType, crew: Crew, pairs: int) -> dict[str, float]:
    """The figures of one type."""
    dice = np.random.default_rng(block.id)
    width = WIDTH // block.elements * block.bytes
    raw = dice.integers(0, 0x3C, (ROWS, width), dtype=np.uint8)
    out = np.empty((STRIP, WIDTH), np.float32)
    kind = gguf.GGMLQuantizationType[block.name]
    compiled = compiled_decoders()
    for decoders in (NONE, compiled):
        found = dequantize(raw[:STRIP], block, out, crew, decoders)
        same(found, gguf.dequantize(raw[:STRIP], kind))

    def theirs(clock: Callable[[], float]) -> float:
        return strips(raw, clock, lambda strip: gguf.dequantize(strip, kind))

    def ours(
        clock: Callable[[], float], crew: Crew = ALONE, compiled: Mapping[str, Decoder] = NONE
    ) -> float:
        return strips(raw, clock, lambda strip: dequantize(strip, block, out, crew, compiled))

    clock, processor = time.perf_counter, time.process_time
    whole = in_turn(partial(ours, clock, crew, compiled), partial(theirs, clock), pairs)
    numpy = in_turn(partial(ours, clock, crew), partial(theirs, clock), pairs)
    alone = in_turn(partial(ours, processor), partial(theirs, processor), pairs)
    quick = 0.0
    if block.name in compiled:
        quick = in_turn(
            partial(ours, processor, ALONE, compiled), partial(theirs, processor), pairs
        ).ratio
    size = ROWS * WIDTH * 4 / 1e9
    return {
        "gguf": round(size / whole.medians[1], 2),
        "study": round(size / whole.medians[0], 2),
        "times": round(1 / whole.ratio, 2),
        "numpy": round(size / numpy.medians[0], 2),
        "times_numpy": round(1 / numpy.ratio, 2),
        "times_numpy_one_thread": round(1 / alone.ratio, 2),
        "times_compiled_one_thread": round(1 / quick, 2) if quick else 0.0,
    }


def strips(raw: Bytes, clock: Callable[[], float], decode: Callable[[Bytes], object]) -> float:
    """Seconds of that clock to decode all strips."""
    began = clock()
    for first in range(0, ROWS, STRIP):
        decode(raw[first : first + STRIP])
    return clock() - began


def same(ours: Floats, theirs: Floats) -> None:
    """Stop unless both came to the same numbers, bit for bit."""
    if not np.array_equal(ours.view(np.uint32), theirs.view(np.uint32)):
        raise SystemExit("the numbers differ")


def _others(before: tuple[float, ...], taken: float) -> float:
    """How many cores, on average, other programs kept busy meanwhile."""
    after = psutil.cpu_times()
    spent = [late - early for late, early in zip(after, before, strict=True)]
    whole = sum(spent)
    resting = after.idle - before[after._fields.index("idle")]
    seconds = whole / (psutil.cpu_count() or 1)
    return round((whole - resting - taken) / seconds, 2)


def _compared(block: BlockType) -> bool:
    whole = block.name[0] == "I" and block.name[1:].isdigit()
    return block.name in DEQUANTIZED and block.name not in {"F32", "F64"} and not whole


if __name__ == "__main__":
    sys.exit(main())
