"""What quantizing cost: files of one model side by side, by perplexity and by KL.

The reference is --against, else the file with the most bits a weight. With one MODEL alone, all
owned files of that model are measured. The two measures need not rank alike, so both are shown.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.study.window_options import add_window_options, text_of, window_choices
from freehold.cli.svg_file import add_svg_option, write_svg
from freehold.cli.terminal import print_json
from freehold.errors import UsageError

EXAMPLES = """\
examples:
  freehold study quality smollm2                     all that you own of it
  freehold study quality smollm2-q4 smollm2-q5 --against smollm2-f16
  freehold study quality a.gguf b.gguf c.gguf --svg cost.svg
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser, many=True)
    parser.add_argument("--against", metavar="OTHER", help="the reference: a name or a path")
    add_window_options(parser)
    add_svg_option(parser, "the mean KL of each file")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.quality_files import quality_files
    from freehold.cli.study import quality_view as view
    from freehold.study.quality import quality

    if not args.models:
        raise UsageError("Name a model.", "Such as: freehold study quality smollm2")
    text, choices = text_of(args), window_choices(args)
    with open_libraries() as libraries, ExitStack() as stack:
        files = quality_files(libraries, args.models, args.against, stack)
        found = quality(files.reference, files.others, text.words, choices, progress())
    if args.json:
        print_json(view.document(found, text))
    else:
        view.print_quality(found, text)
    if args.svg is not None:
        write_svg(args.svg, view.picture(found, text))
    return 0
