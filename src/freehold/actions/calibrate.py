"""Measure what steps cost on this machine: half a minute, once, through the engine itself.

Small synthetic models are written, loaded and asked, one after another; what they took gives the
costs that `device/speed.py` predicts with. Nothing is kept unless everything was measured: an
interruption leaves the calibration that was there before. Block types come in the order of their
use, and those that the time does not reach are derived from their neighbours.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.calibration_probes import (
    CONTEXT,
    TYPES,
    Probe,
    Request,
    small_probes,
    type_probe,
)
from freehold.device.bandwidth import measure_bandwidth
from freehold.device.calibration import Calibration, Cost, save_calibration
from freehold.device.costs import answer_counts, prompt_counts
from freehold.device.estimates import RunShape
from freehold.device.least_squares import Observation, solve
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.engine.interface import Engine, Model
    from freehold.formats.model_shape import ModelShape

TIME = 25.0
"""Seconds after which no further block type is begun."""
_REPEATS = 3
_LEAST_BYTES = 64 << 20
_ROOM = 512 << 20
"""Bytes of memory, and of disk, that must be free."""
_DEVIATION = 1.4826
"""A median of deviations times this is a standard deviation, where errors are normal."""


@dataclass(frozen=True)
class Measured:
    """An observation, and how far its repeats lay apart."""

    observation: Observation
    spread: float


@dataclass
class Thoroughness:
    """How much is measured. The tests take less of everything."""

    types: tuple[str, ...] = TYPES
    least_bytes: int = _LEAST_BYTES
    repeats: int = _REPEATS
    seconds: float = TIME
    probes: tuple[Probe, ...] = field(default_factory=small_probes)


def measure_probe(
    engine: Engine, probe: Probe, folder: Path, threads: int | None, repeats: int
) -> Iterator[Measured]:
    """Write one model, load it, and time its requests."""
    from freehold.engine.interface import LoadPlan
    from freehold.formats.gguf_synthetic import write_synthetic

    path = folder / f"{probe.block_type}.gguf"
    with path.open("wb") as file:
        write_synthetic(file, probe.model, probe.block_type)
    try:
        shape = _shape(path)
        run = RunShape(CONTEXT, key_type=probe.cache_type, value_type=probe.cache_type)
        plan = LoadPlan(
            path,
            CONTEXT,
            threads=threads,
            key_type=probe.cache_type,
            value_type=probe.cache_type,
        )
        with engine.load(plan) as model:
            ask(model, Request(16, 3))
            for request in probe.requests:
                yield from _timed(model, shape, run, request, repeats)
    finally:
        path.unlink()


def _timed(
    model: Model, shape: ModelShape, run: RunShape, request: Request, repeats: int
) -> Iterator[Measured]:
    usages = [ask(model, request) for _ in range(repeats)]
    read = usages[0].prompt_tokens
    written = usages[0].answer_tokens - 1
    yield _middle(prompt_counts(shape, run, read, 0), [each.prompt_seconds for each in usages])
    if written > 0:
        counts = answer_counts(shape, run, read + written // 2)
        yield _middle(counts, [each.answer_seconds / written for each in usages])
