"""Where a picture goes: a file of its own, whole or not at all."""

from __future__ import annotations

import argparse
from pathlib import Path

from freehold.cli.terminal import note


def add_svg_option(parser: argparse.ArgumentParser, what: str) -> None:
    """`--svg FILE`, the same everywhere; `what` says what is drawn."""
    parser.add_argument("--svg", type=Path, metavar="FILE", help=f"draw {what} into an SVG file")


def write_svg(path: Path, picture: str) -> None:
    """Write it. Raises StorageError."""
    from freehold.store.durable import storage_errors, write_durably

    with storage_errors(f"write {path}"):
        write_durably(path, picture.encode("utf-8", "replace"))
    note(f"{path} is the picture.")
