"""Keep parity beside a model: with it a few bad chunks can be made good again with no source.

It is a file of Freehold's own, by a Reed-Solomon code; 5% of the model's size mends any 12 bad
chunks of 1 MiB of a large model, and many more where they are spread. `freehold repair` uses it.
"""

from __future__ import annotations

import argparse

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.terminal import note, print_json
from freehold.units import human_bytes

EXAMPLES = """\
examples:
  freehold protect smollm2
  freehold protect smollm2 --parity 10%
  freehold protect smollm2 --remove
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    parser.add_argument(
        "--parity", default="5%", metavar="PERCENT", help="how much of its size (5%%)"
    )
    parser.add_argument("--remove", action="store_true", help="give its parity up")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.protect import parse_percent, protect, unprotect

    percent = parse_percent(args.parity)
    with open_libraries() as libraries:
        found = libraries.find(args.model)
        name = found.model.name
        if args.remove:
            freed = unprotect(found.store, found.model)
            if args.json:
                print_json({"name": name, "freed_bytes": freed})
            elif freed:
                note(f"{name} has no parity any more: {human_bytes(freed)} freed.")
            else:
                note(f"{name} had no parity.")
            return 0
        files = protect(found.store, found.model, percent, progress())
    if args.json:
        print_json(
            {
                "name": name,
                "parity_bytes": sum(file.size for file in files),
                "files": [
                    {
                        "name": file.name,
                        "sha256": file.digest.hex,
                        "parity_bytes": file.size,
                        "chunk_bytes": file.chunk_size,
                        "mends_any": file.surely,
                        "mends_at_most": file.at_most,
                        "was_there": file.was_there,
                    }
                    for file in files
                ],
            }
        )
        return 0
    for file in files:
        was = "has its parity already" if file.was_there else "is protected"
        chunks = "chunk" if file.surely == 1 else "chunks"
        more = f", up to {file.at_most:,} where they are spread" * (file.at_most > file.surely)
        note(
            f"{file.name} {was}: {human_bytes(file.size)} that mend any {file.surely:,} bad "
            f"{chunks} of {human_bytes(file.chunk_size)}{more}."
        )
    return 0
