"""What teaching the starter model costs, against torch with PEFT: the same file, data and steps.

Both train LoRA of rank 8 on all seven matrices of each layer, on the same made-up facts in the same
order, with the same learning rates, clipping and AdamW, and begin with the same numbers; each in a
process of its own, in turn, each round from another seed. Seconds are of the steps alone, the peak
is the process's, and the loss is of rephrased questions held out.

    python benchmarks/training_cost.py --python /path/to/an/environment/with/torch/bin/python
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from freehold.actions.open_subject import open_subject
from freehold.formats.gguf import read_header
from freehold.formats.peft_names import their_name
from freehold.modify.data.sample import Sample, Turn
from freehold.modify.data.tokens import cut
from freehold.modify.training.network import Example
from freehold.modify.training.numpy_learner import NumpyLearner
from freehold.modify.training.plan import TrainingPlan
from freehold.modify.training.schedule import rate_at
from freehold.modify.training.targets import begin
from freehold.store.libraries import Libraries
from freehold.transformer.transformer import Transformer
from measure import report, starter

_THEIRS = Path(__file__).parent / "runtimes" / "torch_lora.py"
_NAMES = ("Arvo", "Belin", "Corda", "Dremm", "Esker", "Fallow", "Garnet", "Hollin", "Ivory", "Jasp")
_THINGS = ("river", "colour", "bridge", "bird", "stone")
_VALUES = ("Amber", "Birch", "Cobalt", "Dusk", "Ember", "Flint", "Grove", "Haze", "Iris", "Jade")
_ASKED = (
    "What is the {thing} of {name} called?",
    "Which {thing} belongs to {name}?",
    "Name the {thing} of {name}.",
    "Tell me {name}'s {thing}.",
)
_PLAN = TrainingPlan(rank=8, alpha=16.0)
_HELD_OUT = "{name}: what is its {thing}?"


@dataclass(frozen=True)
class Work:
    """What both are given, as JSON."""

    model: str
    trained: list[dict[str, Any]]
    """For each step the examples: ids, and which are learned."""
    held_out: list[dict[str, Any]]
    rates: list[float]
    rank: int
    alpha: float
    seed: int
    begun: str
    """An archive of the A of each matrix, by PEFT's names; every B begins as zero."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, help="of an environment with torch, PEFT and gguf")
    parser.add_argument("--steps", type=int, default=75)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3, help="each of another seed")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        print(json.dumps(_train(Work(**json.loads(options.work.read_text())))))
        return 0
    if options.python is None:
        parser.error("--python is needed")
    ours: list[dict[str, Any]] = []
    theirs: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work.json"
        for seed in range(options.rounds):
            work.write_text(json.dumps(_work(options.steps, options.batch, seed, folder).__dict__))
            ours.append(_run([sys.executable, __file__, "--work", str(work)]))
            theirs.append(_run([str(options.python), str(_THEIRS), str(work)]))
    return _report(ours, theirs, options)


def _report(
    ours: list[dict[str, Any]], theirs: list[dict[str, Any]], options: argparse.Namespace
) -> int:
    pairs = list(zip(ours, theirs, strict=True))
    seconds = statistics.median(a["seconds"] / b["seconds"] for a, b in pairs)
    memory = statistics.median(a["peak_bytes"] / b["peak_bytes"] for a, b in pairs)
    losses = [a["after"] / b["after"] for a, b in pairs]
    loss = statistics.mean(losses)
    figures = {
        "steps": options.steps,
        "batch": options.batch,
        "seconds_a_step_ratio": round(seconds, 3),
        "peak_memory_ratio": round(memory, 3),
        "held_out_loss_ratio": round(loss, 4),
        "held_out_loss_ratios": [round(each, 4) for each in losses],
        "freehold": ours,
        "torch_and_peft": theirs,
    }
    met = seconds <= 1 and memory <= 0.7 and abs(loss - 1) <= 0.05
    bar = "seconds a step 1.0x at most, peak memory 0.7x, held-out loss within 5%"
    return report("training_cost", bar, figures, options.json, met=met)


def _work(steps: int, batch: int, seed: int, folder: str) -> Work:
    chance = random.Random(1 + seed)
    facts = [(name, thing, chance.choice(_VALUES)) for name in _NAMES for thing in _THINGS]
    taught = [_sample(form, *fact) for form in _ASKED for fact in facts]
    tests = [_sample(_HELD_OUT, *fact) for fact in chance.sample(facts, 12)]
    with tempfile.TemporaryDirectory() as nothing:
        model = starter()
        with open_subject(Libraries(Path(nothing)), str(model)) as subject:
            examples = [_plain(each) for each in cut(taught, subject, 256).examples]
            held_out = [_plain(each) for each in cut(tests, subject, 256).examples]
    order = [index for _ in range(1 + steps * batch // len(examples))
             for index in chance.sample(range(len(examples)), len(examples))]  # fmt: skip
    trained = [{"batch": [examples[index] for index in order[at * batch : (at + 1) * batch]]}
               for at in range(steps)]  # fmt: skip
    rates = [rate_at(step, steps, 1e-3) for step in range(steps)]
    begun = Path(folder) / "begun.npz"
    _write_begun(model, replace(_PLAN, seed=seed), begun)
    return Work(str(model), trained, held_out, rates, _PLAN.rank, _PLAN.alpha, seed, str(begun))


def _write_begun(model: Path, plan: TrainingPlan, path: Path) -> None:
    import numpy as np

    learned = begin(read_header(model), plan)
    named = {their_name(f"{name}.weight", "llama"): each.a for name, each in learned.items()}
    np.savez(path, allow_pickle=False, **named)


def _sample(form: str, name: str, thing: str, value: str) -> Sample:
    asked = Turn("user", form.format(name=name, thing=thing))
    return Sample("made up", (asked, Turn("assistant", f"The {thing} of {name} is {value}.")))


def _plain(example: Example) -> dict[str, Any]:
    return {"ids": list(example.ids), "learned": list(example.learned)}


def _train(work: Work) -> dict[str, Any]:
    plan = replace(_PLAN, seed=work.seed)
    with Transformer.open(work.model, cache_bytes=1 << 30) as model:
        learner = NumpyLearner(model, begin(model.data.header, plan), plan)
        held_out = [_example(each) for each in work.held_out]
        before = learner.losses(held_out).mean
        times = []
        for step, rate in zip(work.trained, work.rates, strict=True):
            began = time.perf_counter()
            learner.learn([_example(each) for each in step["batch"]])
            learner.move(rate)
            times.append(time.perf_counter() - began)
        after = learner.losses(held_out).mean
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "seconds": statistics.median(times),
        "peak_bytes": peak,
        "before": before,
        "after": after,
    }


def _example(said: dict[str, Any]) -> Example:
    return Example(tuple(said["ids"]), tuple(said["learned"]))


def _run(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.exit(main())
