"""The machine, joined with what the engine sees; and another one, from a file."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from freehold.actions.describe_device import describe_device, join, kept_calibration, read_device
from freehold.device.calibration import Calibration, save_calibration
from freehold.device.machine import Device, Gpu, Processor
from freehold.engine import devices
from freehold.engine.devices import DeviceType, EngineDevice, EngineView
from freehold.engine.interface import EngineIdentity
from freehold.engine.llama_server import LlamaServerEngine
from freehold.errors import FormatError, UsageError

VIEW = EngineView(
    version="7",
    devices=(
        EngineDevice("CPU", "Ryzen", DeviceType.PROCESSOR, "CPU", 9, 9),
        EngineDevice("Vulkan0", "Radeon 780M", DeviceType.INTEGRATED_GPU, "Vulkan", 8, 7),
        EngineDevice("CUDA0", "", DeviceType.GPU, "CUDA", None, None),
        EngineDevice("BLAS", "OpenBLAS", DeviceType.ACCELERATOR, "BLAS", None, None),
    ),
    features=("AVX2", "OPENMP", "REPACK"),
)


def test_gpus_and_instruction_sets_come_from_the_engine() -> None:
    here = Device(processor=Processor(instruction_sets=("AVX2", "AVX512")))
    device = join(here, "bundled", VIEW)
    assert device.gpus == (
        Gpu("Radeon 780M", "Vulkan", integrated=True, memory_total=8, memory_free=7),
        Gpu("CUDA0", "CUDA", integrated=False),
    )
    assert device.engine is not None
    assert device.engine.instruction_sets == ("AVX2",)
    assert device.idle_instruction_sets == ("AVX512",)


def test_a_gpu_that_only_the_system_sees_is_said_to_be_of_no_use() -> None:
    here = Device(gpus=(Gpu("Arc A770", usable=False),))
    blind = replace(VIEW, devices=VIEW.devices[:1])
    assert join(here, "bundled", blind).gpus == here.gpus
    assert [gpu.name for gpu in join(here, "bundled", VIEW).gpus] == ["Radeon 780M", "CUDA0"]


def test_this_machine(tmp_path: Path) -> None:
    device = describe_device(tmp_path)
    assert device.engine is not None
    assert device.engine.instruction_sets
    assert device.memory.available


def test_an_engine_that_breaks_is_named_among_what_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "look.py"
    script.write_text("raise SystemExit('no driver')")
    monkeypatch.setattr(devices, "_SCRIPT", script)
    device = describe_device(tmp_path)
    assert device.engine is None
    assert device.unknown[-1].startswith("which GPUs the engine can use")
    assert "no driver" in device.unknown[-1]
    assert device.memory.total


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for a program")
def test_a_llama_server_that_is_chosen_is_the_one_that_is_asked(tmp_path: Path) -> None:
    program = tmp_path / "llama-server"
    program.write_text(
        """#!/bin/sh
case "$1" in
  --list-devices) echo "Available devices:"; echo "  CUDA0: RTX 3060 (12044 MiB, 11817 MiB free)";;
  --help) echo "--model FILE  --ctx-size N";;
  --version) echo "version: 6789 (abcdef01)" >&2;;
esac
"""
    )
    program.chmod(0o755)
    device = describe_device(tmp_path, LlamaServerEngine(program))
    assert device.gpus == (
        Gpu("RTX 3060", "CUDA", None, memory_total=12044 << 20, memory_free=11817 << 20),
    )
    assert device.engine is not None
    assert device.engine.name == "llama-server"
    assert "6789" in (device.engine.version or "")
    assert device.idle_instruction_sets == ()  # it does not say what it was built for


def test_only_what_was_measured_on_this_machine_is_shown(tmp_path: Path) -> None:
    here = Device(processor=Processor(name="A"))
    assert kept_calibration(tmp_path, here) is None
    measured = Calibration(here.fingerprint, "7", (), None)
    save_calibration(tmp_path, measured)
    assert kept_calibration(tmp_path, here) == measured
    assert kept_calibration(tmp_path, Device(processor=Processor(name="B"))) is None


def test_another_build_of_the_same_version_is_another_engine(tmp_path: Path) -> None:
    here = Device(processor=Processor(name="A"))
    bundled = EngineIdentity("bundled", "7", ("AVX2",))
    measured = Calibration(here.fingerprint, str(bundled), (), None)
    save_calibration(tmp_path, measured)
    assert kept_calibration(tmp_path, here, str(bundled)) == measured
    for other in (
        replace(bundled, name="built"),
        replace(bundled, version="8"),
        replace(bundled, instructions=("AVX2", "AVX512")),
    ):
        assert kept_calibration(tmp_path, here, str(other)) is None


def test_a_file_about_another_machine(tmp_path: Path) -> None:
    path = tmp_path / "laptop.json"
    device = Device(name="laptop", processor=Processor(name="A"))
    path.write_text(json.dumps(device.to_json()))
    assert read_device(path) == device
    path.write_text("{")
    with pytest.raises(FormatError, match=r"^laptop\.json"):
        read_device(path)
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_device(tmp_path / "none.json")
