"""Say what this machine can run: memory, speed with its error band, and a verdict in words.

With nothing named: which tasks need nobody else's computer, and every model of the catalogue and
of yours. With a name or a reference: that model, by its header alone; nothing is fetched.
"""

from __future__ import annotations

import argparse
import math

from freehold.cli.opening import add_json_option, open_libraries, owned_names
from freehold.cli.reporting import progress
from freehold.cli.terminal import print_json
from freehold.settings import Settings

EXAMPLES = """\
examples:
  freehold fit
  freehold fit hf:bartowski/Qwen2.5-7B-Instruct-GGUF     every quantization there, by headers alone
  freehold fit --task code --license open --min-speed 5
  freehold fit --device list                             machines that are known by name
  freehold fit --device laptop.json                      one that `freehold device --json` described
"""


def configure(parser: argparse.ArgumentParser) -> None:
    words = parser.add_argument(
        "models",
        nargs="*",
        metavar="MODEL | REF",
        help="of the catalogue, of yours, or a reference",
    )
    words.completer = model_names  # type: ignore[attr-defined]  # argcomplete's convention
    device = parser.add_argument(
        "--device",
        metavar="NAME | FILE",
        help="another machine: a name (`list` shows them), or what `device --json` printed on it",
    )
    device.completer = device_names  # type: ignore[attr-defined]
    task = parser.add_argument("--task", help="only models for it: chat, code, vision…")
    task.completer = task_names  # type: ignore[attr-defined]
    parser.add_argument(
        "--license", "--licence", choices=("open",), help="only models with an open licence"
    )
    parser.add_argument(
        "--min-speed",
        type=_speed,
        default=0.0,
        metavar="N",
        help="only models that write at least N tokens a second there",
    )
    parser.add_argument(
        "--context",
        type=_context,
        default=4096,
        metavar="N",
        help="tokens of context that are to fit as well; default 4096",
    )
    parser.add_argument(
        "--now", action="store_true", help="judge by the memory that is free at this moment"
    )
    parser.add_argument(
        "--all", action="store_true", help="also the models that do not fit, or are too slow"
    )
    parser.add_argument(
        "--no-calibrate",
        action="store_true",
        help="do not measure this machine, if that was not done yet",
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    if args.device == "list":
        from freehold.cli.fit_devices import show_devices

        return show_devices(as_json=args.json)
    from freehold.actions.ask_fit import FitQuestion, ask_fit

    question = FitQuestion(
        models=tuple(args.models),
        device=args.device,
        task=args.task,
        open_only=args.license == "open",
        min_speed=args.min_speed,
        context=args.context,
        now=args.now,
        calibrate=not args.no_calibrate,
    )
    settings = Settings.load()
    with open_libraries(settings) as libraries:
        report = ask_fit(question, libraries, settings, progress())
    if args.json:
        from freehold.cli.fit_json import fit_json

        print_json(fit_json(report))
        return 0
    from freehold.cli.fit_view import show_report

    show_report(report, everything=args.all)
    return 0


def model_names(**_: object) -> list[str]:
    """Of the catalogue, and of what is owned, for tab completion."""
    from freehold.catalogue.read import entries

    return [*owned_names(), *(entry.id for entry in entries())]


def device_names(**_: object) -> list[str]:
    """Of machines that are known by name, for tab completion."""
    from freehold.device.named import titles

    return ["list", *titles()]


def task_names(**_: object) -> list[str]:
    """What models are for, for tab completion."""
    from freehold.catalogue.entry import Task

    return [str(task) for task in Task]


def _speed(text: str) -> float:
    number = float(text)
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no speed in tokens a second")
    return number


def _context(text: str) -> int:
    number = int(text)
    if not 0 < number < 1 << 31:
        raise argparse.ArgumentTypeError(f"{text} is no number of tokens")
    return number
