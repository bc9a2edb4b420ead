"""How cost grows with the context: reading, writing and memory from 512 tokens to 32k.

Rates are those at a depth: of the last 256 tokens of a prompt, and of the answer that reaches the
depth after it. One prompt grows from depth to depth; what was read before is not read again. Memory
is the worker's peak for a context of that size beside what the header predicts; the prompt that it
is given is short, so of the attention mask only a part is touched.

Each case can be run by itself (`--case`, `--what`): its figures take the place of its earlier ones
in the file. With `--json` the charts are drawn beside the file. Where this machine is calibrated
(`freehold device --calibrate`), what was predicted is drawn as well, with its band.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freehold.actions.describe_device import kept_calibration
from freehold.cli.svg_chart import Chart, Series, line_chart
from freehold.device.estimates import Rate, RunShape
from freehold.device.memory_need import memory_need
from freehold.device.probe import probe
from freehold.device.speed import answer_time, prompt_time
from freehold.engine.interface import Finished, LoadPlan, Model, Sampling, TextRequest, Usage
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.formats.gguf import read_header
from freehold.formats.gguf_synthetic import SyntheticModel, write_synthetic
from freehold.formats.model_shape import ModelShape
from freehold.formats.shape_of import shape_of
from freehold.settings import Settings
from measure import machine

_READ = 256
"""Tokens whose reading is timed at each depth."""
_WRITTEN = 24
_SHORT = 480
"""Tokens of the prompt that memory is measured with."""
_SPARE = 64
"""Tokens of context beyond the deepest prompt, for its answer."""
_ROUNDS = 2
"""How often each depth is timed; the better one counts, since others only ever slow it down."""


@dataclass(frozen=True)
class Case:
    """One model and the deepest context it is taken to."""

    name: str
    deepest: int
    file: str | None = None
    """Of a real model."""
    synthetic: SyntheticModel | None = None
    piece: str = " a"
    """One token of its vocabulary, also when it is repeated."""


CASES = (
    Case("SmolLM2-135M-Instruct, Q4_1", 8192, "SmolLM2-135M-Instruct.Q4_1.gguf"),
    Case("Gemma-3-270M, Q4_K_M", 32_768, "gemma-3-270m-q4_k_m.gguf"),
    Case(
        "3 layers of SmolLM2-135M's shape, Q4_0",
        32_768,
        synthetic=SyntheticModel("llama", 3, 576, 1536, 9, 3, 64, 49_152, 32_768 + 1024),
        piece="a",
    ),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True, help="where the real models are")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep figures and charts here")
    parser.add_argument("--case", help="only cases with this in their name")
    parser.add_argument("--what", choices=("rates", "memory"), help="only this")
    parser.add_argument("--deepest", type=int, default=32_768, help="go no deeper than this")
    args = parser.parse_args()
    kept = json.loads(args.json.read_bytes())["figures"] if args.json and args.json.exists() else {}
    for case in CASES:
        if args.case and args.case not in case.name:
            continue
        with file_of(case, args.models) as path:
            depths = doublings(min(case.deepest, args.deepest))
            figures = kept.setdefault(case.name, {})
            if args.what != "memory":
                figures["rates"] = rates(case, path, depths)
            if args.what != "rates":
                figures["memory"] = memory(case, path, depths)
    result = {"benchmark": "cost_growth", "machine": machine(), "figures": kept}
    text = json.dumps(result, indent=2)
    print(text)
    if args.json:
        args.json.write_text(text + "\n", encoding="utf-8")
        draw(kept, args.json.parent, str(result["machine"]["processor"]))  # type: ignore[index]
    return 0


def doublings(deepest: int) -> list[int]:
    """512, 1024, … up to the deepest."""
    return [512 << n for n in range(20) if 512 << n <= deepest]


@contextmanager
def file_of(case: Case, models: Path) -> Iterator[Path]:
    if case.synthetic is None:
        yield models / str(case.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "synthetic.gguf"
        with path.open("wb") as file:
            write_synthetic(file, case.synthetic, "Q4_0")
        yield path


def rates(case: Case, path: Path, depths: list[int]) -> list[dict[str, Any]]:
    shape, context = shape_of(read_header(path)), depths[-1] + _SPARE
    found = []
    with LlamaCppEngine().load(LoadPlan(path, context)) as model:
        for depth in depths:
            ask(
                model, case.piece * (depth - _READ - _WRITTEN), 1
            )  # fill up to where the clock starts
            usages = [at_depth(model, case.piece, depth) for _ in range(_ROUNDS)]
            row: dict[str, Any] = {
                "depth": depth,
                "read_tokens_per_s": round(max(each.prompt_rate or 0 for each in usages), 1),
                "written_tokens_per_s": round(max(each.answer_rate or 0 for each in usages), 2),
                "cached_tokens": min(each.cached_tokens for each in usages),
            }
            found.append(row | predicted(shape, context, depth))
            print(json.dumps(found[-1]), file=sys.stderr, flush=True)
    return found


def at_depth(model: Model, piece: str, depth: int) -> Usage:
    """Read the last tokens of a prompt again, and write after it until `depth` is reached."""
    prompt = depth - _WRITTEN - 1  # one token for the mark that begins it
    ask(model, piece * (prompt - _READ - 1) + "b", 1)  # what differs is forgotten, and what follows
    return ask(model, piece * prompt, _WRITTEN)


def ask(model: Model, prompt: str, written: int) -> Usage:
    """What it took; the beginning that a prompt shares with the one before is not read again."""
    wish = Sampling(temperature=0.0, max_tokens=written)
    for piece in model.complete(TextRequest(prompt, wish)):
        if isinstance(piece, Finished):
            return piece.usage
    raise RuntimeError("an answer without an end")


def predicted(shape: ModelShape, context: int, depth: int) -> dict[str, Any]:
    """What this machine's calibration says of it; nothing without one."""
    calibration = kept_calibration(Settings.load().home, probe())
    if calibration is None:
        return {}
    run, basis = RunShape(context), calibration.basis
    reading = prompt_time(shape, run, calibration, _READ, depth - _WRITTEN - _READ)
    writing = answer_time(shape, run, calibration, depth - _WRITTEN // 2)

    def band(rate: Rate) -> list[float]:
        return [round(value, 2) for value in (rate.low, rate.expected, rate.high)]

    return {
        "read_predicted": band(reading.rate(_READ, basis)),
        "written_predicted": band(writing.rate(1, basis)),
    }


def memory(case: Case, path: Path, contexts: list[int]) -> list[dict[str, Any]]:
    shape = shape_of(read_header(path))
    found = []
    for context in contexts:
        with LlamaCppEngine().load(LoadPlan(path, context)) as model:
            ask(model, case.piece * (_SHORT - _SPARE), 4)
            peak, need = model.peak_memory(), memory_need(shape, RunShape(context)).total
        found.append({"context": context, "peak_bytes": peak, "predicted_bytes": need})
        print(json.dumps(found[-1]), file=sys.stderr, flush=True)
    return found


def draw(figures: dict[str, Any], folder: Path, processor: str) -> None:
    charts = {
        "read": Chart("Reading a prompt", "tokens in the context", "tokens/s", (), processor),
        "written": Chart("Writing an answer", "tokens in the context", "tokens/s", (), processor),
    }
    for what, chart in charts.items():
        series = [
            line
            for index, (name, case) in enumerate(figures.items())
            for line in rate_lines(name, case.get("rates", []), what, index)
        ]
        keep(folder / f"cost_growth_{what}.svg", chart, series)
    chart = Chart("Memory at its peak", "context, in tokens", "MB", (), processor)
    series = [
        line
        for index, (name, case) in enumerate(figures.items())
        for line in memory_lines(name, case.get("memory", []), index)
    ]
    keep(folder / "cost_growth_memory.svg", chart, series)


def rate_lines(name: str, rows: list[dict[str, Any]], what: str, colour: int) -> Iterator[Series]:
    measured = tuple((row["depth"], row[f"{what}_tokens_per_s"]) for row in rows)
    if measured:
        yield Series(name, measured, colour=colour)
    bands = [(row["depth"], row[f"{what}_predicted"]) for row in rows if f"{what}_predicted" in row]
    if bands:
        expected = tuple((depth, band[1]) for depth, band in bands)
        around = tuple((depth, band[0], band[2]) for depth, band in bands)
        yield Series("predicted", expected, around, dashed=True, colour=colour)


def memory_lines(name: str, rows: list[dict[str, Any]], colour: int) -> Iterator[Series]:
    if rows:
        peaks = tuple((row["context"], row["peak_bytes"] / 1e6) for row in rows)
        needs = tuple((row["context"], row["predicted_bytes"] / 1e6) for row in rows)
        yield Series(name, peaks, colour=colour)
        yield Series("predicted", needs, dashed=True, colour=colour)


def keep(path: Path, chart: Chart, series: list[Series]) -> None:
    if series:
        full = Chart(
            chart.title, chart.x_label, chart.y_label, tuple(series), chart.subtitle, doubling=True
        )
        path.write_text(line_chart(full), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
