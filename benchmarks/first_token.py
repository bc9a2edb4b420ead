"""Cold time to the first token of `freehold run`, beside a bare xllamacpp script, in turn.

Each is a new process, timed from before it is started until its first byte of answer arrives here,
so Python's own start counts on both sides. The bare script loads with xllamacpp's defaults. The
page cache is warm. The split of our time comes from the command's own figures. Bar: at most 1.15x.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from functools import partial

from freehold.actions.starter import STARTER
from measure import arguments, freehold, in_turn, owned_home, report, starter

PROMPT = "Why is the sky blue?"
BARE = """
import sys, xllamacpp
p = xllamacpp.CommonParams()
p.model.path, p.n_ctx, p.verbosity = sys.argv[1], 4096, -1
def hear(chunk):
    for choice in chunk.get("choices", ()):
        if choice["delta"].get("content"):
            sys.stdout.write(choice["delta"]["content"])
            sys.stdout.flush()
            return True
question = [{"role": "user", "content": sys.argv[2]}]
xllamacpp.Server(p).handle_chat_completions(
    {"messages": question, "max_tokens": 4, "stream": True}, hear)
"""


def first_byte(command: list[str], env: dict[str, str]) -> float:
    """Seconds from before the start to the first byte on standard output."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    if not process.stdout.read(1):
        raise RuntimeError(process.communicate()[1].decode())
    seconds = time.perf_counter() - began
    process.communicate()
    return seconds


def main() -> int:
    args = arguments(__doc__, pairs=15)
    with owned_home() as home:
        env = {**os.environ, "FREEHOLD_HOME": str(home)}
        ours = freehold("run", PROMPT, "--max-tokens", "4")
        bare = [sys.executable, "-c", BARE, str(starter()), PROMPT]
        runs = in_turn(partial(first_byte, ours, env), partial(first_byte, bare, env), args.pairs)
        done = subprocess.run(
            [*ours, "--json"], env=env, stdin=subprocess.DEVNULL, capture_output=True, check=True
        )
    told = json.loads(done.stdout)
    prompt = told["prompt_tokens"] / told["prompt_tokens_per_second"]
    figures: dict[str, object] = {
        "model": STARTER.title,
        "freehold_median_s": round(runs.medians[0], 4),
        "bare_median_s": round(runs.medians[1], 4),
        "ratio": round(runs.ratio, 3),
        "of_which_load_s": round(told["load_seconds"], 4),
        "of_which_prompt_s": round(prompt, 4),
        "of_which_python_and_the_rest_s": round(runs.medians[0] - told["load_seconds"] - prompt, 4),
        "pairs": args.pairs,
    }
    return report("first_token", "at most 1.15x", figures, args.json, met=runs.ratio <= 1.15)


if __name__ == "__main__":
    sys.exit(main())
