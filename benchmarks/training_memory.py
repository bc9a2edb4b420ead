"""How much memory it takes to teach a model of three thousand million weights, over its Q4_K file.

The shape is Llama 3.2's of 3B, the weights are random, the examples short; a few steps are done and
the process's peak is read. The checkpoint and the optimizer are in it.

    python benchmarks/training_memory.py --folder /where/the/file/may/lie
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from freehold.formats.gguf import read_header
from freehold.modify.training.network import Example
from freehold.modify.training.numpy_learner import NumpyLearner
from freehold.modify.training.plan import TrainingPlan
from freehold.modify.training.targets import begin
from freehold.modify.training.trainer import Trainer
from freehold.transformer.transformer import Transformer
from measure import report
from shapes import make

_SHAPE = "Llama-3.2-3B"
_TOKENS = 64
_ALLOWED = 8_000_000_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="for the model's file; a temporary one if none")
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--model", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.model:
        print(json.dumps(_train(options.model, options.steps, options.batch)))
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        model = make(_SHAPE, "Q4_K", options.folder or Path(temporary))
        command = [sys.executable, __file__, "--model", str(model),
                   "--steps", str(options.steps), "--batch", str(options.batch)]  # fmt: skip
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found = json.loads(done.stdout.strip().splitlines()[-1])
        numbers = sum(tensor.elements for tensor in read_header(model).tensors)
    figures = {
        "shape": _SHAPE,
        "parameters": numbers,
        "steps": options.steps,
        "batch": options.batch,
        "tokens_an_example": _TOKENS,
        **found,
    }
    met = found["peak_bytes"] <= _ALLOWED
    return report("training_memory", "a 3B model is taught inside 8 GB", figures, options.json,
                  met=met)  # fmt: skip


def _train(path: Path, steps: int, batch: int) -> dict[str, float]:
    plan = TrainingPlan(steps=steps, batch=batch, look_every=steps)
    examples = [_example(start) for start in range(batch * steps)]
    with Transformer.open(path) as model:
        learner = NumpyLearner(model, begin(model.data.header, plan), plan, remember=False)
        done = Trainer(learner, plan, examples, examples[:1]).train()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "peak_bytes": peak,
        "held_out_loss_before": round(done.before.mean, 4),
        "held_out_loss_after": round(done.after.mean, 4),
    }


def _example(start: int) -> Example:
    return Example(
        tuple(1000 + 7 * (start + at) for at in range(_TOKENS)), (False, *[True] * (_TOKENS - 1))
    )


if __name__ == "__main__":
    sys.exit(main())
