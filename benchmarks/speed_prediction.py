"""Is a model as fast as the calibration says? Prompts and answers of models that it has not seen.

The machine is calibrated first, as `freehold device --calibrate` does it; then come the cases, held
out: no case's shape is one that the calibration measures with. Two models are real, the others are
synthetic files of real models' shapes with random weights, one of them a mixture of experts. Each
is asked with prompts of several lengths, in turn; `prefill` is the rate of reading the whole
prompt, `decode` of writing after it. Medians of the repeats count. Errors are of rates: +10 means
that the prediction is a tenth too fast.

Where other programs share the machine, start it with real-time priority (`chrt -r 1`): threads that
wait for each other lose far more to a neighbour than its share. The kept result was measured so.

`llmfit` (PyPI) is asked about the same models where its program is found: `llmfit plan`, its
estimate of tokens per second on the processor alone. It estimates decoding only, knows models and
recipes by name, so the nearest is asked, and takes a context instead of a depth, so that is given
as the depth.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freehold.actions.calibrate import calibrate
from freehold.actions.load import run_shape
from freehold.device.calibration import Calibration
from freehold.device.speed import answer_time, prompt_time
from freehold.engine.interface import Finished, LoadPlan, Model, Sampling, TextRequest, Usage
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.formats.gguf import read_header
from freehold.formats.shape_of import shape_of
from measure import report
from shapes import REAL, make

BAR = "median error at most 12%, worst at most 30%, of prefill and of decode"
_CONTEXT = 4096
_WRITTEN = 25
_TEXT = "One day the river asked the sea how far it was to the mountains. "
_ASKED = {
    "SmolLM2-135M-Instruct": "HuggingFaceTB/SmolLM2-135M-Instruct",
    "SmolLM2-135M": "HuggingFaceTB/SmolLM2-135M",
    "Gemma-3-270M": "google/gemma-3-270m",
    "SmolLM2-360M": "HuggingFaceTB/SmolLM2-360M",
    "Qwen2.5-0.5B": "Qwen/Qwen2.5-0.5B",
    "Qwen2.5-1.5B": "Qwen/Qwen2.5-1.5B",
    "Qwen3-0.6B": "Qwen/Qwen3-0.6B-Base",
    "Gemma-3-1B": "google/gemma-3-1b-it",
    "Llama-3.2-1B": "meta-llama/Llama-3.2-1B",
    "Llama-3.2-3B": "meta-llama/Llama-3.2-3B",
}
_RECIPES = {"Q4_1": "Q4_K_M", "Q4_K": "Q4_K_M", "Q5_K": "Q5_K_M"}
"""What is asked where llmfit has no such name: the nearest in bits."""


@dataclass(frozen=True)
class Case:
    """One model and the depths it is asked at."""

    model: str
    type: str
    depths: tuple[int, ...] = (32, 512, 2048)


CASES = (
    Case("SmolLM2-135M-Instruct", "Q4_1"),
    Case("Gemma-3-270M", "Q4_K_M"),
    Case("SmolLM2-135M", "Q8_0"),
    Case("SmolLM2-360M", "F16"),
    Case("Qwen2.5-0.5B", "Q8_0"),
    Case("Qwen3-0.6B", "Q4_K"),
    Case("Gemma-3-1B", "Q4_0", (32, 1024)),
    Case("Llama-3.2-1B", "Q4_K", (32, 1024)),
    Case("Qwen2.5-1.5B", "Q5_K", (32, 512)),
    Case("Llama-3.2-3B", "Q4_0", (32, 512)),
    Case("Qwen3-30B-A3B, 12 layers of 48, 32 experts of 128", "Q4_K", (32, 512)),
)


def main() -> int:
    """Calibrate, measure every case, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the result here")
    parser.add_argument("--models", type=Path, required=True, help="where the real models are")
    parser.add_argument("--files", type=Path, help="where synthetic files are kept; else deleted")
    parser.add_argument("--llmfit", default=shutil.which("llmfit"), help="llmfit's program")
    parser.add_argument("--only", help="cases whose model has this in its name")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        calibration = calibrate(Path(folder), LlamaCppEngine(), "benchmark")
        for case in CASES:
            if options.only and options.only not in case.model:
                continue
            path = _file(case, options.models, options.files or Path(folder))
            for row in _rows(case, path, calibration, options.repeats):
                rows.append({**row, **_theirs(case, options.llmfit, row)})
                print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
            if path.parent == Path(folder):
                path.unlink()
    summary = {key: _summary(rows, key) for key in ("prefill", "decode", "llmfit_decode")}
    figures: dict[str, object] = {
        **{name: found for name, found in summary.items() if found},
        "inside_the_band": _inside(rows),
        "busy_while_calibrating": round(calibration.busy, 3),
        "repeats": options.repeats,
        "cases": rows,
    }
    ours = [summary[key] for key in ("prefill", "decode")]
    met = all(
        each["median_error_percent"] <= 12 and each["worst_error_percent"] <= 30 for each in ours
    )
    return report("speed_prediction", BAR, figures, options.json, met=met)


