"""The study page, played with: a prompt of 40 tokens is changed and run again.

As the page asks, over HTTP, of a server that has the starter model open: the run (probabilities and
heads), its lens (31 rows by 40 tokens over a vocabulary of 49,152), one layer's patterns. Bar: run
and lens together under 1 s, the median of the changes. What the first look takes, when the model is
opened, and how much memory the server holds at most are printed beside. Linux only.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import Any

from measure import arguments, ask, owned_home, report, serving

PROMPT = (
    "The lighthouse keeper wrote every evening what the sea had done, how many ships had passed "
    "and from where the wind came. In the year {} he wrote only one short sentence, and"
)
"""40 tokens."""


def main() -> int:
    args = arguments(__doc__, pairs=15)
    with owned_home() as home, serving(home) as (address, process):
        figures = played(address, args.pairs)
        figures["server_peak_bytes"] = peak(process)
    together = figures["look_s"] + figures["lens_s"]
    figures["together_s"] = round(together, 3)
    return report("study_page", "look and lens < 1 s", figures, args.json, met=together < 1)


def played(address: str, rounds: int) -> dict[str, Any]:
    """Median seconds of each question, over prompts that are all different."""
    began = time.perf_counter()
    look(address, "look", prompt=PROMPT.format(1700))
    first = time.perf_counter() - began
    taken: dict[str, list[float]] = {"look": [], "lens": [], "patterns": []}
    tokens = 0
    for number in range(rounds):
        began = time.perf_counter()
        run = look(address, "look", prompt=PROMPT.format(1800 + number))
        taken["look"].append(time.perf_counter() - began)
        tokens = len(run["ids"])
        for what, more in (("lens", {}), ("patterns", {"layer": number})):
            began = time.perf_counter()
            look(address, what, run=run["run"], **more)
            taken[what].append(time.perf_counter() - began)
    medians = {f"{what}_s": round(statistics.median(each), 3) for what, each in taken.items()}
    return {"tokens": tokens, "rounds": rounds, "first_look_s": round(first, 3), **medians}


def look(address: str, what: str, **body: Any) -> Any:
    """One of the page's questions."""
    return ask(address, f"/page/study/{what}", {"model": "smollm2", **body})


def peak(process: int) -> int:
    """Bytes that it held at most."""
    status = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.split("\n") if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    sys.exit(main())
