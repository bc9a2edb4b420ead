"""Score a model on tasks with right answers: multiple choice, and exact answers in its own words.

A task is a YAML file in lm-eval's form with its data beside it, or one that comes with Freehold
(--list). Nothing is fetched and no code of a task is run. What is broken off goes on where it was.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from freehold.cli.numbers import positive
from freehold.cli.opening import add_json_option, open_libraries, owned_names
from freehold.cli.reporting import progress
from freehold.cli.svg_file import add_svg_option, write_svg
from freehold.cli.terminal import print_json
from freehold.errors import UsageError
from freehold.settings import Settings

if TYPE_CHECKING:
    from freehold.study.evaluation.evaluate import EvaluationChoices
    from freehold.study.evaluation.task import Task

EXAMPLES = """\
examples:
  freehold study eval --list
  freehold study eval smollm2 everyday arithmetic
  freehold study eval smollm2 ./my_task.yaml --limit 20 --shots 3
  freehold study eval smollm2 arithmetic --chat --items     every answer
"""


def configure(parser: argparse.ArgumentParser) -> None:
    argument = parser.add_argument("model", nargs="?", metavar="MODEL", help="a name or a path")
    argument.completer = owned_names  # type: ignore[attr-defined]  # argcomplete's convention
    parser.add_argument(
        "tasks", nargs="*", metavar="TASK", help="a .yaml file, or the name of a task that is here"
    )
    parser.add_argument("--limit", type=positive, metavar="N", help="the first N examples alone")
    parser.add_argument(
        "--shots", type=_shots, metavar="N", help="worked examples first, in place of the task's"
    )
    parser.add_argument(
        "--chat", action="store_true", help="each prompt as a question in the chat template"
    )
    parser.add_argument("--items", action="store_true", help="show every example and its answer")
    parser.add_argument("--fresh", action="store_true", help="ask again what is known already")
    parser.add_argument("--list", action="store_true", help="the tasks that come with Freehold")
    add_svg_option(parser, "the scores as bars")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.open_subject import open_subject
    from freehold.cli.study import eval_view as view
    from freehold.study.evaluation.evaluate import evaluate

    if args.list:
        return _list(as_json=args.json)
    if args.model is None or not args.tasks:
        raise UsageError(
            "Name a model and at least one task.", "See what there is: freehold study eval --list"
        )
    settings = Settings.load()
    tasks, choices = _tasks(args), _choices(args, settings)
    with (
        open_libraries(settings) as libraries,
        open_subject(libraries, args.model, many_traces=True) as subject,
    ):
        report = progress()
        results = [evaluate(subject, task, choices, report) for task in tasks]
    if args.json:
        print_json(view.document(results))
    else:
        view.print_results(results, items=args.items)
    if args.svg is not None:
        write_svg(args.svg, view.picture(results))
    return 0


def _list(*, as_json: bool) -> int:
    from freehold.cli.study import eval_view as view
    from freehold.study.evaluation.shipped import shipped_tasks, task_path
    from freehold.study.evaluation.task import read_task

    tasks = [read_task(task_path(name)) for name in shipped_tasks()]
    if as_json:
        print_json(view.list_document(tasks))
    else:
        view.print_list(tasks)
    return 0


def _tasks(args: argparse.Namespace) -> list[Task]:
    """All of them are read before the first is scored: a fault in the last shows at once."""
    from freehold.study.evaluation.examples import examples_of
    from freehold.study.evaluation.shipped import task_path
    from freehold.study.evaluation.task import read_task

    tasks = [read_task(task_path(word), args.shots) for word in args.tasks]
    for task in tasks:
        examples_of(task, args.limit)
    return tasks


def _choices(args: argparse.Namespace, settings: Settings) -> EvaluationChoices:
    from freehold.study.evaluation.evaluate import EvaluationChoices

    folder = settings.home / "study" / "eval"
    return EvaluationChoices(args.limit, args.chat, folder, args.fresh)


def _shots(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError(f"{text} is not a number of examples from 0 to 100")
    return number
