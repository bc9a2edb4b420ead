"""Decode rate as a caller sees it: Freehold's engine beside bare xllamacpp, run in pairs.

Each run is a new process with the same prompt, seed, context and threads on both sides; the rate
is (tokens - 1) / (last token - first token) on the caller's clock, over the same tokens.

    python benchmarks/decode_rate.py MODEL.gguf [--runs 8] [--tokens 200] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

PROMPT = "Write a long story about a lighthouse keeper and the sea."

FREEHOLD = """
import sys, time
from pathlib import Path
from freehold.engine.interface import ChatRequest, Delta, LoadPlan, Message, Sampling
from freehold.engine.llama_cpp import LlamaCppEngine
with LlamaCppEngine().load(LoadPlan(Path(sys.argv[1]), int(sys.argv[2]))) as model:
    wish = Sampling(seed=1, max_tokens=int(sys.argv[4]))
    times, text = [], ""
    for piece in model.chat(ChatRequest((Message("user", sys.argv[3]),), wish)):
        if isinstance(piece, Delta):
            times.append(time.perf_counter())
            text += piece.text
    print([piece.usage.answer_tokens, times[-1] - times[0], len(text)])
"""

BARE = """
import sys, time
import xllamacpp
p = xllamacpp.CommonParams()
p.model.path = sys.argv[1]
p.n_ctx = int(sys.argv[2])
p.warmup = p.fit_params = p.ui = False
server = xllamacpp.Server(p)
times, text, counts = [], [], []
def hear(chunk):
    for choice in chunk.get("choices", ()):
        if choice["delta"].get("content"):
            times.append(time.perf_counter())
            text.append(choice["delta"]["content"])
    if chunk.get("timings"):
        counts.append(chunk["timings"]["predicted_n"])
server.handle_chat_completions({"messages": [{"role": "user", "content": sys.argv[3]}],
    "seed": 1, "max_tokens": int(sys.argv[4]), "stream": True}, hear)
print([counts[-1], times[-1] - times[0], len("".join(text))])
"""

SIDES = {"freehold": FREEHOLD, "bare": BARE}


def run(side: str, model: Path, context: int, tokens: int) -> dict[str, float]:
    """The tokens, the seconds between the first and the last, and their rate."""
    command = [sys.executable, "-c", SIDES[side], str(model), str(context), PROMPT, str(tokens)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    made, seconds, length = json.loads(done.stdout.splitlines()[-1])
    return {"tokens": made, "seconds": seconds, "characters": length, "rate": (made - 1) / seconds}


def machine() -> dict[str, Any]:
    """What it was measured on."""
    import xllamacpp

    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "xllamacpp": xllamacpp.__version__,
        "load": os.getloadavg()[0],
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), "?")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--context", type=int, default=4096)
    parser.add_argument("--json", type=Path)
    wish = parser.parse_args()
    about = machine()
    print(", ".join(f"{name} {value}" for name, value in about.items()))
    print(f"{wish.model.name}, context {wish.context}, {wish.runs} paired runs\n")
    done: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    for number in range(wish.runs):
        for side in list(SIDES) if number % 2 else list(SIDES)[::-1]:
            done[side].append(run(side, wish.model, wish.context, wish.tokens))
    for side, runs in done.items():
        rates = sorted(one["rate"] for one in runs)
        print(
            f"{side:9} median {statistics.median(rates):6.1f} tokens/s "
            f"({rates[0]:.1f} to {rates[-1]:.1f}), {runs[0]['tokens']} tokens, "
            f"{runs[0]['characters']} characters"
        )
    ratio = statistics.median(
        ours["rate"] / theirs["rate"]
        for ours, theirs in zip(done["freehold"], done["bare"], strict=True)
    )
    print(f"\nfreehold / bare: {ratio:.3f} (median of paired ratios)")
    if wish.json:
        wish.json.write_text(json.dumps({"machine": about, "runs": done, "ratio": ratio}, indent=1))


if __name__ == "__main__":
    main()
