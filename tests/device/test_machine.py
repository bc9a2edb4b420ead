"""A machine as a document: written on one, read on another, and refused when it makes no sense."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from freehold.device.machine import (
    CoreGroup,
    CoreKind,
    Device,
    Disk,
    DiskKind,
    EngineBuild,
    Gpu,
    MainMemory,
    Power,
    PowerSource,
    Processor,
)
from freehold.device.plain import from_plain
from freehold.errors import FormatError

LAPTOP = Device(
    processor=Processor(
        name="13th Gen Intel(R) Core(TM) i7-1360P",
        architecture="x86_64",
        instruction_sets=("AVX2", "FMA", "AVX_VNNI"),
        physical_cores=12,
        logical_cores=16,
        core_groups=(
            CoreGroup(CoreKind.PERFORMANCE, logical=8, physical=4, max_mhz=5000),
            CoreGroup(CoreKind.EFFICIENCY, logical=8, physical=8, max_mhz=3700),
        ),
        usable_cores=6.5,
        limits=("a quota of 6.5 cores",),
        cache=18 << 20,
    ),
    memory=MainMemory(total=16 << 30, available=9 << 30, swap_total=0, swap_free=0),
    gpus=(Gpu("Intel Iris Xe", "Vulkan", integrated=True, memory_total=8 << 30, usable=False),),
    disk=Disk(total=10**12, free=10**11, kind=DiskKind.SOLID, filesystem="ext4"),
    power=Power(PowerSource.BATTERY, battery_percent=80, charging=False),
    system="Linux",
    engine=EngineBuild("llama.cpp", "1", ("AVX2", "FMA")),
    unknown=("the processor's highest clock",),
)


def _document(device: Device = LAPTOP) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(device.to_json()))
    return document


def _read(document: object) -> Device:
    return Device.from_json(json.dumps(document).encode(), "laptop.json")


@pytest.mark.parametrize("device", [LAPTOP, Device()])
def test_what_is_written_is_what_is_read(device: Device) -> None:
    assert _read(_document(device)) == device


def test_what_a_newer_freehold_or_a_calibration_adds_is_passed_over() -> None:
    document = _document() | {"calibration": {"bandwidth": 1}, "moon": "full"}
    document["memory"]["ranks"] = 2
    assert _read(document) == LAPTOP


def test_a_list_written_by_hand_is_read_strictly() -> None:
    with pytest.raises(FormatError, match=r"mine: memory has a field that does not exist: totl"):
        from_plain(Device, {"memory": {"totl": 3}}, "mine", strict=True)


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        (("processor", "physical_cores"), "twelve", "processor.physical_cores must be a whole"),
        (("processor", "physical_cores"), 12.5, "physical_cores must be a whole number, not 12.5"),
        (("processor", "physical_cores"), True, "physical_cores must be a whole number, not True"),
        (("processor", "usable_cores"), -1, "usable_cores is -1.0: not a figure"),
        (("processor", "instruction_sets"), "AVX2", "instruction_sets must be a list"),
        (("processor", "instruction_sets"), [2], r"instruction_sets\[0\] must be text"),
        (("processor", "core_groups"), [{"kind": "quick", "logical": 1}], "kind must be one of"),
        (("processor", "core_groups"), [{"kind": "middle"}], r"core_groups\[0\] lacks logical"),
        (("memory", "total"), 10**30, "memory.total is 10+: not a figure"),
        (("memory",), [1], r"memory must be a table of fields, not \[1\]"),
        (("power", "source"), 3, "source must be one of mains, battery, not 3"),
        (("gpus",), [None], r"gpus\[0\] must be a table of fields, not None"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(
    where: tuple[str, ...], value: object, said: str
) -> None:
    document = _document()
    inner = document
    for key in where[:-1]:
        inner = inner[key]
    inner[where[-1]] = value
    with pytest.raises(FormatError, match=f"^laptop.json: .*{said}") as refused:
        _read(document)
    assert refused.value.hint is not None
    assert "freehold device --json" in refused.value.hint


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not well-formed JSON"),
        (b"\xff\xfe", "not well-formed JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "does not describe a machine"),
        (b'{"format": "freehold-device"}', "does not say which form"),
        (b'{"format": "freehold-device", "version": true}', "does not say which form"),
        (b'{"format": "freehold-device", "version": 2}', "by a newer Freehold"),
        (b'{"format": "freehold-device", "version": 1, "memory": {"total": 1e999}}', "whole"),
        (b'{"a": ' * 100_000, "absurdly deep|well-formed"),
    ],
)
def test_a_file_that_is_no_machine_is_refused_in_words(data: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        Device.from_json(data, "odd.json")


def test_the_fingerprint_stands_on_what_speed_stands_on() -> None:
    processor, memory = LAPTOP.processor, LAPTOP.memory
    same = [
        replace(LAPTOP, power=None, disk=None, gpus=(), engine=None, unknown=(), name="mine"),
        replace(LAPTOP, memory=replace(memory, available=1, total=(16 << 30) - 9_000_000)),
        replace(LAPTOP, processor=replace(processor, governor="powersave")),
        _read(_document()),
    ]
    other = [
        replace(LAPTOP, memory=replace(memory, total=32 << 30)),
        replace(LAPTOP, processor=replace(processor, usable_cores=2.0)),
        replace(LAPTOP, processor=replace(processor, name="another")),
        replace(LAPTOP, processor=replace(processor, instruction_sets=("AVX2",))),
    ]
    assert {each.fingerprint for each in same} == {LAPTOP.fingerprint}
    assert LAPTOP.fingerprint not in {each.fingerprint for each in other}
    assert len({each.fingerprint for each in other}) == len(other)


def test_what_the_engine_leaves_idle() -> None:
    assert LAPTOP.idle_instruction_sets == ("AVX_VNNI",)
    assert replace(LAPTOP, engine=None).idle_instruction_sets == ()
