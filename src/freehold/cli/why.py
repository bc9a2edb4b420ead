"""The whole chain behind a model: its bytes, where they were seen, its licence, its parents."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.terminal import print_json, printable

if TYPE_CHECKING:
    from freehold.store.lineage import Ancestor
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
    from freehold.cli.vouched import vouched_json

    with open_libraries() as libraries:
        found = libraries.find(args.model)
        store, line = found.store, found.store.lineage(found.model)
        family = [line.model, *_owned(line.ancestors)]
        if args.bom:
            from freehold.actions.bom import bill_of_materials

            print_json(bill_of_materials(family))
        elif args.json:
            print_json([{**model_json(m), "signatures": vouched_json(m)} for m in family])
        else:
            stories = ["\n".join(_story(store, model)) for model in family]
            print(printable("\n\n".join(stories)))
            for child in line.children:
                print(printable(f"\n{child.name} was made from it"))
    return 0


def _owned(ancestors: tuple[Ancestor, ...]) -> list[OwnedModel]:
    """The owned models above a model, nearest first, each once."""
    found: list[OwnedModel] = []
    for ancestor in ancestors:
        if ancestor.model is not None:
            found += [ancestor.model, *_owned(ancestor.ancestors)]
    return list({model.id: model for model in found}.values())


def _story(store: Store, model: OwnedModel) -> Iterator[str]:
    from freehold.cli.vouched import vouched_lines
    from freehold.store.licences import in_words

    yield model.name
    for file in model.files:
        record = store.by_digest(file.digest)
        yield f"  {file.name} ({file.role}) is {file.digest}"
        if record is not None:
            yield (
                f"    proven {record.proven_at:%Y-%m-%d %H:%M} UTC, "
                f"chunk hashes: {record.chunk_count}, now: {record.health.state.value}"
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
    for line in vouched_lines(model):
        yield f"  {line}"
    if model.notes:
        yield f"  note: {model.notes}"
