"""Open a file's tensors with all there is to be quick with: our cores, the engine's decoders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freehold.formats.tensor_data import TensorData


def open_tensors(path: Path) -> TensorData:
    """As `TensorData.open`, which says what it raises."""
    from freehold.engine.compiled_blocks import compiled_decoders
    from freehold.formats.tensor_data import TensorData

    return TensorData.open(path, usable_threads(), compiled_decoders())


def usable_threads() -> int:
    """Whole cores' worth of time that this process may use, by affinity and quota."""
    from freehold.device.cores import share_of_cores

    return max(1, int(share_of_cores(os.cpu_count()).usable or 1))
