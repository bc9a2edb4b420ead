"""Cold time to the first token: Freehold's engine beside a bare xllamacpp script, run in pairs.

Each run is a new process, timed from outside: from before it is started until its first token
arrives here, so Python's own start counts on both sides. The bare script comes twice: as its
defaults are, and with the settings that Freehold uses. The page cache is warm after the first,
uncounted, round.

    python benchmarks/first_token.py MODEL.gguf [--runs 10] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PROMPT = "Why is the sky blue?"

FREEHOLD = """
import sys, time
began = time.perf_counter()
from pathlib import Path
from freehold.engine.interface import ChatRequest, LoadPlan, Message, Sampling
from freehold.engine.llama_cpp import LlamaCppEngine
imported = time.perf_counter()
model = LlamaCppEngine().load(LoadPlan(Path(sys.argv[1]), int(sys.argv[2])))
loaded = time.perf_counter()
answer = model.chat(ChatRequest((Message("user", sys.argv[3]),), Sampling(seed=1, max_tokens=8)))
print(next(answer).text, flush=True)
first = time.perf_counter()
print([imported - began, loaded - imported, first - loaded], flush=True)
answer.close()
model.close()
"""

BARE = """
import sys, time
began = time.perf_counter()
import xllamacpp
imported = time.perf_counter()
p = xllamacpp.CommonParams()
p.model.path = sys.argv[1]
if sys.argv[4] == "same":
    p.n_ctx = int(sys.argv[2])
    p.warmup = p.fit_params = p.ui = False
server = xllamacpp.Server(p)
loaded = time.perf_counter()
first = []
def hear(chunk):
    for choice in chunk.get("choices", ()):
        if choice["delta"].get("content") and not first:
            first.append(time.perf_counter())
            print(choice["delta"]["content"], flush=True)
server.handle_chat_completions({"messages": [{"role": "user", "content": sys.argv[3]}],
    "seed": 1, "max_tokens": 8, "stream": True}, hear)
print([imported - began, loaded - imported, first[0] - loaded], flush=True)
"""

STAGES = ("python", "import", "load", "prompt")
SIDES = {"freehold": (FREEHOLD, "-"), "bare": (BARE, "defaults"), "bare, same": (BARE, "same")}


def run(side: str, model: Path, context: int) -> dict[str, float]:
    """Seconds of one run: each stage, and the whole until the first token."""
    script, settings = SIDES[side]
    command = [sys.executable, "-c", script, str(model), str(context), PROMPT, settings]
    began = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        whole = time.perf_counter() - began
        parts = json.loads(process.stdout.read().splitlines()[-1])
    return dict(zip(STAGES, [whole - sum(parts), *parts], strict=True)) | {"whole": whole}


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
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--context", type=int, default=4096)
    parser.add_argument("--json", type=Path)
    wish = parser.parse_args()
    about = machine()
    print(", ".join(f"{name} {value}" for name, value in about.items()))
    print(f"{wish.model.name}, context {wish.context}, {wish.runs} paired runs\n")
    times: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    for number in range(wish.runs + 1):
        for side in list(SIDES) if number % 2 else list(SIDES)[::-1]:
            taken = run(side, wish.model, wish.context)
            if number:
                times[side].append(taken)
    print(f"{'median ms':12}" + "".join(f"{stage:>9}" for stage in (*STAGES, "whole")))
    for side, runs in times.items():
        medians = [statistics.median(one[stage] for one in runs) for stage in (*STAGES, "whole")]
        print(f"{side:12}" + "".join(f"{1000 * value:9.0f}" for value in medians))
    ratios = {
        side: statistics.median(
            ours["whole"] / theirs["whole"]
            for ours, theirs in zip(times["freehold"], times[side], strict=True)
        )
        for side in ("bare", "bare, same")
    }
    print()
    for side, ratio in ratios.items():
        print(f"freehold / {side}: {ratio:.3f} (median of paired ratios)")
    if wish.json:
        wish.json.write_text(
            json.dumps({"machine": about, "runs": times, "ratios": ratios}, indent=1)
        )


if __name__ == "__main__":
    main()
