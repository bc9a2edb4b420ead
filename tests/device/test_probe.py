"""The whole of a machine, and what is said where its system says nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.device.conftest import Tree, recorded, topology

from freehold.device.machine import Device
from freehold.device.probe import fingerprint, probe

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads Linux' files")


def test_this_machine(tmp_path: Path) -> None:
    found = probe(tmp_path)
    assert found.memory.total
    assert found.disk is not None
    assert found.processor.architecture
    assert found.system
    assert Device.from_json(str_json(found), "here") == found
    assert found.fingerprint == probe().fingerprint == fingerprint()


def str_json(device: Device) -> bytes:
    import json

    return json.dumps(device.to_json()).encode()


@linux
def test_a_container_without_counters_is_described_all_the_same(tree: Tree) -> None:
    found = probe(root=tree({"proc/meminfo": "MemTotal: 100 kB\nMemAvailable: 50 kB"}))
    assert (found.memory.total, found.memory.available) == (102_400, 51_200)
    assert found.processor.name is None
    assert found.unknown == (
        "what the processor is called",
        "its instruction sets",
        "how many physical cores there are",
        "how many logical cores there are",
        "the size of its caches",
        "how much swap there is",
        "whether it runs on battery or mains",
    )


@linux
def test_zero_free_memory_is_zero(tree: Tree) -> None:
    meminfo = "MemTotal: 100 kB\nMemAvailable: 0 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB"
    found = probe(root=tree({"proc/meminfo": meminfo}))
    assert found.memory.available == 0
    assert "how much memory is free" not in found.unknown


@linux
def test_another_share_of_the_same_machine_is_another_machine(tree: Tree) -> None:
    files = {
        "proc/cpuinfo": recorded("amd-epyc-vm.cpuinfo.txt"),
        "proc/meminfo": "MemTotal: 8000000 kB\nMemAvailable: 50 kB",
        "proc/self/cgroup": "0::/",
        "proc/self/mountinfo": "30 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw",
        **topology([(0,), (1,)]),
    }
    whole = fingerprint(tree(files))
    assert fingerprint(tree({"sys/fs/cgroup/cpu.max": "50000 100000"})) != whole
    assert fingerprint(tree({"sys/fs/cgroup/cpu.max": "max 100000"})) == whole
