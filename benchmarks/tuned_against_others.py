"""Freehold, tuned and as it comes, beside other local runtimes: same file, same prompt, in turn.

Each runtime answers in a process of its own (`runtimes/`), with its own interpreter, and loads the
file anew: a prompt of 512 tokens, 128 tokens of answer, the likeliest each time. `--runtime
NAME=INTERPRETER` names each; one that is not named is skipped and says so, one that fails says why.
One that cannot read the file gets the nearest that it can. `--tuned NAME=HOME` is a Freehold home
that owns the same file and was tuned there (`freehold tune`); the untuned one uses the first of
them. `--add` goes on from the samples in the JSON file. Bar: tuned at least 1.0x the best of the
others in each figure, by the medians of all rounds. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from freehold.actions.measured_texts import prose
from freehold.engine.interface import LoadPlan
from freehold.engine.llama_cpp import LlamaCppEngine
from measure import report, starter

READ, WRITE = 512, 128
SCRIPTS = Path(__file__).resolve().parent / "runtimes"
OTHERS = (
    "llama-cpp-python",
    "cyllama",
    "mistralrs",
    "openvino-genai",
    "gpt4all",
    "ctransformers",
)
FIGURES = {
    "prefill_tokens_per_s": True,
    "decode_tokens_per_s": True,
    "first_token_s": False,
    "first_token_once_loaded_s": False,
    "peak_memory_bytes": False,
}
"""Whether more is better."""
_LIMIT_SECONDS = 120
_PRE = b"tokenizer.ggml.pre"


class Failed(Exception):
    """A runtime gave no figures: why."""


def main() -> int:
    args = arguments()
    kept = json.loads(args.json.read_text())["figures"] if args.add else {}
    samples: dict[str, list[dict[str, float]]] = kept.get("samples", {})
    notes: dict[str, str] = kept.get("notes", {})
    code = 1
    with tempfile.TemporaryDirectory() as folder:
        prompt = Path(folder) / "prompt.txt"
        prompt.write_text(prompt_of(args.model), encoding="utf-8")
        runs = contestants(args, Path(folder), notes)
        for _ in range(args.rounds):
            one_round(runs, prompt, samples, notes)
            code = keep(args, samples, notes)  # after each round: what is measured is not lost
    return code


def one_round(
    runs: dict[str, Any],
    prompt: Path,
    samples: dict[str, list[dict[str, float]]],
    notes: dict[str, str],
) -> None:
    """Each runtime once; one that fails is left out from then on."""
    for name, (command, env, model) in list(runs.items()):
        try:
            samples.setdefault(name, []).append(one_answer(command, env, model, prompt))
        except Failed as failure:
            notes[name] = f"does not run: {str(failure).replace(str(model), model.name)}"
            del runs[name]
            if not samples[name]:
                del samples[name]


def keep(
    args: argparse.Namespace, samples: dict[str, list[dict[str, float]]], notes: dict[str, str]
) -> int:
    """Print and keep what is known so far."""
    medians = {name: median(told) for name, told in samples.items()}
    ratios, met = against_best(medians)
    figures: dict[str, object] = {
        "model": args.model.name,
        "prompt_tokens": READ,
        "answer_tokens": WRITE,
        "rounds": {name: len(told) for name, told in samples.items()},
        "medians": medians,
        "best_of_the_others": best_of_others(medians),
        "freehold_against_best": ratios,
        "notes": notes,
        "samples": samples,
    }
    bar = "tuned at least 1.0x the best of the others, each figure"
    return report("tuned_against_others", bar, figures, args.json, met=met)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runtime", action="append", default=[], metavar="NAME=INTERPRETER")
    parser.add_argument("--tuned", action="append", default=[], metavar="NAME=HOME")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--model", type=Path, default=None)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the result here")
    parser.add_argument("--add", action="store_true", help="to the samples in that file")
    args = parser.parse_args()
    args.model = args.model or starter()
    return args


def contestants(args: argparse.Namespace, folder: Path, notes: dict[str, str]) -> dict[str, Any]:
    """By name: the command, its environment, the file."""
    runs: dict[str, Any] = {}
    homes = dict(each.split("=", 1) for each in args.tuned)
    ours = [sys.executable, str(SCRIPTS / "freehold_.py")]
    for name, home in homes.items():
        runs[f"freehold tuned, {name}"] = (ours, {"FREEHOLD_HOME": home}, args.model)
    if homes:
        home = next(iter(homes.values()))
        untuned = {"FREEHOLD_HOME": home, "FREEHOLD_ENGINE": "bundled", "BENCHMARK_UNTUNED": "1"}
        runs["freehold"] = (ours, untuned, args.model)
    interpreters = dict(each.split("=", 1) for each in args.runtime)
    for name in OTHERS:
        if name not in interpreters:
            if not args.add:
                notes[name] = "skipped: no interpreter was named for it"
            continue
        notes.pop(name, None)
        script = SCRIPTS / (name.replace("-", "_") + ("" if name.count("-") > 1 else "_") + ".py")
        command, model = [interpreters[name], str(script)], args.model
        if name == "gpt4all":
            model = nearest_for_gpt4all(args.model, folder)
            if model != args.model:
                notes[name] = (
                    "refuses the file itself (unknown pre-tokenizer type): it reads a copy in "
                    "which the pre-tokenizer has another name; the weights are the same"
                )
        runs[name] = (command, {}, model)
    return runs


def one_answer(
    command: list[str], env: dict[str, str], model: Path, prompt: Path
) -> dict[str, float]:
    """The figures of one process."""
    words = [*command, str(model), str(prompt), str(WRITE), str(time.monotonic())]
    try:
        done = subprocess.run(
            words,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_LIMIT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise Failed(f"no answer within {_LIMIT_SECONDS} s") from error
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"ready_s"')]
    if not lines:
        raise Failed(reason(done.stderr))
    told = json.loads(lines[-1])
    return {
        "prefill_tokens_per_s": READ / told["prompt_s"],
        "decode_tokens_per_s": told["answer_tokens"] / told["answer_s"],
        "first_token_s": told["first_token_s"],
        "first_token_once_loaded_s": told["prompt_s"],
        "peak_memory_bytes": told["peak_memory_bytes"],
    }


def reason(stderr: str) -> str:
    """The line of an error output that says most."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    telling = [line for line in lines if "rror" in line]
    return (telling or lines or ["it ended without a word"])[-1][:300]


