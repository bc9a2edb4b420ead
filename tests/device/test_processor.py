"""Processors of several makers, as their systems describe them."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest
from tests.device.conftest import Tree, recorded, topology

from freehold.device.machine import CoreGroup, CoreKind
from freehold.device.processor import linux_processor

CPU = "sys/devices/system/cpu"


@pytest.fixture
def laptop(tree: Tree) -> Path:
    """Two performance cores with two threads each, eight efficiency cores."""
    clocks = {f"{CPU}/cpu{cpu}/cpufreq/cpuinfo_max_freq": "5200000" for cpu in range(4)}
    clocks |= {f"{CPU}/cpu{cpu}/cpufreq/cpuinfo_max_freq": "3900000" for cpu in range(4, 12)}
    return tree(
        {
            "proc/cpuinfo": recorded("core-i7-1365u.cpuinfo.txt"),
            **topology([(0, 1), (2, 3), *((cpu,) for cpu in range(4, 12))]),
            **clocks,
            "sys/devices/cpu_core/cpus": "0-3",
            "sys/devices/cpu_atom/cpus": "4-11",
            f"{CPU}/cpu0/cache/index0/size": "48K",
            f"{CPU}/cpu0/cache/index3/size": "12288K",
            f"{CPU}/cpu0/cpufreq/scaling_governor": "powersave",
            f"{CPU}/cpu0/cpufreq/scaling_driver": "intel_pstate",
            f"{CPU}/cpu0/thermal_throttle/core_throttle_count": "3",
            f"{CPU}/cpu2/thermal_throttle/core_throttle_count": "17",
        }
    )


def test_a_laptop_with_two_kinds_of_cores(laptop: Path) -> None:
    found = linux_processor("x86_64", laptop, allowed=12)
    assert found.name == "13th Gen Intel(R) Core(TM) i7-1365U"
    assert found.instruction_sets == (
        "SSE3", "SSSE3", "AVX", "AVX_VNNI", "AVX2", "F16C", "FMA", "BMI2",
    )  # fmt: skip
    assert (found.physical_cores, found.logical_cores, found.usable_cores) == (10, 12, 12)
    assert found.core_groups == (
        CoreGroup(CoreKind.PERFORMANCE, logical=4, physical=2, max_mhz=5200),
        CoreGroup(CoreKind.EFFICIENCY, logical=8, physical=8, max_mhz=3900),
    )
    assert (found.cache, found.max_mhz) == (12 << 20, 5200)
    assert (found.governor, found.governor_driver) == ("powersave", "intel_pstate")
    assert found.throttled == 17
    assert found.virtual is False


def test_a_virtual_machine_says_that_it_is_one(tree: Tree) -> None:
    root = tree(
        {"proc/cpuinfo": recorded("amd-epyc-vm.cpuinfo.txt"), **topology([(0,), (1,)])}
        | {f"{CPU}/cpu{cpu}/cpu_capacity": "1024" for cpu in (0, 1)}
    )
    found = linux_processor("x86_64", root, allowed=2)
    assert found.name == "AMD EPYC"
    assert found.virtual is True
    assert {"AVX512", "AVX512_BF16", "AVX512_VNNI", "AVX_VNNI"} < set(found.instruction_sets)
    assert "AMX_INT8" not in found.instruction_sets
    assert (found.physical_cores, found.core_groups) == (2, ())


def test_a_raspberry_pi(tree: Tree) -> None:
    cpuinfo = recorded("raspberry-pi-5.cpuinfo.txt")
    root = tree({"proc/cpuinfo": cpuinfo, **topology([(0,), (1,), (2,), (3,)])})
    (root / "proc/device-tree").mkdir()
    (root / "proc/device-tree/model").write_bytes(b"Raspberry Pi 5 Model B Rev 1.0\0")
    found = linux_processor("aarch64", root, allowed=4)
    assert found.name == "Raspberry Pi 5 Model B Rev 1.0 (Cortex-A76)"
    assert found.architecture == "arm64"
    assert found.instruction_sets == ("NEON", "ARM_FMA", "FP16_VA", "DOTPROD")
    assert found.virtual is None  # ARM has no bit for it


def test_a_phone_with_four_kinds_of_cores_in_three_classes(tree: Tree) -> None:
    capacities = [326, 326, 326, 693, 693, 665, 665, 1024]
    root = tree(
        {
            "proc/cpuinfo": recorded("snapdragon-8-gen-2.cpuinfo.txt"),
            **topology([(cpu,) for cpu in range(8)]),
        }
        | {f"{CPU}/cpu{cpu}/cpu_capacity": str(value) for cpu, value in enumerate(capacities)}
    )
    found = linux_processor("aarch64", root, allowed=8)
    assert found.name == "Cortex-X3 + Cortex-A710 + Cortex-A715 + Cortex-A510"
    assert "MATMUL_INT8" in found.instruction_sets
    kinds = [(group.kind.value, group.logical) for group in found.core_groups]
    assert kinds == [("performance", 1), ("middle", 4), ("efficiency", 3)]


def test_only_what_every_core_can_is_counted(tree: Tree) -> None:
    cpuinfo = "processor : 0\nFeatures : fp asimd sve\n\nprocessor : 1\nFeatures : fp asimd\n"
    found = linux_processor("aarch64", tree({"proc/cpuinfo": cpuinfo}), allowed=2)
    assert found.instruction_sets == ("NEON", "ARM_FMA")


def test_risc_v_names_its_extensions_by_letters(tree: Tree) -> None:
    cpuinfo = "processor : 0\nisa : rv64imafdcv_zicbom_zfh\nuarch : sifive,u74-mc\n"
    found = linux_processor("riscv64", tree({"proc/cpuinfo": cpuinfo}), allowed=1)
    assert (found.name, found.instruction_sets) == ("sifive,u74-mc", ("RISCV_V",))


@pytest.mark.parametrize(
    "cpuinfo", ["", "\0\xff nonsense", "CPU part : zz\nCPU implementer : 0x41", "flags"]
)
def test_what_is_not_told_is_none(tree: Tree, cpuinfo: str) -> None:
    found = linux_processor("x86_64", tree({"proc/cpuinfo": cpuinfo}), allowed=None)
    assert (found.name, found.instruction_sets, found.virtual) == (None, (), None)
    assert (found.physical_cores, found.logical_cores, found.cache) == (None, None, None)


def test_this_machine() -> None:
    if not Path("/proc/cpuinfo").exists():
        pytest.skip("not Linux")
    found = linux_processor(os.uname().machine)
    assert found.logical_cores == psutil.cpu_count()
    assert found.physical_cores == psutil.cpu_count(logical=False)
    assert found.usable_cores is not None
    assert 0 < found.usable_cores <= (found.logical_cores or 0)
