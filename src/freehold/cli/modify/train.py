"""Teach a model you own from your own examples (LoRA).

The result is a small adapter; the model itself stays as it is. Part of the examples is held out,
and what they cost before and after is said. Ctrl-C or a kill loses a few steps: the same command
goes on from there.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.cli.modify.told import tell_made
from freehold.cli.numbers import above_zero, positive
from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.run_input import seed
from freehold.cli.svg_file import add_svg_option, write_svg
from freehold.cli.terminal import note

if TYPE_CHECKING:
    from freehold.actions.train import Taught
    from freehold.modify.training.checkpoint import Look
    from freehold.modify.training.difference import Difference
    from freehold.modify.training.plan import TrainingPlan

EXAMPLES = """\
examples:
  freehold modify train smollm2 --data talks.jsonl --name talks
  freehold run smollm2 --adapter talks "What did we say of boats?"
  freehold modify train smollm2 --data train.csv --held-out test.csv --name quiz --steps 300
  freehold modify train smollm2 --data notes.txt --name notes --rank 16 --svg curve.svg
  freehold modify train llama-8b --data talks.jsonl --name talks --with torch --device cuda
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FILE", help=".jsonl, .json, .csv, .tsv, .txt"
    )
    parser.add_argument("--name", required=True, metavar="NAME", help="what to call the adapter")
    parser.add_argument(
        "--held-out", metavar="FILE|SHARE", default="0.1", help="to test with; default 0.1 of all"
    )
    _configure_steps(parser)
    parser.add_argument(
        "--with",
        dest="library",
        choices=("numpy", "torch"),
        default="numpy",
        help="numpy (default): any machine, least memory; torch: a GPU, or other families",
    )
    parser.add_argument(
        "--device", choices=("cuda", "mps", "cpu"), help="of torch; default the quickest there is"
    )
    parser.add_argument(
        "--restart", action="store_true", help="forget where a training of that name stands"
    )
    add_svg_option(parser, "the losses")
    add_json_option(parser)


def _configure_steps(parser: argparse.ArgumentParser) -> None:
    """All that changes the result; defaults are those of `TrainingPlan` and `Lesson`."""
    for option, meaning in (
        ("--steps", "how many; default three times through the examples, 30 at least"),
        ("--batch", "examples in a step; default 4"),
        ("--rank", "directions that each matrix may change in; default 8"),
        ("--max-length", "tokens that an example may have; default 512"),
    ):
        parser.add_argument(option, type=positive, metavar="N", help=meaning)
    parser.add_argument("--rate", type=above_zero, metavar="X", help="learning rate; default 5e-4")
    parser.add_argument(
        "--alpha", type=above_zero, metavar="X", help="weight of what is learned; default 2 x rank"
    )
    parser.add_argument(
        "--targets", metavar="NAMES", help="all, attention, or names of matrices; default all"
    )
    parser.add_argument("--seed", type=seed, metavar="N", help="default 0")
    parser.add_argument("--skip-long", action="store_true", help="leave out what is longer")


def run(args: argparse.Namespace) -> int:
    from freehold.actions.learners import Means
    from freehold.actions.modify_sources import source
    from freehold.actions.train import Lesson, train
    from freehold.device.memory import memory
    from freehold.modify.training.difference import difference

    held_out, share = _held_out(args.held_out)
    means = Means(memory().available // 2, args.library, args.device)
    lesson = Lesson(args.data, held_out, share, args.max_length or 512, args.skip_long)
    with open_libraries() as libraries:
        report = progress()
        base = source(libraries, args.model, report)
        taught = train(
            libraries.store(),
            base,
            args.name,
            lesson,
            _plan(args),
            means,
            restart=args.restart,
            watch=_tell,
            progress=report,
        )
        if args.svg is not None:
            write_svg(args.svg, _picture(taught, args.name))
        gain = difference(taught.trained.before, taught.trained.after)
        following = f"Use it: freehold run {base.name} --adapter {taught.adapter.name}"
        figures, lines = _figures(taught, gain), _lines(taught, gain)
        return tell_made(taught.adapter, following, args.json, figures, lines)


def _plan(args: argparse.Namespace) -> TrainingPlan:
    from dataclasses import fields, replace

    from freehold.modify.training.plan import TrainingPlan

    names = [each.name for each in fields(TrainingPlan)]
    given = {name: getattr(args, name, None) for name in names}
    plan = replace(TrainingPlan(), **{key: value for key, value in given.items() if value})
    return plan if args.alpha else replace(plan, alpha=2.0 * plan.rank)


def _held_out(words: str) -> tuple[Path | None, float]:
    """A file to test with, or the share of the examples to hold out."""
    from freehold.errors import UsageError

    try:
        share = float(words)
    except ValueError:
        return Path(words), 0.0
    if not 0 < share < 1:
        raise UsageError(f"--held-out {words} is no share between 0 and 1.", "Such as 0.1.")
    return None, share


def _tell(look: Look) -> None:
    if look.step == 0:
        note(f"before: held-out loss {look.held_out:.3f}")
    else:
        note(f"step {look.step:>5,}: loss {look.trained:.3f}, held out {look.held_out:.3f}")


def _lines(taught: Taught, gain: Difference) -> tuple[str, ...]:
    from freehold.modify.training.difference import FEW

    trained, lessons = taught.trained, taught.lessons
    if gain.n < FEW:
        verdict = f"{gain.n} held-out examples are too few to say whether it got better."
    elif gain.mean > 0:
        verdict = "It got worse on what was held out."
    elif gain.high < 0:
        verdict = "It got better on what was held out."
    else:
        verdict = "No difference on what was held out that chance would not explain."
    return (
        verdict,
        (
            f"held-out loss {trained.before.mean:.3f} -> {trained.after.mean:.3f} nats a token; "
            f"for each example {gain.mean:+.3f} "
            f"({gain.low:+.3f} to {gain.high:+.3f}, 95%, n = {gain.n})"
        ),
        (
            f"{len(lessons.examples):,} examples, {lessons.tokens:,} tokens of answers; "
            f"{lessons.duplicates:,} duplicates left out, {lessons.too_long:,} too long; "
            f"best after {trained.best.step:,} of {trained.steps:,} steps"
        ),
    )


def _figures(taught: Taught, gain: Difference) -> dict[str, object]:
    from dataclasses import asdict

    trained, lessons = taught.trained, taught.lessons
    return {
        "held_out": {
            "n": len(lessons.held_out),
            "loss_before": trained.before.mean,
            "loss_after": trained.after.mean,
            "difference": asdict(gain),
        },
        "examples": len(lessons.examples),
        "answer_tokens": lessons.tokens,
        "duplicates": lessons.duplicates,
        "too_long": lessons.too_long,
        "steps": trained.steps,
        "best_step": trained.best.step,
        "looks": [asdict(look) for look in trained.looks],
    }


def _picture(taught: Taught, name: str) -> str:
    from freehold.cli.svg_chart import Chart, Series, line_chart

    looks = taught.trained.looks
    series = (
        Series("training", tuple((float(look.step), look.trained) for look in looks[1:])),
        Series("held out", tuple((float(look.step), look.held_out) for look in looks)),
    )
    return line_chart(Chart(f"Training {name}", "steps", "loss, nats a token", series))
