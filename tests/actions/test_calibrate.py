"""A real calibration in small: it measures, keeps what it found whole, and leaves nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.device.shapes import dense

from freehold.actions import calibration_room as room
from freehold.actions.calibrate import Thoroughness, calibrate
from freehold.actions.calibration_probes import Probe, Request, common_probes, type_probe
from freehold.device.calibration import Calibration, load_calibration
from freehold.device.estimates import Basis, RunShape
from freehold.device.memory import Memory
from freehold.device.probe import fingerprint
from freehold.device.speed import predict_speed
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.errors import NotEnoughMemory, NotEnoughSpace, StoreBusy
from freehold.formats.gguf_synthetic import SyntheticModel
from freehold.progress import SILENT, Task

TINY = SyntheticModel("llama", 2, 256, 512, 4, 2, 64, vocabulary=600)
PROBE = Probe("tiny", TINY, "Q8_0", (Request(16, 4), Request(40, 4)))
LITTLE = Thoroughness(types=("Q4_K", "F16"), least_bytes=1, repeats=2, seconds=60, probes=(PROBE,))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Calibration]:
    home = tmp_path_factory.mktemp("calibrated")
    return home, calibrate(home, LlamaCppEngine(), "7", threads=2, how=LITTLE)


def test_it_is_kept_and_of_this_machine(measured: tuple[Path, Calibration]) -> None:
    home, made = measured
    assert load_calibration(home) == made
    assert made.is_of(fingerprint(), "7")
    assert (made.threads, made.basis) == (2, Basis.CALIBRATED)
    assert {path.name for path in (home / "device").iterdir()} <= {
        "calibration.json",
        "calibrating.lock",
    }


def test_its_figures_are_figures(measured: tuple[Path, Calibration]) -> None:
    _, made = measured
    assert {"F16", "Q8_0", "Q4_K"} == set(made.types)
    assert all(0 <= cost.seconds < 1 and math.isfinite(cost.spread) for cost in made.costs)
    assert made.bandwidth is not None
    assert made.bandwidth.one_thread > 0
    for block_type in ("F16", "Q4_K"):
        rate = made.read_rate(block_type)
        assert rate is not None
        assert math.isfinite(rate)
        assert rate > 0


def test_a_prediction_stands_on_it(measured: tuple[Path, Calibration]) -> None:
    estimate = predict_speed(dense(), RunShape(4096), measured[1], 500)
    for rate in (estimate.prefill, estimate.decode):
        assert 0 < rate.low < rate.expected < rate.high < math.inf
        assert rate.basis is Basis.CALIBRATED


class Interrupting:
    """Reports like any other, until the owner has had enough."""

    def task(
        self, label: str, total: int | None = None, unit: str = "B"
    ) -> AbstractContextManager[Task]:
        return self._task()

    @contextmanager
    def _task(self) -> Iterator[Task]:
        yield self

    def advance(self, amount: int) -> None:
        raise KeyboardInterrupt

    def total(self, amount: int) -> None: ...

    def note(self, text: str) -> None: ...


def test_an_interruption_keeps_what_was_there_and_nothing_else(
    measured: tuple[Path, Calibration], tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        calibrate(tmp_path, LlamaCppEngine(), "7", 2, Interrupting(), LITTLE)
    assert load_calibration(tmp_path) is None
    assert [path for path in (tmp_path / "device").rglob("*") if path.suffix != ".lock"] == []


def test_what_a_killed_one_left_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / "device" / "calibrating" / "Q4_K.gguf"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half a model")
    calibrate(tmp_path, LlamaCppEngine(), "7", 2, how=replace(LITTLE, types=("F16",), repeats=1))
    assert not left.parent.exists()


def test_two_at_once_would_measure_each_other(tmp_path: Path) -> None:
    from filelock import FileLock

    (tmp_path / "device").mkdir()
    with FileLock(tmp_path / "device" / "calibrating.lock"), pytest.raises(StoreBusy):
        calibrate(tmp_path, LlamaCppEngine(), "7", 2, how=LITTLE)


def test_too_little_memory_or_disk_is_said_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(room, "memory", lambda: Memory(8 << 30, 100 << 20))
        with pytest.raises(NotEnoughMemory, match=r"104\.9 MB is free"):
            calibrate(tmp_path, LlamaCppEngine(), "7")
    monkeypatch.setattr(room, "_ROOM", 1 << 62)
    monkeypatch.setattr(room, "memory", lambda: Memory(1 << 63, 1 << 63))
    with pytest.raises(NotEnoughSpace):
        calibrate(tmp_path, LlamaCppEngine(), "7", progress=SILENT)


def test_the_models_of_types_are_as_large_as_was_asked() -> None:
    small, large = (type_probe("Q4_K", size).model.layers for size in (1, 200 << 20))
    assert small < large
    assert len({probe.title for probe in common_probes()}) == len(common_probes())
