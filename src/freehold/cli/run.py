"""Ask an owned model one question, or chat with it. Nothing leaves the machine.

Without MODEL, the one you used last answers; with nothing owned, a small starter is offered. Text
on standard input is added to the prompt. Without any prompt, a chat begins. A running `freehold
serve` is asked where there is one, since what it has in memory answers at once.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.server_file import SERVER_FILE
from freehold.cli.numbers import positive
from freehold.cli.opening import open_libraries, owned_names
from freehold.cli.run_input import schema_in, seed, temperature, with_input
from freehold.cli.run_options import RunOptions
from freehold.errors import UsageError
from freehold.settings import Settings

if TYPE_CHECKING:
    from freehold.actions.additions import Additions
    from freehold.actions.learning import Learner
    from freehold.actions.load import LoadChoices
    from freehold.actions.through_server import ServedModel
    from freehold.engine.interface import Loading
    from freehold.store.libraries import Libraries
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store

EXAMPLES = """\
examples:
  freehold run "Why is the sky blue?"
  freehold run "Summarise this in three sentences" < letter.txt
  freehold run smollm2 "Write a limerick about snow" --seed 7 --stats
  freehold run smollm2 --schema person.json "Invent a person"
  freehold run smollm2 --adapter letters:0.8 "Dear Sir,"
  freehold run                                        a chat; /help shows what it can do
