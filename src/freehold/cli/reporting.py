"""How long work is shown: bars on a terminal, a few lines elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freehold.cli.bars import Bars
    from freehold.cli.lines import Lines


def progress() -> Bars | Lines:
    """Where a command's long work reports."""
    if sys.stderr.isatty():
        from freehold.cli.bars import Bars

        return Bars()
    from freehold.cli.lines import Lines

    return Lines()
