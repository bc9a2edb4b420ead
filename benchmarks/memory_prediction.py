"""Is the memory that a run takes what was predicted from the file's header alone?

Each case loads one model in the engine's worker, gives it a prompt and reads the worker's peak of
resident bytes. Two models are real; the others are synthetic files of real models' shapes with
random weights, made in a temporary folder and deleted one by one. A case whose prompt does not fill
its context says so: its cache is all there (the engine clears it at the start), of the mask a part.

`llmfit` (PyPI) is asked about the same models where its program is found: `llmfit plan`, its least
memory for running on the processor alone. It knows models by name and recipes by name, so the
nearest is asked, and named. It counts weights once, where the engine maps the file and copies some
types besides: the cases without such copies are also summed up by themselves.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from freehold.actions.load import run_shape
from freehold.device.memory_need import memory_need, rearranged_bytes
from freehold.engine.interface import LoadPlan, Model, Sampling, TextRequest
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.formats.gguf import read_header
from freehold.formats.shape_of import shape_of
from measure import report
from shapes import REAL, make

BAR = "within 5% of the measured peak on at least 12 cases, and never more than 10% under"
_GB = 1_000_000_000
_ASKED = {
    "SmolLM2-135M-Instruct": "HuggingFaceTB/SmolLM2-135M-Instruct",
    "Gemma-3-270M": "google/gemma-3-270m",
    "SmolLM2-360M": "HuggingFaceTB/SmolLM2-360M",
    "Qwen2.5-0.5B": "Qwen/Qwen2.5-0.5B",
    "Qwen2.5-1.5B": "Qwen/Qwen2.5-1.5B",
    "Qwen3-0.6B": "Qwen/Qwen3-0.6B-Base",
    "Qwen3-1.7B": "Qwen/Qwen3-1.7B-Base",
    "Gemma-3-1B": "google/gemma-3-1b-it",
    "Llama-3.2-1B": "meta-llama/Llama-3.2-1B",
    "Llama-3.2-3B": "meta-llama/Llama-3.2-3B",
    "Phi-3-mini": "microsoft/phi-3-mini-4k-instruct",
}
_RECIPES = {"Q4_1": "Q4_K_M", "Q4_K": "Q4_K_M"}
"""What is asked where llmfit has no such name: the nearest in bits."""


@dataclass(frozen=True)
class Case:
    """One run."""

    model: str
    type: str
    context: int
    prompt: int | None = None
    """Tokens; None fills the context."""
    options: dict[str, Any] = field(default_factory=dict)
    """Of the load plan, beside the defaults."""


_MOE = "Qwen3-30B-A3B, 12 layers of 48, 32 experts of 128"
CASES = (
    Case("SmolLM2-135M-Instruct", "Q4_1", 512),
    Case("SmolLM2-135M-Instruct", "Q4_1", 8192),
    Case("Gemma-3-270M", "Q4_K_M", 512),
    Case("Gemma-3-270M", "Q4_K_M", 4096),
    Case("Gemma-3-270M", "Q4_K_M", 32_768),
    Case("SmolLM2-360M", "F16", 512),
    Case("SmolLM2-360M", "Q8_0", 4096),
    Case("Qwen2.5-0.5B", "Q4_0", 2048),
    Case("Qwen2.5-0.5B", "Q4_K", 32_768, 2000),
    Case("Qwen3-0.6B", "F16", 2048),
    Case("Qwen3-0.6B", "Q4_K", 8192, 2000),
    Case("Gemma-3-1B", "Q4_0", 4096),
    Case("Gemma-3-1B", "Q8_0", 32_768, 2000),
    Case("Llama-3.2-1B", "Q8_0", 512),
    Case("Llama-3.2-1B", "Q4_0", 16_384, 1000),
    Case("Qwen2.5-1.5B", "Q4_K", 1024),
    Case("Qwen3-1.7B", "Q8_0", 4096, 1000),
    Case("Llama-3.2-3B", "Q4_K", 1024),
    Case("Phi-3-mini", "Q4_0", 512),
    Case(_MOE, "Q4_0", 2048),
    Case("Qwen2.5-0.5B", "Q4_0", 2048, options={"repack": False}),
    Case("Qwen2.5-0.5B", "Q4_0", 2048, options={"memory_map": False}),
    Case("SmolLM2-135M-Instruct", "Q4_1", 2048, options={"flash_attention": False}),
    Case("SmolLM2-135M-Instruct", "Q4_1", 4096, options={"key_type": "Q8_0", "value_type": "Q8_0"}),
    Case("SmolLM2-135M-Instruct", "Q4_1", 1024, options={"parallel": 4}),
    Case("SmolLM2-135M-Instruct", "Q4_1", 4096, options={"batch": 1024, "micro_batch": 512}),
    Case("Gemma-3-270M", "Q4_K_M", 2048, options={"parallel": 2}),
)


def main() -> int:
    """Measure every case and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the result here")
    parser.add_argument("--models", type=Path, required=True, help="where the real models are")
    parser.add_argument("--llmfit", default=shutil.which("llmfit"), help="llmfit's program")
    parser.add_argument("--only", help="cases whose model has this in its name")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for index, case in enumerate(CASES):
            if options.only and options.only not in case.model:
                continue
            path = _file(case, options.models, Path(folder))
            rows.append(_row(case, path, options.llmfit))
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
            if path.parent == Path(folder) and not _again(case, index):
                path.unlink()
    errors = [row["error_percent"] for row in rows]
    close = sum(abs(error) <= 5 for error in errors)
    figures = {"cases_within_5_percent": close, **_summary(rows), "cases": rows}
    met = close >= min(12, len(rows)) and min(errors) >= -10
    return report("memory_prediction", BAR, figures, options.json, met=met)


