"""The list of everyday machines: complete, sourced, and in figures that such machines can have."""

from __future__ import annotations

import re

import pytest

from freehold.device.instruction_sets import ARITHMETIC
from freehold.device.machine import CoreKind, Device
from freehold.device.named import machines, table, titles


def _known(name: str) -> Device:
    return next(device for device in machines() if device.name == name)


def test_there_are_laptops_boards_and_phones() -> None:
    names = [device.name or "" for device in machines()]
    assert len(names) == len(set(names)) >= 12
    assert set(titles()) == set(names)
    for kind in ("laptop", "mac", "raspberry", "phone", "deck", "pc"):
        assert any(kind in name for name in names), kind


@pytest.mark.parametrize("device", machines(), ids=lambda device: device.name)
def test_a_machine_says_what_it_has_and_where_that_was_read(device: Device) -> None:
    assert any(re.search(r"read 20\d\d-\d\d-\d\d: https://\S+$", each) for each in device.sources)
    memory = device.memory
    assert memory.total is not None
    assert memory.available is not None
    assert memory.total * 0.4 < memory.available < memory.total
    assert memory.limit
    assert set(device.processor.instruction_sets) <= ARITHMETIC


@pytest.mark.parametrize("device", machines(), ids=lambda device: device.name)
def test_what_is_not_known_is_named(device: Device) -> None:
    """A figure that speed follows from is there, or is missed in words."""
    missing = device.memory.bandwidth is None or device.processor.max_mhz is None
    assert missing == bool(device.unknown)


@pytest.mark.parametrize("device", machines(), ids=lambda device: device.name)
def test_cores_add_up(device: Device) -> None:
    groups = device.processor.core_groups
    if groups:
        assert sum(group.logical for group in groups) == device.processor.logical_cores
        assert sum(group.physical or 0 for group in groups) == device.processor.physical_cores
        assert groups[0].max_mhz == device.processor.max_mhz
        assert groups[0].kind is CoreKind.PERFORMANCE


def test_a_computed_bandwidth_is_transfers_times_width() -> None:
    """`DDR4-3200, two channels of 64 bits` is 51.2 GB/s."""
    words = {"one": 1, "two": 2, "four": 4}
    found = 0
    for machine in table()["machine"]:
        basis = machine.get("bandwidth_from", "")
        if not basis.startswith("computed"):
            continue
        found += 1
        per_second = re.search(r"-(\d{4})\b|\((\d{4}) MT/s\)", basis)
        assert per_second is not None, basis
        rate = int(per_second[1] or per_second[2]) * 10**6
        several = re.search(r"(one|two|four) channels? of", basis)
        bits = re.search(r"(\d+) bits", basis)
        assert bits is not None, basis
        width = int(bits[1]) * (words[several[1]] if several else 1)
        assert machine["bandwidth"] == rate * width // 8, basis
    assert found > 5


def test_every_source_is_used() -> None:
    used = {key for machine in table()["machine"] for key in machine["sources"]}
    assert used == set(table()["source"])


def test_a_machine_travels_as_a_document() -> None:
    pi = _known("raspberry-pi-5-8gb")
    from freehold.formats.strict_json import canonical

    assert Device.from_json(canonical(pi.to_json()), "the file") == pi
