"""How long `freehold --help` and `freehold list` take as whole processes.

Bars: medians under 0.20 s and 0.25 s. A bare Python start is measured beside them in turn.
"""

from __future__ import annotations

import os
import sys
from functools import partial

from measure import arguments, freehold, in_turn, owned_home, report, seconds


def main() -> int:
    args = arguments(__doc__, pairs=15)
    bare = partial(seconds, [sys.executable, "-c", "pass"])
    with owned_home() as home:
        env = {**os.environ, "FREEHOLD_HOME": str(home)}
        help_runs = in_turn(partial(seconds, freehold("--help"), env=env), bare, args.pairs)
        list_runs = in_turn(partial(seconds, freehold("list"), env=env), bare, args.pairs)
    figures: dict[str, object] = {
        "help_median_s": round(help_runs.medians[0], 4),
        "list_median_s": round(list_runs.medians[0], 4),
        "bare_python_median_s": round(help_runs.medians[1], 4),
        "runs": args.pairs,
    }
    met = help_runs.medians[0] < 0.20 and list_runs.medians[0] < 0.25
    return report("command_start", "--help < 0.20 s, list < 0.25 s", figures, args.json, met=met)


if __name__ == "__main__":
    sys.exit(main())
