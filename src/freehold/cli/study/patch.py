"""Activation patching: which layer and position carry the difference between two prompts.

The model reads B, but at one layer and one position it is given what it computed there for A. How
much of A's answer comes back is shown for each place, and each head: 0% as after B, 100% as
after A.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.study.prompt import Prompt, cut
from freehold.cli.study.text_argument import add_chat_option
from freehold.cli.svg_file import add_svg_option, write_svg
from freehold.cli.terminal import print_json
from freehold.errors import UsageError

if TYPE_CHECKING:
    from freehold.study.subject import Subject

EXAMPLES = """\
examples:
  freehold study patch smollm2 "The capital of France is" "The capital of Italy is"
  freehold study patch smollm2 "France is" "Italy is" --answer " Paris" --other " Rome"
  freehold study patch smollm2 "He is tall, she is" "He is short, she is" --part mlp
"""

_PARTS = ("residual", "attention", "mlp", "heads")


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    parser.add_argument("a", metavar="A", help="a prompt")
    parser.add_argument("b", metavar="B", help="another one, of as many tokens")
    add_chat_option(parser)
    parser.add_argument("--answer", metavar="X", help="A's answer; default, its likeliest token")
    parser.add_argument("--other", metavar="Y", help="B's answer; default, its likeliest token")
    parser.add_argument(
        "--part",
        choices=_PARTS,
        action="append",
        help="what is taken from A; may be repeated; default, all of them",
    )
    add_svg_option(parser, "layers by positions, of one part,")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.open_subject import open_subject
    from freehold.cli.study import patch_view as view
    from freehold.study.patch import contrast, patch
    from freehold.study.planting import Part

    parts = tuple(Part(each) for each in dict.fromkeys(args.part or _PARTS))
    with open_libraries() as libraries, open_subject(libraries, args.model) as subject:
        a, b = (cut(subject, text, chat=args.chat) for text in (args.a, args.b))
        _same_length(a, b)
        between = contrast(
            subject.transformer,
            a.ids,
            b.ids,
            answer=_token(subject, args.answer, "--answer"),
            other=_token(subject, args.other, "--other"),
            progress=progress(),
        )
        found = patch(subject.transformer, between, parts, progress=progress())
        shown = view.Shown(subject.name, found, a, b, subject.show)
        if args.json:
            print_json(view.document(shown))
        else:
            view.show(shown)
        if args.svg is not None:
            write_svg(args.svg, view.picture(shown, parts[0]))
    return 0


def _same_length(a: Prompt, b: Prompt) -> None:
    """Raise UsageError, with both cuttings, where positions have no counterparts."""
    if len(a.ids) != len(b.ids):
        raise UsageError(
            f"A is {len(a.ids)} tokens and B is {len(b.ids)}: each position needs its counterpart."
            f"\n  A: {' | '.join(a.shown)}\n  B: {' | '.join(b.shown)}",
            "Change words for others of as many tokens.",
        )


def _token(subject: Subject, text: str | None, option: str) -> int | None:
    """The first token of an answer, which is what the two prompts are compared by."""
    if text is None:
        return None
    ids = subject.tokenize(text, begin=False)
    subject.rest()
    if not ids:
        raise UsageError(f"{option} is empty.", "Most words begin with a space: ' Paris'.")
    return ids[0]
