"""One answer of one runtime, timed the same way for all.

Each script beside this one gives two functions: how to load, and how to stream an answer.

Run as `python SCRIPT MODEL PROMPT TOKENS BEGAN`: the model file, a file with the prompt, how many
tokens to answer with, and the monotonic clock when the process was started. It stands on Python's
own library alone, since each runtime has an interpreter of its own. Linux only: it reads /proc.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

CONTEXT = 4096


def main(load: Callable[[str], Any], stream: Callable[[Any, str, int], Iterator[int]]) -> None:
    """Load, answer, print the figures as one line of JSON.

    `stream` yields once for each piece of the answer: how many tokens it has.
    """
    path, prompt_file, tokens, began = sys.argv[1:5]
    prompt = Path(prompt_file).read_text(encoding="utf-8")
    model = load(path)
    ready = time.monotonic()
    first, last, count, first_count = 0.0, 0.0, 0, 0
    for piece in stream(model, prompt, int(tokens)):
        last = time.monotonic()
        count += piece
        if not first:
            first, first_count = last, count
    told = {
        "ready_s": ready - float(began),
        "first_token_s": first - float(began),
        "prompt_s": first - ready,
        "answer_s": last - first,
        "answer_tokens": count - first_count,
        "peak_memory_bytes": peak_memory(),
    }
    print("\n" + json.dumps(told), flush=True)


def peak_memory() -> int:
    """The highest resident bytes of this process and of all below it, added up."""
    return sum(_peak(pid) for pid in ["self", *_below("self")])


def _peak(pid: str) -> int:
    for line in _read(Path(f"/proc/{pid}/status")).splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _below(pid: str) -> Iterator[str]:
    for task in Path("/proc").glob(f"{pid}/task/*"):
        for child in _read(task / "children").split():
            yield child
            yield from _below(child)


def _read(path: Path) -> str:
    """What it says; nothing of a thread or process that ended meanwhile."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
