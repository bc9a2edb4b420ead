"""Where attention heads look: each head of each layer, and what it mostly looks at.

The previous token, the first one, itself, the same token before, or what followed that (induction:
how a repetition is gone on with). With --layer and --head, one head's pattern in full.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.study.prompt import add_prompt_arguments, cut
from freehold.cli.svg_file import add_svg_option, write_svg
from freehold.cli.terminal import print_json
from freehold.errors import UsageError

if TYPE_CHECKING:
    from freehold.transformer.config import TransformerConfig

EXAMPLES = """\
examples:
  freehold study attention smollm2 "The cat sat on the mat. The cat sat on the"
  freehold study attention smollm2 "A B C A B" --layer 3             its heads, score by score
  freehold study attention smollm2 "A B C A B" --layer 3 --head 5    one pattern in full
  freehold study attention smollm2 "A B C A B" --svg heads.svg
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_prompt_arguments(parser)
    parser.add_argument("--layer", type=int, metavar="L", help="the heads of one layer, from 0 on")
    parser.add_argument("--head", type=int, metavar="H", help="one head of it, from 0 on")
    add_svg_option(parser, "all patterns, or the one of --layer and --head,")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.open_subject import open_subject
    from freehold.cli.study import attention_view as view
    from freehold.study.heads import read_heads

    if args.head is not None and args.layer is None:
        raise UsageError("--head needs --layer: each layer has heads of its own.")
    with open_libraries() as libraries, open_subject(libraries, args.model) as subject:
        _check(subject.transformer.config, args.layer, args.head)
        prompt = cut(subject, args.prompt, chat=args.chat)
        keep = () if args.head is None else (args.layer,)
        heads = read_heads(subject.transformer, prompt.ids, keep=keep, progress=progress())
        one = None if args.head is None else view.OneHead(heads, prompt, args.layer, args.head)
        if args.json:
            print_json(view.document(subject.name, heads, prompt, one, args.layer))
        elif one is not None:
            view.show_one(subject.name, one)
        else:
            view.show(subject.name, heads, prompt, args.layer)
        if args.svg is not None:
            drawn = view.picture(subject.name, heads) if one is None else view.pattern(one)
            write_svg(args.svg, drawn)
    return 0


def _check(config: TransformerConfig, layer: int | None, head: int | None) -> None:
    for what, number, count in (("layer", layer, config.layers), ("head", head, config.heads)):
        if number is not None and not 0 <= number < count:
            raise UsageError(f"There is no {what} {number}: it has {count}, from 0 on.")
