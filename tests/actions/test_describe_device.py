"""The machine, joined with what the engine sees; and another one, from a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from freehold.actions.describe_device import describe_device, join, read_device
from freehold.device.machine import Device, Gpu, Processor
from freehold.engine import devices
from freehold.engine.devices import DeviceType, EngineDevice, EngineView
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
    device = join(Device(processor=Processor(instruction_sets=("AVX2", "AVX512"))), VIEW)
    assert device.gpus == (
        Gpu("Radeon 780M", "Vulkan", integrated=True, memory_total=8, memory_free=7),
        Gpu("CUDA0", "CUDA", integrated=False),
    )
    assert device.engine is not None
    assert device.engine.instruction_sets == ("AVX2",)
    assert device.idle_instruction_sets == ("AVX512",)


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
