"""The machine that fit judges for: what is counted on, and what published figures can say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from freehold.actions.fit_machine import other_machine, published, usable_memory
from freehold.device.calibration import calibration_document
from freehold.device.estimates import Basis
from freehold.device.machine import CoreGroup, CoreKind, Device, MainMemory, Processor
from freehold.device.named import machines
from freehold.device.published import specified
from freehold.errors import FormatError, NotFound

GB = 10**9


def test_a_quarter_is_left_to_the_system_and_at_most_four_gigabytes() -> None:
    assert usable_memory(8 * GB) == 6 * GB
    assert usable_memory(64 * GB) == 60 * GB
    assert usable_memory(0) == 0
    assert usable_memory(None) is None


def test_every_machine_of_the_list_can_be_judged_for() -> None:
    for device in machines():
        machine = other_machine(device.name or "")
        assert machine.capacity.usable is not None
        assert machine.capacity.total is not None
        assert 0 < machine.capacity.usable < machine.capacity.total
        assert machine.capacity.free is None, "what is free there now is not known"
        if device.memory.bandwidth is not None:
            assert machine.calibration is not None
            assert machine.calibration.basis is Basis.SPECIFIED


def described(**processor: object) -> Device:
    chip = Processor(architecture="x86_64", **processor)  # type: ignore[arg-type]
    return Device(processor=chip, memory=MainMemory(total=8 * GB, bandwidth=50 * GB))


def prompt_rate(device: Device) -> float:
    found = published(device)
    assert found is not None
    rate = found.compute_rate("Q4_K")
    assert rate is not None
    return rate


def test_more_cores_and_wider_instructions_read_prompts_faster() -> None:
    slow = described(instruction_sets=("AVX",), physical_cores=4)
    wide = described(instruction_sets=("AVX", "AVX2"), physical_cores=4)
    many = described(instruction_sets=("AVX", "AVX2"), physical_cores=8)
    assert prompt_rate(slow) < prompt_rate(wide) < prompt_rate(many)
    wider = described(instruction_sets=("AVX", "AVX2", "AVX512"), physical_cores=4)
    assert prompt_rate(wider) == prompt_rate(wide), "the usual engine stops at AVX2"


def test_only_the_fast_cores_count() -> None:
    groups = (CoreGroup(CoreKind.PERFORMANCE, 4, 2), CoreGroup(CoreKind.EFFICIENCY, 8, 8))
    mixed = described(instruction_sets=("AVX2",), physical_cores=10, core_groups=groups)
    two = described(instruction_sets=("AVX2",), physical_cores=2)
    assert prompt_rate(mixed) == prompt_rate(two)


def test_too_few_figures_give_no_speed() -> None:
    assert published(Device(memory=MainMemory(bandwidth=50 * GB))) is None
    assert published(Device(processor=Processor(physical_cores=4))) is None


def test_a_file_describes_a_machine_and_nothing_else_does(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(described(physical_cores=4).to_json()))
    machine = other_machine(str(path))
    assert (machine.title, machine.capacity.name) == ("Mine", "mine")
    assert machine.capacity.usable == 6 * GB
    path.write_text("[]")
    with pytest.raises(FormatError):
        other_machine(str(path))
    with pytest.raises(NotFound, match="no such file"):
        other_machine("a toaster")


def test_what_was_measured_there_counts_more_than_what_its_maker_says(tmp_path: Path) -> None:
    device = described(instruction_sets=("AVX2",), physical_cores=4)
    measured = replace(
        specified(20e9, 2, "avx2"), basis=Basis.CALIBRATED, device=device.fingerprint
    )
    document = {**device.to_json(), "calibration": calibration_document(measured)}
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(document))
    found = other_machine(str(path)).calibration
    assert found is not None
    assert found.basis is Basis.CALIBRATED
    document["calibration"] = calibration_document(replace(measured, device="another's"))
    path.write_text(json.dumps(document))
    found = other_machine(str(path)).calibration
    assert found is not None
    assert found.basis is Basis.SPECIFIED
    document["calibration"] = {"nonsense": True}
    path.write_text(json.dumps(document))
    with pytest.raises(FormatError, match="calibration"):
        other_machine(str(path))
