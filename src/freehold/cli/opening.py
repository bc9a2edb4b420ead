"""What most commands start with: the settings, the store, and words that name an owned model."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from freehold.cli.reporting import progress
from freehold.settings import Settings

if TYPE_CHECKING:
    from freehold.store.libraries import Libraries
    from freehold.store.store import Store


def open_store(settings: Settings | None = None) -> Store:
    """The owner's store, reporting to the terminal."""
    from freehold.store.store import Store

    return Store.open((settings or Settings.load()).home, progress())


def open_libraries(settings: Settings | None = None) -> Libraries:
    """The owner's store and every other library, to find a model in any of them."""
    from freehold.store.libraries import Libraries

    return Libraries((settings or Settings.load()).home, progress())


def add_model_argument(parser: argparse.ArgumentParser, *, many: bool = False) -> None:
    """A positional argument that names one owned model, or several, with tab completion."""
    argument = parser.add_argument(
        "models" if many else "model",
        nargs="*" if many else None,
        metavar="MODEL",
        help="a name, the start of one, a hash prefix, or the reference it came from",
    )
    argument.completer = owned_names  # type: ignore[attr-defined]  # argcomplete's convention


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """`--json`, the same everywhere."""
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def owned_names(**_: object) -> list[str]:
    """The names of owned models, for the tab completion of an argument."""
    with open_store() as store:
        return [model.name for model in store.models()]
