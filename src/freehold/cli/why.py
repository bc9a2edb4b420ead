"""The whole chain behind a model: its bytes, where they were seen, its licence, its parents."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.terminal import print_json, printable

if TYPE_CHECKING:
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store

EXAMPLES = """\
examples:
  freehold why smollm2
  freehold why smollm2 --bom              a CycloneDX bill of materials (ML-BOM)
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    parser.add_argument("--bom", action="store_true", help="a CycloneDX 1.6 bill of materials")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.cli.describe import model_json

    with open_libraries() as libraries:
        found = libraries.find(args.model)
        store, chain = found.store, list(_chain(found.store, found.model))
        if args.bom:
            from freehold.actions.bom import bill_of_materials

            print_json(bill_of_materials(chain))
        elif args.json:
            print_json([model_json(model) for model in chain])
        else:
            print(printable("\n\n".join("\n".join(_story(store, model)) for model in chain)))
    return 0


def _chain(store: Store, model: OwnedModel) -> Iterator[OwnedModel]:
    """The model, then each owned model it was made from, nearest first, each once."""
    owned = {known.id: known for known in store.models()}
    waiting, told = [model], set[str]()
    while waiting:
        current = waiting.pop(0)
        if current.id in told:
            continue
        told.add(current.id)
        yield current
        waiting += [owned[parent.id] for parent in current.parents if parent.id in owned]


def _story(store: Store, model: OwnedModel) -> Iterator[str]:
    from freehold.store.licences import in_words

    yield model.name
    for file in model.files:
        record = store.by_digest(file.digest)
        yield f"  {file.name} ({file.role}) is {file.digest}"
        if record is not None:
            yield (
                f"    proven {record.proven_at:%Y-%m-%d %H:%M} UTC, "
                f"{record.chunk_count} chunks, now: {record.health.state.value}"
            )
    for seen in model.sightings:
        revision = f", revision {seen.revision}" if seen.revision else ""
        yield f"  seen {seen.seen_at:%Y-%m-%d %H:%M} UTC at {seen.ref}{revision}"
        if seen.url:
            yield f"    {seen.url}"
    yield f"  licence: {in_words(model.licence)}"
    for parent in model.parents:
        detail = f" ({parent.detail})" if parent.detail else ""
        yield f"  {parent.relation} from {parent.name or parent.id}{detail}"
    if model.notes:
        yield f"  note: {model.notes}"