def _file(case: Case, models: Path, folder: Path) -> Path:
    if case.model in REAL:
        return models / REAL[case.model]
    return make(case.model, case.type, folder)


def _again(case: Case, index: int) -> bool:
    return any((case.model, case.type) == (other.model, other.type) for other in CASES[index + 1 :])


def _row(case: Case, path: Path, llmfit: str | None) -> dict[str, Any]:
    shape = shape_of(read_header(path))
    plan = LoadPlan(path, case.context, threads=2, **case.options)
    need = memory_need(shape, run_shape(plan))
    with LlamaCppEngine().load(plan) as model:
        prompt = case.prompt or case.context - 16
        _ask(model, "a " if case.model in REAL else "ab", prompt, plan.parallel)
        measured = model.peak_memory()
    return {
        "model": case.model,
        "synthetic": case.model not in REAL,
        "type": case.type,
        "context": case.context,
        "prompt_tokens": prompt,
        "options": case.options,
        "predicted_bytes": need.total,
        "measured_bytes": measured,
        "error_percent": _percent(need.total, measured),
        "copied_bytes": rearranged_bytes(shape, run_shape(plan)) if plan.memory_map else 0,
        **_theirs(case, llmfit, measured),
    }


def _ask(model: Model, unit: str, tokens: int, requests: int) -> None:
    """As many requests at once as the plan has room for."""
    each = len(model.tokenize(unit * 64)) / 64
    text = unit * int(tokens / each)

    def one() -> None:
        list(model.complete(TextRequest(text, Sampling(max_tokens=4))))

    threads = [threading.Thread(target=one) for _ in range(requests)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _theirs(case: Case, llmfit: str | None, measured: int) -> dict[str, Any]:
    """What llmfit says, where it can be asked: its words have no place for our options."""
    if llmfit is None or case.options or case.model not in _ASKED:
        return {}
    recipe = _RECIPES.get(case.type, case.type)
    name = _ASKED[case.model]
    command = [llmfit, "--json", "plan", name, "--quant", recipe, "--context", str(case.context)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    paths = json.loads(answer.stdout)["run_paths"]
    least = next(path for path in paths if path["path"] == "cpu_only")["minimum"]["ram_gb"]
    said = int(least * _GB)
    return {
        "llmfit_asked": f"{name} {recipe}",
        "llmfit_bytes": said,
        "llmfit_error_percent": _percent(said, measured),
    }


def _summary(rows: list[dict[str, Any]]) -> dict[str, object]:
    shared = [row for row in rows if "llmfit_bytes" in row]
    plain = [row for row in shared if not row["copied_bytes"]]
    summary: dict[str, object] = {"all_cases": _figures(rows, "error_percent")}
    for title, chosen in (("shared", shared), ("shared_without_copies", plain)):
        if chosen:
            summary[f"{title}_cases"] = _figures(chosen, "error_percent")
            summary[f"{title}_cases_llmfit"] = _figures(chosen, "llmfit_error_percent")
    return summary


def _figures(rows: list[dict[str, Any]], name: str) -> dict[str, float]:
    errors = [row[name] for row in rows]
    return {
        "cases": len(errors),
        "median_error_percent": round(statistics.median(abs(error) for error in errors), 2),
        "worst_error_percent": max(errors, key=abs),
        "most_under_percent": min(errors),
    }


def _percent(said: int, measured: int) -> float:
    return round(100 * (said / measured - 1), 2)


if __name__ == "__main__":
    raise SystemExit(main())