def prompt_of(model: Path) -> str:
    """512 tokens of prose, by the model's own count."""
    with LlamaCppEngine().load(LoadPlan(model, 512)) as loaded:
        return prose(loaded, READ)


def nearest_for_gpt4all(model: Path, folder: Path) -> Path:
    """A copy whose pre-tokenizer has a name, of the same length, that GPT4All knows.

    Its llama.cpp is of August 2024 and knows no `smollm`. Texts are cut otherwise, by a token here
    and there; what is computed is the same.
    """
    data = bytearray(model.read_bytes())
    at = data.find(_PRE)
    name = slice(at + len(_PRE) + 12, at + len(_PRE) + 12 + len(b"smollm"))
    if at < 0 or data[name] != b"smollm":
        return model
    data[name] = b"refact"
    copy = folder / "nearest.gguf"
    copy.write_bytes(data)
    return copy


def median(told: list[dict[str, float]]) -> dict[str, float]:
    """Of each figure over all rounds."""
    return {name: round(statistics.median(each[name] for each in told), 4) for name in FIGURES}


def best_of_others(medians: dict[str, dict[str, float]]) -> dict[str, dict[str, object]]:
    """For each figure, who of the others is best and at what."""
    others = {name: each for name, each in medians.items() if not name.startswith("freehold")}
    best: dict[str, dict[str, object]] = {}
    for figure, more in FIGURES.items():
        if others:
            choose = max if more else min
            name = choose(others, key=lambda each: others[each][figure])
            best[figure] = {"runtime": name, "value": others[name][figure]}
    return best


def against_best(
    medians: dict[str, dict[str, float]],
) -> tuple[dict[str, dict[str, float]], bool]:
    """How many times as good as the best of the others, and whether a tuned one always is."""
    best = best_of_others(medians)
    ratios = {
        name: {
            figure: round(
                ours[figure] / float(str(best[figure]["value"]))
                if more
                else float(str(best[figure]["value"])) / ours[figure],
                3,
            )
            for figure, more in FIGURES.items()
            if figure in best
        }
        for name, ours in medians.items()
        if name.startswith("freehold")
    }
    tuned = [each for name, each in ratios.items() if name.startswith("freehold tuned")]
    return ratios, any(each and all(ratio >= 1.0 for ratio in each.values()) for each in tuned)


if __name__ == "__main__":
    sys.exit(main())
