"""Read and round tensors with all there is to be quick with: our cores, the engine's own code."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freehold.formats.tensor_data import TensorData
    from freehold.modify.writing import Rounding


def open_tensors(path: Path) -> TensorData:
    """As `TensorData.open`, which says what it raises."""
    return open_parts([path])


def open_parts(paths: Sequence[Path]) -> TensorData:
    """As `TensorData.open_parts`."""
    from freehold.engine.compiled_blocks import compiled_decoders
    from freehold.formats.tensor_data import TensorData

    return TensorData.open_parts(paths, usable_threads(), compiled_decoders())


@contextmanager
def quick_rounding() -> Iterator[Rounding]:
    """`quantize`, as quick as here: the same bytes."""
    from freehold.engine.compiled_blocks import compiled_encoders
    from freehold.formats.blocks.crew import Crew
    from freehold.formats.blocks.quantize import quantize

    with Crew(usable_threads()) as crew:
        yield partial(quantize, crew=crew, compiled=compiled_encoders())


def usable_threads() -> int:
    """Whole cores' worth of time that this process may use, by affinity and quota."""
    from freehold.device.cores import share_of_cores

    return max(1, int(share_of_cores(os.cpu_count()).usable or 1))
