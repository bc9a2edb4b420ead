"""Decode rate through Freehold's engine beside bare xllamacpp, in turn, same prompt and settings.

Each run is a new process; the rate is (tokens - 1) / (last token - first token) on the caller's own
clock. Bar: at least 0.98x.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial

from freehold.actions.starter import STARTER
from measure import arguments, in_turn, report, starter

PROMPT = "Write a long story about a lighthouse keeper and the sea."
TOKENS = 200
FREEHOLD = """
import sys, time
from pathlib import Path
from freehold.engine.interface import ChatRequest, Delta, LoadPlan, Message, Sampling
from freehold.engine.llama_cpp import LlamaCppEngine
with LlamaCppEngine().load(LoadPlan(Path(sys.argv[1]), 4096)) as model:
    wish = Sampling(seed=1, max_tokens=int(sys.argv[3]))
    times, tokens = [], 0
    for piece in model.chat(ChatRequest((Message("user", sys.argv[2]),), wish)):
        if isinstance(piece, Delta):
            times.append(time.perf_counter())
        else:
            tokens = piece.usage.answer_tokens
    print([tokens, times[-1] - times[0]])
"""
BARE = """
import sys, time, xllamacpp
p = xllamacpp.CommonParams()
p.model.path, p.n_ctx, p.verbosity = sys.argv[1], 4096, -1
server = xllamacpp.Server(p)
times, tokens = [], []
def hear(chunk):
    for choice in chunk.get("choices", ()):
        if choice["delta"].get("content"):
            times.append(time.perf_counter())
    if chunk.get("timings"):
        tokens.append(chunk["timings"]["predicted_n"])
server.handle_chat_completions({"messages": [{"role": "user", "content": sys.argv[2]}],
    "seed": 1, "max_tokens": int(sys.argv[3]), "stream": True}, hear)
print([tokens[-1], times[-1] - times[0]])
"""


def seconds_a_token(code: str) -> float:
    """Seconds between tokens, as the caller saw them."""
    command = [sys.executable, "-c", code, str(starter()), PROMPT, str(TOKENS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    tokens, seconds = json.loads(done.stdout.splitlines()[-1])
    return float(seconds / (tokens - 1))


def main() -> int:
    args = arguments(__doc__, pairs=9)
    runs = in_turn(partial(seconds_a_token, FREEHOLD), partial(seconds_a_token, BARE), args.pairs)
    ratio = 1 / runs.ratio
    figures: dict[str, object] = {
        "model": STARTER.title,
        "tokens": TOKENS,
        "freehold_median_tokens_per_s": round(1 / runs.medians[0], 2),
        "bare_median_tokens_per_s": round(1 / runs.medians[1], 2),
        "rate_ratio": round(ratio, 4),
        "pairs": args.pairs,
    }
    return report("decode_rate", "at least 0.98x", figures, args.json, met=ratio >= 0.98)


if __name__ == "__main__":
    sys.exit(main())
