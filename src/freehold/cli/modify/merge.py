"""Merge adapters into a model, or models with each other; the finished file is measured.

With --adapter, MODEL becomes a model of its own that needs no adapter. With two models or more, or
--config, their weights are blended. The result keeps its types, or takes those of --to. What
rounding took back is measured on the finished file, against the exact result, before it counts as
owned.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freehold.cli.modify.measuring import (
    add_measuring_options,
    check_measuring,
    read_measuring,
)
from freehold.cli.modify.told import tell_made
from freehold.cli.numbers import zero_or_more
from freehold.cli.opening import add_json_option, open_libraries, owned_names
from freehold.cli.reporting import progress
from freehold.cli.study.text_argument import read_file
from freehold.errors import UsageError
from freehold.modify.merge_recipe import METHODS

if TYPE_CHECKING:
    from freehold.actions.merge import Merged
    from freehold.modify.merge_recipe import MergeOrder
    from freehold.store.libraries import Libraries

EXAMPLES = """\
examples:
  freehold modify merge smollm2 --adapter letters --to Q8_0 --name smollm2-letters
  freehold modify merge smollm2 --adapter letters:0.8 --max-kl 0.02
  freehold modify merge one:0.6 other:0.4 --name both                  a weighted mean
  freehold modify merge one other --method slerp --t 0.3 --name between
  freehold modify merge one other --method ties --base first --density 0.3
  freehold modify merge --config merge.yaml --name both
"""


def configure(parser: argparse.ArgumentParser) -> None:
    models = parser.add_argument(
        "models", nargs="*", metavar="MODEL[:WEIGHT]", help="one with --adapter, else several"
    )
    models.completer = owned_names  # type: ignore[attr-defined]  # argcomplete's convention
    parser.add_argument(
        "--adapter", action="append", default=[], metavar="NAME[:SCALE]",
        help="an adapter to merge into the model; may be given several times",
    )  # fmt: skip
    parser.add_argument("--method", choices=METHODS, default="linear")
    parser.add_argument("--base", metavar="MODEL", help="ties: what the models were made from")
    parser.add_argument("--t", type=float, default=0.5, metavar="T", help="slerp: 0 the first, 1")
    parser.add_argument(
        "--density", type=float, default=1.0, metavar="D", help="ties: share of changes to keep"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="all that, in a YAML file")
    parser.add_argument("--to", metavar="TYPE", help="a block type for its matrices: Q8_0, F16…")
    parser.add_argument("--name", metavar="NAME", help="what to call the new model")
    parser.add_argument(
        "--max-kl",
        type=zero_or_more,
        metavar="KL",
        help="keep it only this close to the exact result",
    )
    add_measuring_options(parser, windows=2)
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    check_measuring(args)
    with open_libraries() as libraries:
        merged = _with_adapters(libraries, args) if args.adapter else _of_models(libraries, args)
    next_step = f"Try it: freehold run {merged.model.name}"
    return tell_made(merged.model, next_step, args.json, _figures(merged), _lines(merged))


def _with_adapters(libraries: Libraries, args: argparse.Namespace) -> Merged:
    from freehold.actions.additions import read_wish
    from freehold.actions.merge import merge_adapters
    from freehold.actions.modify_sources import source
    from freehold.modify.writing import Target

    if len(args.models) != 1 or args.config:
        raise UsageError("With --adapter there is one MODEL to merge it into.", EXAMPLES)
    report = progress()
    base = source(libraries, args.models[0], report)
    wishes = [read_wish(each) for each in args.adapter]
    adapters = [(source(libraries, wish.name, report), wish.scale) for wish in wishes]
    name = args.name or f"{base.name}-{'-'.join(each.name for each, _ in adapters)}"
    measuring = read_measuring(args)
    target = Target(args.to)
    return merge_adapters(libraries.store(), base, adapters, name, target, measuring, report)


def _of_models(libraries: Libraries, args: argparse.Namespace) -> Merged:
    from freehold.actions.merge import merge_models
    from freehold.actions.modify_sources import source
    from freehold.modify.writing import Target

    order = _order(args)
    base = (order.base,) if order.base else ()
    names = dict.fromkeys((*(each.model for each in order.models), *base))
    report = progress()
    sources = {name: source(libraries, name, report) for name in names}
    name = args.name or "-".join(["merged", *(sources[e.model].name for e in order.models)])
    target = Target(args.to or order.type)
    measuring = read_measuring(args)
    return merge_models(libraries.store(), order, sources, name, target, measuring, report)


def _order(args: argparse.Namespace) -> MergeOrder:
    from freehold.actions.additions import read_wish
    from freehold.modify.merge_recipe import Ingredient, MergeOrder, read_order

    if args.config is not None:
        if args.models:
            raise UsageError("The models are named in --config.", "Leave them out beside it.")
        return read_order(read_file(args.config), args.config.name)
    wishes = [read_wish(each) for each in args.models]
    models = tuple(Ingredient(wish.name, wish.scale, args.density) for wish in wishes)
    return MergeOrder(args.method, models, args.base, args.t)


def _lines(merged: Merged) -> tuple[str, ...]:
    """What was measured, the bad news first."""
    if merged.apart is None or merged.change is None:
        return ("not measured: what rounding took back is not known",)
    apart, change = merged.apart.mean, merged.change.mean
    verdict = "Close to the exact result."
    if merged.lost:
        verdict = (
            "WORSE than it should be: rounding took back much of what the merge was to do. "
            "Round less: --to Q8_0 or --to F16."
        )
    same = f"the same likeliest token {merged.apart.same_top.value:.1%}"
    perplexities = [
        each.perplexity.value
        for each in (merged.apart.model, merged.apart.reference, merged.change.model)
    ]
    return (
        verdict,
        f"from the exact result   KL {apart.value:.4f} ± {apart.error:.4f}, {same}",
        f"what the merge changes  KL {change.value:.4f} ± {change.error:.4f}",
        "perplexity              {:.2f}; exactly {:.2f}, before {:.2f}".format(*perplexities),
    )


def _figures(merged: Merged) -> dict[str, Any]:
    if merged.apart is None or merged.change is None:
        return {"measured": None}
    return {
        "measured": {
            "kl": merged.apart.mean.value,
            "kl_error": merged.apart.mean.error,
            "kl_of_the_change": merged.change.mean.value,
            "same_top": merged.apart.same_top.value,
            "worse": merged.lost,
        }
    }
