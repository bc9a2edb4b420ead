"""Statistics of a model's tensors, from the values that they stand for.

Smallest and largest, mean, deviation, zeros, outliers (more than six deviations from the mean),
rows that are all zeros, values that are no numbers, and a small histogram. PATTERN chooses by a
part of the name, or with * and ?; a whole name shows that one tensor in detail.
"""

from __future__ import annotations

import argparse

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.svg_file import add_svg_option, write_svg
from freehold.cli.terminal import print_json

EXAMPLES = """\
examples:
  freehold study tensors smollm2
  freehold study tensors smollm2 attn_q                  those with this in their names
  freehold study tensors smollm2 'blk.1?.ffn_*'
  freehold study tensors smollm2 token_embd.weight       one in detail
  freehold study tensors smollm2 --svg spread.svg        how deviations change from layer to layer
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    parser.add_argument("pattern", nargs="?", metavar="PATTERN", help="which tensors, by name")
    add_svg_option(parser, "deviations by layer, or one tensor's histogram,")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.study_files import study_files
    from freehold.cli.study.tensors_view import picture, print_detail, print_survey, survey_json
    from freehold.study.tensor_survey import survey

    with open_libraries() as libraries:
        weights = study_files(libraries, args.model).read()
    found = survey(weights, args.pattern, progress())
    if args.json:
        print_json(survey_json(found))
    elif len(found.tensors) == 1:
        print_detail(found.tensors[0])
    else:
        print_survey(found)
    if args.svg is not None:
        write_svg(args.svg, picture(found))
    return 0
