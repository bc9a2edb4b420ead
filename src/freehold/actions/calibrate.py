"""Measure what steps cost on this machine: half a minute, once, through the engine itself.

Small synthetic models are written, loaded and asked, one after another; what they took gives the
costs that `device/speed.py` predicts with. Nothing is kept unless everything was measured: an
interruption leaves the calibration that was there before. Block types come in the order of their
use, and those that the time does not reach are derived from their neighbours.
"""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.calibration_probes import (
    CONTEXT,
    TYPES,
    Probe,
    Request,
    common_probes,
    type_probe,
)
from freehold.actions.calibration_room import check_memory, place
from freehold.actions.other_programs import other_programs
from freehold.device.bandwidth import measure_bandwidth
from freehold.device.calibration import Calibration, Cost, save_calibration
from freehold.device.costs import answer_counts, prompt_counts
from freehold.device.estimates import RunShape
from freehold.device.least_squares import Observation, solve
from freehold.device.probe import fingerprint, processor
from freehold.errors import EngineError, StorageError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.engine.interface import Engine, Model, Usage
    from freehold.formats.model_shape import ModelShape

TIME = 24.0
"""Seconds after which no further block type is begun."""
_REPEATS = 3
_LEAST_BYTES = 240 << 20
_BUSY = 0.1
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
    probes: tuple[Probe, ...] = field(default_factory=common_probes)


def calibrate(
    home: Path,
    engine: Engine,
    identity: str,
    threads: int | None = None,
    progress: Progress = SILENT,
    how: Thoroughness | None = None,
) -> Calibration:
    """Measure this machine with `engine`, keep the result in `home`, and return it.

    `identity` is the engine's, as text: no other's predictions stand on it.

    Raises NotEnoughMemory, NotEnoughSpace or another StorageError before anything is measured,
    StoreBusy when another process calibrates, and what the engine raises.
    """
    how = how or Thoroughness()
    check_memory()
    used = threads or _usual_threads()
    with place(home) as folder, other_programs() as others:
        found = _measure(engine, folder, used, progress, how)
        bandwidth = measure_bandwidth(used)
    calibration = Calibration(
        device=fingerprint(),
        engine=identity,
        costs=tuple(costs_of(found)),
        bandwidth=bandwidth,
        processor=processor().name,
        threads=used,
        residual=_residual(found),
        busy=others.share,
        when=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    save_calibration(home, calibration)
    if calibration.busy > _BUSY:
        progress.note(
            f"Other programs used {calibration.busy:.0%} of this machine meanwhile: predictions "
            "may be too low. Calibrate again when it is idle."
        )
    return calibration


def _measure(
    engine: Engine, folder: Path, threads: int, progress: Progress, how: Thoroughness
) -> list[Measured]:
    found: list[Measured] = []
    end = time.monotonic() + how.seconds
    with progress.task(
        "measuring this machine", len(how.probes) + len(how.types), "models"
    ) as task:
        for probe in how.probes:
            found += measure_probe(engine, probe, folder, threads, how.repeats)
            task.advance(1)
        for block_type in how.types:
            # The first is needed, whatever it takes: every other type can be derived from it.
            if block_type == how.types[0] or time.monotonic() < end:
                probe = type_probe(block_type, how.least_bytes)
                found += measure_probe(engine, probe, folder, threads, how.repeats)
            task.advance(1)
    return found


def measure_probe(
    engine: Engine, probe: Probe, folder: Path, threads: int, repeats: int
) -> Iterator[Measured]:
    """Write one model, load it, and time its requests."""
    from freehold.engine.interface import LoadPlan
    from freehold.formats.gguf_synthetic import write_synthetic

    path = folder / f"{probe.block_type}.gguf"
    try:
        with path.open("wb") as file:
            write_synthetic(file, probe.model, probe.block_type)
    except OSError as error:
        raise StorageError(
            f"A model to measure with cannot be written to {folder}: {error.strerror}.",
            "Free some space, or move the store with FREEHOLD_HOME.",
        ) from error
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
                yield from _timed(model, shape, run, request, threads, repeats, probe.small)
    finally:
        path.unlink()


def _timed(
    model: Model,
    shape: ModelShape,
    run: RunShape,
    request: Request,
    threads: int,
    repeats: int,
    small: bool,
) -> Iterator[Measured]:
    usages = [ask(model, request) for _ in range(min(repeats, request.repeats or repeats))]
    read = usages[0].prompt_tokens
    written = usages[0].answer_tokens - 1  # the clock starts with the first
    if not small:  # the prompts of a very small model are mostly other things
        yield _middle(prompt_counts(shape, run, read, 0), [each.prompt_seconds for each in usages])
    if written > 0:
        counts = answer_counts(shape, run, read + written // 2, threads)
        yield _middle(counts, [each.answer_seconds / written for each in usages])


def ask(model: Model, request: Request) -> Usage:
    """One request whose tokens are counted by the engine. Nothing of an earlier one is reused."""
    from freehold.engine.interface import Finished, Sampling, TextRequest

    # A seed keeps the engine from remembering the prompt; one character is one token.
    sampling = Sampling(seed=1, max_tokens=request.answer)
    for piece in model.complete(TextRequest("a" * request.prompt, sampling)):
        if isinstance(piece, Finished):
            return piece.usage
    raise EngineError("The engine broke off an answer without saying why.")


def costs_of(found: list[Measured]) -> Iterator[Cost]:
    """The costs that explain the times, each with the spread of the times that it stands on."""
    seconds = solve([each.observation for each in found])
    for kind, value in seconds.items():
        shares = [
            (each.observation.counts.get(kind, 0) * value / each.observation.seconds, each.spread)
            for each in found
        ]
        weight = sum(share for share, _ in shares)
        spread = sum(share * spread for share, spread in shares) / weight if weight else 0.0
        yield Cost(kind, value, spread)


def _residual(found: list[Measured]) -> float:
    """The root of the mean square of relative errors."""
    seconds = solve([each.observation for each in found])
    errors = (
        sum(count * seconds[kind] for kind, count in each.observation.counts.items() if count > 0)
        / each.observation.seconds
        - 1
        for each in found
    )
    return math.sqrt(statistics.fmean(error * error for error in errors))


def _middle(counts: Mapping[str, float], times: list[float]) -> Measured:
    # Norms and biases are all that a probe has in F32: too little to learn a rate from.
    counts = {kind: count for kind, count in counts.items() if not kind.endswith(":F32")}
    middle = statistics.median(times)
    apart = statistics.median(abs(each - middle) for each in times)
    return Measured(Observation(counts, middle), apart * _DEVIATION / middle)


def _shape(path: Path) -> ModelShape:
    from freehold.formats.gguf import read_header
    from freehold.formats.shape_of import shape_of

    return shape_of(read_header(path))


def _usual_threads() -> int:
    """As many as there are cores of our own: hyperthreads share one."""
    found = processor()
    usable = found.usable_cores or os.cpu_count() or 1
    return max(1, int(min(usable, found.physical_cores or usable)))