def _file(case: Case, models: Path, folder: Path) -> Path:
    if case.model in REAL:
        return models / REAL[case.model]
    return make(case.model, case.type, folder)


def _rows(
    case: Case, path: Path, calibration: Calibration, repeats: int
) -> Iterator[dict[str, Any]]:
    shape = shape_of(read_header(path))
    plan = LoadPlan(path, _CONTEXT, threads=calibration.threads)
    run = run_shape(plan)
    with LlamaCppEngine().load(plan) as model:
        _ask(model, 16)
        # In turn: what slows the first seconds down is not all one depth's.
        rounds = [[_ask(model, depth) for depth in case.depths] for _ in range(repeats)]
        for usages in zip(*rounds, strict=True):
            read, steps = usages[0].prompt_tokens, usages[0].answer_tokens - 1
            reading = prompt_time(shape, run, calibration, read).rate(read, calibration.basis)
            middle = read + steps // 2
            writing = answer_time(shape, run, calibration, middle).rate(1, calibration.basis)
            read_rate = read / statistics.median(each.prompt_seconds for each in usages)
            write_rate = steps / statistics.median(each.answer_seconds for each in usages)
            yield {
                "model": case.model,
                "type": case.type,
                "depth": read,
                **_beside("prefill", read_rate, reading.expected),
                "prefill_inside": reading.low <= read_rate <= reading.high,
                **_beside("decode", write_rate, writing.expected),
                "decode_inside": writing.low <= write_rate <= writing.high,
            }


def _ask(model: Model, depth: int) -> Usage:
    """A prompt of about `depth` tokens of ordinary text, and an answer after it."""
    ids = model.tokenize(_TEXT * (depth // 8 + 1))[:depth]
    # A seed keeps the engine from remembering the prompt.
    request = TextRequest(model.detokenize(ids), Sampling(seed=1, max_tokens=_WRITTEN))
    (usage,) = (each.usage for each in model.complete(request) if isinstance(each, Finished))
    return usage


def _beside(name: str, measured: float, predicted: float) -> dict[str, float]:
    return {
        f"{name}_measured": round(measured, 2),
        f"{name}_predicted": round(predicted, 2),
        f"{name}_error_percent": _percent(predicted, measured),
    }


def _percent(predicted: float, measured: float) -> float:
    return round(100 * (predicted / measured - 1), 1)


def _theirs(case: Case, llmfit: str | None, row: dict[str, Any]) -> dict[str, Any]:
    """What llmfit says of the same model, where it can be asked."""
    if llmfit is None or case.model not in _ASKED:
        return {}
    name, recipe = _ASKED[case.model], _RECIPES.get(case.type, case.type)
    context = str(max(256, row["depth"]))
    command = [llmfit, "--json", "plan", name, "--quant", recipe, "--context", context]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    paths = json.loads(answer.stdout)["run_paths"]
    said = next(path for path in paths if path["path"] == "cpu_only")["estimated_tps"]
    return {
        "llmfit_asked": f"{name} {recipe}",
        "llmfit_decode": round(said, 2),
        "llmfit_decode_error_percent": _percent(said, row["decode_measured"]),
    }


def _summary(rows: list[dict[str, Any]], name: str) -> dict[str, float]:
    key = f"{name}_error_percent"
    errors: list[float] = [abs(row[key]) for row in rows if key in row]
    if not errors:
        return {}
    return {
        "median_error_percent": round(statistics.median(errors), 1),
        "worst_error_percent": max(errors),
        "figures": len(errors),
    }


def _inside(rows: list[dict[str, Any]]) -> float:
    """The share of measured rates inside the predicted band: nine of ten is meant."""
    hits: list[bool] = [row[f"{name}_inside"] for row in rows for name in ("prefill", "decode")]
    return round(sum(hits) / len(hits), 3)


if __name__ == "__main__":
    sys.exit(main())
