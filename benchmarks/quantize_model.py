"""Quantizing a whole model: MB a second against llama.cpp's own quantizer, and each type's cost.

The F16 file is the starter model unpacked (it comes as Q4_1, so that Q4_1 costs nothing here). Both
get it with the same threads, each in a process of its own, in turn; seconds are those of reading,
rounding and writing alone, MB those of the F16 file. With --costs nothing is timed: every type is
made and held against the F16 file, as `freehold modify quantize` does it.

    python benchmarks/quantize_model.py --python /path/to/an/environment/with/cyllama/bin/python
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from freehold.actions.merge import Measuring
from freehold.actions.modify_sources import Source
from freehold.actions.open_tensors import open_tensors, quick_rounding, usable_threads
from freehold.actions.quantize_bench import QuantizeBench
from freehold.formats.gguf_types import FILE_TYPES
from freehold.formats.gguf_write import entries_of
from freehold.formats.tensor_data import TensorData
from freehold.modify.mixes import NEEDS_IMPORTANCE, WRITABLE, mixed
from freehold.modify.numbers import AsItIs
from freehold.modify.writing import write_model
from freehold.progress import SILENT
from freehold.store.store import Store
from freehold.study.texts import plain_text
from measure import in_turn, parser_of, report, starter

_THEIRS = Path(__file__).parent / "runtimes" / "cyllama_quantize.py"
TIMED = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0")


def main() -> int:
    parser = parser_of(__doc__, pairs=3)
    parser.add_argument("--python", type=Path, help="of an environment with cyllama")
    parser.add_argument("--costs", action="store_true", help="what every type costs, untimed")
    parser.add_argument("--work", nargs=3, metavar=("FROM", "TO", "TYPE"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        print(_write(Path(args.work[0]), Path(args.work[1]), args.work[2]))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "f16.gguf"
        _write(starter(), whole, "F16")
        if args.costs:
            return _costs(Path(folder), whole, args.json)
        if args.python is None:
            parser.error("--python is needed")
        return _rates(Path(folder), whole, args)


def _rates(folder: Path, whole: Path, args: argparse.Namespace) -> int:
    size, threads = whole.stat().st_size / 1e6, usable_threads()
    numbers = {name: number for number, name in FILE_TYPES.items()}
    figures: dict[str, object] = {"threads": threads, "f16_mb": round(size, 1)}
    met = True
    for name in TIMED:
        ours, theirs = folder / "ours.gguf", folder / "theirs.gguf"
        here = [sys.executable, __file__, "--work", whole, ours, name]
        there = [args.python, _THEIRS, whole, theirs, numbers[name], threads]
        pairs = in_turn(partial(_seconds, here), partial(_seconds, there), args.pairs)
        equal = _same(ours, theirs)
        met = met and equal and pairs.ratio <= 1
        figures[name] = {
            "freehold_mb_per_s": round(size / pairs.medians[0], 1),
            "llama_cpp_mb_per_s": round(size / pairs.medians[1], 1),
            "seconds_ratio": round(pairs.ratio, 3),
            "equal_types_and_bytes": equal,
        }
        print(name, figures[name], flush=True)
    bar = "the same types and bytes, at most 1.0x the seconds"
    return report("quantize_model", bar, figures, args.json, met=met)


def _costs(folder: Path, whole: Path, where: Path | None) -> int:
    base = Source("f16", whole, "0" * 64, None)
    figures: dict[str, object] = {}
    print("| type | MB | bits a weight | mean KL | same likeliest token | perplexity |")
    print("|---|---|---|---|---|---|")
    with Store.open(folder / "home") as store, store.staging("costs") as staging:
        measuring = Measuring(plain_text(), 4)
        with QuantizeBench(store, base, staging, None, measuring, SILENT) as bench:
            for name in WRITABLE:
                if name in {*NEEDS_IMPORTANCE, "F32", "F16"}:
                    continue
                made = bench.make(name)
                bench.drop(made)
                if made.cost is None:
                    continue
                kl, file = made.cost.kl, made.cost.file
                figures[name] = {
                    "bytes": made.size,
                    "bits_per_weight": round(file.bits_per_weight, 2),
                    "kl": round(kl.mean.value, 5),
                    "kl_error": round(kl.mean.error, 5),
                    "same_top": round(kl.same_top.value, 4),
                    "perplexity": round(kl.model.perplexity.value, 2),
                    "perplexity_f16": round(kl.reference.perplexity.value, 2),
                }
                print(
                    f"| {name} | {made.size / 1e6:.1f} | {file.bits_per_weight:.2f} "
                    f"| {kl.mean.value:.4f} ± {kl.mean.error:.4f} | {kl.same_top.value:.1%} "
                    f"| {kl.model.perplexity.value:.2f} |",
                    flush=True,
                )
    return report("quantize_costs", "printed", figures, where, met=True)


def _write(source: Path, target: Path, name: str) -> float:
    """Make a file as the command does, and return the seconds of it."""
    began = time.perf_counter()
    with open_tensors(source) as data, quick_rounding() as rounding, target.open("wb") as file:
        write_model(
            file,
            AsItIs(data),
            data,
            entries_of(data.header),
            mixed(data.header, name),
            rounding=rounding,
        )
    return time.perf_counter() - began


def _seconds(command: list[object]) -> float:
    """What a process says that its work took."""
    done = subprocess.run(
        [str(word) for word in command], check=True, capture_output=True, text=True
    )
    return float(done.stdout.split()[-1])


def _same(one: Path, other: Path) -> bool:
    """Whether two files have the same tensors, to the byte."""
    with TensorData.open(one) as ours, TensorData.open(other) as theirs:
        names = ours.header.by_name
        return names.keys() == theirs.header.by_name.keys() and all(
            ours.info(name).type == theirs.info(name).type
            and np.array_equal(ours.raw(name), theirs.raw(name))
            for name in names
        )


if __name__ == "__main__":
    sys.exit(main())
