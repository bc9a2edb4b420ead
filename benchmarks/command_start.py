"""How long `freehold --help` and `freehold list` take as whole processes.

Bars: medians under 0.20 s and 0.25 s. A bare Python start is measured beside them in turn.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from functools import partial
from pathlib import Path

from freehold.actions.get import get
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.store import Store
from measure import arguments, freehold, in_turn, report, seconds


def main() -> int:
    args = arguments(__doc__, pairs=15)
    bare = partial(seconds, [sys.executable, "-c", "pass"])
    model = Path(__file__).parent.parent / ".cache/test-models/SmolLM2-135M-Instruct.Q4_1.gguf"
    with tempfile.TemporaryDirectory() as home:
        if model.exists():
            with Store.open(Path(home)) as store:
                get(store, Settings(home=Path(home)), ModelRef.parse(str(model)))
        env = {**os.environ, "FREEHOLD_HOME": home}
        help_runs = in_turn(partial(seconds, freehold("--help"), env=env), bare, args.pairs)
        list_runs = in_turn(partial(seconds, freehold("list"), env=env), bare, args.pairs)
    figures: dict[str, object] = {
        "help_median_s": round(statistics.median(help_runs.a), 4),
        "list_median_s": round(statistics.median(list_runs.a), 4),
        "bare_python_median_s": round(statistics.median(help_runs.b), 4),
        "models_owned": int(model.exists()),
        "runs": args.pairs,
    }
    met = help_runs.medians[0] < 0.20 and list_runs.medians[0] < 0.25
    return report("command_start", "--help < 0.20 s, list < 0.25 s", figures, met, args.json)


if __name__ == "__main__":
    sys.exit(main())
