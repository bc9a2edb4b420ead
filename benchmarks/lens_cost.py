"""What a logit lens of 128 tokens costs: seconds to the first picture, and peak memory.

Every layer's residual stream at every position goes through the last norm and the output matrix;
kept are the five likeliest tokens and how likely the model's own answer is. Freehold
(`freehold.study.lens`) takes turns with transformers and torch (`runtimes/lens_transformers.py`, in
an interpreter of its own: `--torch`) on the same file and the same ids, each time in a new process:
seconds are from its start to the last number, memory is its resident bytes at their highest, mapped
pages of the file included. Both give the same answers, which is looked at.

A synthetic model of 3 billion parameters, in Q4_K, is looked at by Freehold alone.

Bars: faster, and at most half the memory, on both real models; under 4 GB on the 3B one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from freehold.actions.measured_texts import prose
from freehold.engine.interface import LoadPlan
from freehold.engine.llama_cpp import LlamaCppEngine
from measure import report
from shapes import make

TOKENS = 128
REAL = {
    "SmolLM2-135M-Instruct Q4_1": "SmolLM2-135M-Instruct.Q4_1.gguf",
    "Gemma-3-270M Q4_K_M": "gemma-3-270m-q4_k_m.gguf",
}
LARGE = "Llama-3.2-3B"
_LIMIT = 4_000_000_000
OURS = """
import json, sys, time
from pathlib import Path
from freehold.study.lens import logit_lens
from freehold.transformer.transformer import Transformer

with Transformer.open(sys.argv[1]) as model:
    loaded = time.monotonic()
    lens = logit_lens(model, json.loads(Path(sys.argv[2]).read_text()), top=5)
    done = time.monotonic()
peak = [line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line]
print(json.dumps({
    "loaded_at": loaded,
    "done_at": done,
    "peak_memory_bytes": int(peak[0].split()[1]) * 1024,
    "answers": [int(each) for each in lens.answers],
    "middle": lens.tokens[len(lens.layers) // 2, -3:].tolist(),
}))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True, help="the folder of the real ones")
    parser.add_argument("--torch", metavar="INTERPRETER", help="skip the comparison without it")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--large-in", type=Path, help="a folder for the 3B model; a temporary one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the result here")
    args = parser.parse_args()
    figures: dict[str, Any] = {"tokens": TOKENS, "pairs": args.pairs}
    ours = [sys.executable, "-c", OURS]
    theirs = [args.torch, str(Path(__file__).parent / "runtimes" / "lens_transformers.py")]
    met = args.torch is not None
    with tempfile.TemporaryDirectory() as folder:
        ids = Path(folder) / "ids.json"
        for name, file in REAL.items():
            path = args.models / file
            ids.write_text(json.dumps(text_of(path)))
            found = compared(ours, theirs if args.torch else None, path, ids, args.pairs)
            figures[name] = found
            met &= found.get("seconds_ratio", 1) < 1 and found.get("memory_ratio", 1) <= 0.5
        path = make(LARGE, "Q4_K", args.large_in or Path(folder))
        page_cache(path)
        ids.write_text(json.dumps([(7 * i * i + 11 * i) % 100_000 + 300 for i in range(TOKENS)]))
        large = one(ours, path, ids)
        figures[f"synthetic {LARGE} Q4_K"] = {"file_bytes": path.stat().st_size, **shown(large)}
        met &= large["peak_memory_bytes"] < _LIMIT
    bar = "faster and at most half the memory of torch; under 4 GB at 3B"
    return report("lens_cost", bar, figures, args.json, met=met)


def text_of(path: Path) -> list[int]:
    """128 tokens of prose, as the model cuts it."""
    with LlamaCppEngine().load(LoadPlan(path, 512, repack=False)) as engine:
        return engine.tokenize(prose(engine, TOKENS), begin=True)[:TOKENS]


def compared(
    ours: list[str], theirs: list[str] | None, path: Path, ids: Path, pairs: int
) -> dict[str, Any]:
    """Both in turn, `pairs` times, with the file in the page cache."""
    page_cache(path)
    kept: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for _ in range(pairs):
        mine = one(ours, path, ids)
        kept.append((mine, one(theirs, path, ids) if theirs else mine))
    figures: dict[str, Any] = {"freehold": shown(*(mine for mine, _ in kept))}
    if theirs is None:
        return figures
    mine, other = kept[0]
    same = [a == b for a, b in zip(mine["answers"], other["answers"], strict=True)]
    return {
        **figures,
        "transformers": shown(*(other for _, other in kept)),
        "seconds_ratio": round(median(a["seconds"] / b["seconds"] for a, b in kept), 3),
        "memory_ratio": round(
            median(a["peak_memory_bytes"] / b["peak_memory_bytes"] for a, b in kept), 3
        ),
        "same_answers": round(sum(same) / len(same), 4),
        "same_leaders_in_the_middle": mine["middle"] == other["middle"],
    }


def page_cache(path: Path) -> None:
    """Read a file once, so that no run is the first to."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def one(command: list[str], path: Path, ids: Path) -> dict[str, Any]:
    """The figures of one process."""
    began = time.monotonic()
    done = subprocess.run(
        [*command, str(path), str(ids)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    told["load_seconds"] = told["loaded_at"] - began
    told["seconds"] = told["done_at"] - began
    return told


def shown(*runs: dict[str, Any]) -> dict[str, Any]:
    """Medians, without what was only there to be compared."""
    return {
        name: round(median(run[name] for run in runs), 3)
        for name in ("load_seconds", "seconds", "peak_memory_bytes")
    }


if __name__ == "__main__":
    sys.exit(main())
