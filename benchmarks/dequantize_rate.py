"""Dequantizing, every block type: our GB of float32 a second against the `gguf` package's, in turn.

A matrix of 4096 columns is read in strips of 8 MB into one buffer, as the decoder reads it; `gguf`
makes a new array of each strip, as it always does. The strips' bytes are random with finite scales,
and both must come to the same numbers. F32 is left out: neither has anything to do. With one thread
the processor's seconds are compared, with as many as there are cores those on the clock.
Beside them stands llama.cpp's own function, compiled, where the engine's library shows it.
Bar: at least 5x on the clock for every type.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import gguf
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.formats.blocks.engine_quantizer import engine_dequantizer

from freehold.device.cores import share_of_cores
from freehold.formats.blocks.crew import ALONE, Crew
from freehold.formats.blocks.dequantize import DEQUANTIZED, dequantize
from freehold.formats.blocks.layout import Bytes, Floats
from freehold.formats.gguf_types import BLOCK_TYPES, BlockType
from measure import arguments, in_turn, report

WIDTH = 4096
ROWS = 2048
STRIP = 512
BAR = 5.0


def main() -> int:
    args = arguments(__doc__, pairs=7)
    threads = max(1, int(share_of_cores(None).usable or 1))
    rates: dict[str, dict[str, float]] = {}
    print(
        f"GB of float32 a second: gguf, {threads} threads, times; one thread by processor seconds"
    )
    with Crew(threads) as crew:
        for block in BLOCK_TYPES.values():
            if block.name in gguf.GGMLQuantizationType.__members__ and _compared(block):
                rates[block.name] = one(block, crew, args.pairs)
                print(f"{block.name:8}" + "".join(f"{x:8.2f}" for x in rates[block.name].values()))
    missed = [name for name, rate in rates.items() if rate["times"] < BAR]
    figures: dict[str, object] = {
        "threads": threads,
        "pairs": args.pairs,
        "types": len(rates),
        "missed": missed,
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
    same(dequantize(raw[:STRIP], block, out, crew), gguf.dequantize(raw[:STRIP], kind))

    def theirs(clock: Callable[[], float]) -> float:
        return strips(raw, clock, lambda strip: gguf.dequantize(strip, kind))

    def ours(clock: Callable[[], float], crew: Crew = ALONE) -> float:
        return strips(raw, clock, lambda strip: dequantize(strip, block, out, crew))

    clock, processor = time.perf_counter, time.process_time
    alone = in_turn(partial(ours, processor), partial(theirs, processor), pairs)
    both = in_turn(partial(ours, clock, crew), partial(theirs, clock), pairs)
    size = ROWS * WIDTH * 4 / 1e9
    compiled = engine_dequantizer(block)
    seconds = 0.0
    if compiled is not None:
        seconds = min(strips(raw, processor, lambda strip: compiled(strip, out)) for _ in range(3))
    return {
        "gguf": round(size / both.medians[1], 2),
        "threads": round(size / both.medians[0], 2),
        "times": round(1 / both.ratio, 2),
        "gguf_by_processor": round(size / alone.medians[1], 2),
        "one_thread_by_processor": round(size / alone.medians[0], 2),
        "times_by_processor": round(1 / alone.ratio, 2),
        "llama_cpp_by_processor": round(size / seconds, 2) if seconds else 0.0,
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


def _compared(block: BlockType) -> bool:
    whole = block.name[0] == "I" and block.name[1:].isdigit()
    return block.name in DEQUANTIZED and block.name not in {"F32", "F64"} and not whole


if __name__ == "__main__":
    sys.exit(main())
