"""A tuned model beside the same one untuned, in turn, each in a process loaded anew.

`--tune MINUTES` tunes the starter model first, in a home of its own; `--home FOLDER` takes one that
was tuned. Bar: in no figure is tuned slower with 95% confidence. `--record FILE` keeps the pairs of
the whole search, which the tests decide on again.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path

from freehold.actions.tune import TuneChoices, plan_in_words, prepare, tune
from freehold.actions.tune_search import TASK
from freehold.actions.tune_verdict import Pair, interval
from freehold.actions.tuned import tuning_for
from freehold.cli.lines import Lines
from freehold.device.plain import to_plain
from freehold.device.tuning import TunedPlan
from freehold.progress import SILENT
from freehold.settings import Settings
from freehold.store.store import Store
from measure import owned_home, report


def main() -> int:
    args = arguments()
    if args.home is not None:
        return measured(args, args.home)
    with owned_home() as home:
        return measured(args, home)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="a Freehold home with one model")
    parser.add_argument("--tune", type=float, metavar="MINUTES")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--record", type=Path, metavar="FILE")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the result here")
    return parser.parse_args()


def measured(args: argparse.Namespace, home: Path) -> int:
    settings = Settings(home=home)
    with Store.open(home) as store:
        model = store.models()[0]
        if args.tune is not None:
            _, record = tune(settings, store, model, TuneChoices(minutes=args.tune), Lines())
            if args.record is not None:
                trials = [
                    {"change": trial.change.words, **_plain(trial.pairs)} for trial in record.trials
                ]
                trials.append({"change": "all together", **_plain(record.final)})
                args.record.write_text(json.dumps(trials, indent=1) + "\n", encoding="utf-8")
        tuning = tuning_for(settings, model)
        if tuning is None:
            raise SystemExit("not tuned on this machine: --tune MINUTES")
        measure = prepare(settings, store, model, None, SILENT)
        pairs = [
            Pair(measure(TunedPlan(), TASK), measure(tuning.plan, TASK)) for _ in range(args.pairs)
        ]
    ratios = {figure.value: [pair.gain([figure]) for pair in pairs] for figure in TASK}
    ratios["all"] = [pair.gain(TASK) for pair in pairs]
    told = {}
    for name, gains in ratios.items():
        low, high = interval(gains)
        middle = sorted(gains)[len(gains) // 2]
        told[name] = {
            "times_as_fast": round(math.exp(middle), 3),
            "low": round(math.exp(low), 3),
            "high": round(math.exp(high), 3),
        }
    figures: dict[str, object] = {
        "model": model.name,
        "tuned_plan": plan_in_words(tuning.plan),
        "pairs": args.pairs,
        "tuned_against_default": told,
    }
    met = all(each["high"] >= 1.0 for each in told.values())
    return report(
        "tuned_against_default", "no figure slower with confidence", figures, args.json, met=met
    )


def _plain(pairs: tuple[Pair, ...]) -> dict[str, object]:
    return {"pairs": [to_plain(pair) for pair in pairs]}


if __name__ == "__main__":
    sys.exit(main())
