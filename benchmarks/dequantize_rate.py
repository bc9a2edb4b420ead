"""Dequantizing, every block type: our GB of float32 a second against the `gguf` package's, in turn.

A matrix of 4096 columns is read as the decoder reads it, in strips of its size into one buffer.
`gguf` makes a new array of each strip, as it always does, and so has strips of the size at which it
is quickest. The bytes are random with finite scales, and both must come to the same numbers. F32 is
left out: neither has anything to do.

On the clock: as `study` reads, with all cores and the engine's decoders where they are faster, and
by NumPy alone; the quickest round of each counts, which other programs disturbed least, and the
median of the pairs stands beside it. By the processor's seconds, with one thread: NumPy, and the
compiled decoder if any. `of_writing` is the rate as `study` reads over that at which the same cores
fill the same buffer with one number: no decoder could be above 1 by much. Bar: at least 5x on the
clock for every type, as `study` reads.
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
from freehold.transformer.weights import STRIP
from measure import arguments, in_turn, report

WIDTH = 4096
ROWS = 4096
OURS = STRIP // (4 * WIDTH)
THEIRS = 256
"""Rows in a strip: 4 MB. From 16 MB on, `gguf` waits more for new memory than it computes."""
BAR = 5.0


def main() -> int:
    args = arguments(__doc__, pairs=7)
    threads = usable_threads()
    rates: dict[str, dict[str, float]] = {}
    before, own = psutil.cpu_times(), time.process_time()
    with Crew(threads) as crew:
        writing = written(crew, args.pairs)
        for block in BLOCK_TYPES.values():
            if block.name in gguf.GGMLQuantizationType.__members__ and _compared(block):
                rates[block.name] = one(block, crew, args.pairs, writing)
                if len(rates) == 1:
                    print("", *rates[block.name], sep="  ")
                print(f"{block.name:8}" + "".join(f"{x:9.2f}" for x in rates[block.name].values()))
    taken = time.process_time() - own
    missed = [name for name, rate in rates.items() if rate["times"] < BAR]
    figures: dict[str, object] = {
        "threads": threads,
        "pairs": args.pairs,
        "types": len(rates),
        "strip_bytes": STRIP,
        "writing_gb_per_s": round(writing, 2),
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


def written(crew: Crew, pairs: int) -> float:
    """GB a second at which a strip is filled with one number, each thread its part of it."""
    out = np.empty((crew.threads, STRIP // 4 // crew.threads), np.float32)

    def seconds() -> float:
        began = time.perf_counter()
        for _ in range(ROWS // OURS):
            crew.each(lambda part: out[part].fill(1), range(len(out)))
        return time.perf_counter() - began

    return ROWS * WIDTH * 4 / 1e9 / min(seconds() for _ in range(3 * pairs))


def one(block: BlockType, crew: Crew, pairs: int, writing: float) -> dict[str, float]:
    """The figures of one type."""
    dice = np.random.default_rng(block.id)
    width = WIDTH // block.elements * block.bytes
    raw = dice.integers(0, 0x3C, (ROWS, width), dtype=np.uint8)
    out = np.empty((OURS, WIDTH), np.float32)
    kind = gguf.GGMLQuantizationType[block.name]
    compiled = compiled_decoders()
    for decoders in (NONE, compiled):
        found = dequantize(raw[:OURS], block, out, crew, decoders)
        same(found, gguf.dequantize(raw[:OURS], kind))

    def theirs(clock: Callable[[], float]) -> float:
        return strips(raw, THEIRS, clock, lambda strip: gguf.dequantize(strip, kind))

    def ours(
        clock: Callable[[], float], crew: Crew = ALONE, compiled: Mapping[str, Decoder] = NONE
    ) -> float:
        return strips(raw, OURS, clock, lambda strip: dequantize(strip, block, out, crew, compiled))

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
    slow = min(*whole.b, *numpy.b)
    return {
        "gguf": round(size / slow, 2),
        "study": round(size / min(whole.a), 2),
        "times": round(slow / min(whole.a), 2),
        "of_writing": round(size / min(whole.a) / writing, 2),
        "times_median": round(1 / whole.ratio, 2),
        "numpy": round(size / min(numpy.a), 2),
        "times_numpy": round(slow / min(numpy.a), 2),
        "times_numpy_one_thread": round(1 / alone.ratio, 2),
        "times_compiled_one_thread": round(1 / quick, 2) if quick else 0.0,
    }


def strips(
    raw: Bytes, rows: int, clock: Callable[[], float], decode: Callable[[Bytes], object]
) -> float:
    """Seconds of that clock to decode all strips of so many rows."""
    began = clock()
    for first in range(0, ROWS, rows):
        decode(raw[first : first + rows])
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