"""


def configure(parser: argparse.ArgumentParser) -> None:
    words = parser.add_argument("words", nargs="*", metavar="[MODEL] [PROMPT]", help="see above")
    words.completer = owned_names  # type: ignore[attr-defined]  # argcomplete's convention
    parser.add_argument("-m", "--model", help="the model, said plainly")
    parser.add_argument("-p", "--prompt", help="the prompt, said plainly")
    parser.add_argument("-s", "--system", metavar="TEXT", help="how the model should behave")
    parser.add_argument(
        "--temperature",
        type=temperature,
        metavar="T",
        help="0 is the likeliest word each time; default 0.8",
    )
    parser.add_argument(
        "--seed", type=seed, metavar="N", help="the same seed gives the same answer"
    )
    parser.add_argument(
        "--max-tokens", type=positive, metavar="N", help="stop after so many tokens"
    )
    parser.add_argument(
        "--context",
        type=positive,
        metavar="N",
        help="tokens of context; default as much as the prompt needs, from 4096",
    )
    parser.add_argument(
        "--engine", metavar="NAME", help="what runs it; `freehold engine` lists what there is"
    )
    parser.add_argument(
        "--adapter",
        action="append",
        default=[],
        metavar="NAME[:SCALE]",
        help="an adapter to use with it; may be given several times",
    )
    parser.add_argument(
        "--steer",
        action="append",
        default=[],
        metavar="NAME[:SCALE]",
        help="a control vector to push it with; may be given several times",
    )
    parser.add_argument(
        "--untuned", action="store_true", help="as if `freehold tune` had found nothing"
    )
    parser.add_argument(
        "--no-server", action="store_true", help="load it here, even where `freehold serve` runs"
    )
    parser.add_argument(
        "--schema", type=Path, metavar="FILE", help="a JSON Schema the answer must obey"
    )
    parser.add_argument(
        "--stats", action="store_true", help="speeds, times and peak memory, to standard error"
    )
    parser.add_argument("--json", action="store_true", help="the whole answer as one JSON document")
    parser.add_argument(
        "-y", "--yes", action="store_true", help="get the starter model without asking"
    )


def run(args: argparse.Namespace) -> int:
    settings = Settings.load()
    with open_libraries(settings) as libraries:
        options = _options(libraries, args)
        store, model = _model(libraries, settings, options)
        loading, options, learner = _start(libraries, store, settings, model, options)
        # The worker loads in a process of its own: what is imported from here on costs no time.
        if options.prompt is None:
            from freehold.cli.chat import chat

            return chat(store, model, loading, options, learner)
        from freehold.cli.answer import answer

        return answer(store, model, loading, options, learner)


def _options(libraries: Libraries, args: argparse.Namespace) -> RunOptions:
    from freehold.actions.choose import split_words

    model, prompt = args.model, args.prompt
    words: list[str] = args.words
    if model is None and prompt is None:
        model, prompt = split_words(libraries.find, words)
    elif words and model is None:
        model = " ".join(words)
    elif words and prompt is None:
        prompt = " ".join(words)
    elif words:
        raise UsageError(f"{' '.join(words)!r} is one word too many.", "See freehold run --help.")
    return RunOptions(
        model=model,
        prompt=with_input(prompt),
        system=args.system,
        temperature=args.temperature,
        seed=args.seed,
        max_tokens=args.max_tokens,
        context=args.context,
        engine=args.engine,
        tuned=not args.untuned,
        server=not args.no_server,
        schema=schema_in(args.schema) if args.schema else None,
        stats=args.stats,
        json=args.json,
        yes=args.yes,
        additions=_additions(args.adapter, args.steer),
    )


def _additions(adapters: list[str], vectors: list[str]) -> Additions | None:
    if not adapters and not vectors:
        return None
    from freehold.actions.additions import Additions, read_wish

    return Additions(tuple(map(read_wish, adapters)), tuple(map(read_wish, vectors)))


def _model(
    libraries: Libraries, settings: Settings, options: RunOptions
) -> tuple[Store, OwnedModel]:
    """The model to ask and the store that has it; with none, the offer to get one."""
    from freehold.names import looks_like_ref

    store = libraries.store()
    if options.model is None:
        from freehold.actions.choose import default_model
        from freehold.cli.offer import offer_starter
        from freehold.cli.reporting import progress

        chosen = default_model(store, settings, progress())
        return store, chosen or offer_starter(store, settings, yes=options.yes)
    if looks_like_ref(options.model):
        from freehold.cli.offer import offer_ref

        return store, offer_ref(store, settings, options.model, yes=options.yes)
    found = libraries.find(options.model)
    return found.store, found.model


def _start(
    libraries: Libraries,
    store: Store,
    settings: Settings,
    model: OwnedModel,
    options: RunOptions,
) -> tuple[Loading | ServedModel, RunOptions, Learner | None]:
    """The model on its way, in a process of its own unless the running server has it.

    A server's answers teach nothing of speed: others may have been answered meanwhile. Nor do
    those of a model with something beside it.
    """
    from freehold.actions.engines import engine_for
    from freehold.actions.load import LoadChoices, chosen_plan, start_loading
    from freehold.actions.tuned import Chosen, choose_engine
    from freehold.cli.reporting import progress

    report = progress()
    choices = LoadChoices(
        context=options.context,
        threads=settings.threads,
        prompt_bytes=len((options.prompt or "").encode()) + len((options.system or "").encode()),
        max_tokens=options.max_tokens,
    )
    if (served := _served(settings, model, options, choices)) is not None:
        return served, replace(options, tuned=False), None
    chosen = (
        choose_engine(settings, model, options.engine, report)
        if options.tuned
        else Chosen(engine_for(settings, options.engine))
    )
    choices = replace(choices, tuned=chosen.plan)
    if options.additions:
        from freehold.actions.additions import placed

        beside = placed(libraries, model, options.additions, report)
        loading = start_loading(store, chosen.engine, model, choices, report, beside)
        return loading, replace(options, tuned=chosen.plan is not None), None
    loading = start_loading(store, chosen.engine, model, choices, report)
    from freehold.actions.learning import Learner  # the worker is on its way meanwhile

    plan = chosen_plan(store, model, choices)
    learner = Learner(settings, store, model, chosen.engine, plan, report)
    return loading, replace(options, tuned=chosen.plan is not None), learner


def _served(
    settings: Settings, model: OwnedModel, options: RunOptions, choices: LoadChoices
) -> ServedModel | None:
    """The running server's model, where it can do all that was asked.

    With a seed it cannot: the same seed has the same answer only by the same plan, undisturbed.
    """
    own = options.engine is not None or not options.tuned or options.seed is not None
    own = own or bool(options.additions)
    own = own or (options.schema is not None and not model.facts.get("chat"))
    if own or not options.server or not (settings.home / SERVER_FILE).exists():
        return None
    from freehold.actions.through_server import server_for
    from freehold.cli.reporting import progress

    return server_for(settings, model, choices, progress())
